package signin

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
)

// A record is a sign-in as it stands in the Store.
type record struct {
	Identity identity.Identity
	Client   binding
	Started  time.Time
	Expiry   time.Time
}

// An entry is a record as the process has seen it. It is never changed.
type entry struct {
	record
	id      string
	version uint64
	asked   time.Time // when the Store was
}

const idSize = 16 // bytes of a random id

func newID() string {
	var id [idSize]byte
	rand.Read(id[:]) // never fails: crypto/rand stops the process instead
	return hex.EncodeToString(id[:])
}

func signInKey(id string) string { return "signin:" + id }

// create makes a sign-in.
func (s *SignIns) create(ctx context.Context, who identity.Identity, c Client) (*entry, error) {
	now := s.now()
	e := &entry{id: newID(), asked: now, record: record{Identity: who, Client: c.binding(), Started: now, Expiry: now.Add(s.session)}}
	e.Identity.Expiry = e.Expiry
	key := signInKey(e.id)
	v, err := s.store.Put(ctx, key, 0, s.sealJSON(key, e.record), s.session)
	if err != nil {
		return nil, unavailable(err)
	}
	e.version = v.Version
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.Add(e.id, e)
	return e, nil
}

// identify returns a sign-in that is good for this client, as it was seen in the
// Store within some time.
func (s *SignIns) identify(ctx context.Context, id string, c Client, within time.Duration) (*entry, error) {
	e, err := s.load(ctx, id, within)
	if err != nil {
		return nil, err
	}
	switch {
	case !s.now().Before(e.Expiry):
		return nil, rejected(identity.ReasonExpired)
	case !c.is(e.Client):
		return nil, rejected(ReasonClient)
	case s.provider(e.Identity.Issuer) == nil: // nobody vouches any more
		return nil, rejected(ReasonEnded)
	}
	return e, nil
}

// load returns a sign-in as it was seen in the Store within some time. Of those who
// want the same, one asks. While the Store fails it is left alone for a second, and
// what was seen is good for the grace that is configured.
func (s *SignIns) load(ctx context.Context, id string, within time.Duration) (*entry, error) {
	e, ok := s.seen.Get(id)
	now := s.now()
	if ok && now.Sub(e.asked) < within {
		return e, nil
	}
	err := errStoreFailed
	if now.Sub(time.Unix(0, s.failed.Load())) >= pause {
		var got any
		// The question does not end with one who leaves, and the Store bounds it.
		got, err, _ = s.flight.Do(id, func() (any, error) { return s.ask(context.WithoutCancel(ctx), id) })
		if err == nil {
			return got.(*entry), nil
		}
	}
	if ok && errors.Is(err, identity.ErrUnavailable) && now.Sub(e.asked) < seenFor+s.grace && s.grace > 0 {
		return e, nil
	}
	return nil, err
}

var errStoreFailed = unavailable(session.ErrUnavailable)

func (s *SignIns) ask(ctx context.Context, id string) (*entry, error) {
	s.mu.Lock()
	epoch := s.epoch
	s.mu.Unlock()
	now := s.now()
	key := signInKey(id)
	v, err := s.store.Get(ctx, key)
	if err != nil {
		s.failed.Store(now.UnixNano())
		return nil, unavailable(err)
	}
	e := &entry{id: id, version: v.Version, asked: now}
	if v.Version == 0 {
		s.forget(id)
		return nil, rejected(ReasonEnded)
	}
	if !s.openJSON(key, v.Data, &e.record) {
		s.forget(id)
		return nil, rejected(ReasonSealed)
	}
	s.keep(e, epoch)
	return e, nil
}

// keep remembers an answer of the Store, unless something was written or ended since
// it was asked.
func (s *SignIns) keep(e *entry, epoch uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == epoch {
		s.seen.Add(e.id, e)
	}
}

// replace remembers what was written, unless something else was meanwhile; then the
// Store is asked again.
func (s *SignIns) replace(e *entry, epoch uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == epoch {
		s.seen.Add(e.id, e)
	} else {
		s.seen.Remove(e.id)
	}
	s.epoch++
}

// forget makes the process ask the Store again.
func (s *SignIns) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
	s.seen.Remove(id)
}

// end ends a sign-in, for this process at once, also when the Store fails.
func (s *SignIns) end(ctx context.Context, id string) error {
	_, err := s.store.Take(ctx, signInKey(id))
	s.forget(id)
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// maxContexts bounds what a sign-in keeps of contexts that were satisfied.
const maxContexts = 64

// note puts into a sign-in what a newer ID token says of the same person: contexts
// that were satisfied are added to those that were before.
func (s *SignIns) note(ctx context.Context, id string, fresh identity.Identity) error {
	e, err := s.load(ctx, id, 0)
	for range 4 { // as often as others write to the same sign-in in that moment
		if err != nil {
			return err
		}
		next := *e
		next.Identity = fresh
		next.Identity.Expiry = e.Expiry
		next.Identity.ACRS = slices.Clone(fresh.ACRS)
		next.Identity.ACRSAt = maps.Clone(fresh.ACRSAt)
		for _, context := range e.Identity.ACRS {
			if at, ok := e.Identity.ACRSAt[context]; ok && !slices.Contains(fresh.ACRS, context) && len(next.Identity.ACRS) < maxContexts {
				next.Identity.ACRS = append(next.Identity.ACRS, context)
				if next.Identity.ACRSAt == nil {
					next.Identity.ACRSAt = map[string]time.Time{}
				}
				next.Identity.ACRSAt[context] = at
			}
		}
		now := s.now()
		if !now.Before(e.Expiry) {
			return rejected(identity.ReasonExpired)
		}
		key := signInKey(id)
		s.mu.Lock()
		epoch := s.epoch
		s.mu.Unlock()
		v, putErr := s.store.Put(ctx, key, e.version, s.sealJSON(key, next.record), e.Expiry.Sub(now))
		if putErr == nil {
			next.version, next.asked = v.Version, now
			s.replace(&next, epoch)
			return nil
		}
		if !errors.Is(putErr, session.ErrConflict) {
			return unavailable(putErr)
		}
		e, err = s.ask(ctx, id)
	}
	return unavailable(session.ErrConflict)
}

// sealJSON seals a value under a name.
func (s *SignIns) sealJSON(name string, value any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err) // these are strings, numbers and times
	}
	return s.box.Seal(name, bytes.TrimSpace(out.Bytes()))
}

func (s *SignIns) openJSON(name string, sealed []byte, into any) bool {
	plain, err := s.box.Open(name, sealed)
	return err == nil && json.Unmarshal(plain, into) == nil
}

// encoding is strict, so that a value can be written in one way only.
var encoding = base64.RawURLEncoding.Strict()

// sealText seals a value for a URL or a cookie.
func (s *SignIns) sealText(name string, value any) string {
	return encoding.EncodeToString(s.sealJSON(name, value))
}

func (s *SignIns) openText(name, text string, into any) bool {
	if text == "" || len(text) > maxSealed {
		return false
	}
	sealed, err := encoding.DecodeString(text)
	return err == nil && s.openJSON(name, sealed, into)
}

// maxSealed bounds what is opened of a stranger, in bytes.
const maxSealed = 4096

package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
)

const (
	urlFor     = 15 * time.Minute // that an address carries an identity
	urlRenewal = 5 * time.Minute  // before it is written again
	urlBudget  = 512              // new addresses of one sign-in in urlFor: a history shows many pictures
	urlUnknown = 2 * time.Second  // that an address which nobody was given is not looked up again
	maxAddress = 8 << 10          // bytes
)

// ErrTooMany says that a sign-in was given more addresses than are kept.
var ErrTooMany = errors.New("signin: too many addresses")

// A handedOut is whom an address was given to.
type handedOut struct {
	SignIn  string
	Person  string // hash; empty: several people
	asked   time.Time
	unknown bool // nobody, as far as the Store knows
}

// A count is of what a sign-in was given.
type count struct {
	n     int
	since time.Time
}

// appended are parameters that a client adds to an address that it was given: those
// of Azure Storage's Put Block and Put Block List, on a shared access signature.
// https://learn.microsoft.com/rest/api/storageservices/put-block
var appended = []string{"comp", "blockid"}

// canonical is the form in which an address is compared: scheme, host, path and
// query, without fragment and what clients append. A WebSocket is asked for by https.
func canonical(address string) (string, bool) {
	if len(address) > maxAddress {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	switch scheme {
	case "https", "wss":
		scheme = "https"
		if port == "443" {
			port = ""
		}
	default:
		return "", false // what goes in clear proves nothing
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	var query []string
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if name, _, _ := strings.Cut(pair, "="); pair != "" && !slices.Contains(appended, name) {
			query = append(query, pair)
		}
	}
	return scheme + "://" + strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") + ":" + port + path + "?" + strings.Join(query, "&"), true
}

func urlKey(sum [sha256.Size]byte) string { return "url:" + hex.EncodeToString(sum[:16]) }

// Remember notes that an authenticated reply handed out an address, for a request
// that cannot carry the cookie: an upload to another site, a WebSocket. For 15 minutes
// it carries that identity from the same client. An address that two people are given
// is nobody's. What is not an https or wss address is ignored.
//
// Errors are ErrTooMany, after 512 new addresses of a sign-in in 15 minutes, and
// identity.ErrUnavailable.
func (s *SignIns) Remember(ctx context.Context, address, id string, who identity.Identity) error {
	form, ok := canonical(address)
	if !ok || id == "" { // known by something else than a sign-in
		return nil
	}
	sum := s.box.Sum(form)
	now := s.now()
	person := s.box.Key("person", who.Person())
	had, ok := s.urls.Get(sum)
	if ok && !had.unknown && (had.Person == "" || had.Person == person) && now.Sub(had.asked) < urlRenewal && (had.Person == "" || had.SignIn == id) {
		return nil
	}
	if !s.spend(id, now, urlFor, urlBudget) {
		return ErrTooMany
	}
	key := urlKey(sum)
	given := handedOut{SignIn: id, Person: person, asked: now}
	var v session.Value // as if there were none: most are new
	var err error
	for range 4 {
		next := given
		var other handedOut
		if v.Version != 0 && s.openJSON(key, v.Data, &other) && other.Person != person {
			next.SignIn, next.Person = "", ""
		}
		v, err = s.store.Put(ctx, key, v.Version, s.sealJSON(key, next), urlFor)
		if err == nil {
			s.mu.Lock()
			s.urls.Add(sum, next)
			s.mu.Unlock()
			return nil
		}
		if !errors.Is(err, session.ErrConflict) {
			break
		}
	}
	return unavailable(err)
}

// spend counts what is done under a key, and reports whether that was not too often
// within some time: new addresses of a sign-in, ways back to a page.
func (s *SignIns) spend(key string, now time.Time, within time.Duration, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.counts.Get(key)
	if !ok || now.Sub(c.since) >= within {
		c = &count{since: now}
		s.counts.Add(key, c)
	}
	c.n++
	return c.n <= most
}

// FindByURL tells whom an authenticated reply gave the address that is asked for,
// where that was to the same client. Errors are those of Find.
func (s *SignIns) FindByURL(ctx context.Context, address string, c Client) (identity.Identity, string, error) {
	form, ok := canonical(address)
	if !ok {
		return identity.Identity{}, "", identity.ErrNoCredentials
	}
	given, err := s.givenTo(ctx, form)
	if err != nil {
		return identity.Identity{}, "", err
	}
	if given.Person == "" {
		return identity.Identity{}, "", rejected(ReasonShared)
	}
	e, err := s.identify(ctx, given.SignIn, c, seenFor)
	if err != nil {
		return identity.Identity{}, "", err
	}
	return e.Identity, e.id, nil
}

func (s *SignIns) givenTo(ctx context.Context, form string) (handedOut, error) {
	now := s.now()
	sums := s.box.Sums(form)
	for _, sum := range sums {
		if given, ok := s.urls.Get(sum); ok && given.unknown && now.Sub(given.asked) < urlUnknown {
			return handedOut{}, identity.ErrNoCredentials
		} else if ok && !given.unknown && now.Sub(given.asked) < seenFor {
			return given, nil
		}
		key := urlKey(sum)
		v, err := s.store.Get(ctx, key)
		if err != nil {
			return handedOut{}, unavailable(err)
		}
		var given handedOut
		if v.Version != 0 && s.openJSON(key, v.Data, &given) {
			return given, nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if had, ok := s.urls.Peek(sums[0]); !ok || had.unknown || now.Sub(had.asked) >= urlFor { // else it was handed out meanwhile
		s.urls.Add(sums[0], handedOut{unknown: true, asked: now})
	}
	return handedOut{}, identity.ErrNoCredentials
}

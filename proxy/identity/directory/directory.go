// Package directory asks a directory for the groups of a person whose token does not
// list them: Microsoft Graph, or what answers as it does.
//
// Decisions that stand here:
//
//   - The address is the configuration's. The one that a token brings along
//     (_claim_sources, OpenID Connect Core 1.0 section 5.6.2) is never asked: Entra's
//     is of an interface that was shut down, and a token must not choose whom the
//     proxy talks to.
//   - A list that is not whole is an error, not a shorter list: a rule that lets out
//     who is not in a group would let out everybody.
//   - What was learned is kept for Options.Keep, so that a change of membership is
//     seen after that time at the latest. Failures are kept too, for a little: a
//     directory that is down must not cost every exchange its timeout.
package directory

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// ErrUnknown is that the groups of a person are not known. Trying again may help.
var ErrUnknown = errors.New("directory: groups not known")

// Bounds of what is kept, and times.
const (
	maxPeople  = 8192
	maxHeld    = 1 << 20          // groups of all people that are kept, together
	keepGone   = time.Minute      // that the directory does not know a person
	firstPause = time.Second      // after a failure of the directory; doubled each time
	longPause  = time.Minute      // at most,
	longestAsk = 10 * time.Minute // unless the directory asks for more (Retry-After), and then this
)

// Options are what a Directory is made of. Either TokenFile is needed, or TokenURL,
// ClientID and SecretFile, by which a token is got (RFC 6749 section 4.4).
type Options struct {
	Endpoint   string // https; {oid}, {sub}, {tid} and {email} stand for the person's
	TokenURL   string // https
	ClientID   string
	SecretFile string
	Scope      string // blank-separated; empty: the token endpoint's default
	TokenFile  string // read at each question, so that whoever renews it only writes it
	Keep       time.Duration
	Timeout    time.Duration    // of all that one question takes
	HTTPClient *http.Client     // its transport reaches the directory; nil: one that uses no proxy
	Now        func() time.Time // nil: time.Now
	Previous   *Directory       // the one that this replaces: what it learned is kept if it asked the same
}

// A Directory tells the groups of people. It may be used by many at once, starts
// nothing and needs no closing.
type Directory struct {
	endpoint string
	host     string // scheme and host, which pages must not leave
	same     string // what must be the same for answers to be kept over a reload
	keep     time.Duration
	timeout  time.Duration
	client   *http.Client
	tokens   *tokens
	now      func() time.Time

	*memory
}

// memory is what was learned.
type memory struct {
	mu       sync.Mutex
	people   *lru.Cache[string, *answer]
	held     int                // groups in people
	asking   map[string]*answer // answers to come
	failures int
	next     time.Time // the directory is not asked before
	last     error
}

// An answer is what the directory said about a person. It is not changed once done is
// closed.
type answer struct {
	done   chan struct{}
	groups []string
	err    error
	until  time.Time
}

// New returns a Directory. It reads the files, but does not reach for the directory.
// It reports everything that is wrong at once; errors begin with the name of the
// option as the configuration has it.
func New(o Options) (*Directory, error) {
	var errs []error
	u, err := url.Parse(fill(o.Endpoint, &identity.Identity{}))
	switch {
	case err != nil, u.Scheme != "https", u.Host == "", u.User != nil, u.Fragment != "":
		errs = append(errs, errors.New("endpoint: is not an https URL without user and fragment"))
	case u.Host != hostOf(o.Endpoint):
		errs = append(errs, errors.New("endpoint: wants the person in its path or query, not in its host"))
	case fill(o.Endpoint, &identity.Identity{}) == o.Endpoint:
		errs = append(errs, errors.New("endpoint: names nobody: wants {oid}, {sub}, {tid} or {email}"))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	client := newClient(o.HTTPClient)
	tokens, err := newTokens(o, client)
	errs = append(errs, err)
	people, err := lru.New[string, *answer](maxPeople)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	d := &Directory{
		endpoint: o.Endpoint, host: u.Scheme + "://" + u.Host, keep: o.Keep, timeout: o.Timeout, client: client, tokens: tokens, now: o.Now,
		same:   strings.Join([]string{o.Endpoint, o.TokenURL, o.ClientID, o.Scope, o.TokenFile}, "\n"),
		memory: &memory{people: people, asking: map[string]*answer{}},
	}
	if o.Previous != nil && o.Previous.same == d.same {
		d.memory = o.Previous.memory
	}
	return d, nil
}

// fill puts a person into the endpoint.
func fill(endpoint string, id *identity.Identity) string {
	oid, _ := id.Claims["oid"].(string)
	tid, _ := id.Claims["tid"].(string)
	return strings.NewReplacer(
		"{oid}", url.PathEscape(oid), "{tid}", url.PathEscape(tid), "{sub}", url.PathEscape(id.Sub), "{email}", url.PathEscape(id.Email),
	).Replace(endpoint)
}

func hostOf(endpoint string) string {
	_, rest, _ := strings.Cut(endpoint, "://")
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	return host
}

// missing names what the endpoint asks for and the token does not tell.
func missing(endpoint string, id *identity.Identity) string {
	oid, _ := id.Claims["oid"].(string)
	tid, _ := id.Claims["tid"].(string)
	for _, part := range [][2]string{{"{oid}", oid}, {"{tid}", tid}, {"{sub}", id.Sub}, {"{email}", id.Email}} {
		if strings.Contains(endpoint, part[0]) && (part[1] == "" || part[1] == "." || part[1] == "..") {
			return part[0]
		}
	}
	return ""
}

// Groups returns the ids of all groups that a person is in, for reading only. Its
// error is ErrUnknown. Several who ask for the same person at once share a question,
// which a caller who leaves does not end.
func (d *Directory) Groups(ctx context.Context, id *identity.Identity) ([]string, error) {
	person := id.Person()
	d.mu.Lock()
	now := d.now()
	if a, ok := d.people.Get(person); ok && now.Before(a.until) {
		d.mu.Unlock()
		return a.groups, a.err
	}
	if a := d.asking[person]; a != nil {
		d.mu.Unlock()
		select {
		case <-a.done:
			return a.groups, a.err
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnknown, ctx.Err())
		}
	}
	if now.Before(d.next) {
		defer d.mu.Unlock()
		return nil, d.last
	}
	a := &answer{done: make(chan struct{}), err: ErrUnknown} // whatever happens
	d.asking[person] = a
	d.mu.Unlock()

	defer close(a.done)
	defer func() {
		d.mu.Lock()
		delete(d.asking, person)
		d.mu.Unlock()
	}()
	asked, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.timeout)
	defer cancel()
	groups, err := d.ask(asked, id)
	d.learn(person, a, groups, err)
	return a.groups, a.err
}

// learn keeps what came of a question.
func (d *Directory) learn(person string, a *answer, groups []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	var failed *failure
	switch errors.As(err, &failed); {
	case err == nil:
		a.groups, a.err, a.until = groups, nil, now.Add(d.keep)
		d.failures = 0
	case failed != nil && failed.personal:
		a.err, a.until = fmt.Errorf("%w: %w", ErrUnknown, err), now.Add(keepGone)
	default:
		a.err = fmt.Errorf("%w: %w", ErrUnknown, err)
		pause := min(firstPause<<min(d.failures, 10), longPause)
		if failed != nil {
			pause = max(pause, min(failed.after, longestAsk))
		}
		d.failures++
		d.next, d.last = now.Add(pause), a.err
		return
	}
	if old, ok := d.people.Peek(person); ok {
		d.held -= len(old.groups)
		d.people.Remove(person)
	}
	if d.people.Len() == maxPeople { // else Add would drop one that is not counted
		d.forget()
	}
	d.people.Add(person, a)
	for d.held += len(a.groups); d.held > maxHeld; {
		d.forget()
	}
}

// forget drops who was not asked about for longest.
func (d *Directory) forget() {
	if _, old, ok := d.people.RemoveOldest(); ok {
		d.held -= len(old.groups)
	}
}

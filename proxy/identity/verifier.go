package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	rememberFor      = 5 * time.Minute // a verified token
	defaultCacheSize = 4096            // verified tokens
)

// An Issuer is an OpenID Connect issuer whose tokens are accepted when they are
// made for one of the audiences. URL is compared exactly.
type Issuer struct {
	URL       string
	Audiences []string
}

// Options are what a Verifier is made of. At least one issuer or the token file is
// needed.
type Options struct {
	Issuers    []Issuer
	TokenFile  string // lines of name:sha256
	Claims     ClaimNames
	HTTPClient *http.Client     // its transport reaches the providers; nil: one that uses no proxy
	Now        func() time.Time // nil: time.Now
	CacheSize  int              // verified tokens remembered; 0: 4096
	Previous   *Verifier        // the one that this replaces: keys of the same issuers are kept
}

// A Verifier tells who holds a token. It may be used by many at once, starts
// nothing and needs no closing.
type Verifier struct {
	issuers  map[string]*issuer
	claims   ClaimNames
	now      func() time.Time
	key      []byte      // of the process: nothing keyed by it leaves memory
	tokens   *tokenTable // nil: no token file
	verified *lru.Cache[[sha256.Size]byte, *remembered]
}

// remembered is a token that was verified with keys, which must still be the
// issuer's.
type remembered struct {
	identity Identity
	until    time.Time
	from     *issuer
	keys     *keySet
}

// New returns a Verifier. It reads the token file, but does not reach for any
// provider. It reports everything that is wrong at once.
func New(o Options) (*Verifier, error) {
	v := &Verifier{
		issuers: map[string]*issuer{},
		claims:  o.Claims.orDefault(),
		now:     o.Now,
		key:     make([]byte, sha256.Size),
	}
	rand.Read(v.key) // never fails: crypto/rand stops the process instead
	if v.now == nil {
		v.now = time.Now
	}
	var errs []error
	if len(o.Issuers) == 0 && o.TokenFile == "" {
		errs = append(errs, errors.New("identity: neither issuers nor a token file"))
	}
	client := newClient(o.HTTPClient)
	for i, given := range o.Issuers {
		if err := given.validate(); err != nil {
			errs = append(errs, fmt.Errorf("identity: issuers[%d]: %w", i, err))
		} else if v.issuers[given.URL] != nil {
			errs = append(errs, fmt.Errorf("identity: issuers[%d]: %s stands there twice", i, given.URL))
		} else {
			v.issuers[given.URL] = &issuer{newProvider(given.URL, client, v.now), append([]string{}, given.Audiences...)}
			if o.Previous != nil && o.Previous.issuers[given.URL] != nil {
				v.issuers[given.URL].keys.Store(o.Previous.issuers[given.URL].keys.Load())
			}
		}
	}
	if o.TokenFile != "" {
		var err error
		v.tokens, err = readTokens(o.TokenFile, v.key)
		errs = append(errs, err)
	}
	size := o.CacheSize
	if size == 0 {
		size = defaultCacheSize
	}
	var err error
	v.verified, err = lru.New[[sha256.Size]byte, *remembered](size)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return v, nil
}

func (i *Issuer) validate() error {
	u, err := url.Parse(i.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the issuer is not an https URL without user, query and fragment")
	}
	if len(i.Audiences) == 0 {
		return errors.New("no audience: a token made for another service must not be accepted")
	}
	for _, a := range i.Audiences {
		if strings.TrimSpace(a) == "" {
			return errors.New("an empty audience")
		}
	}
	return nil
}

// Authenticate tells who holds the credentials in a Proxy-Authorization value. Its
// errors are ErrNoCredentials, ErrRejected (a *RejectedError) and ErrUnavailable;
// with an error the Identity is the zero one. It waits for a provider for at most
// 5 seconds at a time, and for others to have asked it until ctx ends.
func (v *Verifier) Authenticate(ctx context.Context, proxyAuthorization string) (Identity, error) {
	token, err := parseCredentials(proxyAuthorization)
	if err != nil {
		return Identity{}, err
	}
	jwt := len(v.issuers) > 0 && looksLikeJWT(token)
	var key [sha256.Size]byte
	if jwt {
		key = v.cacheKey(token)
		if r, ok := v.verified.Get(key); ok && v.now().Before(r.until) && r.from.current(r.keys) {
			return r.identity, nil
		}
	}
	if v.tokens != nil {
		if id, ok := v.tokens.find(token); ok {
			return id, nil
		}
		if id, ok := v.tokens.find(decoded(proxyAuthorization, token)); ok {
			return id, nil
		}
		if !jwt {
			return Identity{}, rejected(ReasonUnknownToken)
		}
	}
	if !jwt {
		return Identity{}, rejected(ReasonMalformed)
	}
	id, from, keys, err := v.verifyBearer(ctx, token)
	if err != nil {
		v.verified.Remove(key)
		return Identity{}, err
	}
	until := v.now().Add(rememberFor)
	if end := id.Expiry.Add(-leeway); end.Before(until) {
		until = end
	}
	v.verified.Add(key, &remembered{identity: id, until: until, from: from, keys: keys})
	return id, nil
}

// Probe asks every issuer for its keys, and returns what came of it by issuer: nil
// where there are some.
func (v *Verifier) Probe(ctx context.Context) map[string]error {
	problems := map[string]error{}
	for name, issuer := range v.issuers {
		_, err := issuer.usable(ctx)
		problems[name] = err
	}
	return problems
}

func (v *Verifier) cacheKey(token string) (key [sha256.Size]byte) {
	mac := hmac.New(sha256.New, v.key)
	mac.Write([]byte(token))
	mac.Sum(key[:0])
	return key
}

package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	askTimeout      = 5 * time.Second  // discovery and keys together
	exchangeTimeout = 10 * time.Second // of a code for a token
	keysFresh       = 15 * time.Minute // then they are asked for again
	keysUsable      = time.Hour        // then they are not used any more
	keysAgain       = 15 * time.Second // between two questions for a key that is not there
	rediscover      = 24 * time.Hour
	firstPause      = time.Second // after a failure; doubled each time
	longestPause    = time.Minute
	maxDocument     = 1 << 20 // bytes of a discovery document, a key set or an answer of the token endpoint
	maxErrorBytes   = 256     // of what a provider's failure may put into our error
)

// A provider knows the addresses and the keys of one issuer.
type provider struct {
	issuer string
	client *http.Client
	now    func() time.Time

	keys  atomic.Pointer[keySet]
	found atomic.Pointer[document]

	// turn is held by the one caller that asks the provider; the fields below are
	// its.
	turn     chan struct{}
	anew     bool // discover before keys are asked for
	failures int
	next     time.Time // not asked before
	last     error     // of the last failure
}

func newProvider(issuer string, client *http.Client, now func() time.Time) *provider {
	return &provider{issuer: issuer, client: client, now: now, turn: make(chan struct{}, 1)}
}

// usable returns keys that are not too old to be used. Where there are none, the
// provider is asked; while one caller renews keys, the others go on with those
// that there are. Its error is ErrUnavailable.
func (p *provider) usable(ctx context.Context) (*keySet, error) {
	set := p.keys.Load()
	if set != nil && p.age(set) < keysFresh {
		return set, nil
	}
	if set != nil && p.age(set) < keysUsable {
		select {
		case p.turn <- struct{}{}:
		default:
			return set, nil
		}
		defer func() { <-p.turn }()
		if renewed, err := p.askUnless(ctx, set); err == nil {
			return renewed, nil
		}
		return set, nil
	}
	if err := p.waitTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-p.turn }()
	return p.askUnless(ctx, set)
}

// newer returns keys that were fetched after had, or nil when it is too early to
// ask for them. Its error is ErrUnavailable.
func (p *provider) newer(ctx context.Context, had *keySet) (*keySet, error) {
	if p.age(had) < keysAgain {
		return nil, nil
	}
	if err := p.waitTurn(ctx); err != nil {
		return nil, err
	}
	defer func() { <-p.turn }()
	return p.askUnless(ctx, had)
}

// current reports whether the keys are still those that the provider is known by.
func (p *provider) current(set *keySet) bool {
	return p.keys.Load() == set && p.age(set) < keysUsable
}

func (p *provider) age(set *keySet) time.Duration { return p.now().Sub(set.fetched) }

func (p *provider) waitTurn(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return p.unavailable(ctx.Err())
	}
}

// askUnless asks the provider for its keys, unless somebody else has done so since
// had was looked at, or it failed a moment ago. The caller holds the turn. A
// caller who leaves does not end the question: others wait for its answer.
func (p *provider) askUnless(ctx context.Context, had *keySet) (*keySet, error) {
	if set := p.keys.Load(); set != had {
		return set, nil
	}
	now := p.now()
	if now.Before(p.next) {
		return nil, p.last
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
	defer cancel()
	keys, err := p.ask(ctx)
	if err != nil {
		return nil, p.failed(now, err)
	}
	p.failures, p.next, p.last, p.anew = 0, time.Time{}, nil, false
	set := &keySet{fetched: now, keys: keys}
	p.keys.Store(set)
	return set, nil
}

// failed notes a failure, after which the provider is left alone for a while. The
// caller holds the turn.
func (p *provider) failed(now time.Time, cause error) error {
	pause := min(firstPause<<min(p.failures, 10), longestPause)
	p.failures++
	p.next, p.last, p.anew = now.Add(pause), p.unavailable(cause), true
	return p.last
}

// ask finds the address of the keys (OpenID Connect Discovery 1.0) and fetches
// them.
func (p *provider) ask(ctx context.Context) ([]publicKey, error) {
	document := p.known()
	if document == nil || p.anew {
		var err error
		if document, err = p.discover(ctx); err != nil {
			return nil, fmt.Errorf("discover: %w", err)
		}
		p.found.Store(document)
	}
	body, err := p.get(ctx, document.Keys)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	keys, err := parseKeys(body)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	return keys, nil
}

func (p *provider) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // nothing is lost when closing a reader fails
	return io.ReadAll(resp.Body)             // limited by the transport
}

func (p *provider) unavailable(cause error) error {
	return fmt.Errorf("%w: %s: %s", ErrUnavailable, p.issuer, brief(cause))
}

// brief bounds what another party's failure may put into our log.
func brief(err error) string {
	s := err.Error()
	if len(s) > maxErrorBytes {
		s = s[:maxErrorBytes] + "..."
	}
	quoted := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// newClient returns a client for providers, with the transport of the given one.
// It never takes a proxy from the environment.
func newClient(given *http.Client) *http.Client {
	var transport http.RoundTripper = &http.Transport{
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           8,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    askTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if given != nil && given.Transport != nil {
		transport = given.Transport
	}
	return &http.Client{Transport: &bounded{next: transport}, CheckRedirect: stayOnHTTPS, Timeout: askTimeout}
}

// newTokenClient returns a client for token endpoints with the transport of one for
// providers. It follows no redirect: the code and the client's secret would go along.
func newTokenClient(client *http.Client) *http.Client {
	return &http.Client{
		Transport:     &bounded{next: client.Transport.(*bounded).next, refusals: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("redirected") },
		Timeout:       exchangeTimeout,
	}
}

func stayOnHTTPS(req *http.Request, via []*http.Request) error {
	if req.URL.Scheme != "https" || len(via) > 3 {
		return errors.New("redirected too often, or away from https")
	}
	return nil
}

// bounded lets only a good answer of bounded size through, so that neither memory
// nor an error text depends on what a provider sends.
type bounded struct {
	next     http.RoundTripper
	refusals bool // 400 and 401 are answers too (RFC 6749 section 5.2)
}

func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return resp, nil // the client follows it
	}
	refusal := b.refusals && (resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusUnauthorized)
	if resp.StatusCode != http.StatusOK && !refusal {
		_ = resp.Body.Close() // not read
		return nil, fmt.Errorf("the provider answered %d", resp.StatusCode)
	}
	resp.Body = http.MaxBytesReader(nil, resp.Body, maxDocument)
	return resp, nil
}

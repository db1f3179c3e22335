package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that only the test moves.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.now.Store(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d)) }

// signer is a private key with the id under which it is published.
type signer struct {
	kid string
	alg jose.SignatureAlgorithm
	key crypto.Signer
}

// Keys are slow to make, so the tests share them.
var (
	rsaOne, rsaTwo = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) }), sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	ecOne          = sync.OnceValue(func() *ecdsa.PrivateKey { k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader); return k })
	edOne          = sync.OnceValue(func() ed25519.PrivateKey { _, k, _ := ed25519.GenerateKey(rand.Reader); return k })
)

func newRSA(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

func keyOne() signer { return signer{"one", jose.RS256, rsaOne()} }
func keyTwo() signer { return signer{"two", jose.RS256, rsaTwo()} }

func (s signer) public() map[string]any {
	raw, err := json.Marshal(jose.JSONWebKey{Key: s.key.Public(), KeyID: s.kid, Use: "sig"})
	if err != nil {
		panic(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		panic(err)
	}
	return m
}

// sign makes a token. extra goes into the header.
func (s signer) sign(t testing.TB, claims map[string]any, extra map[string]any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	options.WithHeader("kid", s.kid).WithType("JWT")
	if s.kid == "" {
		options = &jose.SignerOptions{}
	}
	for name, value := range extra {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	made, err := jose.NewSigner(jose.SigningKey{Algorithm: s.alg, Key: s.key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := made.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// testProvider is a real OpenID provider on loopback, as far as keys go.
type testProvider struct {
	*httptest.Server
	discoveries, fetches atomic.Int64

	mu       sync.Mutex
	keys     []any
	discover http.HandlerFunc // nil: a good answer
	serve    http.HandlerFunc // nil: keys
	token    http.HandlerFunc // nil: there is no such address
}

func newTestProvider(t testing.TB, keys ...signer) *testProvider {
	p := &testProvider{}
	p.publish(keys...)
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		p.discoveries.Add(1)
		p.mu.Lock()
		answer := p.discover
		p.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		writeJSON(w, map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/authorize",
			"token_endpoint": p.URL + "/token", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) {
		p.fetches.Add(1)
		p.mu.Lock()
		answer, published := p.serve, p.keys
		p.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		writeJSON(w, map[string]any{"keys": published})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		answer := p.token
		p.mu.Unlock()
		if answer == nil {
			answer = http.NotFound
		}
		answer(w, r)
	})
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func (p *testProvider) publish(keys ...signer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []any{}
	for _, k := range keys {
		p.keys = append(p.keys, k.public())
	}
}

func (p *testProvider) publishRaw(keys ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = keys
}

// breakWith makes both documents be answered by h; nil mends them.
func (p *testProvider) breakWith(h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.discover, p.serve = h, h
}

// good are the claims of a token that is accepted at the clock's time.
func (p *testProvider) good(c *clock) map[string]any {
	now := c.Now()
	return map[string]any{
		"iss": p.URL, "aud": "sluice", "sub": "u-17",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": "ana@corp.example", "name": "Ana Ruiz", "department": "finance",
		"groups": []string{"staff", "ledger"}, "acr": "2", "amr": []string{"pwd", "mfa"}, "acrs": []string{"c1"},
		"auth_time": now.Add(-time.Minute).Unix(), "tid": "t-1", "oid": "o-1", "azp": "cli", "idtyp": "user",
	}
}

func newTestVerifier(t testing.TB, c *clock, providers ...*testProvider) *Verifier {
	t.Helper()
	o := Options{Now: c.Now}
	for _, p := range providers {
		o.Issuers = append(o.Issuers, Issuer{URL: p.URL, Audiences: []string{"other", "sluice"}})
		o.HTTPClient = p.Client() // httptest servers share one certificate
	}
	v, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// testProvider is a real OpenID provider on loopback, whose people need no password.
type testProvider struct {
	*httptest.Server
	key *ecdsa.PrivateKey
	now func() time.Time

	mu     sync.Mutex
	person string
	acrs   []string // that it satisfies when asked
	claims map[string]any
	codes  map[string]url.Values // authorization requests
	token  http.HandlerFunc      // nil: a good answer
	asked  int
}

func newTestProvider(t testing.TB, c *clock) *testProvider {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &testProvider{key: key, now: c.Now, person: "ana", codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"authorization_response_iss_parameter_supported": true,
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Use: "sig", Algorithm: "ES256"}}})
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.exchange)
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// is changes who sits before the browser, and what they can show.
func (p *testProvider) is(person string, acrs ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person, p.acrs = person, acrs
}

func (p *testProvider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	q := r.URL.Query()
	code := newNonce()
	q.Set("person", p.person)
	p.codes[code] = q
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.URL}}.Encode(), http.StatusFound)
}

func (p *testProvider) exchange(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.token != nil {
		p.token(w, r)
		return
	}
	q := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if q == nil || q.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || q.Get("redirect_uri") != r.PostFormValue("redirect_uri") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.URL, "aud": "sluice", "sub": q.Get("person"), "name": strings.ToUpper(q.Get("person")), "nonce": q.Get("nonce"),
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": now.Unix(),
	}
	var want struct {
		Token struct {
			ACRS struct {
				Value  string
				Values []string
			}
		} `json:"id_token"`
	}
	_ = json.Unmarshal([]byte(q.Get("claims")), &want)
	var shown []string
	for _, context := range append(want.Token.ACRS.Values, want.Token.ACRS.Value) {
		if slices.Contains(p.acrs, context) {
			shown = append(shown, context)
			break // one at a time, as the standard allows
		}
	}
	if shown != nil {
		claims["acrs"] = shown
	}
	for name, value := range p.claims {
		claims[name] = value
	}
	options := (&jose.SignerOptions{}).WithHeader("kid", "k")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p.key}, options)
	if err != nil {
		panic(err)
	}
	payload, _ := json.Marshal(claims)
	signed, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	token, _ := signed.CompactSerialize()
	writeJSON(w, map[string]any{"access_token": "at", "token_type": "Bearer", "id_token": token})
}

var testClients = sync.OnceValue(func() *http.Client {
	s := httptest.NewTLSServer(http.NotFoundHandler()) // all of them share one certificate
	defer s.Close()
	return s.Client()
})

func testClient(t testing.TB) *http.Client {
	c := testClients()
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// Package identitytest is an OpenID provider on loopback for tests: whoever comes is
// signed in, without a password.
package identitytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"
)

// ClientID is what the proxy is registered as.
const ClientID = "sluice"

// A Provider is running until the test ends.
type Provider struct {
	*httptest.Server
	key *ecdsa.PrivateKey

	mu     sync.Mutex
	person string
	acrs   []string
	claims map[string]any
	codes  map[string]url.Values // authorization requests
	asked  int
}

// NewProvider starts one, at which ana sits before every browser.
func NewProvider(t testing.TB) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{key: key, person: "ana", codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		point, err := key.PublicKey.Bytes() // 4, x, y
		if err != nil {
			panic(err)
		}
		write(w, map[string]any{"keys": []any{map[string]string{
			"kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "alg": "ES256", "x": encode(point[1:33]), "y": encode(point[33:]),
		}}})
	})
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

// Is changes who sits before the browser, which authentication contexts they can
// satisfy when asked, and what else their tokens say.
func (p *Provider) Is(person string, acrs []string, claims map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person, p.acrs, p.claims = person, acrs, claims
}

// Asked is how often a browser was sent here.
func (p *Provider) Asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Token is a token that holds for an hour from now, with these claims.
func (p *Provider) Token(claims map[string]any) string {
	now := time.Now()
	all := map[string]any{"iss": p.URL, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	return p.sign(all)
}

// sign makes a JWT (RFC 7515, ES256).
func (p *Provider) sign(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signed := encode([]byte(`{"alg":"ES256","kid":"k"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		panic(err)
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + encode(signature[:])
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	q := r.URL.Query()
	q.Set("person", p.person)
	code := rand.Text()
	p.codes[code] = q
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if q == nil || q.Get("code_challenge") != encode(sum[:]) || q.Get("redirect_uri") != r.PostFormValue("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		write(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now := time.Now()
	claims := map[string]any{
		"iss": p.URL, "aud": ClientID, "sub": q.Get("person"), "name": q.Get("person"), "nonce": q.Get("nonce"),
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": now.Unix(),
	}
	if acrs := p.satisfied(q.Get("claims")); acrs != nil {
		claims["acrs"] = acrs
	}
	maps.Copy(claims, p.claims)
	token := p.sign(claims)
	write(w, map[string]any{"access_token": "at", "token_type": "Bearer", "id_token": token})
}

// satisfied are those of the contexts that a claims request asks for (OpenID Connect
// Core 1.0 section 5.5) that the person can satisfy.
func (p *Provider) satisfied(request string) []string {
	var want struct {
		Token struct {
			ACRS struct {
				Value  string
				Values []string
			}
		} `json:"id_token"`
	}
	if json.Unmarshal([]byte(request), &want) != nil {
		return nil
	}
	var shown []string
	for _, acr := range append(want.Token.ACRS.Values, want.Token.ACRS.Value) {
		if slices.Contains(p.acrs, acr) {
			shown = append(shown, acr)
		}
	}
	return shown
}

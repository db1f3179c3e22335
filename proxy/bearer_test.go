package proxy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// issuer is an OpenID provider: discovery and keys over TLS.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	i.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}}
		if r.URL.Path == "/.well-known/openid-configuration" {
			answer = map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/a", "token_endpoint": i.URL + "/t"}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(i.Close)
	return i
}

// token signs claims; by default it is the provider's own good token.
func (i *issuer) token(t *testing.T, alg jose.SignatureAlgorithm, key any, change map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k1"))
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{
		"iss": i.URL, "aud": "sluice", "sub": "ada", "email": "ada@ours.example",
		"groups": []string{"engineers"}, "department": "research",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	for name, value := range change {
		claims[name] = value
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestBearerTokens shows that a good token's person, groups and department reach
// policy and the record, in both ways of giving it, and that no forged one gets
// a connection.
func TestBearerTokens(t *testing.T) {
	provider := newIssuer(t)
	verifier, err := identity.New(identity.Options{
		Issuers:    []identity.Issuer{{URL: provider.URL, Audiences: []string{"sluice"}}},
		HTTPClient: provider.Client(),
	})
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, func(s *proxytest.Settings) {
		s.Required, s.Identity = true, verifier
		s.Policy = map[string]string{
			"connect/all.rego":   "package sluice.connect.all\n",
			"response/none.rego": "package sluice.response.none\n",
			"request/people.rego": `package sluice.request.people

# METADATA
# title: Only engineers of research
# labels: {rule: people.only}
# custom: {severity: low, remediation: none}
verdict contains {"id": "people.only", "action": "block"} if not welcome

welcome if {
	"engineers" in input.identity.groups
	input.identity.department == "research"
}
`,
		}
	})
	good := provider.token(t, jose.RS256, provider.key, nil)
	for name, header := range map[string]string{
		"bearer": "Bearer " + good,
		"basic":  "Basic " + base64.StdEncoding.EncodeToString([]byte("anything:"+good)),
	} {
		resp := ask(t, p, header)
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: got %d", name, resp.StatusCode)
		}
		if got := p.Origin.Received(); len(got) != 1 || got[0].Header.Get("Proxy-Authorization") != "" {
			t.Errorf("%s: the origin got %v", name, got)
		}
	}
	if resp := ask(t, p, "Bearer "+provider.token(t, jose.RS256, provider.key, map[string]any{"department": "sales"})); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another department: got %d", resp.StatusCode)
	}

	public, err := x509.MarshalPKIXPublicKey(provider.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	confused := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(good, ".")[1] + "."
	for name, header := range map[string]string{
		"none at all":     "",
		"expired":         "Bearer " + provider.token(t, jose.RS256, provider.key, map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}),
		"not yet valid":   "Bearer " + provider.token(t, jose.RS256, provider.key, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}),
		"wrong audience":  "Bearer " + provider.token(t, jose.RS256, provider.key, map[string]any{"aud": "other"}),
		"wrong issuer":    "Bearer " + provider.token(t, jose.RS256, provider.key, map[string]any{"iss": "https://evil.example"}),
		"forged":          "Bearer " + provider.token(t, jose.ES256, stranger, nil),
		"changed":         "Bearer " + good[:len(good)-4] + "AAAA",
		"alg none":        "Bearer " + unsigned,
		"key confusion":   "Bearer " + provider.token(t, jose.HS256, confused, nil),
		"another scheme":  "Negotiate abcd",
		"two credentials": "Bearer " + good + "\r\nProxy-Authorization: Bearer " + good,
	} {
		conn, resp := p.Connect(t, host+":443", "Proxy-Authorization: "+header+"\r\n")
		if resp.StatusCode != http.StatusProxyAuthRequired || len(resp.Header["Proxy-Authenticate"]) == 0 || resp.Header.Get("Sluice-Exchange") == "" {
			t.Errorf("%s: got %d", name, resp.StatusCode)
		}
		conn.Close()
	}
	if len(p.Origin.Received()) > 0 {
		t.Error("the origin was reached")
	}
}

// ask sends one request with the given Proxy-Authorization on its CONNECT.
func ask(t *testing.T, p *proxytest.Proxy, authorization string) *http.Response {
	t.Helper()
	client := p.Client("", true)
	client.Transport.(*http.Transport).ProxyConnectHeader = http.Header{"Proxy-Authorization": {authorization}}
	resp, err := client.Get("https://" + host + "/v1/models")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

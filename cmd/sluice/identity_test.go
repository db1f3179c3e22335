package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// TestPrivateIssuer signs in with a provider whose certificate only
// upstream.ca_files knows.
func TestPrivateIssuer(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	var provider *httptest.Server
	provider = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := map[string]any{"issuer": provider.URL, "jwks_uri": provider.URL + "/keys",
			"authorization_endpoint": provider.URL + "/a", "token_endpoint": provider.URL + "/t",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{"ES256"}}
		if r.URL.Path == "/keys" {
			answer = map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "use": "sig",
				"x": encode(point[1:33]), "y": encode(point[33:])}}}
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(provider.Close)

	claims, err := json.Marshal(map[string]any{"iss": provider.URL, "sub": "u-1", "aud": "sluice",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	signed := encode([]byte(`{"alg":"ES256","kid":"k"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	token := signed + "." + encode(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))

	file := filepath.Join(t.TempDir(), "ca.pem")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: provider.Certificate().Raw})
	if err := os.WriteFile(file, root, 0o600); err != nil {
		t.Fatal(err)
	}
	config := IdentityConfig{Bearer: BearerConfig{Issuers: []IssuerConfig{{Issuer: provider.URL, Audiences: []string{"sluice"}}}}}
	authenticate := func(caFiles ...string) (identity.Identity, error) {
		t.Helper()
		roots, err := newRoots(caFiles)
		if err != nil {
			t.Fatal(err)
		}
		users, err := newIdentity(config, roots, nil)
		if err != nil {
			t.Fatal(err)
		}
		return users.Authenticate(t.Context(), "Bearer "+token)
	}
	if _, err := authenticate(); !errors.Is(err, identity.ErrUnavailable) {
		t.Errorf("without its root the provider is asked: %v", err)
	}
	if who, err := authenticate(file); err != nil || who.Sub != "u-1" {
		t.Errorf("got %+v, %v", who, err)
	}
}

// TestNewCertificates shows that both fields are judged at once, path first, and that
// whoever a certificate names may be required.
func TestNewCertificates(t *testing.T) {
	_, err := newCertificates(CertificatesConfig{DeviceID: "serial", User: "san.email ("})
	for _, want := range []string{`identity.client_certificates.device_id: "serial" is none of`, `identity.client_certificates.user: "(" is not`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	c := defaultConfig()
	if _, err := newCertificates(c.Identity.ClientCertificates); err != nil {
		t.Error(err)
	}
	c.Listen.Proxy = List{"https://127.0.0.1:1"}
	c.Listen.TLS = ListenTLSConfig{CertFile: "cert", KeyFile: "key", ClientCAFile: "clients", ClientCRL: List{"crl"}}
	c.Identity.Required, c.Identity.ClientCertificates.User = true, "san.email"
	if err := c.validate(); err != nil {
		t.Error(err)
	}
}

// TestNewGroups shows that everything that is wrong with the directory is told by its
// keys, and that none is asked for by default.
func TestNewGroups(t *testing.T) {
	_, err := newGroups(GroupsConfig{Endpoint: "https://g.example/me", TokenURL: "http://id.example"}, nil, nil)
	for _, want := range []string{"identity.groups.endpoint: names nobody", "identity.groups.token_url: ", "identity.groups.client_id: ", "identity.groups.client_secret_file: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if d, err := newGroups(defaultConfig().Identity.Groups, nil, nil); d != nil || err != nil {
		t.Errorf("got %v, %v", d, err)
	}
}

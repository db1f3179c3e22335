package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"
)

// A Provider is an OpenID provider as the proxy sees one: its discovery document
// and its keys. It signs tokens, and so does a Stranger, with a key of its own
// under the same id.
type Provider struct {
	Issuer, Token, Stranger string
}

// NewProvider starts one behind a wire.
func NewProvider(t testing.TB, by *Authority) (*Provider, *Wire) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	wire := NewWire(t, l.Addr().String())
	p := &Provider{Issuer: "https://" + wire.Address}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{
			"issuer": p.Issuer, "jwks_uri": p.Issuer + "/keys", "authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"keys": []any{map[string]any{
			"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "use": "sig", "x": encode(point[1:33]), "y": encode(point[33:]),
		}}})
	})
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: patience, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{by.Leaf(t, "127.0.0.1")}, MinVersion: tls.VersionTLS12},
	}
	done := make(chan error, 1)
	go func() { done <- server.ServeTLS(l, "", "") }()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.Token, p.Stranger = p.sign(t, key), p.sign(t, other)
	return p, wire
}

var encode = base64.RawURLEncoding.EncodeToString

// sign makes a token that is good for an hour.
func (p *Provider) sign(t testing.TB, key *ecdsa.PrivateKey) string {
	t.Helper()
	claims := text(map[string]any{"iss": p.Issuer, "sub": "alice", "aud": "sluice", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()})
	signed := encode([]byte(`{"alg":"ES256","kid":"k"}`)) + "." + encode([]byte(claims))
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

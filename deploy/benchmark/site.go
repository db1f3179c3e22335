package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The names that the client asks for. Only sluice and squid resolve them, to the
// origin; the others are given its address.
const (
	chatHost   = "api.openai.com"            // read
	tenantHost = "login.microsoftonline.com" // header set, not read
	plainHost  = "files.example.com"         // tunnelled
)

// A site is the origin, its authority and a directory that is removed at the end.
type site struct {
	dir      string
	sluice   string // the binary
	profiles string // where sluice writes CPU profiles; "" for none
	origin   string // address
	caFile   string // the origin's certificate, which everybody trusts
	ca       []byte
	procs    []*process
}

// A way is how the client reaches the origin.
type way struct {
	name    string
	proxy   string // address; "" for none
	host    string // what the client asks for, with a port where it is not 443
	roots   *x509.CertPool
	process *process // nil for none
	absent  string   // why this way cannot be measured
}

// client is one whose connections, at most conns, are kept; with resume none is
// kept and every new one continues a session.
func (s *site) client(w *way, conns int, resume bool) *http.Client {
	t := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: w.roots, MinVersion: tls.VersionTLS12},
		MaxIdleConns:        conns,
		MaxIdleConnsPerHost: conns,
		MaxConnsPerHost:     conns,
		DisableCompression:  true,
		DisableKeepAlives:   resume,
		WriteBufferSize:     64 << 10,
		ReadBufferSize:      64 << 10,
	}
	if resume {
		t.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(0)
		t.WriteBufferSize, t.ReadBufferSize = 0, 0
	}
	to := w.proxy
	if to == "" {
		to = s.origin
	} else {
		t.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: w.proxy})
	}
	t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", to)
	}
	return &http.Client{Transport: t, Timeout: time.Minute}
}

// newSite makes certificates and starts the origin.
func newSite(ctx context.Context, sluice, profiles string) (*site, error) {
	dir, err := os.MkdirTemp("", "sluice-bench-")
	if err != nil {
		return nil, err
	}
	s := &site{dir: dir, sluice: sluice, profiles: profiles, caFile: filepath.Join(dir, "origin.pem")}
	if err := s.startOrigin(ctx); err != nil {
		s.close()
		return nil, fmt.Errorf("origin: %w", err)
	}
	return s, nil
}

func (s *site) close() {
	for _, p := range s.procs {
		p.stop()
	}
	_ = os.RemoveAll(s.dir) // a temporary directory
}

func (s *site) startOrigin(ctx context.Context) error {
	cert, key, err := certificate(&x509.Certificate{
		Subject:               pkix.Name{CommonName: "benchmark origin"},
		DNSNames:              []string{chatHost, tenantHost, plainHost},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true, IsCA: true, // its own issuer
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	})
	if err != nil {
		return err
	}
	s.ca = cert
	keyFile := filepath.Join(s.dir, "origin-key.pem")
	if err := errors.Join(os.WriteFile(s.caFile, cert, 0o644), os.WriteFile(keyFile, key, 0o600)); err != nil { //nolint:gosec // a public certificate, for a throw-away site
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "origin", s.caFile, keyFile)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p, err := start("origin", cmd, nil)
	if err != nil {
		return err
	}
	s.procs = append(s.procs, p)
	s.origin, err = firstLine(out)
	return err
}

// certificate makes a P-256 key and signs the template with it.
func certificate(template *x509.Certificate) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(24 * time.Hour)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}

// pool trusts the origin and, where given, a proxy's authority.
func (s *site) pool(authority []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.ca) || (authority != nil && !pool.AppendCertsFromPEM(authority)) {
		return nil, errors.New("no certificate")
	}
	return pool, nil
}

// write puts a file in the site's directory.
func (s *site) write(name, text string) (string, error) {
	path := filepath.Join(s.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// freeAddress is one that nobody listened on a moment ago.
func freeAddress() (string, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// listens reports whether somebody accepts connections there.
func listens(address string) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

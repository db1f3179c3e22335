package proxy_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/listener"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// newListSigner is an authority that may sign lists too, of another one where given.
func newListSigner(t testing.TB, of *signer) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1}}
	if of == nil {
		return &signer{cert: sign(t, template, nil, key, key), key: key}
	}
	return &signer{cert: sign(t, template, of.cert, key, of.key), key: key}
}

// list makes a list in DER that holds for an hour, unless change says otherwise.
func (i *signer) list(t testing.TB, change func(*x509.RevocationList), revoked ...*x509.Certificate) []byte {
	t.Helper()
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now().Add(-2 * time.Hour), NextUpdate: time.Now().Add(time.Hour)}
	for _, cert := range revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: time.Now(), ReasonCode: 1})
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, i.cert, i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func inPEM(ders ...[]byte) []byte {
	var out []byte
	for _, der := range ders {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})...)
	}
	return out
}

// about is the extension that binds a list to a part of an authority's certificates.
func about(t testing.TB, critical bool, fields ...asn1.RawValue) pkix.Extension {
	t.Helper()
	value, err := asn1.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: critical, Value: value}
}

// at is a distribution point (RFC 5280 section 4.2.1.13) with one URI.
func at(t testing.TB, uri string) asn1.RawValue {
	t.Helper()
	name, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(uri)})
	if err != nil {
		t.Fatal(err)
	}
	full, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: name})
	if err != nil {
		t.Fatal(err)
	}
	return asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: full}
}

func flag(n int) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: n, Bytes: []byte{0xff}}
}

// guarded is an HTTPS proxy with lists of certificates that were taken back.
func guarded(t testing.TB, authorities []*signer, lists ...[]byte) (*proxytest.Proxy, *signer, listener.Files, *listener.TLS) {
	t.Helper()
	dir, by := t.TempDir(), newSigner(t)
	files := listener.Files{Cert: filepath.Join(dir, "cert"), Key: filepath.Join(dir, "key"), ClientCA: filepath.Join(dir, "clients")}
	by.show(t, files)
	var blocks []*pem.Block
	for _, a := range authorities {
		blocks = append(blocks, &pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	}
	put(t, files.ClientCA, 0o644, blocks...)
	for i, list := range lists {
		files.ClientCRLs = append(files.ClientCRLs, filepath.Join(dir, "crl"+string(rune('0'+i))))
		if err := os.WriteFile(files.ClientCRLs[i], list, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	secure, err := listener.New(files)
	if err != nil {
		t.Fatal(err)
	}
	fields, err := identity.NewCertificateMap("subject.cn", "")
	if err != nil {
		t.Fatal(err)
	}
	return start(t, func(s *proxytest.Settings) {
		s.Secure = secure
		s.Change = func(p *proxy.Parts) { p.Options.Certificates = fields }
	}), by, files, secure
}

// letIn reports whether a client with a certificate gets an answer.
func letIn(t testing.TB, p *proxytest.Proxy, by *signer, version uint16, cert tls.Certificate) bool {
	t.Helper()
	config := &tls.Config{ServerName: "proxy.example", RootCAs: by.pool(), MinVersion: version, MaxVersion: version, Certificates: []tls.Certificate{cert}}
	conn, err := tls.Dial("tcp", p.Address, config)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(conn, askPAC)
	text, _ := io.ReadAll(io.LimitReader(conn, 12))
	return string(text) == "HTTP/1.1 200"
}

// TestRevokedCertificates shows that a certificate that its authority took back is
// refused at the handshake, whatever way the lists come in.
func TestRevokedCertificates(t *testing.T) {
	root, second := newListSigner(t, nil), newListSigner(t, nil)
	middle := newListSigner(t, root)
	good, bad := root.leaf(t, x509.ExtKeyUsageClientAuth), root.leaf(t, x509.ExtKeyUsageClientAuth)
	other, below := second.leaf(t, x509.ExtKeyUsageClientAuth), middle.leaf(t, x509.ExtKeyUsageClientAuth)
	below.Certificate = append(below.Certificate, middle.cert.Raw)
	old := func(l *x509.RevocationList) { l.NextUpdate = time.Now().Add(-time.Hour) }
	early := func(l *x509.RevocationList) {
		l.ThisUpdate, l.NextUpdate = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour)
	}
	part := func(fields ...asn1.RawValue) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) { l.ExtraExtensions = []pkix.Extension{about(t, true, fields...)} }
	}
	pointed := func(uri string) tls.Certificate {
		leaf := root.leaf(t, x509.ExtKeyUsageClientAuth)
		leaf.Leaf = sign(t, &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, CRLDistributionPoints: []string{uri}},
			root.cert, leaf.PrivateKey.(crypto.Signer), root.key)
		leaf.Certificate[0] = leaf.Leaf.Raw
		return leaf
	}
	one, two := pointed("http://x.example/1"), pointed("http://x.example/2")
	type who struct {
		name, reason string // "" is let in
		cert         tls.Certificate
	}
	for _, c := range []struct {
		name        string
		authorities []*signer
		lists       [][]byte
		clients     []who
	}{
		{"DER", []*signer{root}, [][]byte{root.list(t, nil, bad.Leaf)}, []who{{"good", "", good}, {"bad", "client_certificate_revoked", bad}}},
		{"PEM of two", []*signer{root, second}, [][]byte{inPEM(second.list(t, nil), root.list(t, nil, bad.Leaf))},
			[]who{{"good", "", good}, {"bad", "client_certificate_revoked", bad}, {"other", "", other}}},
		{"two files", []*signer{root, second}, [][]byte{root.list(t, nil, bad.Leaf), inPEM(second.list(t, nil, other.Leaf))},
			[]who{{"good", "", good}, {"bad", "client_certificate_revoked", bad}, {"other", "client_certificate_revoked", other}}},
		{"no list of its authority", []*signer{root, second}, [][]byte{root.list(t, nil)}, []who{{"good", "", good}, {"other", "client_crl_lapsed", other}}},
		{"out of date", []*signer{root}, [][]byte{root.list(t, old, bad.Leaf)}, []who{{"good", "client_crl_lapsed", good}, {"bad", "client_certificate_revoked", bad}}},
		{"not yet", []*signer{root}, [][]byte{root.list(t, early)}, []who{{"good", "client_crl_lapsed", good}}},
		{"old beside new", []*signer{root}, [][]byte{root.list(t, old), root.list(t, nil, bad.Leaf)}, []who{{"good", "", good}, {"bad", "client_certificate_revoked", bad}}},
		{"an intermediate one's", []*signer{root, middle}, [][]byte{root.list(t, nil), middle.list(t, nil)}, []who{{"below", "", below}}},
		{"an intermediate one's, taken back", []*signer{root, middle}, [][]byte{root.list(t, nil, middle.cert), middle.list(t, nil)}, []who{{"below", "client_certificate_revoked", below}}},
		{"only the root's", []*signer{root}, [][]byte{root.list(t, nil)}, []who{{"below", "client_crl_lapsed", below}}},
		{"in parts", []*signer{root}, [][]byte{inPEM(root.list(t, part(at(t, "http://x.example/1")), one.Leaf), root.list(t, part(at(t, "http://x.example/2"))))},
			[]who{{"one", "client_certificate_revoked", one}, {"two", "", two}, {"of no part", "client_crl_lapsed", good}}},
		{"a part is missing", []*signer{root}, [][]byte{root.list(t, part(at(t, "http://x.example/1"), flag(1)))}, []who{{"one", "", one}, {"two", "client_crl_lapsed", two}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, by, _, _ := guarded(t, c.authorities, c.lists...)
			count := map[string]float64{}
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				for _, w := range c.clients {
					if got := letIn(t, p, by, version, w.cert); got != (w.reason == "") {
						t.Errorf("TLS %x, %s: let in: %v", version, w.name, got)
					}
					if w.reason != "" {
						count[w.reason]++
						waitFor(t, "count of "+w.name, func() bool { return refused(t, p, w.reason) == count[w.reason] })
					}
				}
			}
		})
	}
}

// TestBadLists goes through lists that must not be taken.
func TestBadLists(t *testing.T) {
	root, stranger := newListSigner(t, nil), newListSigner(t, nil)
	impostor := &signer{cert: root.cert, key: stranger.key}
	forged := func() []byte {
		der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour)},
			&x509.Certificate{RawSubject: root.cert.RawSubject, SubjectKeyId: []byte{1}, KeyUsage: x509.KeyUsageCRLSign}, impostor.key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}()
	extended := func(e ...pkix.Extension) []byte {
		return root.list(t, func(l *x509.RevocationList) { l.ExtraExtensions = e })
	}
	good := root.list(t, nil)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.cert.Raw})
	for name, c := range map[string]struct {
		list []byte
		want string
	}{
		"empty":              {nil, "holds no list"},
		"rubbish":            {[]byte("rubbish"), "not a list in PEM or DER"},
		"PEM of nothing":     {[]byte("-----BEGIN X509 CRL-----\n"), "holds no list"},
		"certificate":        {certificate, "holds a CERTIFICATE"},
		"with a certificate": {append(inPEM(good), certificate...), "holds a CERTIFICATE"},
		"cut":                {good[:len(good)-1], "not a list in PEM or DER"},
		"trailing":           {append(bytes.Clone(good), 0), "not a list in PEM or DER"},
		"changed":            {append(bytes.Clone(good[:len(good)-1]), good[len(good)-1]^1), "is not signed by it"},
		"forged":             {forged, "is not signed by it"},
		"a stranger's":       {stranger.list(t, nil), "whose certificate is not in client_ca_file"},
		"delta":              {extended(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}), "is a delta"},
		"unknown":            {extended(pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}), "critical extension"},
		"authorities only":   {extended(about(t, true, flag(2))), "some reasons or kinds"},
		"some reasons":       {extended(about(t, true, flag(3))), "some reasons or kinds"},
		"indirect":           {extended(about(t, true, at(t, "http://x.example"), flag(4))), "some reasons or kinds"},
		"attributes":         {extended(about(t, true, flag(5))), "some reasons or kinds"},
		"point without name": {extended(about(t, true, asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true})), "some reasons or kinds"},
		"no SEQUENCE":        {extended(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: []byte{4, 0}}), "some reasons or kinds"},
		"entry of another": {root.list(t, func(l *x509.RevocationList) {
			l.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: big.NewInt(7), RevocationTime: time.Now(),
				ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 29}, Critical: true, Value: []byte{0x30, 0}}}}}
		}), "entry with a critical extension"},
	} {
		dir := t.TempDir()
		files := listener.Files{Cert: filepath.Join(dir, "cert"), Key: filepath.Join(dir, "key"), ClientCA: filepath.Join(dir, "clients"), ClientCRLs: []string{filepath.Join(dir, "crl")}}
		root.show(t, files)
		put(t, files.ClientCA, 0o644, &pem.Block{Type: "CERTIFICATE", Bytes: root.cert.Raw})
		if err := os.WriteFile(files.ClientCRLs[0], c.list, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := listener.New(files); err == nil || !strings.HasPrefix(err.Error(), "client_crl_file: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestListsReload shows that a new list comes into force by itself, also for
// connections and CONNECTs that are open, that one that does not load leaves the
// last good one, and that one that goes out of date is told once and lets nobody in.
func TestListsReload(t *testing.T) {
	root := newListSigner(t, nil)
	leaf := root.leaf(t, x509.ExtKeyUsageClientAuth)
	p, by, files, secure := guarded(t, []*signer{root}, root.list(t, nil))
	ctx, stop := context.WithCancel(t.Context())
	told, ended := make(chan error, 16), make(chan struct{})
	go func() {
		defer close(ended)
		secure.Watch(ctx, 5*time.Millisecond, func(err error) { told <- err })
	}()
	write := func(list []byte) {
		t.Helper()
		if err := os.WriteFile(files.ClientCRLs[0]+".new", list, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(files.ClientCRLs[0]+".new", files.ClientCRLs[0]); err != nil {
			t.Fatal(err)
		}
	}
	config := &tls.Config{ServerName: "proxy.example", RootCAs: by.pool(), MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{leaf}}
	client := p.Client("", false)
	transport := client.Transport.(*http.Transport)
	transport.DisableKeepAlives = false
	transport.DialContext = (&tls.Dialer{Config: config}).DialContext
	status := func() int {
		t.Helper()
		resp, err := client.Get("https://" + host + "/v1/models")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return resp.StatusCode
	}
	if got := status(); got != 200 {
		t.Fatalf("got %d", got)
	}

	write([]byte("rubbish"))
	if err := <-told; err == nil || !strings.HasPrefix(err.Error(), "client_crl_file: ") {
		t.Errorf("told %v", err)
	}
	if !letIn(t, p, by, tls.VersionTLS13, leaf) {
		t.Error("the last good list is not in force")
	}

	write(root.list(t, nil, leaf.Leaf))
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	if letIn(t, p, by, tls.VersionTLS13, leaf) {
		t.Error("let in with a certificate that was taken back")
	}
	if got := status(); got != 403 {
		t.Errorf("on the open connection: got %d", got)
	}

	write(root.list(t, func(l *x509.RevocationList) { l.NextUpdate = time.Now().Add(-time.Minute) }))
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	if err := <-told; !errors.Is(err, listener.ErrLapsed) || !strings.Contains(err.Error(), "its clients are refused until there is another") {
		t.Errorf("told %v", err)
	}
	if letIn(t, p, by, tls.VersionTLS13, leaf) {
		t.Error("let in by a list that is out of date")
	}
	if got := status(); got != 503 {
		t.Errorf("on the open connection: got %d", got)
	}

	write(root.list(t, nil))
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	if got := status(); got != 200 {
		t.Errorf("with a new list: got %d", got)
	}
	stop()
	<-ended
	if len(told) > 0 {
		t.Errorf("told more: %v", <-told)
	}
	var errs []string
	for _, line := range p.Lines(t, "decision") {
		if word, ok := line["decision"].(map[string]any)["error"].(string); ok {
			errs = append(errs, word)
		}
		if device := line["identity"].(map[string]any)["device"]; device != nil && device != leaf.Leaf.Subject.CommonName {
			t.Errorf("recorded for device %v", device)
		}
	}
	if strings.Join(errs, " ") != "certificate_revoked certificate_unchecked" {
		t.Errorf("recorded %q", errs)
	}
}

package portal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/content"
)

const host = "sluice.corp.example"

// testRoot is a certificate and its key, both in PEM.
var testRoot = sync.OnceValues(func() (cert, key []byte) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Corp <sluice> & CA"},
		NotAfter: time.Date(2031, 11, 3, 0, 0, 0, 0, time.UTC), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		panic(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
})

func newPortal(t testing.TB) *Portal {
	t.Helper()
	cert, _ := testRoot()
	p, err := New(Options{Host: host, CA: cert})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(p *Portal, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(method, "https://"+host+path, nil))
	return w
}

func TestHome(t *testing.T) {
	w := get(newPortal(t), http.MethodGet, "/")
	if w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	d := parse(t, w.Body.Bytes())
	checkPage(t, d, w.Header())
	cert, _ := testRoot()
	block, _ := pem.Decode(cert)
	sum := sha256.Sum256(block.Bytes)
	if got := strings.ToLower(strings.ReplaceAll(d.text, ":", "")); !strings.Contains(got, hex.EncodeToString(sum[:])) {
		t.Error("no fingerprint")
	}
	for _, want := range []string{"Corp <sluice> & CA", "3 November 2031", "Windows", "macOS", "Linux", "Firefox", "iPhone", "Android", "NODE_EXTRA_CA_CERTS", "Sluice-Exchange", "security team"} {
		if !strings.Contains(d.text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if !slices.Equal(d.links, []string{"/ca.pem"}) {
		t.Error(d.links)
	}
}

func TestCertificate(t *testing.T) {
	cert, _ := testRoot()
	w := get(newPortal(t), http.MethodGet, "/ca.pem")
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), cert) || w.Header().Get("Content-Type") != "application/x-pem-file" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="sluice-ca.pem"` || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestNotFound: the page does not show what was asked for.
func TestNotFound(t *testing.T) {
	p := newPortal(t)
	for _, path := range []string{"/index.html", "/ca.pem/", "/ca-key.pem", "/proxy.pac", "//", "/%63a.pem", "/..%2fca.pem", "/favicon.ico", "/<script>alert(1)</script>", "/metrics", "/api/v1/status"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "https://"+host+"/", nil)
		u, err := r.URL.Parse("https://" + host + path)
		if err != nil {
			t.Fatal(err)
		}
		r.URL = u
		p.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "alert") || strings.Contains(w.Body.String(), "favicon") {
			t.Errorf("%s: %d", path, w.Code)
		}
		checkPage(t, parse(t, w.Body.Bytes()), w.Header())
	}
}

func TestMethods(t *testing.T) {
	p := newPortal(t)
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		w := get(p, method, "/")
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" || strings.Contains(w.Body.String(), "<") {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	server := httptest.NewServer(p)
	defer server.Close()
	resp, err := http.Head(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || len(body) != 0 || resp.StatusCode != http.StatusOK {
		t.Errorf("HEAD: %d %q %v", resp.StatusCode, body, err)
	}
}

// TestFrames: the portal is not shown inside another page.
func TestFrames(t *testing.T) {
	for _, path := range []string{"/", "/ca.pem", "/x"} {
		h := get(newPortal(t), http.MethodGet, path).Header()
		if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestRefusal(t *testing.T) {
	p := newPortal(t)
	n := content.Notice{
		ID: "0123456789abcdef0123456789abcdef", Title: "Card numbers were found", Text: "Remove the numbers.\n\n Or ask for test data. ",
		Rule: "Bulk card numbers never leave", Link: "https://" + host + "/", Status: 403,
	}
	a := p.Page(n)
	if a.Status != 403 {
		t.Error(a.Status)
	}
	d := parse(t, a.Body)
	checkPage(t, d, a.Header)
	if d.title != n.Title || !slices.Equal(d.headings, []string{n.Title}) || !slices.Equal(d.links, []string{n.Link}) {
		t.Errorf("%+v", d)
	}
	for _, want := range []string{"Remove the numbers.", "Or ask for test data.", n.Rule, n.ID, "security team"} {
		if !strings.Contains(d.text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if text := parse(t, p.Page(content.Notice{ID: "x", Status: 503}).Body).text; !strings.Contains(text, "If this goes on") || !strings.Contains(text, "stopped by company policy") {
		t.Error(text)
	}
	if text := parse(t, p.Page(content.Notice{Title: "One", Rule: "One"}).Body).text; strings.Count(text, "One") != 2 || strings.Contains(text, "Rule") { // title and heading
		t.Error(text)
	}
	for given, want := range map[int]int{0: 403, 200: 403, 302: 403, 407: 407, 451: 451, 503: 503, 600: 403, -1: 403} {
		if got := p.Page(content.Notice{Status: given}).Status; got != want {
			t.Errorf("status %d becomes %d", given, got)
		}
	}
}

// hostile strings try each context of a page.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><script>alert(1)</script>`, `</style><svg onload=alert(1)>`,
	`<!--`, `-->`, `]]>`, `{{.Style}}`, `javascript:alert(1)`, `&lt;b&gt;`, `&#x3c;script&#x3e;`, "\x00\x1b[31m", "\u202egnp.exe", "\ufeff", "<base href=//evil.example>",
	`<meta http-equiv=refresh content="0;url=https://evil.example">`, `</code></dl></main><form action=//evil.example><input>`, strings.Repeat("<a>", 1000), "\xff\xfe", "`${alert(1)}`",
}

func TestEscaping(t *testing.T) {
	p := newPortal(t)
	for _, s := range hostile {
		a := p.Page(content.Notice{ID: s, Title: s, Text: s + "\n" + s, Rule: s + ".", Link: s})
		d := parse(t, a.Body)
		checkPage(t, d, a.Header)
		if len(d.links) != 0 {
			t.Errorf("%q became a link: %v", s, d.links)
		}
		if strings.HasPrefix(s, "<") && !strings.Contains(d.text, s) {
			t.Errorf("%q is not shown as text", s)
		}
	}
}

// TestLinks: only the portal is linked to.
func TestLinks(t *testing.T) {
	p := newPortal(t)
	for link, want := range map[string]bool{
		"https://" + host + "/": true, "https://" + host + "/x?y=<z>": true, "https://" + host: true, "": false, "http://" + host + "/": false,
		"https://evil.example/": false, "https://" + host + ".evil.example/": false, "https://" + host + "@evil.example/": false, "https://u:p@" + host + "/": false,
		"https://" + host + ":8443/": false, "//" + host + "/": false, "/": false, "javascript:alert(1)//" + host: false, "data:text/html,x": false, "https://" + strings.ToUpper(host) + "/": false,
		"https://" + host + "\\@evil.example/": false, " https://" + host + "/": false,
	} {
		if links := parse(t, p.Page(content.Notice{Link: link}).Body).links; (len(links) == 1) != want {
			t.Errorf("%q: %v", link, links)
		}
	}
}

func TestNewErrors(t *testing.T) {
	cert, key := testRoot()
	block, _ := pem.Decode(cert)
	sum := sha256.Sum256(block.Bytes)
	good := hex.EncodeToString(sum[:])
	for name, o := range map[string]Options{
		"no certificate":    {Host: host},
		"not PEM":           {Host: host, CA: block.Bytes},
		"a key":             {Host: host, CA: key},
		"a key beside":      {Host: host, CA: append(append([]byte{}, cert...), key...)},
		"a key before":      {Host: host, CA: append(append([]byte{}, key...), cert...)},
		"a broken one":      {Host: host, CA: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})},
		"other fingerprint": {Host: host, CA: cert, Fingerprint: strings.Repeat("AB:", 31) + "AB"},
		"no host":           {CA: cert},
		"host and port":     {Host: host + ":443", CA: cert},
		"host and path":     {Host: host + "/x", CA: cert},
		"host and user":     {Host: "u@" + host, CA: cert},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := New(Options{Host: host, CA: append(append([]byte{}, cert...), cert...), Fingerprint: good}); err != nil {
		t.Error(err)
	}
	if _, err := New(Options{Host: host, CA: cert, Fingerprint: strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")}); err != nil {
		t.Error(err)
	}
}

func FuzzPage(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, s, s, s, s)
	}
	p := newPortal(f)
	f.Fuzz(func(t *testing.T, id, title, text, rule, link string) {
		a := p.Page(content.Notice{ID: id, Title: title, Text: text, Rule: rule, Link: link})
		checkPage(t, parse(t, a.Body), a.Header)
	})
}

func BenchmarkPage(b *testing.B) {
	p := newPortal(b)
	n := content.Notice{ID: "0123456789abcdef0123456789abcdef", Title: "Card numbers were found", Text: "Remove the numbers.", Rule: "Bulk card numbers never leave", Link: "https://" + host + "/"}
	b.ReportAllocs()
	for b.Loop() {
		p.Page(n)
	}
}

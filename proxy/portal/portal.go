package portal

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Options are what a Portal is made of.
type Options struct {
	Host        string // its name, which browsers reach through the proxy only
	CA          []byte // the root to trust, in PEM
	Fingerprint string // of the root: SHA-256 in hex, colons allowed; empty: computed
}

// A Portal answers on the portal's host and makes the refusal pages. It may be
// used by many at once.
type Portal struct {
	host  string
	pem   []byte
	pages *template.Template
	style template.CSS
	csp   string // of a refusal
	home  []byte
	lost  []byte
}

//go:embed page.css
var styleSheet string

//go:embed pages.html
var pages string

// New returns a Portal. The CA must be certificates only: a key beside it is an
// error, as it would be served.
func New(o Options) (*Portal, error) {
	root, err := parseRoot(o.CA)
	if err != nil {
		return nil, fmt.Errorf("portal: certificate authority: %w", err)
	}
	sum := sha256.Sum256(root.Raw)
	if given := strings.ReplaceAll(o.Fingerprint, ":", ""); given != "" && !strings.EqualFold(given, hex.EncodeToString(sum[:])) {
		return nil, errors.New("portal: certificate authority: the fingerprint is another certificate's")
	}
	if u, err := url.Parse("https://" + o.Host + "/"); err != nil || o.Host == "" || u.Host != o.Host || u.Port() != "" {
		return nil, errors.New("portal: the host is not a plain name")
	}
	p := &Portal{host: o.Host, pem: bytes.Clone(o.CA), style: template.CSS(styleSheet)}
	hash := sha256.Sum256([]byte(styleSheet))
	p.csp = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	if p.pages, err = template.New("pages").Parse(pages); err != nil {
		return nil, fmt.Errorf("portal: pages: %w", err)
	}
	p.home, err = p.render("home", homePage{
		Style: p.style, Name: root.Subject.CommonName, Fingerprint: pieces(sum[:]), NotAfter: root.NotAfter.UTC().Format("2 January 2006"),
	})
	if err != nil {
		return nil, err
	}
	p.lost, err = p.render("lost", homePage{Style: p.style})
	if err != nil {
		return nil, err
	}
	if _, err := p.render("refusal", refusalPage{Style: p.style}); err != nil {
		return nil, err
	}
	return p, nil
}

type homePage struct {
	Style          template.CSS
	Name, NotAfter string
	Fingerprint    []string // in pieces, between which a line may break
}

// ServeHTTP answers a request to the portal's host.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	p.setHeaders(h)
	h.Set("Content-Security-Policy", p.csp+"; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	status, body := http.StatusOK, p.home
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		h.Set("Content-Type", "text/plain; charset=utf-8")
		status, body = http.StatusMethodNotAllowed, []byte("method not allowed\n")
	case r.URL.EscapedPath() == "/ca.pem":
		h.Set("Content-Type", "application/x-pem-file")
		h.Set("Content-Disposition", `attachment; filename="sluice-ca.pem"`)
		body = p.pem
	case r.URL.EscapedPath() != "/":
		status, body = http.StatusNotFound, p.lost
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left
}

// setHeaders are those of every page. no-store: what was true of the policy is not
// shown again later.
func (p *Portal) setHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", p.csp)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

func (p *Portal) render(name string, data any) ([]byte, error) {
	var body bytes.Buffer
	if err := p.pages.ExecuteTemplate(&body, name, data); err != nil {
		return nil, fmt.Errorf("portal: render %s: %w", name, err)
	}
	return body.Bytes(), nil
}

// parseRoot returns the first certificate.
func parseRoot(data []byte) (*x509.Certificate, error) {
	var root *x509.Certificate
	for rest := data; ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, errors.New("holds something else than certificates")
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		if root == nil {
			root = cert
		}
	}
	if root == nil {
		return nil, errors.New("holds no certificate")
	}
	return root, nil
}

// pieces writes a hash as AB:CD:… in pieces of eight bytes.
func pieces(sum []byte) []string {
	var out []string
	for piece := range slices.Chunk(sum, 8) {
		out = append(out, strings.ReplaceAll(fmt.Sprintf("% X:", piece), " ", ":"))
	}
	out[len(out)-1] = strings.TrimSuffix(out[len(out)-1], ":")
	return out
}

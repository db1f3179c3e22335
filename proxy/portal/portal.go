package portal

import (
	"bytes"
	"context"
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

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// Options are what a Portal is made of.
type Options struct {
	Host        string // its name, which browsers reach through the proxy only
	CA          []byte // the root to trust, in PEM
	Fingerprint string // of the root: SHA-256 in hex, colons allowed; empty: computed

	Activity *activity.Log // nil: there is nothing to answer and to list here
	Answer   func(context.Context, activity.Answer, identity.Identity) error

	// SignIn serves /sign-in, what is below it, /step-up and /sign-out; nil: nobody can
	// sign in here. SignedIn tells who did, the zero Identity for nobody, and StepUp
	// where they sign in more strongly for an exchange, and then go back to a host.
	SignIn   http.Handler
	SignedIn func(*http.Request) (identity.Identity, error)
	StepUp   func(r *http.Request, acrs []string, exchange, host string) (string, error)
}

// A Portal answers on the portal's host and makes the refusal pages. It may be
// used by many at once.
type Portal struct {
	host   string
	pem    []byte
	pages  *template.Template
	style  template.CSS
	csp    string // of a refusal
	script string // what a page with the script adds to it
	root   homePage
	lost   []byte

	activity *activity.Log
	answer   func(context.Context, activity.Answer, identity.Identity) error
	signIn   http.Handler
	signedIn func(*http.Request) (identity.Identity, error)
	stepUp   func(r *http.Request, acrs []string, exchange, host string) (string, error)
	foreign  *http.CrossOriginProtection
}

// noticePath is before the id of an exchange that can be answered.
const noticePath = "/notice/"

//go:embed page.css
var styleSheet string

//go:embed take.js
var takeScript string

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
	p := &Portal{
		host: o.Host, pem: bytes.Clone(o.CA), style: template.CSS(styleSheet),
		activity: o.Activity, answer: o.Answer, signIn: o.SignIn, signedIn: o.SignedIn, stepUp: o.StepUp,
		foreign: http.NewCrossOriginProtection(),
	}
	hash := sha256.Sum256([]byte(styleSheet))
	taken := sha256.Sum256([]byte(takeScript))
	p.script = "script-src 'sha256-" + base64.StdEncoding.EncodeToString(taken[:]) + "'; "
	p.csp = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	if p.pages, err = template.New("pages").Parse(pages); err != nil {
		return nil, fmt.Errorf("portal: pages: %w", err)
	}
	p.root = homePage{
		Style: p.style, Name: root.Subject.CommonName, Fingerprint: pieces(sum[:]), NotAfter: root.NotAfter.UTC().Format("2 January 2006"),
		SignIn: o.SignIn != nil, Activity: o.Activity != nil,
	}
	for name, data := range map[string]any{
		"home": p.root, "refusal": refusalPage{Style: p.style}, "notice": noticePage{}, "activity": page{Events: []event{{}}},
		"gone": page{}, "unavailable": page{}, "nobody": page{}, "answered": page{},
		"message": messagePage{Page: signin.Page{Links: []signin.Link{{}}, Button: &signin.Button{}}},
	} {
		if _, err := p.render(name, data); err != nil {
			return nil, err
		}
	}
	p.lost, err = p.render("lost", homePage{Style: p.style})
	if err != nil {
		return nil, err
	}
	return p, nil
}

type homePage struct {
	Style          template.CSS
	Name, NotAfter string
	Who            string
	SignIn         bool
	Activity       bool
	Fingerprint    []string // in pieces, between which a line may break
}

// ServeHTTP answers a request to the portal's host.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	p.setHeaders(h)
	h.Set("Content-Security-Policy", p.csp+"; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	path := r.URL.EscapedPath()
	exchange, isNotice := strings.CutPrefix(path, noticePath)
	switch {
	case p.signIn != nil && (path == "/sign-in" || path == "/step-up" || path == "/sign-out" || strings.HasPrefix(path, "/sign-in/")):
		p.signIn.ServeHTTP(w, r)
		return
	case r.Method == http.MethodPost && isNotice && p.activity != nil:
		if p.foreign.Check(r) != nil {
			p.show(w, http.StatusForbidden, "gone", page{})
			return
		}
		p.notice(w, r, exchange)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusMethodNotAllowed)
		_, _ = w.Write([]byte("method not allowed\n"))
		return
	case p.activity != nil && isNotice:
		p.notice(w, r, exchange)
		return
	case p.activity != nil && path == "/activity":
		p.myActivity(w, r)
		return
	case p.activity != nil && path == "/answered":
		p.show(w, http.StatusOK, "answered", page{})
		return
	}
	status := http.StatusOK
	var body []byte
	switch path {
	case "/":
		body = p.homeOf(r)
	case "/ca.pem":
		h.Set("Content-Type", "application/x-pem-file")
		h.Set("Content-Disposition", `attachment; filename="sluice-ca.pem"`)
		body = p.pem
	default:
		status, body = http.StatusNotFound, p.lost
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have left
}

// homeOf is the first page, which also helps when nothing else works.
func (p *Portal) homeOf(r *http.Request) []byte {
	data := p.root
	if who, err := p.who(r); err == nil {
		data.Who = who.display()
	}
	body, _ := p.render("home", data) // New has proved it
	return body
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

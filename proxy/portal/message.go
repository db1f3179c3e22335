package portal

import (
	"html/template"
	"net/http"

	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

type messagePage struct {
	Style template.CSS
	signin.Page
}

// Show writes a page of the sign-in in the portal's design.
func (p *Portal) Show(w http.ResponseWriter, _ *http.Request, page signin.Page) {
	body, err := p.render("message", messagePage{p.style, page})
	if err != nil { // New has proved it
		http.Error(w, page.Title, page.Status)
		return
	}
	p.setHeaders(w.Header())
	w.Header().Set("Content-Security-Policy", p.csp+"; frame-ancestors 'none'")
	if page.Button != nil {
		allowForm(w.Header())
	}
	w.WriteHeader(page.Status)
	_, _ = w.Write(body) // the client may have left
}

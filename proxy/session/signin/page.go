package signin

import (
	"fmt"
	"net/http"
)

// A Page is what a person sees on the portal. All of it is text, nothing of it was in
// the request or a provider's answer, except for names that are configured.
type Page struct {
	Status int
	Title  string
	Text   []string // paragraphs
	Links  []Link
	Button *Button // nil: none
	Err    error   // why, for the log: never shown
}

// A Link leads on: to another address of the portal or back to a site.
type Link struct{ Text, URL string }

// A Button is a form without fields that is posted to an address of the portal.
type Button struct{ Text, Action string }

// showText writes a page without a portal's design.
func showText(w http.ResponseWriter, _ *http.Request, p Page) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(p.Status)
	fmt.Fprintf(w, "%s\n", p.Title)
	for _, text := range p.Text {
		fmt.Fprintf(w, "\n%s\n", text)
	}
	for _, link := range p.Links {
		fmt.Fprintf(w, "\n%s: %s\n", link.Text, link.URL)
	}
}

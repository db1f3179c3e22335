package portal

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content"
)

type refusalPage struct {
	Style     template.CSS
	Title     string
	Text      []string // paragraphs
	Rule, ID  string
	Link      string
	Answer    bool // the link leads to where it is answered
	Temporary bool // trying again may help
}

// Page is what a person sees in the place of a page that was refused. Everything in
// the notice is shown as text; the link is shown only when it leads to the portal.
func (p *Portal) Page(n content.Notice) *content.Answer {
	status := n.Status
	if status < 400 || status > 599 {
		status = http.StatusForbidden
	}
	data := refusalPage{
		Style: p.style, Title: strings.TrimSpace(n.Title), Rule: strings.TrimSpace(n.Rule), ID: n.ID,
		Link: p.ownLink(n.Link), Temporary: status >= 500,
	}
	data.Answer = strings.HasPrefix(data.Link, "https://"+p.host+noticePath)
	if data.Title == "" {
		data.Title = "This was stopped by company policy"
	}
	if data.Rule == data.Title {
		data.Rule = ""
	}
	for paragraph := range strings.SplitSeq(n.Text, "\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			data.Text = append(data.Text, paragraph)
		}
	}
	answer := &content.Answer{Status: status, Header: http.Header{}}
	p.setHeaders(answer.Header)
	var err error
	if answer.Body, err = p.render("refusal", data); err != nil {
		answer.Header.Set("Content-Type", "text/plain; charset=utf-8")
		answer.Body = []byte("This was stopped by the proxy.\n") // New has proved the template: a person still gets an answer
	}
	return answer
}

// ownLink returns the link when it leads to the portal, else nothing.
func (p *Portal) ownLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.Host != p.host || u.User != nil {
		return ""
	}
	return u.String()
}

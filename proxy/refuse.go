package proxy

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// idHeader carries the exchange id on every answer that the proxy itself gives.
const idHeader = "Sluice-Exchange"

// refuse answers in the client's own language: a page for a navigation, the
// provider's error object for a tool or an app, plain text for anything else.
func (p *Pipeline) refuse(x *Exchange, err error) *http.Response {
	x.failure = asRefusal(err)
	return p.reply(x, p.word(x))
}

// reply makes a response of an answer of ours.
func (p *Pipeline) reply(x *Exchange, answer *content.Answer) *http.Response {
	x.answerEarly()
	for name, values := range x.failure.header {
		answer.Header[name] = values
	}
	answer.Header.Set(idHeader, x.ID)
	answer.Header.Set("Cache-Control", "no-store")
	if x.failure.mayRetry() {
		answer.Header.Set("Retry-After", "5")
	}
	x.answered(answer.Status, answer.Header)
	resp := &http.Response{
		StatusCode:    answer.Status,
		Status:        fmt.Sprintf("%d %s", answer.Status, statusText(answer.Status)),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        answer.Header,
		Trailer:       answer.Trailer,
		ContentLength: int64(len(answer.Body)),
		Request:       x.request,
	}
	if len(answer.Trailer) == 0 {
		answer.Header.Set("Content-Length", fmt.Sprint(len(answer.Body)))
	}
	payload := answer.Body
	if x.request.Method == http.MethodHead {
		payload = nil
	}
	resp.Body = &replyBody{x: x, p: p, body: io.NopCloser(bytes.NewReader(payload))}
	return resp
}

// word chooses the language of a refusal.
func (p *Pipeline) word(x *Exchange) *content.Answer {
	f := x.failure
	notice := noticeOf(x, f)
	if f.status == http.StatusPermanentRedirect || f.status == http.StatusSeeOther {
		return &content.Answer{Status: f.status, Header: http.Header{}}
	}
	if isNavigation(x.request) {
		return x.parts.Page(notice)
	}
	if x.Known {
		return content.Refuse(p.headOf(x, x.Match.App.Wire), x.message, notice)
	}
	return plainAnswer(x)
}

// noticeOf is what a refusal says, whatever the language.
func noticeOf(x *Exchange, f *refusal) content.Notice {
	id := x.ID
	if f.id != "" {
		id = f.id
	}
	return content.Notice{
		ID: id, Status: f.status, Title: f.title, Text: f.text, Rule: f.rule,
		Link: cmp.Or(f.address, "https://"+x.parts.Options.PortalHost+cmp.Or(f.link, "/")),
	}
}

// plainAnswer is a refusal for whoever is not known, and for when all else fails.
func plainAnswer(x *Exchange) *content.Answer {
	return &content.Answer{
		Status: x.failure.status,
		Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "X-Content-Type-Options": {"nosniff"}},
		Body:   []byte(plainText(x)),
	}
}

// isNavigation reports whether a person will look at the answer as a page
// (Fetch Metadata; a browser without it, or plain http, shows by Accept).
func isNavigation(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// plainText is a refusal for tools.
func plainText(x *Exchange) string {
	f := x.failure
	return fmt.Sprintf("sluice: %s. %s (exchange %s)\n", strings.TrimSuffix(f.title, "."), f.text, x.ID)
}

// asRefusal finds the refusal in an error; an error that is none is ours.
func asRefusal(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return refuseFor("internal", err)
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "Refused"
}

package portal

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/activity"
)

var ana = identity.Identity{Authenticated: true, Method: identity.MethodToken, Sub: "ana", Name: "Ana <b>"}

// answering is a portal with one notice, to which answers are given to a channel.
func answering(t *testing.T, change func(*activity.Notice)) (*Portal, chan activity.Answer) {
	t.Helper()
	told, err := activity.New(activity.Options{Store: session.NewMemory(session.MemoryOptions{MaxBytes: 1 << 20}), Secrets: [][32]byte{{1}}})
	if err != nil {
		t.Fatal(err)
	}
	n := activity.Notice{
		Exchange: "0123456789abcdef0123456789abcdef", Time: time.Now(), Person: ana.Person(), Subject: "s", App: "Chat <i>",
		Found: []activity.Found{{Entity: "EMAIL_ADDRESS", Count: 3}},
		Asks: []activity.Ask{{
			Rule: "r", Action: "coach", Title: "Think <script>", Remediation: "Leave out & go", Redact: []string{"EMAIL_ADDRESS"}, Redactable: true, AsIs: true,
			SafeHarbour: &activity.Link{Name: "Other", URL: "https://other.example/"},
		}},
	}
	if change != nil {
		change(&n)
	}
	if err := told.Post(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	answers := make(chan activity.Answer, 1)
	cert, _ := testRoot()
	p, err := New(Options{Host: host, CA: cert, Activity: told, Answer: func(_ context.Context, a activity.Answer, _ identity.Identity) error {
		answers <- a
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p, answers
}

func ask(p *Portal, who identity.Identity, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://"+host+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r.WithContext(identity.NewContext(r.Context(), who)))
	return w
}

// TestNoticePage shows that what a page holds is text, and that its one script is the
// one that its Content-Security-Policy lets run.
func TestNoticePage(t *testing.T) {
	p, _ := answering(t, nil)
	w := ask(p, ana, http.MethodGet, "/notice/0123456789abcdef0123456789abcdef", nil)
	page, policy := w.Body.String(), w.Header().Get("Content-Security-Policy")
	if w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	for _, want := range []string{"Chat &lt;i&gt;", "Think &lt;script&gt;", "Leave out &amp; go", "Ana &lt;b&gt;", "3 × <code>EMAIL_ADDRESS</code>"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	_, rest, _ := strings.Cut(page, "<script>")
	script, _, found := strings.Cut(rest, "</script>")
	sum := sha256.Sum256([]byte(script))
	if !found || !strings.Contains(policy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || strings.Count(page, "<script") != 1 {
		t.Errorf("%s: %q", policy, script)
	}
	for _, want := range []string{"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %q: %s", want, policy)
		}
	}
}

// TestNoticeWithoutHarbour: no script where there is no need for one.
func TestNoticeWithoutHarbour(t *testing.T) {
	p, _ := answering(t, func(n *activity.Notice) { n.Asks[0].SafeHarbour = nil })
	w := ask(p, ana, http.MethodGet, "/notice/0123456789abcdef0123456789abcdef", nil)
	if strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src") {
		t.Error("a script")
	}
}

// TestAnswerForm goes through what the form may say.
func TestAnswerForm(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*activity.Notice)
		form   url.Values
		status int
		asIs   bool
	}{
		"redacted":                 {nil, url.Values{"choice": {"redacted"}}, http.StatusSeeOther, false},
		"as it is":                 {nil, url.Values{"choice": {"as_is"}}, http.StatusSeeOther, true},
		"nothing":                  {nil, url.Values{}, http.StatusBadRequest, false},
		"as it is, not offered":    {func(n *activity.Notice) { n.Asks[0].AsIs = false }, url.Values{"choice": {"as_is"}}, http.StatusBadRequest, false},
		"redacted, not possible":   {func(n *activity.Notice) { n.Asks[0].Redactable = false }, url.Values{"choice": {"redacted"}}, http.StatusBadRequest, false},
		"plain":                    {func(n *activity.Notice) { n.Asks[0].Redact, n.Asks[0].AsIs = nil, false }, url.Values{"choice": {"send"}}, http.StatusSeeOther, false},
		"a reason is wanted":       {func(n *activity.Notice) { n.Asks[0].Action = "justify" }, url.Values{"choice": {"redacted"}, "reason": {" \n"}}, http.StatusBadRequest, false},
		"a reason that is no text": {func(n *activity.Notice) { n.Asks[0].Action = "justify" }, url.Values{"choice": {"redacted"}, "reason": {"\xff"}}, http.StatusBadRequest, false},
		"too large a form":         {nil, url.Values{"choice": {"redacted"}, "x": {strings.Repeat("x", maxForm)}}, http.StatusBadRequest, false},
		"another's":                {func(n *activity.Notice) { n.Person = "bo" }, url.Values{"choice": {"redacted"}}, http.StatusNotFound, false},
	} {
		p, answers := answering(t, c.change)
		w := ask(p, ana, http.MethodPost, "/notice/0123456789abcdef0123456789abcdef", c.form)
		if w.Code != c.status {
			t.Errorf("%s: %d", name, w.Code)
		}
		select {
		case a := <-answers:
			if c.status != http.StatusSeeOther || a.AsIs != c.asIs {
				t.Errorf("%s: answered %+v", name, a)
			}
		default:
			if c.status == http.StatusSeeOther {
				t.Errorf("%s: not answered", name)
			}
		}
	}
}

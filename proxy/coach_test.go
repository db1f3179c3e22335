package proxy_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// asking is a policy whose rules ask: about cards and addresses, which it would
// redact, about a word that needs a reason, and once an hour about another word.
var asking = map[string]string{
	"connect/all.rego": `package sluice.connect.all

# METADATA
# title: Everything is read
# labels: {rule: all.read}
# custom: {severity: low, remediation: none}
verdict contains {"id": "all.read", "action": "intercept"} if input.phase == "connect"
`,
	"request/ask.rego": `package sluice.request.ask

# METADATA
# title: Customers' addresses
# labels: {rule: ask.mail}
# custom: {severity: low, remediation: Leave customers out.}
verdict contains {"id": "ask.mail", "action": "coach", "redact": {"EMAIL_ADDRESS"}, "as_is": true, "safe_harbour": "m365-copilot"} if {
	"EMAIL_ADDRESS" in input.content.found
}

# METADATA
# title: Cards
# labels: {rule: ask.card}
# custom: {severity: high, remediation: none}
verdict contains {"id": "ask.card", "action": "redact", "redact": {"CREDIT_CARD"}} if "CREDIT_CARD" in input.content.found

# METADATA
# title: The big model
# labels: {rule: ask.model}
# custom: {severity: low, remediation: It costs a lot.}
verdict contains {"id": "ask.model", "action": "justify"} if input.content.model == "big"

# METADATA
# title: The new model
# labels: {rule: ask.new}
# custom: {severity: low, remediation: It is new., holds: 1h}
verdict contains {"id": "ask.new", "action": "coach"} if input.content.model == "new"

# METADATA
# title: The secret model
# labels: {rule: ask.strong}
# custom: {severity: low, remediation: Sign in again.}
verdict contains {"id": "ask.strong", "action": "step_up", "acrs": {"c1"}} if input.content.model == "strong"
`,
	"response/none.rego": "package sluice.response.none\n",
}

// asked is a proxy with that policy, and somebody who uses it.
func asked(t *testing.T, change func(*proxytest.Settings)) *proxytest.Proxy {
	t.Helper()
	s := proxytest.Settings{Hosts: []string{host}, Sanctioned: []string{"openai-api"}, Users: []string{"ana", "bo"}, Policy: asking}
	if change != nil {
		change(&s)
	}
	return proxytest.Start(t, s)
}

// sendAs sends a prompt in somebody's name and returns the answer and what the origin
// got.
func sendAs(t *testing.T, p *proxytest.Proxy, user, model, text string) (status int, said, received string) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"model": model, "messages": []any{map[string]any{"role": "user", "content": text}}})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+host+"/v1/chat/completions", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := p.Client(user, false).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range p.Origin.Received() {
		received += string(got.Payload)
	}
	return resp.StatusCode, string(answer), received
}

var noticeLink = regexp.MustCompile(`https://sluice\.internal(/notice/[0-9a-f]{32})`)

// noticeIn finds where a refusal says that it can be answered.
func noticeIn(t *testing.T, said string) string {
	t.Helper()
	found := noticeLink.FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("no notice: %s", said)
	}
	return found[1]
}

// visit asks the portal as somebody.
func visit(t *testing.T, p *proxytest.Proxy, user, method, path string, form url.Values, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://"+proxytest.PortalHost+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := p.Client(user, false).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func choose(choice string) url.Values { return url.Values{"choice": {choice}} }

// TestCoach shows a prompt that is asked about: stopped, answered, sent again, once.
func TestCoach(t *testing.T) {
	const prompt = "Write to jo.doe@example.org, card 4111 1111 1111 1111"
	for _, c := range []struct{ choice, mail string }{
		{"redacted", "[EMAIL_ADDRESS_"},
		{"as_is", "jo.doe@example.org"},
	} {
		t.Run(c.choice, func(t *testing.T) {
			p := asked(t, nil)
			status, said, received := sendAs(t, p, "ana", "m", prompt)
			if status != http.StatusForbidden || received != "" {
				t.Fatalf("%d %q", status, received)
			}
			for _, want := range []string{"Customers' addresses", "Leave customers out.", "1 × EMAIL_ADDRESS", "send it again"} {
				if !strings.Contains(said, want) {
					t.Errorf("does not say %q: %s", want, said)
				}
			}
			if strings.Contains(said, "jo.doe") {
				t.Error("the refusal holds the value")
			}
			notice := noticeIn(t, said)
			status, page := visit(t, p, "ana", http.MethodGet, notice, nil)
			for _, want := range []string{"Leave customers out.", "EMAIL_ADDRESS", `value="redacted"`, `value="as_is"`, "Copilot"} {
				if status != http.StatusOK || !strings.Contains(page, want) {
					t.Errorf("%d: the page does not say %q: %s", status, want, page)
				}
			}
			stopped := func(why, user, text string) {
				if got, _, sent := sendAs(t, p, user, "m", text); got != http.StatusForbidden || sent != "" {
					t.Errorf("%s: %d %q", why, got, sent)
				}
			}
			stopped("looking was enough", "ana", prompt)
			if status, said = visit(t, p, "ana", http.MethodPost, notice, choose(c.choice)); status != http.StatusSeeOther {
				t.Fatalf("answer: %d %s", status, said)
			}
			stopped("another prompt", "ana", "Something else for jo.doe@example.org")
			stopped("another person", "bo", prompt)
			status, _, received = sendAs(t, p, "ana", "m", prompt)
			if status != http.StatusOK || !strings.Contains(received, c.mail) || strings.Contains(received, "4111") {
				t.Errorf("%d: the origin got %q", status, received)
			}
			stopped("the permit was good twice", "ana", prompt)
			if status, _ = visit(t, p, "ana", http.MethodPost, notice, choose(c.choice)); status != http.StatusNotFound {
				t.Errorf("answered twice: %d", status)
			}
			status, page = visit(t, p, "ana", http.MethodGet, "/activity", nil)
			for _, want := range []string{"Not sent: needed your answer", "Not sent: waits for your answer", "You answered", "Sent after your answer"} {
				if status != http.StatusOK || !strings.Contains(page, want) {
					t.Errorf("%d: the activity does not say %q: %s", status, want, page)
				}
			}
			if strings.Contains(page, "jo.doe") {
				t.Error("the activity holds the value")
			}
			if strings.Contains(page, notice) {
				t.Error("the activity offers to answer again")
			}
			if _, page := visit(t, p, "bo", http.MethodGet, "/activity", nil); strings.Contains(page, "You answered") {
				t.Error("another's activity is shown")
			}
			lines := p.Lines(t, "decision")
			choices := 0
			for _, line := range lines {
				d := line["decision"].(map[string]any)
				if d["choice"] == c.choice && line["parent"] == strings.TrimPrefix(notice, "/notice/") {
					choices++
				}
			}
			if choices != 1 {
				t.Errorf("the answer is recorded %d times", choices)
			}
		})
	}
}

// TestDraft: an app that sends the prompt ahead of the turn does not use up the answer
// with it, and the person is told of the turn alone.
func TestDraft(t *testing.T) {
	p := asked(t, func(s *proxytest.Settings) { s.Hosts, s.Sanctioned = []string{"chatgpt.com"}, []string{"chatgpt"} })
	message := map[string]any{"author": map[string]any{"role": "user"}, "content": map[string]any{"content_type": "text", "parts": []any{"Write to jo.doe@example.org about 4711"}}}
	send := func(path, field string, value any) (int, string) {
		t.Helper()
		body, _ := json.Marshal(map[string]any{"action": "next", field: value})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://chatgpt.com/backend-api/f/"+path, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		resp, err := p.Client("ana", false).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		said, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(said)
	}
	both := func(want int) (said string) {
		t.Helper()
		draft, _ := send("conversation/prepare", "partial_query", message)
		turn, said := send("conversation", "messages", []any{message})
		if draft != want || turn != want {
			t.Errorf("the draft: %d, the turn: %d, want %d", draft, turn, want)
		}
		return said
	}
	notice := noticeIn(t, both(http.StatusForbidden))
	if status, _ := visit(t, p, "ana", http.MethodPost, notice, choose("as_is")); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	both(http.StatusOK)
	both(http.StatusForbidden)
	var page string
	waitFor(t, "the activity", func() bool {
		_, page = visit(t, p, "ana", http.MethodGet, "/activity", nil)
		return strings.Contains(page, "Sent after your answer") && strings.Contains(page, "Not sent: waits")
	})
	for _, told := range []string{"Not sent: needed", "You answered", "Sent after your answer", "Not sent: waits"} {
		if n := strings.Count(page, told); n != 1 {
			t.Errorf("the activity says %q %d times", told, n)
		}
	}
	account, err := p.Server.Parts().Ledger.Open(t.Context(), "person  ana")
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	if totals := account.Totals(); totals.Prompts != 1 || totals.Exposure["EMAIL_ADDRESS"].H1 != 1 || len(account.Tails()) != 1 {
		t.Errorf("counted: %+v, %d tails", totals, len(account.Tails()))
	}
}

// TestParallelPermit: of many sends at once one uses the permit.
func TestParallelPermit(t *testing.T) {
	p := asked(t, nil)
	_, said, _ := sendAs(t, p, "ana", "m", "Write to jo.doe@example.org")
	if status, _ := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("as_is")); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	var sends sync.WaitGroup
	var through atomic.Int32
	for range 12 {
		sends.Go(func() {
			if status, _, _ := sendAs(t, p, "ana", "m", "Write to jo.doe@example.org"); status == http.StatusOK {
				through.Add(1)
			}
		})
	}
	sends.Wait()
	if through.Load() != 1 {
		t.Errorf("%d went through", through.Load())
	}
}

// TestJustify: a reason is wanted, recorded, and what is sensitive in it is not.
func TestJustify(t *testing.T) {
	p := asked(t, nil)
	_, said, _ := sendAs(t, p, "ana", "big", "hello")
	notice := noticeIn(t, said)
	for name, form := range map[string]url.Values{
		"no reason":    choose("send"),
		"empty reason": {"choice": {"send"}, "reason": {"  "}},
		"too long":     {"choice": {"send"}, "reason": {strings.Repeat("é", 501)}},
		"wrong choice": {"choice": {"as_is"}, "reason": {"because"}},
		"no choice":    {"reason": {"because"}},
	} {
		if status, _ := visit(t, p, "ana", http.MethodPost, notice, form); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	for name, header := range map[string][2]string{
		"another site":   {"Sec-Fetch-Site", "cross-site"},
		"a sibling":      {"Sec-Fetch-Site", "same-site"},
		"another origin": {"Origin", "https://chatgpt.com"},
	} {
		if status, _ := visit(t, p, "ana", http.MethodPost, notice, url.Values{"choice": {"send"}, "reason": {"x"}}, header[0], header[1]); status != http.StatusForbidden {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := visit(t, p, "bo", http.MethodGet, notice, nil); status != http.StatusNotFound {
		t.Errorf("another's notice: %d", status)
	}
	if status, _ := visit(t, p, "", http.MethodGet, notice, nil); status != http.StatusForbidden {
		t.Errorf("nobody's: %d", status)
	}
	if status, _, received := sendAs(t, p, "ana", "big", "hello"); status != http.StatusForbidden || received != "" {
		t.Errorf("none of these was an answer: %d", status)
	}
	if status, _ := visit(t, p, "ana", http.MethodPost, notice, url.Values{"choice": {"send"}, "reason": {"It is for jo.doe@example.org <b>"}}, "Sec-Fetch-Site", "same-origin"); status != http.StatusSeeOther {
		t.Fatalf("answer: %d", status)
	}
	if status, _, _ := sendAs(t, p, "ana", "big", "hello"); status != http.StatusOK {
		t.Errorf("%d", status)
	}
	_, page := visit(t, p, "ana", http.MethodGet, "/activity", nil)
	if !strings.Contains(page, "It is for [EMAIL_ADDRESS] &lt;b&gt;") {
		t.Errorf("the activity: %s", page)
	}
	recorded := false
	for _, line := range p.Lines(t, "decision") {
		reason, _ := line["decision"].(map[string]any)["reason"].(string)
		recorded = recorded || reason == "It is for [EMAIL_ADDRESS] <b>"
	}
	if !recorded {
		t.Error("the reason is not recorded")
	}
}

// TestAcknowledgementHolds: a rule may be answered for a time.
func TestAcknowledgementHolds(t *testing.T) {
	p := asked(t, nil)
	_, said, _ := sendAs(t, p, "ana", "new", "one")
	if status, _ := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("send")); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	for _, text := range []string{"one", "two", "three"} {
		if status, _, _ := sendAs(t, p, "ana", "new", text); status != http.StatusOK {
			t.Errorf("%s: %d", text, status)
		}
	}
	if status, _, _ := sendAs(t, p, "bo", "new", "one"); status != http.StatusForbidden {
		t.Errorf("another person: %d", status)
	}
}

// TestStepUpOfTools: a token that lacks the context cannot be made stronger on the
// portal; the page says what to do.
func TestStepUpOfTools(t *testing.T) {
	p := asked(t, nil)
	_, said, received := sendAs(t, p, "ana", "strong", "hello")
	if received != "" {
		t.Fatal("it went through")
	}
	status, page := visit(t, p, "ana", http.MethodGet, noticeIn(t, said), nil)
	if status != http.StatusOK || !strings.Contains(page, "<code>c1</code>") || strings.Contains(page, "<form") {
		t.Errorf("%d %s", status, page)
	}
	if status, _ := visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("send")); status != http.StatusBadRequest {
		t.Errorf("answered all the same: %d", status)
	}
}

// TestAskedOutsidePrompts: a rule may ask about more than prompts. An answer to it is
// worth something there too, and such requests are not counted for it.
func TestAskedOutsidePrompts(t *testing.T) {
	for _, holds := range []string{"", ", holds: 1h"} {
		rules := maps.Clone(asking)
		rules["request/ask.rego"] = `package sluice.request.ask

# METADATA
# title: A new service
# labels: {rule: ask.service}
# custom: {severity: low, remediation: Look before you use it.` + holds + `}
verdict contains {"id": "ask.service", "action": "coach"} if input.request.method == "GET"
`
		p := asked(t, func(s *proxytest.Settings) { s.Policy = rules })
		list := func() (int, string) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+host+"/v1/models", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := p.Client("ana", false).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			said, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode, string(said)
		}
		status, said := list()
		if status != http.StatusForbidden {
			t.Fatalf("%d %s", status, said)
		}
		if status, said = visit(t, p, "ana", http.MethodPost, noticeIn(t, said), choose("send")); status != http.StatusSeeOther {
			t.Fatalf("answer: %d %s", status, said)
		}
		for i, want := range []int{http.StatusOK, map[bool]int{true: http.StatusForbidden, false: http.StatusOK}[holds == ""]} {
			if status, said = list(); status != want {
				t.Errorf("%q, %d times after the answer: %d %s", holds, i+1, status, said)
			}
		}
	}
}

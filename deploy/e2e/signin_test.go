package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// signInAt writes what the proxy is told of the directory.
func signInAt(t *testing.T, o *Origin, d *Directory) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "client-secret")
	if err := os.WriteFile(secret, []byte(d.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("identity: {required: true, oidc: {issuer: %q, client_id: sluice, client_secret_file: %q}}\n", d.Issuer, secret)
}

// enter fills in the form of the directory that the browser was sent to.
func enter(b *Browser, d *Directory, at View) {
	b.t.Helper()
	if !strings.HasPrefix(at.URL, d.Issuer+"/") || at.Title != "Corporate sign-in" {
		b.t.Fatalf("not sent to sign in: %+v", at)
	}
	b.Fill("[name=login]", "ana")
	b.Fill("[name=password]", "any")
	b.Click("button")
}

// A person opens ChatGPT, is sent to the company's sign-in and comes back to the page
// that they wanted; another app knows them then, until they sign out. Every call of the
// apps is recorded as theirs, and no origin sees a cookie of the proxy.
func TestBrowserSignIn(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	o.Roots = []string{o.Intranet.File} // the browser trusts it too
	d := NewDirectory(t, o.Intranet, callback)
	s := Serve(t, o, "destinations: {sanctioned: [chatgpt, deepseek]}\n"+signInAt(t, o, d))
	b := s.Browse(t, o)
	const wanted = "https://chatgpt.com/?model=e2e&next=//elsewhere.example"

	enter(b, d, b.Open(wanted))
	page := b.Until("location.host == 'chatgpt.com' && document.title == 'ChatGPT'")
	if page.URL != wanted || page.Protocol != "h2" {
		t.Errorf("came back to %+v", page)
	}
	signIn(b) // to the app itself
	chat(b, own)
	b.Until("document.querySelector('.end')")
	asSent(t, b, o, 8)
	b.Screenshot("signed-in-chat")

	page = b.Open("https://chat.deepseek.com/")
	if page.Status != 200 || page.URL != "https://chat.deepseek.com/" || page.Title != "The refused service" {
		t.Errorf("another app: %+v", page)
	}
	var cookies string
	b.Evaluate("document.cookie", &cookies)
	if strings.Contains(cookies, "sluice") {
		t.Errorf("the page reads %q", cookies)
	}
	anas := map[string]int{}
	for _, l := range s.Record(func(l Line) bool {
		return l.Record == "decision" && l.Request.Phase == "request" && l.Decision.Action == "allow"
	}) {
		if l.Destination.Host != "auth.openai.com" && (l.Identity.Sub != "ana" || l.Identity.Method != "oidc") {
			t.Errorf("%s%s is recorded as %+v's", l.Destination.Host, l.Request.Path, l.Identity)
		}
		anas[l.Destination.Host]++
	}
	if anas["chatgpt.com"] < 8 || anas["chat.deepseek.com"] < 1 {
		t.Errorf("recorded: %v", anas)
	}

	// What a page does with our cookies and the portal: a cookie that it plants is
	// swept away on a detour that asks nothing, and it signs nobody out.
	sentToSignIn := func() int {
		return len(s.Record(func(l Line) bool { return l.Record == "completion" && l.Reason == "sign_in" }))
	}
	b.Open("https://chatgpt.com/")
	var done bool
	b.Evaluate(`fetch("https://sluice.internal/sign-out", {method: "POST", mode: "no-cors", credentials: "include"}).then(() => true, () => true)`, &done)
	before := sentToSignIn()
	if page = b.Open(wanted); page.URL != wanted || sentToSignIn() != before || before != 2 {
		t.Errorf("sent to sign in %d times, then %d; at %s", before, sentToSignIn(), page.URL)
	}
	b.Evaluate(`document.cookie = "__Secure-sluice=planted; Secure; Path=/", document.cookie.includes("planted")`, &done)
	if page = b.Open(wanted); !done || page.URL != wanted || page.Title != "ChatGPT" || sentToSignIn() != before+1 {
		t.Errorf("with a planted cookie (%v): %+v, sent to sign in %d times", done, page, sentToSignIn()-before)
	}
	if b.Evaluate("document.cookie", &cookies); strings.Contains(cookies, "planted") {
		t.Errorf("it stays: %q", cookies)
	}

	if page = b.Open("https://sluice.internal/"); page.Status != 200 || !strings.Contains(page.Text, "Ana") {
		t.Errorf("the portal shows:\n%s", page.Text)
	}
	b.Screenshot("portal-signed-in")

	b.Open("https://sluice.internal/sign-out")
	b.Screenshot("sign-out")
	b.Click("button")
	b.Until("document.body.innerText.includes('You are signed out')")
	b.Screenshot("signed-out")
	if page = b.Open("https://sluice.internal/"); strings.Contains(page.Text, "Ana") {
		t.Errorf("after signing out the portal shows:\n%s", page.Text)
	}
	before = sentToSignIn()
	if page = b.Open(wanted); page.URL != wanted || sentToSignIn() != before+1 { // the directory still knows them
		t.Errorf("signing in again leads to %+v, sent to sign in %d times", page, sentToSignIn()-before)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.got {
		if strings.Contains(strings.Join(r.Header["Cookie"], ";"), "sluice") || strings.HasPrefix(r.Path, "/.well-known/sluice/") {
			t.Errorf("%s%s came with %q", r.Host, r.Path, r.Header["Cookie"])
		}
	}
}

const confirming = `# METADATA
# title: Prompts that want to know better who it is
package sluice.request.confirming

# METADATA
# title: Card numbers need a stronger sign-in
# labels: {rule: confirming.cards}
# custom: {severity: high, remediation: Confirm who you are.}
verdict contains {"id": "confirming.cards", "action": "step_up", "acrs": {"c2"}} if "CREDIT_CARD" in input.content.found

# METADATA
# title: Account numbers need one that few can show
# labels: {rule: confirming.accounts}
# custom: {severity: high, remediation: Confirm who you are.}
verdict contains {"id": "confirming.accounts", "action": "step_up", "acrs": {"c9"}} if "IBAN_CODE" in input.content.found
`

// A rule wants a person to show more before a card number is sent: the app says so,
// the portal leads to the company's sign-in, and what is sent again then passes, for
// those who can show it.
func TestBrowserStepUp(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policy")
	if out, err := finish(t, command(t, t.TempDir(), "policy", "init", dir)); err != nil {
		t.Fatalf("policy init: %v: %s", err, out)
	}
	write(t, filepath.Join(dir, "request", "confirming.rego"), confirming)
	o := NewOrigin(t)
	o.Roots = []string{o.Intranet.File}
	d := NewDirectory(t, o.Intranet, callback)
	s := Serve(t, o, "destinations: {sanctioned: [chatgpt]}\npolicy: {dir: "+dir+"}\n"+signInAt(t, o, d))
	b := s.Browse(t, o)
	const turn = "/backend-api/f/conversation"

	d.May("ana", "c2")

	enter(b, d, b.Open("https://chatgpt.com/"))
	b.Until("location.host == 'chatgpt.com' && document.title == 'ChatGPT'")
	signIn(b)
	// ask sends a prompt and follows the link of its refusal to the button there.
	ask := func(prompt, screenshot string) {
		t.Helper()
		chat(b, prompt)
		page := b.Until("document.querySelector('.error')")
		refused := s.Decided("chatgpt.com", turn)
		link := "https://sluice.internal/notice/" + refused.ID
		if refused.Decision.Action != "step_up" || !strings.Contains(page.Text, link) {
			t.Fatalf("decided %+v, the app shows:\n%s", refused.Decision, page.Text)
		}
		b.Screenshot(screenshot + "-chat")
		b.Open(link)
		b.Screenshot(screenshot)
		b.Click("a.button")
	}
	confirm := func() View {
		t.Helper()
		if page := b.Until("document.querySelector('[name=confirm]')"); !strings.HasPrefix(page.URL, d.Issuer) {
			t.Fatalf("not sent to confirm: %+v", page)
		}
		b.Click("[name=confirm]")
		return b.Until("location.pathname == '/sign-in/callback'")
	}
	app := func() {
		t.Helper()
		b.Open("https://chatgpt.com/")
		b.Until("document.querySelector('#composer') && !document.querySelector('#composer').hidden")
	}

	ask(prompt, "step-up")
	if page := confirm(); !strings.Contains(page.Text, "You have shown what was asked for") {
		t.Errorf("who has shown it sees:\n%s", page.Text)
	}
	b.Screenshot("step-up-done")
	if n := len(o.Got("chatgpt.com", turn)); n != 0 {
		t.Errorf("%d turns came before it was shown", n)
	}
	app()
	chat(b, prompt)
	b.Until("document.querySelector('.end')")
	if n := len(o.Got("chatgpt.com", turn)); n != 1 {
		t.Errorf("%d turns came", n)
	}

	const account = "Pay to DE89 3704 0044 0532 0130 00, please."
	ask(account, "step-up-accounts")
	if page := confirm(); !strings.Contains(page.Text, "That was not enough") || !strings.Contains(page.Text, "c9") {
		t.Errorf("who cannot show it sees:\n%s", page.Text)
	}
	b.Screenshot("step-up-refused")
	app()
	ask(account, "step-up-accounts-again")
	if page := b.Until("location.pathname == '/step-up'"); !strings.Contains(page.Text, "tried a moment ago") {
		t.Errorf("who tries again sees:\n%s", page.Text)
	}
	b.Screenshot("step-up-again")
	if n := len(o.Got("chatgpt.com", turn)); n != 1 {
		t.Errorf("%d turns came", n)
	}
}

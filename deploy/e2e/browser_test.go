package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// own is a prompt with the employee's own address, which may go out.
var own = Marker + ": sign this mail for me, I am " + Email

// An employee opens ChatGPT, signs in and chats. All calls of the app work and
// arrive as they were sent, with the employee's own address in each; a card number
// arrives as a placeholder, and the chat goes on.
func TestBrowserChat(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: [chatgpt]}\n")
	b := s.Browse(t, o)

	page := b.Open("https://chatgpt.com/")
	if page.Status != 200 || page.Title != "ChatGPT" || page.Protocol != "h2" || !strings.HasPrefix(page.Issuer, "Sluice") {
		t.Errorf("the page: %+v", page)
	}
	signIn(b)
	chat(b, own)
	page = b.Until("document.querySelector('.end')")
	if !strings.Contains(page.Text, "You said: "+own+" (That is all.)") || !strings.Contains(page.Text, "complete") {
		t.Errorf("the chat shows:\n%s", page.Text)
	}
	asSent(t, b, o, 8)
	b.Screenshot("chat")

	chat(b, prompt)
	page = b.Until("document.querySelectorAll('.end').length == 2")
	for _, path := range []string{"/backend-api/f/conversation/prepare", "/backend-api/f/conversation"} {
		came := o.Got("chatgpt.com", path)
		if len(came) != 2 {
			t.Fatalf("%d requests came to %s", len(came), path)
		}
		if redacted(t, came[1].Body) != redacted(t, page.Text) {
			t.Errorf("%s: the page shows another placeholder:\n%s", path, page.Text)
		}
	}
	b.Screenshot("redacted")

	var h3 *string
	b.Evaluate(`fetch("/").then(response => response.headers.get("alt-svc"))`, &h3)
	if h3 != nil {
		t.Errorf("the browser is shown a way around: Alt-Svc: %s", *h3)
	}

	var said string
	b.Evaluate(`new Promise(resolve => {
		const socket = new WebSocket("wss://ws.chatgpt.com/p4/ws/user/user-e2e");
		socket.onopen = () => socket.send(JSON.stringify([{id: 1, command: {type: "note", text: "My card is `+Card+`"}}]));
		socket.onmessage = message => { socket.close(); resolve(message.data); }; // an open one may go on while the proxy drains
		socket.onerror = () => resolve("refused");
	})`, &said)
	if strings.Contains(said, Card) || !placeholders[Card].MatchString(said) {
		t.Errorf("the WebSocket says %s", said)
	}

	began := time.Now()
	s.Stop() // while the browser keeps its connections
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("idle connections held the proxy up for %s", took)
	}
}

// At a service that nobody has agreed to, signing in and harmless chats work; a card
// number is refused in the words of the app. A service that is not to be used shows
// a page that says so. What is not read keeps its own certificate.
func TestBrowserRefused(t *testing.T) {
	t.Parallel()
	settings := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(settings, []byte(`{"settings": {"_default": {"block_unsanctioned": true}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {unsanctioned: [deepseek]}\npolicy: {data_files: ["+settings+"]}\npac: {mode: all}\n")
	b := s.Browse(t, o)

	b.Open("https://chatgpt.com/")
	signIn(b)
	chat(b, own)
	b.Until("document.querySelector('.end')")
	asSent(t, b, o, 8)

	chat(b, prompt)
	page := b.Until("document.querySelector('.error')")
	d := s.Decided("chatgpt.com", "/backend-api/f/conversation")
	if d.Decision.Action != "block" || !d.Ruled("cards.elsewhere") || !strings.Contains(page.Text, d.ID) {
		t.Errorf("recorded as %+v, the page shows:\n%s", d, page.Text)
	}
	if !strings.Contains(page.Text, "This service is not approved for card numbers") {
		t.Errorf("the page shows:\n%s", page.Text)
	}
	if n := len(o.Got("chatgpt.com", "/backend-api/f/conversation")); n != 1 {
		t.Errorf("%d turns came to the origin, want the harmless one", n)
	}
	b.Screenshot("chat-refused")

	page = b.Open("https://chat.deepseek.com/")
	d = s.Decided("chat.deepseek.com", "/")
	if page.Status != 403 || page.Error != "" || page.Protocol != "h2" || !d.Ruled("apps.unsanctioned") {
		t.Errorf("the navigation: %+v, recorded as %+v", page, d)
	}
	for _, want := range []string{"This AI service is not approved", "Use an approved AI service", d.ID} {
		if !strings.Contains(page.Text, want) {
			t.Errorf("the refusal page does not say %q:\n%s", want, page.Text)
		}
	}
	if n := o.Hosts("chat.deepseek.com"); n != 0 {
		t.Errorf("%d requests came to the refused service", n)
	}
	b.Screenshot("navigation-refused")

	page = b.Open("https://sluice.internal/")
	if page.Status != 200 || page.Protocol != "h2" || !strings.HasPrefix(page.Issuer, "Sluice") || !strings.Contains(strings.ToLower(page.Text), "sluice") {
		t.Errorf("the portal: %+v", page)
	}
	b.Screenshot("portal")

	page = b.Open("https://" + intranet + "/")
	if page.Status != 200 || page.Title != "The intranet" || page.Issuer != o.Intranet.Name {
		t.Errorf("the tunnelled site: %+v", page)
	}
}

// signIn goes from the app's page to its sign-in and back.
func signIn(b *Browser) {
	b.t.Helper()
	b.Until("!document.querySelector('#sign-in').hidden")
	b.Click("#sign-in")
	b.Fill("#username", Email)
	b.Fill("#password", Password)
	b.Click("#continue")
	page := b.Until("document.querySelector('#composer') && !document.querySelector('#composer').hidden")
	if !strings.Contains(page.Text, "signed in as "+Email) {
		b.t.Errorf("after signing in the page shows:\n%s", page.Text)
	}
}

// chat sends a prompt as a person does.
func chat(b *Browser, prompt string) {
	b.t.Helper()
	b.Fill("#prompt", prompt)
	b.Click("#send")
}

// asSent compares what the page sent since it was opened with what came to the
// origin. All of it must have worked.
func asSent(t *testing.T, b *Browser, o *Origin, calls int) {
	t.Helper()
	var app struct {
		Sent   []struct{ Method, Path, Body string }
		Failed []string
	}
	b.Evaluate("({sent, failed})", &app)
	if len(app.Failed) > 0 || len(app.Sent) != calls {
		t.Errorf("the app made %d calls, want %d; failed: %q", len(app.Sent), calls, app.Failed)
	}
	for _, call := range app.Sent {
		where, err := url.Parse(call.Path)
		if err != nil {
			t.Fatal(err)
		}
		came := o.Got("chatgpt.com", where.Path)
		same := slices.ContainsFunc(came, func(r Received) bool {
			return r.Method == call.Method && r.Query == where.RawQuery && r.Body == call.Body
		})
		if !same {
			t.Errorf("sent as %+v, came as %+v", call, came)
		}
	}
	came := o.One("auth.openai.com", "/u/login")
	if form, err := url.ParseQuery(came.Body); err != nil || form.Get("username") != Email || form.Get("password") != Password {
		t.Errorf("the sign-in came as %q", came.Body)
	}
}

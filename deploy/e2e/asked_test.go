package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const reasons = `# METADATA
# title: Prompts that want a reason
package sluice.request.reasons

# METADATA
# title: Customers' addresses want a reason
# labels: {rule: reasons.customers}
# custom: {severity: medium, remediation: "Leave your customers out, or say why they have to be in it."}
verdict contains {"id": "reasons.customers", "action": "justify", "redact": {"EMAIL_ADDRESS"}, "as_is": true, "safe_harbour": "m365-copilot"} if {
	input.request.kind == "prompt"
	input.content.entities.EMAIL_ADDRESS.count > 0
}
`

// wantsReasons is a directory with the rules that ship and that one.
func wantsReasons(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "policy")
	if out, err := finish(t, command(t, t.TempDir(), "policy", "init", dir)); err != nil {
		t.Fatalf("policy init: %v: %s", err, out)
	}
	write(t, filepath.Join(dir, "request", "reasons.rego"), reasons)
	return dir
}

// inquiry is a prompt with customers' addresses.
var inquiry = Marker + ": answer them. From: lena.hoff" + Customers + ", Cc: p.okafor" + Customers + ". Where is our order?"

// A person pastes customers' addresses into the chat, is asked why, says so in the
// portal and sends it again: it goes through, once, and stands in their activity. A
// file goes to another site in their name, and no page frames the portal.
func TestBrowserJustify(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	o.Roots = []string{o.Intranet.File}
	d := NewDirectory(t, o.Intranet, callback)
	s := Serve(t, o, "destinations: {sanctioned: [chatgpt, m365-copilot]}\npolicy: {dir: "+wantsReasons(t)+"}\n"+signInAt(t, o, d))
	b := s.Browse(t, o)
	const turn = "/backend-api/f/conversation"
	app := func() {
		t.Helper()
		b.Open("https://chatgpt.com/")
		b.Until("document.querySelector('#composer') && !document.querySelector('#composer').hidden")
	}
	// refused sends the prompt, and returns where the app says that it can be answered.
	refused := func() string {
		t.Helper()
		chat(b, inquiry)
		page := b.Until("document.querySelector('.error')")
		l := s.Decided("chatgpt.com", turn)
		link := "https://sluice.internal/notice/" + l.ID
		if l.Decision.Action != "justify" || l.Identity.Sub != "ana" || !strings.Contains(page.Text, link) || !strings.Contains(page.Text, "Leave your customers out") {
			t.Fatalf("decided %+v, the app shows:\n%s", l, page.Text)
		}
		return link
	}

	enter(b, d, b.Open("https://chatgpt.com/"))
	b.Until("location.host == 'chatgpt.com' && document.title == 'ChatGPT'")
	signIn(b)
	link := refused()
	b.Screenshot("asked-chat")
	page := b.Open(link)
	for _, want := range []string{"Customers' addresses want a reason", "Leave your customers out", "2 × EMAIL_ADDRESS", "Copilot", "Signed in as Ana"} {
		if page.Status != 200 || !strings.Contains(page.Text, want) {
			t.Errorf("the notice, %d, does not say %q:\n%s", page.Status, want, page.Text)
		}
	}
	b.Looks("notice")
	b.Click("button[type=submit]") // the browser wants a reason first
	b.Fill("#reason", "The order is mine, says lena.hoff"+Customers)
	b.Click("[value=as_is]")
	b.Click("button[type=submit]")
	if page = b.Until("location.pathname == '/answered'"); !strings.Contains(page.Text, "You can send it now") {
		t.Errorf("after the answer:\n%s", page.Text)
	}
	b.Looks("answered")
	if n := len(o.Got("chatgpt.com", turn)); n != 0 {
		t.Errorf("%d turns came before it was sent again", n)
	}
	if page = b.Open(link); page.Status != 404 {
		t.Errorf("it can be answered again: %+v", page)
	}
	b.Looks("notice-gone")

	app()
	chat(b, inquiry)
	b.Until("document.querySelector('.end')")
	if came := o.One("chatgpt.com", turn); !strings.Contains(came.Body, inquiry) {
		t.Errorf("it came as %q", came.Body)
	}
	refused() // once more is another time
	if n := len(o.Got("chatgpt.com", turn)); n != 1 {
		t.Errorf("%d turns came", n)
	}

	page = b.Open("https://sluice.internal/activity")
	for _, want := range []string{"Not sent: waits for your answer", "Not sent: needed your answer", "You answered", "Sent after your answer", "Your reason: The order is mine, says [EMAIL_ADDRESS]", "ChatGPT"} {
		if page.Status != 200 || !strings.Contains(page.Text, want) {
			t.Errorf("the activity, %d, does not say %q:\n%s", page.Status, want, page.Text)
		}
	}
	b.Looks("activity")

	app()
	var put []int
	b.Evaluate(`call("POST", "/backend-api/files", {file_name: "notes.txt"}).then(response => response.json()).then(async file => {
		const put = address => fetch(address, {method: "PUT", body: "harmless notes", headers: {"x-ms-blob-type": "BlockBlob"}}).then(r => r.status, () => 0);
		return [await put(file.upload_url), await put(file.upload_url.replace("file-e2e", "file-of-others"))];
	})`, &put)
	came := slices.DeleteFunc(o.Got(uploads, "/file-e2e"), func(r Received) bool { return r.Method != "PUT" })
	if put[0] != 201 || len(came) != 1 || came[0].Body != "harmless notes" {
		t.Errorf("the uploads were answered %v, came as %+v", put, came)
	}
	if l := s.Decided(uploads, "/file-e2e"); l.Identity.Sub != "ana" || l.Identity.Method != "oidc" {
		t.Errorf("recorded as %+v", l)
	}
	if l := s.Decided(uploads, "/file-of-others"); l.Identity.Authenticated || l.Identity.Sub != "" {
		t.Errorf("an address that ana was not given: recorded as %+v", l)
	}
	if slices.ContainsFunc(o.Got(uploads, "/file-of-others"), func(r Received) bool { return r.Method == "PUT" }) {
		t.Errorf("an upload to an address that ana was not given came, answered %v", put)
	}

	var framed bool
	const frame = `new Promise(resolve => {
		const frame = document.createElement("iframe");
		frame.onload = () => resolve(true);
		frame.src = "ADDRESS";
		document.body.append(frame);
	})`
	for _, address := range []string{"https://chatgpt.com/assets/app.css", link, "https://sluice.internal/activity", "https://sluice.internal/sign-out"} {
		b.Evaluate(strings.Replace(frame, "ADDRESS", address, 1), &framed)
	}
	var frames []string
	eventually(t, "the frames are there", func() bool {
		frames = b.Frames()
		return !slices.Contains(frames, "")
	})
	if len(frames) != 4 || frames[0] != "https://chatgpt.com/assets/app.css" || slices.ContainsFunc(frames[1:], func(u string) bool { return !strings.HasPrefix(u, "chrome-error:") }) {
		t.Errorf("the page frames %q", frames)
	}

	b.Open("https://sluice.internal/activity")
	b.Click("form button")
	b.Until("document.body.innerText.includes('You are signed out')")
	b.Looks("signed-out")
	if page = b.Open("https://sluice.internal/"); strings.Contains(page.Text, "You are Ana") {
		t.Errorf("after signing out the portal shows:\n%s", page.Text)
	}
}

// Whoever uses a tool with a token reads in its error where to answer, and can do so
// with curl.
func TestCurlJustify(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(Pass))
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("alice:"+hex.EncodeToString(sum[:])+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := NewOrigin(t)
	s := Serve(t, o, fmt.Sprintf("destinations: {sanctioned: [openai-api]}\npolicy: {dir: %s}\nidentity: {required: true, bearer: {token_file: %s}}\n", wantsReasons(t), tokens))
	curl := func(args ...string) Fetched {
		t.Helper()
		return s.Curl(t, s.CA, append([]string{"--proxy-user", "alice:" + Pass}, args...)...)
	}
	link := regexp.MustCompile(`https://sluice\.internal/notice/[0-9a-f]{32}`)
	refused := func() string {
		t.Helper()
		got := curl(Chat(openAI, inquiry)...)
		var said struct {
			Error struct{ Message, Type string }
		}
		if err := json.Unmarshal([]byte(got.Body), &said); err != nil || got.Status != 403 || got.Type != "application/json" {
			t.Fatalf("refused with %+v, %v", got, err)
		}
		for _, want := range []string{"Customers' addresses want a reason", "2 × EMAIL_ADDRESS", "give your reason on the page below"} {
			if !strings.Contains(said.Error.Message, want) {
				t.Errorf("the error does not say %q: %s", want, said.Error.Message)
			}
		}
		notice := link.FindString(said.Error.Message)
		if notice == "" || strings.Contains(got.Body, Customers) {
			t.Fatalf("the error: %s", got.Body)
		}
		return notice
	}

	notice := refused()
	if got := curl(notice); got.Status != 200 || !strings.Contains(got.Body, `name="reason"`) || !strings.Contains(got.Body, "alice") {
		t.Errorf("the notice: %+v", got)
	}
	if got := s.Curl(t, s.CA, notice); got.Status == 200 || strings.Contains(got.Body, "EMAIL_ADDRESS") {
		t.Errorf("the notice, to nobody: %+v", got)
	}
	if got := curl(notice, "--data-urlencode", "choice=as_is"); got.Status != 400 || !strings.Contains(got.Body, "Please give a reason") {
		t.Errorf("without a reason: %+v", got)
	}
	if got := curl(notice, "--data-urlencode", "choice=redacted", "--data-urlencode", "reason=The order & the mail are mine"); got.Status != 303 {
		t.Errorf("with a reason: %+v", got)
	}
	if n := o.Hosts("api.openai.com"); n != 0 {
		t.Errorf("%d requests came before it was sent again", n)
	}
	got := curl(Chat(openAI, inquiry)...)
	if came := o.One("api.openai.com", "/v1/chat/completions"); got.Status != 200 || strings.Contains(came.Body, Customers) || strings.Count(came.Body, "[EMAIL_ADDRESS_") != 2 {
		t.Errorf("sent again: %+v, came as %s", got, came.Body)
	}
	if again := refused(); again == notice {
		t.Error("the same notice once more")
	}
	if n := o.Hosts("api.openai.com"); n != 1 {
		t.Errorf("%d requests came", n)
	}
	eventually(t, "the activity", func() bool {
		got := curl("https://sluice.internal/activity")
		return got.Status == 200 && strings.Contains(got.Body, "The order &amp; the mail are mine") && strings.Contains(got.Body, "Sent after your answer")
	})
}

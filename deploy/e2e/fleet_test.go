package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two proxies share a Redis, an authority and a secret. Whoever signed in by one is
// known to the other when the first is killed, also for what a rule asked them to
// confirm, and is signed out of both.
func TestBrowserFleet(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "policy")
	if out, err := finish(t, command(t, t.TempDir(), "policy", "init", dir)); err != nil {
		t.Fatalf("policy init: %v: %s", err, out)
	}
	write(t, filepath.Join(dir, "request", "confirming.rego"), confirming)
	o := NewOrigin(t)
	o.Roots = []string{o.Intranet.File}
	d := NewDirectory(t, o.Intranet, callback)
	d.May("ana", "c2")
	redis := StartRedis(t)
	one, two := free(t), free(t)
	config := func(address string) string {
		return fmt.Sprintf("listen: {proxy: %q, admin: \"127.0.0.1:0\"}\npac: {proxies: [\"PROXY %s\", \"PROXY %s\"]}\n", address, one, two) +
			fmt.Sprintf("sessions: {store: redis, redis: {url: \"redis://%s\"}}\npolicy: {dir: %s}\n", redis.Addr, dir) +
			"destinations: {sanctioned: [chatgpt, deepseek]}\n" + o.upstream() + signInAt(t, o, d)
	}
	first := ServeConfig(t, config(one))
	data := t.TempDir()
	for _, name := range []string{"ca.pem", "ca-key.pem", "secret"} {
		content, err := os.ReadFile(filepath.Join(first.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(data, name), string(content))
	}
	file := filepath.Join(t.TempDir(), "sluice.yaml")
	write(t, file, "data_dir: "+data+"\n"+config(two))
	second := serve(t, data, "--config", file)
	b := first.Browse(t, o)
	const turn = "/backend-api/f/conversation"

	enter(b, d, b.Open("https://chatgpt.com/"))
	b.Until("location.host == 'chatgpt.com' && document.title == 'ChatGPT'")
	signIn(b)
	chat(b, prompt)
	b.Until("document.querySelector('.error')")
	b.Open("https://sluice.internal/notice/" + first.Decided("chatgpt.com", turn).ID)
	b.Click("a.button")
	b.Until("document.querySelector('[name=confirm]')")
	b.Click("[name=confirm]")
	if page := b.Until("location.pathname == '/sign-in/callback'"); !strings.Contains(page.Text, "You have shown what was asked for") {
		t.Fatalf("who has shown it sees:\n%s", page.Text)
	}

	first.Kill()
	b.Open("https://chatgpt.com/")
	b.Until("document.querySelector('#composer') && !document.querySelector('#composer').hidden")
	chat(b, prompt)
	b.Until("document.querySelector('.end')")
	if n := len(o.Got("chatgpt.com", turn)); n != 1 {
		t.Errorf("%d turns came", n)
	}
	if l := second.Decided("chatgpt.com", turn); l.Identity.Sub != "ana" || l.Identity.Method != "oidc" {
		t.Errorf("recorded as %+v", l.Identity)
	}
	if page := b.Open("https://chat.deepseek.com/"); page.URL != "https://chat.deepseek.com/" || page.Status != 200 {
		t.Errorf("another app: %+v", page)
	}

	first.Start()
	b.Open("https://sluice.internal/sign-out")
	b.Click("button")
	b.Until("document.body.innerText.includes('You are signed out')")
	before := len(second.Record(func(l Line) bool { return l.Record == "completion" && l.Reason == "sign_in" }))
	b.Open("https://chatgpt.com/")
	if after := len(second.Record(func(l Line) bool { return l.Record == "completion" && l.Reason == "sign_in" })); after != before+1 || before != 1 {
		t.Errorf("the second sent to sign in %d times, then %d", before, after)
	}
	first.Stop() // before what it was started by ends
}

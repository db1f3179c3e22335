package proxytest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// Transcripts runs every transcript of a directory. A transcript is one promise
// of the product that a non-programmer can read:
//
//	What is promised, in a sentence or two.
//	-- settings --
//	sanctioned: chatgpt, openai-api
//	-- request --
//	POST https://api.openai.com/v1/chat/completions
//	Content-Type: application/json
//
//	{"model":"m","messages":[{"role":"user","content":"hello"}]}
//	-- upstream --
//	POST /v1/chat/completions
//
//	{"model":"m", ...
//	-- client --
//	200
//	-- record --
//	{"record":"decision","decision":{"action":"allow"}}
//	{"record":"completion","status":200}
//
// Sections repeat for each exchange, in order, each beginning with a request.
// A reply section sets what the origin answers. A missing upstream section means
// that nothing may reach the origin. In upstream and client, header lines must
// be there as written, "Name: -" must not be there, and a body, if one is given,
// must be the same; "…" in a body stands for anything. Record lines are subsets
// of the lines that were written, in order, for CONNECT too if the section says
// "connect" lines; {id} stands for the exchange's id.
//
// A request that opens a WebSocket may have the sections say (what the client
// sends, a message a line), heard (what of it comes to the origin), tell (what
// the origin sends as soon as the socket is open) and got (what of it, and of
// refusals, comes to the client; "close CODE REASON" is the end, if it is not the
// client's own). A missing heard section means that nothing may come.
//
// With the settings device_id and user, as identity.client_certificates has them,
// the proxy is an HTTPS proxy. With sign_in browsers sign in at a provider, with
// bearer clients have tokens of it. "limits.NAME: value" sets a limit; "origin.HOST:"
// says that there is something odd about a host: it is "unknown", "found too late",
// "at 10.0.0.1", it is "the proxy", there is "nobody", it is "silent", speaks "no TLS", or its certificate
// is "expired", of "another name", of an "unknown authority" or has a "weak key".
// "parent" is a parent proxy of the kind nobody, silent or refuses.
//
// Lines of a request that are no header:
//
//	User: ada                     whose token the client gives
//	Token: {"sub":"ada"}          the claims of its bearer token
//	Certificate: ada@corp.example urn:device:7 5s
//	                              what stands in its certificate, and how long it holds
//	Client: the same              and connection as in the exchange before
//	Follows: until it is back     redirects, with cookies
//	Packed: gzip, 9 times         its body, also of a reply, and how often it comes
//	Hand: inside HOST             what follows is written as it stands there, inside
//	                              a CONNECT, or "to the proxy" itself
//	Then: no more                 written by hand: it says that it will send no more
//	Now: the session store is down
//	                              what happens before it; world.now lists all
//
// In a reply, Now happens when the origin has the request, and with Then it ends
// without an answer ("end"), "end in the middle", keeps "silence", or sends the
// request "to the proxy again".
//
// In say and tell, "3 × TEXT" is the message three times, also in got, and there are
// "(half a message)", "(a message without a mask)" and "(a message with a mask)". A
// client's body that ends before its end is followed by "(broken off)".
//
// Files named policy/…, data/… replace rule packs and tables; settings are
// listed in plan.parse.
func Transcripts(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			runTranscript(t, txtar.Parse(data))
		})
	}
}

// scene is one exchange of a transcript.
type scene struct{ request, reply, upstream, client, record, say, heard, tell, got *section }

type section struct{ text string }

func runTranscript(t *testing.T, archive *txtar.Archive) {
	settings, scenes := parseTranscript(t, archive)
	settings.Hosts, settings.ClearHosts = hostsOf(t, scenes)
	w := newWorld(t, settings)
	for i, s := range scenes {
		m := parseMessage(t, s.request.text)
		m.kept = i+1 < len(scenes) && parseMessage(t, scenes[i+1].request.text).said["Client"] != ""
		t.Run(fmt.Sprint(i+1), func(t *testing.T) { play(t, w, s, m) })
	}
}

func parseTranscript(t *testing.T, archive *txtar.Archive) (plan, []*scene) {
	t.Helper()
	settings := plan{Settings: Settings{Policy: map[string]string{}, Data: map[string]string{}}}
	var scenes []*scene
	for _, f := range archive.Files {
		text := string(f.Data)
		switch {
		case f.Name == "settings":
			settings.parse(t, text)
			continue
		case strings.HasPrefix(f.Name, "policy/"):
			settings.Policy[strings.TrimPrefix(f.Name, "policy/")] = text
			continue
		case strings.HasPrefix(f.Name, "data/"):
			settings.Data[strings.TrimPrefix(f.Name, "data/")] = text
			continue
		case f.Name == "request":
			scenes = append(scenes, &scene{request: &section{text}})
			continue
		}
		if len(scenes) == 0 {
			t.Fatalf("section %s before the first request", f.Name)
		}
		s := scenes[len(scenes)-1]
		place := map[string]**section{"reply": &s.reply, "upstream": &s.upstream, "client": &s.client, "record": &s.record,
			"say": &s.say, "heard": &s.heard, "tell": &s.tell, "got": &s.got}[f.Name]
		if place == nil || *place != nil {
			t.Fatalf("section %q is unknown or given twice", f.Name)
		}
		*place = &section{text}
	}
	return settings, scenes
}

// hostsOf finds the names that a transcript speaks to, by scheme.
func hostsOf(t *testing.T, scenes []*scene) (secure, plain []string) {
	for _, s := range scenes {
		r := parseMessage(t, s.request.text)
		if hand := r.said["Hand"]; hand != "" {
			if host, ok := strings.CutPrefix(hand, "inside "); ok {
				secure = append(secure, host)
			}
			continue
		}
		_, target, _ := strings.Cut(r.first, " ")
		target, _, _ = strings.Cut(target, " ")
		u, err := url.Parse(target)
		must(t, err)
		if net.ParseIP(u.Hostname()) != nil {
			continue // it needs no resolving
		}
		if u.Scheme == "http" {
			plain = append(plain, u.Hostname())
		} else {
			secure = append(secure, u.Hostname())
		}
	}
	return secure, plain
}

// message is a first line, header lines and a body.
type message struct {
	first  string
	header [][2]string
	said   map[string]string // by lines that are no header
	body   string
	bare   bool // no body is given
	kept   bool // its connection is used again
}

// notHeaders are the names of the lines that are none.
var notHeaders = []string{"User", "Token", "Certificate", "Client", "Follows", "Packed", "Hand", "Then", "Now"}

func parseMessage(t *testing.T, text string) message {
	t.Helper()
	head, body, hasBody := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	m := message{body: strings.TrimSuffix(body, "\n"), bare: !hasBody, said: map[string]string{}}
	if name, _, _ := strings.Cut(lines[0], ":"); !slices.Contains(notHeaders, name) {
		m.first, lines = strings.TrimSpace(lines[0]), lines[1:]
	}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("header line without a colon: %q", line)
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if slices.Contains(notHeaders, name) {
			m.said[name] = value
			continue
		}
		m.header = append(m.header, [2]string{name, value})
	}
	return m
}

// play sends the request and compares everything that came of it.
func play(t *testing.T, p *world, s *scene, m message) {
	p.Origin.Received()
	p.records(t)
	p.Origin.Handle(replyHandler(t, p, s.reply))
	if what := m.said["Now"]; what != "" {
		p.now(t, what)
	}

	var resp *http.Response
	var payload []byte
	switch {
	case s.say != nil || s.tell != nil:
		resp = converse(t, p, s, m) //nolint:bodyclose // it has none
	case m.said["Hand"] != "":
		resp, payload = byHand(t, p, m, m.said["Hand"]) //nolint:bodyclose // byHand has read it
	default:
		resp, payload = send(t, p, m) //nolint:bodyclose // send has read and closed it
	}
	received := p.Origin.Received()
	switch {
	case s.upstream == nil && len(received) > 0:
		t.Errorf("reached the origin: %s %s", received[0].Method, received[0].URL)
	case s.upstream != nil && len(received) != 1:
		t.Errorf("the origin got %d requests, not one", len(received))
	case s.upstream != nil:
		want := parseMessage(t, s.upstream.text)
		got := received[0]
		if line := got.Method + " " + got.URL.RequestURI(); !matches(want.first, line) {
			t.Errorf("upstream: got %s, want %s", line, want.first)
		}
		header := got.Header.Clone()
		header.Set("Host", got.Host)
		compare(t, "upstream", want, header, string(got.Payload))
	}
	if s.client == nil {
		t.Fatal("a transcript says what the client gets")
	}
	want := parseMessage(t, s.client.text)
	if got := fmt.Sprint(resp.StatusCode); got != want.first {
		t.Errorf("client: got status %s, want %s: %s", got, want.first, payload)
	}
	id := resp.Header.Get("Sluice-Exchange")
	compare(t, "client", want.fill(id), resp.Header, string(payload))
	if s.record != nil {
		lines := p.records(t)
		want := strings.ReplaceAll(s.record.text, "{id}", id)
		missing := missingRecord(t, want, lines)
		for until := time.Now().Add(5 * time.Second); missing != "" && time.Now().Before(until); { // a refused CONNECT is answered before it is recorded
			time.Sleep(5 * time.Millisecond)
			lines = append(lines, p.records(t)...)
			missing = missingRecord(t, want, lines)
		}
		if missing != "" {
			t.Errorf("record: no line has\n%s\nin\n%s", missing, strings.Join(lines, "\n"))
		}
	}
}

func (m message) fill(id string) message {
	m.body = strings.ReplaceAll(m.body, "{id}", id)
	return m
}

package proxytest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
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
// the proxy is an HTTPS proxy, and a request may say what stands in the client's
// certificate: "Certificate: ada@corp.example urn:device:7". "User: ada" is whose
// token the client gives. With sign_in browsers sign in at a provider.
//
// Files named policy/…, data/… replace rule packs and tables; settings are
// listed in Settings.
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
	var clients *clientAuthority
	if settings.DeviceField != "" || settings.UserField != "" {
		clients, settings.Secure = newHTTPSProxy(t)
	}
	p := Start(t, settings)
	p.clients = clients
	for i, s := range scenes {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) { play(t, p, s) })
	}
}

func parseTranscript(t *testing.T, archive *txtar.Archive) (Settings, []*scene) {
	t.Helper()
	settings := Settings{Policy: map[string]string{}, Data: map[string]string{}}
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
		_, target, _ := strings.Cut(r.first, " ")
		target, _, _ = strings.Cut(target, " ")
		u, err := url.Parse(target)
		must(t, err)
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
	body   string
	bare   bool // no body is given
}

func parseMessage(t *testing.T, text string) message {
	t.Helper()
	head, body, hasBody := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	m := message{first: strings.TrimSpace(lines[0]), body: strings.TrimSuffix(body, "\n"), bare: !hasBody}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("header line without a colon: %q", line)
		}
		m.header = append(m.header, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return m
}

// play sends the request and compares everything that came of it.
func play(t *testing.T, p *Proxy, s *scene) {
	p.Origin.Received()
	p.records(t)
	p.Origin.Handle(replyHandler(t, s.reply))

	var resp *http.Response
	var payload []byte
	if s.say != nil || s.tell != nil {
		resp = converse(t, p, s) //nolint:bodyclose // it has none
	} else {
		resp, payload = send( //nolint:bodyclose // send has read and closed it
			t, p, parseMessage(t, s.request.text))
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

// send makes the request through the proxy.
func send(t *testing.T, p *Proxy, m message) (*http.Response, []byte) {
	t.Helper()
	method, target, _ := strings.Cut(m.first, " ")
	target, proto, _ := strings.Cut(target, " ")
	var body io.Reader
	if !m.bare {
		body = strings.NewReader(m.body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	user, names := "", ""
	for _, h := range m.header {
		switch h[0] { // the lines that are no headers
		case "User": // whose token the client has
			user = h[1]
		case "Certificate": // and what stands in its certificate
			names = h[1]
		default:
			r.Header.Add(h[0], h[1])
		}
	}
	client := p.Client(user, proto != "HTTP/1.1")
	if agent := r.UserAgent(); agent != "" { // browsers give it with the CONNECT, too
		client.Transport.(*http.Transport).ProxyConnectHeader = http.Header{"User-Agent": {agent}}
	}
	if p.clients != nil {
		p.secure(client, p.clients.config(t, names))
	}
	resp, err := do(client, r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	payload, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, payload
}

func replyHandler(t *testing.T, s *section) http.Handler {
	m := message{first: "200", header: [][2]string{{"Content-Type", "application/json"}}, body: `{"ok":true}`}
	if s != nil {
		m = parseMessage(t, s.text)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, h := range m.header {
			w.Header().Add(h[0], h[1])
		}
		var status int
		_, _ = fmt.Sscan(m.first, &status)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, m.body)
	})
}

// compare checks header lines and body against what is wanted.
func compare(t *testing.T, where string, want message, header http.Header, body string) {
	t.Helper()
	wanted := http.Header{}
	for _, h := range want.header {
		wanted.Add(h[0], h[1])
	}
	for name, values := range wanted {
		got := header[name]
		switch {
		case values[0] == "-" && len(got) > 0:
			t.Errorf("%s: %s is there: %q", where, name, got)
		case values[0] != "-" && !slices.Equal(got, values):
			t.Errorf("%s: %s is %q, want %q", where, name, got, values)
		}
	}
	if !want.bare && !matches(want.body, body) {
		t.Errorf("%s: body is\n%s\nwant\n%s", where, body, want.body)
	}
}

// matches compares text with a pattern in which … stands for anything.
func matches(pattern, text string) bool {
	pieces := strings.Split(pattern, "…")
	if !strings.HasPrefix(text, pieces[0]) {
		return false
	}
	text = text[len(pieces[0]):]
	if len(pieces) == 1 {
		return text == "" || text == "\n"
	}
	for _, piece := range pieces[1 : len(pieces)-1] {
		i := strings.Index(text, piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	end := pieces[len(pieces)-1]
	return strings.HasSuffix(text, end) || strings.HasSuffix(text, end+"\n")
}

// missingRecord looks for each wanted line, in order, among the lines written, and
// returns the first that is not there.
func missingRecord(t *testing.T, want string, lines []string) string {
	t.Helper()
	next := 0
	for wanted := range strings.Lines(want) {
		wanted = strings.TrimSpace(wanted)
		if wanted == "" {
			continue
		}
		var w any
		if err := json.Unmarshal([]byte(wanted), &w); err != nil {
			t.Fatalf("record line %s: %v", wanted, err)
		}
		found := false
		for ; next < len(lines) && !found; next++ {
			var g any
			if err := json.Unmarshal([]byte(lines[next]), &g); err != nil {
				t.Fatalf("written line %s: %v", lines[next], err)
			}
			found = subset(w, g)
		}
		if !found {
			return wanted
		}
	}
	return ""
}

// subset reports whether everything in want stands in got too.
func subset(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for key, value := range w {
			have, ok := g[key]
			if value == nil && !ok { // null: must not be there
				continue
			}
			if !ok || !subset(value, have) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !subset(w[i], g[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got)
}

// Completions returns the completion lines that were written since records were
// last read, once all that began have one.
func (p *Proxy) Completions(t testing.TB) []map[string]any { return p.Lines(t, "completion") }

// Lines is Completions for another kind of record.
func (p *Proxy) Lines(t testing.TB, kind string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, text := range p.records(t) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		if line["record"] == kind {
			out = append(out, line)
		}
	}
	return out
}

// records returns the lines that were written since it was last called, once
// the completion lines of all that began are there.
func (p *Proxy) records(t testing.TB) []string {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		data, err := os.ReadFile(p.AuditFile)
		if err != nil {
			t.Fatal(err)
		}
		data = data[min(p.read, len(data)):]
		data = data[:bytes.LastIndexByte(data, '\n')+1] // one may be on its way
		var lines []string
		open := map[string]bool{}
		scan := bufio.NewScanner(bytes.NewReader(data))
		scan.Buffer(nil, 16<<20)
		for scan.Scan() {
			var line struct {
				ID      string `json:"id"`
				Record  string `json:"record"`
				Request struct {
					Phase string `json:"phase"`
				} `json:"request"`
			}
			if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, scan.Text())
			if line.Record == "decision" && line.Request.Phase != "connect" {
				open[line.ID] = true
			}
			if line.Record == "completion" {
				delete(open, line.ID)
			}
		}
		if len(open) == 0 || time.Now().After(deadline) {
			p.read += len(data)
			return lines
		}
		time.Sleep(5 * time.Millisecond)
	}
}

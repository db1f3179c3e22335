package access_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/proxy/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ended = time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.UTC)

var (
	chat = access.Entry{
		ID: "0123456789abcdef0123456789abcdef", Ended: ended, Took: 1234567 * time.Microsecond,
		Client: netip.MustParseAddr("192.0.2.7"), User: "alice@corp.example", Method: "POST", Scheme: "https", Host: "api.openai.com", Port: 443,
		Path: "/v1/chat/completions", Proto: "HTTP/2.0", Status: 200, In: 321, Out: 4567, Type: "application/json", Upstream: "198.51.100.9:443",
		App: "openai-api", Action: "redact", Outcome: "forwarded",
	}
	tunnel = access.Entry{
		ID: "1123456789abcdef0123456789abcdef", Ended: ended, Took: 90 * time.Second,
		Client: netip.MustParseAddr("2001:db8::7"), Method: "CONNECT", Host: "intranet.example", Port: 8443, Proto: "HTTP/1.1",
		Status: 200, In: 10, Out: 20, Upstream: "[2001:db8::9]:8443", Action: "tunnel", Outcome: "closed",
	}
	hostile = access.Entry{
		Ended: ended, Client: netip.MustParseAddr("192.0.2.7"), User: "a b\"c\n%20", Method: "GET", Scheme: "http", Host: "x.example", Port: 81,
		Path: "/a b\r\n#Fields: \"q\x00\x7f\xff" + strings.Repeat("z", 5000), Status: 403, Type: "text/\"x\"\n;y", Action: "block", Outcome: "refused", Reason: "policy",
	}
	nothing = access.Entry{Ended: ended}
)

// with changes a copy.
func with(e access.Entry, change func(*access.Entry)) access.Entry {
	change(&e)
	return e
}

// lines is what a log writes of entries.
func lines(t testing.TB, format string, entries ...access.Entry) []string {
	t.Helper()
	var out bytes.Buffer
	l, err := access.Open(access.Options{Format: format, Output: &out, Software: "sluice 1.2"})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		l.Write(e)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := l.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if l.Written() != int64(len(entries)) || l.Lost() != 0 {
		t.Errorf("written %d, lost %d of %d", l.Written(), l.Lost(), len(entries))
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

// squid is the native format as its documentation describes it: time, elapsed
// time right in six columns, client, code/status, bytes, method, URL, user,
// hierarchy/peer, type.
var squid = regexp.MustCompile(`^(\d+\.\d{3}) ( *\d+) (\S+) ([A-Z_]+)/(\d{3}) (\d+) (\S+) (\S+) (\S+) (HIER_[A-Z]+)/(\S+) (\S+)$`)

// TestSquid parses lines as the tools for Squid's access.log do.
func TestSquid(t *testing.T) {
	got := lines(t, access.Squid, chat, tunnel, hostile, nothing)
	for i, want := range [][]string{
		{"1772600767.089", "  1234", "192.0.2.7", "TCP_MISS", "200", "4567", "POST", "https://api.openai.com/v1/chat/completions", "alice@corp.example", "HIER_DIRECT", "198.51.100.9", "application/json"},
		{"1772600767.089", " 90000", "2001:db8::7", "TCP_TUNNEL", "200", "20", "CONNECT", "intranet.example:8443", "-", "HIER_DIRECT", "2001:db8::9", "-"},
		{"1772600767.089", "     0", "192.0.2.7", "TCP_DENIED", "403", "0", "GET", "", "a%20b%22c%0A%2520", "HIER_NONE", "-", "text/%22x%22%0A;y"},
		{"1772600767.089", "     0", "-", "TCP_MISS", "000", "0", "-", "error:invalid-request", "-", "HIER_NONE", "-", "-"},
	} {
		fields := squid.FindStringSubmatch(got[i])
		if fields == nil {
			t.Fatalf("not a line of Squid: %s", got[i])
		}
		for n, w := range want {
			if w != "" && fields[n+1] != w {
				t.Errorf("%d: field %d is %q, want %q", i, n+1, fields[n+1], w)
			}
		}
	}
	if url := squid.FindStringSubmatch(got[2])[8]; !strings.HasPrefix(url, "http://x.example:81/a%20b%0D%0A#Fields:%20%22q%00%7F%FFzz") || len(url) > 3*2048 {
		t.Errorf("%d bytes: %.80s", len(url), url)
	}
}

// TestSquidResults goes through what can become of an exchange.
func TestSquidResults(t *testing.T) {
	for _, c := range []struct {
		entry access.Entry
		want  string
	}{
		{chat, "TCP_MISS/200"},
		{tunnel, "TCP_TUNNEL/200"},
		{with(tunnel, func(e *access.Entry) { e.Action = "intercept" }), "NONE_NONE/200"},
		{with(tunnel, func(e *access.Entry) { e.Action, e.Outcome, e.Status = "block", "refused", 403 }), "TCP_DENIED/403"},
		{with(tunnel, func(e *access.Entry) { e.Outcome, e.Status = "refused", 407 }), "TCP_DENIED/407"},
		{with(tunnel, func(e *access.Entry) { e.Outcome, e.Status = "refused", 502 }), "TCP_MISS/502"},
		{with(tunnel, func(e *access.Entry) { e.Outcome = "broken" }), "TCP_TUNNEL_ABORTED/200"},
		{with(chat, func(e *access.Entry) { e.Outcome, e.Status = "refused", 504 }), "TCP_MISS/504"},
		{with(chat, func(e *access.Entry) { e.Outcome, e.Status = "refused", 413 }), "NONE_NONE/413"},
		{with(chat, func(e *access.Entry) { e.Outcome = "cancelled" }), "TCP_MISS_ABORTED/200"},
		{with(chat, func(e *access.Entry) { e.Status = 403 }), "TCP_MISS/403"}, // the origin's own
	} {
		fields := squid.FindStringSubmatch(lines(t, access.Squid, c.entry)[0])
		if got := fields[4] + "/" + fields[5]; got != c.want {
			t.Errorf("%+v: %s, want %s", c.entry, got, c.want)
		}
	}
}

// w3c reads an extended log: directives, then entries whose fields are split at
// blanks outside of quotes, and named by #Fields.
func w3c(t testing.TB, text []string) (directives map[string]string, entries []map[string]string) {
	t.Helper()
	directives = map[string]string{}
	field := regexp.MustCompile(`"(?:[^"]|"")*"|\S+`)
	for _, line := range text {
		if name, value, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(name, "#") {
			directives[name] = value
			continue
		}
		names, values := strings.Fields(directives["#Fields"]), field.FindAllString(line, -1)
		if len(names) != len(values) {
			t.Fatalf("%d fields, want %d: %s", len(values), len(names), line)
		}
		entry := map[string]string{}
		for i, name := range names {
			value := values[i]
			if strings.HasPrefix(value, `"`) {
				value = strings.ReplaceAll(value[1:len(value)-1], `""`, `"`)
			}
			entry[name] = value
		}
		entries = append(entries, entry)
	}
	return directives, entries
}

// TestW3C parses a log as the draft says.
func TestW3C(t *testing.T) {
	text := lines(t, access.W3C, chat, tunnel, hostile, nothing)
	directives, entries := w3c(t, text)
	if text[0] != "#Version: 1.0" || directives["#Software"] != "sluice 1.2" {
		t.Errorf("directives: %v", directives)
	}
	if _, err := time.Parse(time.DateTime, directives["#Date"]); err != nil {
		t.Error(err)
	}
	want := map[string]string{
		"date": "2026-03-04", "time": "05:06:07", "time-taken": "1.235", "c-ip": "192.0.2.7", "cs-username": "alice@corp.example",
		"cs-method": "POST", "cs-uri": "https://api.openai.com/v1/chat/completions", "cs-host": "api.openai.com", "sc-status": "200", "sc-bytes": "4567", "cs-bytes": "321",
		"rs(Content-Type)": "application/json", "r-ip": "198.51.100.9", "s-action": "TCP_MISS", "x-exchange-id": chat.ID,
		"x-app": "openai-api", "x-action": "redact", "x-outcome": "forwarded", "x-reason": "-",
	}
	if diff := cmp.Diff(want, entries[0]); diff != "" {
		t.Error(diff)
	}
	if e := entries[1]; e["cs-uri"] != "intranet.example:8443" || e["c-ip"] != "2001:db8::7" || e["rs(Content-Type)"] != "-" || e["time-taken"] != "90.000" {
		t.Errorf("the tunnel: %v", e)
	}
	if e := entries[2]; e["rs(Content-Type)"] != `text/"x"?;y` || e["cs-username"] != "a%20b%22c%0A%2520" || e["x-reason"] != "policy" {
		t.Errorf("the hostile one: %v", e)
	}
	if len(entries) != 4 {
		t.Errorf("%d entries", len(entries))
	}
}

// TestJSON shows that a line is one object, whatever is in it.
func TestJSON(t *testing.T) {
	text := lines(t, access.JSON, chat, tunnel, hostile, nothing)
	var got map[string]any
	if err := json.Unmarshal([]byte(text[0]), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"schema": "sluice.access.v1", "time": "2026-03-04T05:06:07.089Z", "id": chat.ID, "client": "192.0.2.7", "user": "alice@corp.example", "method": "POST",
		"target": "https://api.openai.com/v1/chat/completions", "host": "api.openai.com", "port": 443.0, "proto": "HTTP/2.0", "status": 200.0, "bytes_in": 321.0,
		"bytes_out": 4567.0, "ms": 1234.567, "content_type": "application/json", "upstream": "198.51.100.9:443", "app": "openai-api",
		"action": "redact", "outcome": "forwarded",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(text) != 4 {
		t.Errorf("%d lines", len(text))
	}
	for _, line := range text {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %.100s", line)
		}
	}
}

// running is a log that writes to a file.
func running(t testing.TB, o access.Options) (*access.Log, func()) {
	t.Helper()
	l, err := access.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return l, stop
}

func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s in time", what)
		}
	}
}

// TestRotation shows that lines go to a new file when the old one is moved away,
// removed or emptied, that none is lost, and that each file begins with its head.
func TestRotation(t *testing.T) {
	name := filepath.Join(t.TempDir(), "access.log")
	l, stop := running(t, access.Options{Format: access.W3C, File: name, Software: "s"})
	written := int64(0)
	write := func() {
		t.Helper()
		l.Write(chat)
		written++
		waitFor(t, "line", func() bool { return l.Written() == written })
	}
	read := func(name string) (map[string]string, int) {
		t.Helper()
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		directives, entries := w3c(t, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"))
		return directives, len(entries)
	}
	for range 3 {
		write()
	}
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	write()
	write()
	for file, want := range map[string]int{name + ".1": 3, name: 2} {
		if d, n := read(file); n != want || d["#Version"] != "1.0" {
			t.Errorf("%s: %d lines, %v", file, n, d)
		}
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	write()
	if _, n := read(name); n != 1 {
		t.Errorf("removed: %d lines", n)
	}
	if err := os.Truncate(name, 0); err != nil { // logrotate's copytruncate
		t.Fatal(err)
	}
	write()
	if d, n := read(name); n != 1 || d["#Fields"] == "" {
		t.Errorf("emptied: %d lines, %v", n, d)
	}
	stop()
	if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("%v, %v", info, err)
	}
	l, _ = running(t, access.Options{Format: access.W3C, File: name, Software: "s"}) // goes on where it was
	l.Write(tunnel)
	waitFor(t, "line", func() bool { return l.Written() == 1 })
	if _, n := read(name); n != 2 {
		t.Errorf("opened again: %d lines", n)
	}
}

// stuck is a writer that waits until it is let go.
type stuck struct {
	once    sync.Once
	started chan struct{}
	release chan struct{}
}

func (s *stuck) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.started) })
	<-s.release
	return len(p), nil
}

// TestNobodyWaits shows that a disk that hangs costs lines and never time, that
// what waits is bounded, and that every line is accounted for.
func TestNobodyWaits(t *testing.T) {
	out := &stuck{started: make(chan struct{}), release: make(chan struct{})}
	l, stop := running(t, access.Options{Format: access.JSON, Output: out})
	l.Write(chat)
	<-out.started
	const more = 10000
	for range more { // would never end if one waited
		l.Write(chat)
	}
	if l.Lost() < more-5000 {
		t.Errorf("only %d lost: the queue is not bounded", l.Lost())
	}
	close(out.release)
	stop()
	if l.Written()+l.Lost() != more+1 {
		t.Errorf("written %d and lost %d of %d", l.Written(), l.Lost(), more+1)
	}
}

// failing is a writer that fails for a while, half-way through a line.
type failing struct {
	bytes.Buffer
	left int // writes that fail
}

func (f *failing) Write(p []byte) (int, error) {
	if f.left > 0 {
		f.left--
		n, _ := f.Buffer.Write(p[:len(p)/2])
		return n, errors.New("no space left on device")
	}
	return f.Buffer.Write(p)
}

// TestFullDisk shows that a full disk is told once, that lines are counted as
// lost, and that later lines are not glued to one that was torn.
func TestFullDisk(t *testing.T) {
	out := &failing{left: 2}
	var told []error
	l, stop := running(t, access.Options{Format: access.JSON, Output: out, OnError: func(err error) { told = append(told, err) }})
	for i := range 3 {
		l.Write(chat)
		waitFor(t, "line", func() bool { return l.Written()+l.Lost() == int64(i+1) })
	}
	stop()
	if l.Lost() != 2 || l.Written() != 1 || len(told) != 1 {
		t.Errorf("lost %d, written %d, told %v", l.Lost(), l.Written(), told)
	}
	whole := 0
	for scan := bufio.NewScanner(&out.Buffer); scan.Scan(); {
		if json.Valid(scan.Bytes()) {
			whole++
		}
	}
	if whole != 1 {
		t.Errorf("%d whole lines", whole)
	}
}

// TestOpen shows that what cannot work is told at once.
func TestOpen(t *testing.T) {
	for _, o := range []access.Options{
		{Format: "clf", Output: io.Discard},
		{Format: access.JSON, File: filepath.Join(t.TempDir(), "no", "access.log")},
		{Format: access.JSON, File: t.TempDir()},
	} {
		if _, err := access.Open(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
}

// FuzzLines: whatever a client chooses, a line is one line with its fields.
func FuzzLines(f *testing.F) {
	f.Add("a b", "GET", "/x\n", "h", "text/\"", "")
	f.Fuzz(func(t *testing.T, user, method, path, host, kind, reason string) {
		e := with(chat, func(e *access.Entry) {
			e.User, e.Method, e.Path, e.Host, e.Type, e.Reason = user, method, path, host, kind, reason
		})
		if got := lines(t, access.Squid, e); len(got) != 1 || !squid.MatchString(got[0]) {
			t.Errorf("squid: %q", got)
		}
		if _, entries := w3c(t, lines(t, access.W3C, e)); len(entries) != 1 {
			t.Errorf("w3c: %v", entries)
		}
		if got := lines(t, access.JSON, e); len(got) != 1 || !json.Valid([]byte(got[0])) {
			t.Errorf("json: %q", got)
		}
	})
}

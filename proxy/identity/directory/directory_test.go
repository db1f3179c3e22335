package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// graph is a directory, and the token endpoint before it, over TLS.
type graph struct {
	*httptest.Server
	asked, granted atomic.Int64
	token          atomic.Pointer[string] // that is taken

	mu     sync.Mutex
	answer http.HandlerFunc
	grant  http.HandlerFunc // nil: a good one
	seen   []*http.Request
	bodies []string
}

func newGraph(t testing.TB, answer http.HandlerFunc) *graph {
	t.Helper()
	g := &graph{answer: answer}
	g.take("token-1")
	g.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		answer, grant := g.answer, g.grant
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/token" {
			g.seen, g.bodies = append(g.seen, r), append(g.bodies, string(body))
		}
		g.mu.Unlock()
		if r.URL.Path == "/token" {
			g.granted.Add(1)
			if grant != nil {
				grant(w, r)
				return
			}
			id, secret, _ := r.BasicAuth()
			if id != "the+client" || secret != "s%2Fcret" || string(body) != "grant_type=client_credentials&scope=https%3A%2F%2Fgraph.example%2F.default" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3599,"access_token":%q}`, *g.token.Load())
			return
		}
		g.asked.Add(1)
		if r.Header.Get("Authorization") != "Bearer "+*g.token.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *graph) take(token string) { g.token.Store(&token) }

func (g *graph) set(answer, grant http.HandlerFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer, g.grant = answer, grant
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(1_800_000_000, c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d)) }

func secretFile(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func newDirectory(t testing.TB, g *graph, c *clock, change func(*Options)) *Directory {
	t.Helper()
	o := Options{
		Endpoint: g.URL + "/v1.0/users/{oid}/getMemberObjects", TokenURL: g.URL + "/token", ClientID: "the client",
		SecretFile: secretFile(t, "s/cret\n"), Scope: "https://graph.example/.default",
		Keep: 15 * time.Minute, Timeout: 5 * time.Second, HTTPClient: g.Client(), Now: c.Now,
	}
	if change != nil {
		change(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func person(oid string) *identity.Identity {
	return &identity.Identity{Authenticated: true, Issuer: "https://id.example", Sub: "s-" + oid, Claims: map[string]any{"tid": "t", "oid": oid}}
}

// TestGroups shows the whole: a token by the client's credentials, the action, its
// pages, and what is kept for how long.
func TestGroups(t *testing.T) {
	var g *graph
	g = newGraph(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "" {
			fmt.Fprintf(w, `{"@odata.context":"x","value":["g-1","g-2"],"@odata.nextLink":"%s%s?page=2"}`, g.URL, r.URL.Path)
			return
		}
		io.WriteString(w, `{"value":[{"@odata.type":"#microsoft.graph.group","id":"g-3"}]}`)
	})
	c := &clock{}
	d := newDirectory(t, g, c, nil)
	for range 3 {
		got, err := d.Groups(t.Context(), person("o/1"))
		if err != nil || !slices.Equal(got, []string{"g-1", "g-2", "g-3"}) {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if g.asked.Load() != 2 || g.granted.Load() != 1 {
		t.Errorf("asked %d times, with %d tokens", g.asked.Load(), g.granted.Load())
	}
	first, second := g.seen[0], g.seen[1]
	if first.Method != "POST" || first.URL.EscapedPath() != "/v1.0/users/o%2F1/getMemberObjects" || g.bodies[0] != `{"securityEnabledOnly":true}` {
		t.Errorf("asked %s %s %s", first.Method, first.URL.EscapedPath(), g.bodies[0])
	}
	if second.Method != "GET" || g.bodies[1] != "" {
		t.Errorf("asked %s %s for the next page", second.Method, g.bodies[1])
	}
	c.advance(15*time.Minute + time.Second)
	g.set(says(`{"value":[]}`), nil)
	if got, err := d.Groups(t.Context(), person("o/1")); err != nil || got == nil || len(got) != 0 {
		t.Errorf("after a while: %v, %v", got, err)
	}
	if g.granted.Load() != 1 {
		t.Error("a token that is good was not used again")
	}
	c.advance(time.Hour)
	if _, err := d.Groups(t.Context(), person("o/2")); err != nil || g.granted.Load() != 2 {
		t.Errorf("after an hour: %v, %d tokens", err, g.granted.Load())
	}
}

// TestPlainEndpoint shows what is no action, with a token from a file that somebody
// else renews.
func TestPlainEndpoint(t *testing.T) {
	g := newGraph(t, says(`{"value":[{"id":"g-1"}]}`))
	c, file := &clock{}, secretFile(t, "token-1")
	d := newDirectory(t, g, c, func(o *Options) {
		*o = Options{Endpoint: g.URL + "/groups?member={email}&in={tid}", TokenFile: file, Keep: time.Minute, Timeout: time.Second, HTTPClient: g.Client(), Now: c.Now}
	})
	who := person("o")
	who.Email = "a+b@corp.example"
	if got, err := d.Groups(t.Context(), who); err != nil || len(got) != 1 {
		t.Fatalf("got %v, %v", got, err)
	}
	if r := g.seen[0]; r.Method != "GET" || r.URL.RawQuery != "member=a+b@corp.example&in=t" {
		t.Errorf("asked %s %s", r.Method, r.URL)
	}
	g.take("token-2")
	c.advance(2 * time.Minute)
	if _, err := d.Groups(t.Context(), who); !errors.Is(err, ErrUnknown) {
		t.Errorf("with the old token: %v", err)
	}
	if err := os.WriteFile(file, []byte("token-2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.advance(2 * time.Second)
	if _, err := d.Groups(t.Context(), who); err != nil {
		t.Errorf("with the new one: %v", err)
	}
}

// TestBadAnswers goes through answers of which none may look like a list of groups.
func TestBadAnswers(t *testing.T) {
	var g *graph
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			io.WriteString(w, `{"value":["g-1"]}`)
		}
	}
	next := func(link string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			text, _ := json.Marshal(map[string]any{"value": []string{"g-1"}, "@odata.nextLink": strings.ReplaceAll(link, "HOST", strings.TrimPrefix(g.URL, "https://"))})
			w.Write(text)
		}
	}
	many := `{"value":["g"` + strings.Repeat(`,"g"`, maxGroups) + `]}`
	g = newGraph(t, nil)
	for name, answer := range map[string]http.HandlerFunc{
		"400": status(400), "403": status(403), "404": status(404), "429": status(429), "500": status(500), "503": status(503, "Retry-After", "7"),
		"204": status(204), "206": status(206), "redirect": status(302, "Location", "/elsewhere"), "redirect of a POST": status(307, "Location", "/elsewhere"),
		"nothing": says(""), "a page": says("<html>"), "null": says("null"), "a list": says(`["g-1"]`), "no value": says(`{}`), "value null": says(`{"value":null}`),
		"value an object": says(`{"value":{"0":"g-1"}}`), "numbers": says(`{"value":[1]}`), "nulls": says(`{"value":[null]}`), "empty": says(`{"value":["g-1",""]}`),
		"objects": says(`{"value":[{"displayName":"g"}]}`), "lists": says(`{"value":[["g-1"]]}`), "cut": says(`{"value":["g-1"`), "more follows": says(`{"value":["g-1"]}{}`),
		"an error": says(`{"error":{"code":"x","message":"hunter2"}}`), "too long": says(`{"value":["` + strings.Repeat("g", maxGroupID+1) + `"]}`),
		"too many": says(many), "too large": says(`{"value":["` + strings.Repeat(" ", maxPage) + `"]}`),
		"next elsewhere": next("https://evil.example/groups"), "next in clear": next("http://HOST/groups"), "next with a user": next("https://u:p@HOST/groups"),
		"next relative": next("/groups"), "next a port": next("https://HOST1/groups"), "next no URL": next("https://HOST/%zz"), "no end": next("https://HOST/more"),
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, `{"value":["g-1"]}`)
			panic(http.ErrAbortHandler)
		},
		"slow": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		g.set(answer, nil)
		d := newDirectory(t, g, &clock{}, func(o *Options) { o.Timeout = 300 * time.Millisecond })
		got, err := d.Groups(t.Context(), person("o"))
		if !errors.Is(err, ErrUnknown) || got != nil {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "token-1") || strings.Contains(err.Error(), "cret") || len(err.Error()) > 300) {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
		before := g.asked.Load()
		if _, err := d.Groups(t.Context(), person("o")); !errors.Is(err, ErrUnknown) || g.asked.Load() != before {
			t.Errorf("%s: asked again at once: %v", name, err)
		}
	}
	for _, r := range g.seen {
		if strings.Contains(r.URL.Path, "elsewhere") {
			t.Error("a redirect was followed")
		}
	}
}

// TestBadTokens goes through token endpoints that give none.
func TestBadTokens(t *testing.T) {
	g := newGraph(t, says(`{"value":[]}`))
	for name, grant := range map[string]http.HandlerFunc{
		"refused": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"wrong":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) },
		"away":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) },
		"nothing": says(`{}`), "a page": says("<html>"), "empty": says(`{"access_token":"","token_type":"Bearer"}`),
		"of another kind": says(`{"access_token":"token-1","token_type":"DPoP"}`), "of no kind": says(`{"access_token":"token-1"}`),
		"line break": says(`{"access_token":"token\n1","token_type":"Bearer"}`), "wrong one": says(`{"access_token":"token-0","token_type":"Bearer"}`),
	} {
		g.set(says(`{"value":[]}`), grant)
		if _, err := newDirectory(t, g, &clock{}, nil).Groups(t.Context(), person("o")); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, lasts := range map[string]string{"text": `"3599"`, "nothing": `null`, "nonsense": `"soon"`, "negative": `-5`} {
		g.set(says(`{"value":[]}`), says(`{"access_token":"token-1","token_type":"bearer","expires_in":`+lasts+`}`))
		if _, err := newDirectory(t, g, &clock{}, nil).Groups(t.Context(), person("o")); err != nil {
			t.Errorf("expires_in %s: %v", name, err)
		}
	}
}

// TestTokenNotTaken shows that a token which the directory does not take any more is
// renewed, once.
func TestTokenNotTaken(t *testing.T) {
	g, c := newGraph(t, says(`{"value":["g-1"]}`)), &clock{}
	d := newDirectory(t, g, c, nil)
	for i, oid := range []string{"a", "b"} {
		g.take(fmt.Sprintf("token-%d", i+5))
		if _, err := d.Groups(t.Context(), person(oid)); err != nil || g.granted.Load() != int64(i+1) {
			t.Errorf("%s: %v with %d tokens", oid, err, g.granted.Load())
		}
	}
	g.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, nil)
	before := g.asked.Load()
	if _, err := d.Groups(t.Context(), person("c")); !errors.Is(err, ErrUnknown) || g.asked.Load() != before+2 {
		t.Errorf("asked %d times: %v", g.asked.Load()-before, err)
	}
}

// TestDirectoryDown shows that one that is down is left alone, longer each time and
// for as long as it asks for, and that what was learned is used meanwhile; a person
// whom it does not know is nobody else's matter.
func TestDirectoryDown(t *testing.T) {
	g, c := newGraph(t, says(`{"value":["g-1"]}`)), &clock{}
	d := newDirectory(t, g, c, nil)
	ask := func(oid string, known bool, asked int64) {
		t.Helper()
		before := g.asked.Load()
		_, err := d.Groups(t.Context(), person(oid))
		if known != (err == nil) || err != nil && !errors.Is(err, ErrUnknown) || g.asked.Load()-before != asked {
			t.Errorf("%s: %v, asked %d times", oid, err, g.asked.Load()-before)
		}
	}
	ask("a", true, 1)
	g.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, nil)
	ask("gone", false, 1)
	ask("gone", false, 0)
	g.set(says(`{"value":["g-1"]}`), nil)
	ask("b", true, 1)
	ask("gone", false, 0)
	c.advance(keepGone + time.Second)
	ask("gone", true, 1)

	g.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, nil)
	ask("c", false, 1)
	ask("d", false, 0)
	ask("a", true, 0)
	c.advance(firstPause)
	ask("d", false, 1)
	c.advance(firstPause)
	ask("d", false, 0)
	c.advance(firstPause)
	g.set(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(429)
	}, nil)
	ask("d", false, 1)
	c.advance(80 * time.Second)
	g.set(says(`{"value":["g-1"]}`), nil)
	ask("d", false, 0)
	c.advance(11 * time.Second)
	ask("d", true, 1)
	ask("e", true, 1)

	if _, err := d.Groups(t.Context(), &identity.Identity{Authenticated: true, Issuer: "https://id.example", Sub: "s"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("without an oid: %v", err)
	}
	if _, err := d.Groups(t.Context(), person("..")); !errors.Is(err, ErrUnknown) {
		t.Errorf("a path: %v", err)
	}
	ask("f", true, 1)
}

// TestOneQuestion shows that many who ask at once share a question, and that whoever
// leaves neither ends it nor waits for it.
func TestOneQuestion(t *testing.T) {
	release := make(chan struct{})
	g := newGraph(t, func(w http.ResponseWriter, _ *http.Request) {
		<-release
		io.WriteString(w, `{"value":["g-1"]}`)
	})
	d := newDirectory(t, g, &clock{}, nil)
	first, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	ask := func(ctx context.Context) {
		all.Go(func() {
			if got, err := d.Groups(ctx, person("o")); err != nil || len(got) != 1 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	ask(first)
	for deadline := time.Now().Add(10 * time.Second); g.asked.Load() == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	leave()
	for range 50 {
		ask(t.Context())
	}
	if _, err := d.Groups(first, person("o")); !errors.Is(err, ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("who has left got %v", err)
	}
	close(release)
	all.Wait()
	if g.asked.Load() != 1 {
		t.Errorf("asked %d times", g.asked.Load())
	}
}

// TestBounded shows that what is kept has an end, in people and in groups.
func TestBounded(t *testing.T) {
	g, c := newGraph(t, says(`{"value":[]}`)), &clock{}
	d := newDirectory(t, g, c, nil)
	groups := make([]string, maxGroups)
	for i := range maxHeld/maxGroups + 10 {
		d.learn(fmt.Sprint(i), &answer{}, groups, nil)
		d.learn(fmt.Sprint(i), &answer{}, groups, nil) // again: counted once
	}
	if d.held != maxHeld || d.people.Len() != maxHeld/maxGroups {
		t.Errorf("%d groups of %d people are held", d.held, d.people.Len())
	}
	for i := range maxPeople + 10 {
		d.learn("x"+fmt.Sprint(i), &answer{}, groups[:1], nil)
	}
	if d.held != maxPeople || d.people.Len() != maxPeople {
		t.Errorf("%d groups of %d people are held", d.held, d.people.Len())
	}
}

// TestReplaced shows that what was learned lasts over a reload that asks the same, and
// no other.
func TestReplaced(t *testing.T) {
	g, c := newGraph(t, says(`{"value":["g-1"]}`)), &clock{}
	d := newDirectory(t, g, c, nil)
	for i, change := range []func(*Options){
		func(o *Options) { o.Previous = d },
		func(o *Options) { o.Previous, o.Endpoint = d, g.URL+"/users/{oid}/getMemberGroups" },
	} {
		if _, err := d.Groups(t.Context(), person("o")); err != nil {
			t.Fatal(err)
		}
		before := g.asked.Load()
		if _, err := newDirectory(t, g, c, change).Groups(t.Context(), person("o")); err != nil || g.asked.Load()-before != int64(i) {
			t.Errorf("%d: asked %d times: %v", i, g.asked.Load()-before, err)
		}
	}
}

// TestNewErrors shows that everything that is wrong is told at once.
func TestNewErrors(t *testing.T) {
	open := secretFile(t, "x")
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	good := Options{Endpoint: "https://g.example/{oid}", TokenURL: "https://id.example/token", ClientID: "c", SecretFile: secretFile(t, "s")}
	for _, c := range []struct {
		change func(*Options)
		want   string
	}{
		{func(*Options) {}, ""},
		{func(o *Options) { *o = Options{} }, "endpoint: is not|token_url: |client_id: |client_secret_file: "},
		{func(o *Options) { o.Endpoint = "http://g.example/{oid}" }, "endpoint: is not"},
		{func(o *Options) { o.Endpoint = "https://g.example/me" }, "endpoint: names nobody"},
		{func(o *Options) { o.Endpoint = "https://{tid}.example/{oid}" }, "endpoint: wants the person in its path"},
		{func(o *Options) { o.Endpoint = "https://u@g.example/{oid}" }, "endpoint: is not"},
		{func(o *Options) { o.TokenURL = "http://id.example/token" }, "token_url: is not"},
		{func(o *Options) { o.SecretFile = open }, "client_secret_file: "},
		{func(o *Options) { o.SecretFile = secretFile(t, "two\nlines") }, "client_secret_file: "},
		{func(o *Options) { o.SecretFile = t.TempDir() }, "client_secret_file: "},
		{func(o *Options) { o.TokenFile = good.SecretFile }, "token_file: stands in"},
		{func(o *Options) { *o = Options{Endpoint: o.Endpoint, TokenFile: "/none"} }, "token_file: "},
		{func(o *Options) { *o = Options{Endpoint: o.Endpoint, TokenFile: open} }, "token_file: "},
	} {
		o := good
		c.change(&o)
		_, err := New(o)
		if c.want == "" && err != nil {
			t.Error(err)
		}
		for _, want := range strings.Split(c.want, "|") {
			if c.want != "" && (err == nil || !strings.Contains("\n"+err.Error(), "\n"+want)) {
				t.Errorf("no %q in %v", want, err)
			}
		}
	}
}

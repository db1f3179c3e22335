package proxy_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/sluice-proxy/sluice/proxy/identity/identitytest"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// office is a proxy that wants people to sign in at a provider, with two services.
func office(t *testing.T, change func(*proxytest.Settings)) (*proxytest.Proxy, *identitytest.Provider) {
	t.Helper()
	provider := identitytest.NewProvider(t)
	s := proxytest.Settings{
		Hosts:      []string{"chatgpt.com", "ab.chatgpt.com", "claude.ai", "files.oaiusercontent.com"},
		Sanctioned: []string{"chatgpt", "claude"}, Required: true, Provider: provider,
	}
	if change != nil {
		change(&s)
	}
	return proxytest.Start(t, s), provider
}

// A tab is a browser that is a program: it keeps cookies, follows redirects and says
// what a browser says of a navigation.
type tab struct {
	t      *testing.T
	client *http.Client
	agent  string
	went   []string // addresses, of the last visit
}

func newTab(t *testing.T, p *proxytest.Proxy, provider *identitytest.Provider) *tab {
	t.Helper()
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.CA.Root())
	roots.AddCert(provider.Certificate())
	b := &tab{t: t, agent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0"}
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		Proxy: func(r *http.Request) (*url.URL, error) {
			if "https://"+r.URL.Host == provider.URL {
				return nil, nil
			}
			return &url.URL{Scheme: "http", Host: p.Address}, nil
		},
		GetProxyConnectHeader: func(context.Context, *url.URL, string) (http.Header, error) {
			return http.Header{"User-Agent": {b.agent}}, nil
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	b.client = &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 8 {
			return http.ErrUseLastResponse
		}
		r.Header = via[0].Header.Clone()
		r.Header.Del("Cookie")
		b.went = append(b.went, r.URL.String())
		return nil
	}}
	return b
}

// open is a top-level navigation.
func (b *tab) open(address string) (int, string) {
	return b.ask(http.MethodGet, address, "", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "none", "Accept", "text/html")
}

// fetch is what a page's script does.
func (b *tab) fetch(method, address, body string) (int, string) {
	return b.ask(method, address, body, "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "same-origin", "Content-Type", "application/json", "Accept", "*/*")
}

func (b *tab) ask(method, address, body string, header ...string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("User-Agent", b.agent)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	b.went = nil
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// surrogate is the cookie that a tab has for a site.
func (b *tab) surrogate(site string) string {
	u, _ := url.Parse(site)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == "__Secure-sluice" {
			return c.Value
		}
	}
	return ""
}

func (b *tab) plant(site, name, value string) {
	u, _ := url.Parse(site)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/", Domain: u.Hostname(), Secure: true}})
}

// TestBrowserSignsIn: sign in once, use two services, sign out; no service ever sees a
// cookie of ours, and what each exchange was in whose name is recorded.
func TestBrowserSignsIn(t *testing.T) {
	p, provider := office(t, nil)
	b := newTab(t, p, provider)
	if status, _ := b.open("https://chatgpt.com/c/123?model=x"); status != http.StatusOK || b.went[len(b.went)-1] != "https://chatgpt.com/c/123?model=x" {
		t.Fatalf("%d by way of %v", status, b.went)
	}
	if provider.Asked() != 1 || !strings.HasPrefix(b.went[0], "https://sluice.internal/sign-in?to=") {
		t.Errorf("asked %d times, by way of %v", provider.Asked(), b.went)
	}
	if status, _ := b.open("https://claude.ai/new"); status != http.StatusOK || provider.Asked() != 1 {
		t.Errorf("the second service: %d, asked %d times, by way of %v", status, provider.Asked(), b.went)
	}
	if status, _ := b.open("https://chatgpt.com/"); status != http.StatusOK || len(b.went) != 0 {
		t.Errorf("again: %d by way of %v", status, b.went)
	}
	if status, _ := b.fetch(http.MethodPost, "https://ab.chatgpt.com/v1/rgstr", `{"text":"hello"}`); status != http.StatusOK {
		t.Errorf("a sibling: %d", status)
	}
	for _, got := range p.Origin.Received() {
		if cookies := strings.Join(got.Header["Cookie"], ";"); strings.Contains(cookies, "sluice") {
			t.Errorf("%s got %q", got.Host, cookies)
		}
	}
	named := 0
	for _, line := range p.Lines(t, "decision") {
		who := line["identity"].(map[string]any)
		if who["authenticated"] == true && (who["sub"] != "ana" || who["method"] != "oidc") {
			t.Errorf("recorded as %v", who)
		}
		if who["authenticated"] == true {
			named++
		}
	}
	if named != 4 {
		t.Errorf("%d exchanges in ana's name", named)
	}
	if status, page := b.open("https://sluice.internal/activity"); status != http.StatusOK || !strings.Contains(page, "Signed in as ana") {
		t.Errorf("%d %s", status, page)
	}
	if status, _ := b.ask(http.MethodPost, "https://sluice.internal/sign-out", "", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"); status != http.StatusOK {
		t.Errorf("sign out: %d", status)
	}
	if status, _ := b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/x", `{}`); status != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", status)
	}
	if status, _ := b.open("https://claude.ai/new"); status != http.StatusOK || provider.Asked() != 2 {
		t.Errorf("anew: %d, asked %d times", status, provider.Asked())
	}
}

// TestBrowserAnswers: what cannot be sent to sign in is told so in a way that fits.
func TestBrowserAnswers(t *testing.T) {
	p, provider := office(t, nil)
	b := newTab(t, p, provider)
	for _, c := range []struct {
		name, method, address, body string
		header                      []string
		status                      int
		says                        string
	}{
		{"fetch", "GET", "https://chatgpt.com/backend-api/me", "", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, 401, "sign in"},
		{"form", "POST", "https://chatgpt.com/x", "a=b", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Content-Type", "application/x-www-form-urlencoded"}, 401, "sign in"},
		{"frame", "GET", "https://chatgpt.com/x", "", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 401, "sign in"},
		{"socket", "GET", "https://chatgpt.com/ws", "", []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}, 401, "sign in"},
		{"preflight", "OPTIONS", "https://ab.chatgpt.com/x", "", []string{"Origin", "https://chatgpt.com", "Access-Control-Request-Method", "POST"}, 200, ""},
		{"our own address", "GET", "https://chatgpt.com/.well-known/sluice/other", "", []string{"Sec-Fetch-Mode", "navigate"}, 403, "anew"},
		{"a code that is none", "GET", "https://chatgpt.com/.well-known/sluice/return?code=x", "", []string{"Sec-Fetch-Mode", "navigate"}, 403, "anew"},
	} {
		p.Origin.Received()
		status, said := b.ask(c.method, c.address, c.body, c.header...)
		if status != c.status || !strings.Contains(said, c.says) {
			t.Errorf("%s: %d %s", c.name, status, said)
		}
		if got := len(p.Origin.Received()); got != 0 && c.name != "preflight" {
			t.Errorf("%s: the origin was reached", c.name)
		}
	}
}

// TestSurrogateElsewhere: a cookie is worth nothing in another browser, at another
// site, twice, or changed, and nothing of it reaches an origin.
func TestSurrogateElsewhere(t *testing.T) {
	p, provider := office(t, nil)
	b := newTab(t, p, provider)
	b.open("https://chatgpt.com/")
	mine := b.surrogate("https://chatgpt.com/")
	if mine == "" {
		t.Fatal("no surrogate")
	}
	for name, try := range map[string]func(*tab) (site string){
		"another site": func(o *tab) string {
			o.plant("https://claude.ai/", "__Secure-sluice", mine)
			return "https://claude.ai"
		},
		"another browser": func(o *tab) string {
			o.agent = "Mozilla/5.0 Firefox/140.0"
			o.plant("https://chatgpt.com/", "__Secure-sluice", mine)
			return "https://chatgpt.com"
		},
		"changed": func(o *tab) string {
			o.plant("https://chatgpt.com/", "__Secure-sluice", "A"+mine[1:]+"A")
			return "https://chatgpt.com"
		},
		"invented": func(o *tab) string {
			o.plant("https://chatgpt.com/", "__Secure-sluice", "admin")
			return "https://chatgpt.com"
		},
	} {
		o := newTab(t, p, provider)
		site := try(o)
		p.Origin.Received()
		if status, said := o.fetch(http.MethodPost, site+"/backend-api/x", `{}`); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, status, said)
		}
		if got := p.Origin.Received(); len(got) != 0 {
			t.Errorf("%s: the origin was reached", name)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://chatgpt.com/backend-api/x", http.NoBody)
	r.Header = http.Header{"User-Agent": {b.agent}, "Cookie": {"__Secure-sluice=" + mine + "; a=1", "__Secure-sluice=" + mine}}
	resp, err := b.client.Transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("sent twice: %d", resp.StatusCode)
	}
}

// TestOriginPlantsCookies: an origin cannot set a cookie of our names.
func TestOriginPlantsCookies(t *testing.T) {
	p, provider := office(t, nil)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", "__Secure-sluice=planted; Secure; Path=/deep")
		w.Header().Add("Set-Cookie", "session=theirs; Path=/")
	}))
	b := newTab(t, p, provider)
	b.open("https://chatgpt.com/")
	before := b.surrogate("https://chatgpt.com/deep")
	b.open("https://chatgpt.com/deep/x")
	if after := b.surrogate("https://chatgpt.com/deep/x"); after != before || after == "" {
		t.Errorf("%q, then %q", before, after)
	}
	u, _ := url.Parse("https://chatgpt.com/deep/x")
	theirs := 0
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == "session" {
			theirs++
		}
	}
	if theirs != 1 {
		t.Error("their own cookie is gone")
	}
}

// TestHandedOut: an upload to another site, which gets no cookie, is in the name of
// whoever was given its address.
func TestHandedOut(t *testing.T) {
	const address = "https://files.oaiusercontent.com/file-1?se=2026&sig=a%2Bb%3D"
	for _, coding := range []string{"", "gzip"} {
		p, provider := office(t, nil)
		p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/backend-api/files" {
				return
			}
			body, _ := json.Marshal(map[string]string{"status": "success", "upload_url": address})
			w.Header().Set("Content-Type", "application/json")
			if coding == "gzip" {
				w.Header().Set("Content-Encoding", "gzip")
				var packed bytes.Buffer
				z := gzip.NewWriter(&packed)
				_, _ = z.Write(body)
				_ = z.Close()
				body = packed.Bytes()
			}
			_, _ = w.Write(body)
		}))
		b := newTab(t, p, provider)
		b.open("https://chatgpt.com/")
		if status, said := b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/files", `{"file_name":"a.txt","file_size":3,"use_case":"my_files"}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, said)
		}
		p.Lines(t, "decision")
		stranger := newTab(t, p, provider)
		stranger.agent = "Mozilla/5.0 Firefox/140.0"
		const other = "https://files.oaiusercontent.com/file-2?se=2026"
		for _, c := range []struct {
			name, method, body string
			by                 *tab
			address            string
			who                any
			status             int
		}{
			{"the upload", http.MethodPut, "abc", b, address, "ana", http.StatusOK},
			{"another address", http.MethodPut, "abc", b, other, "", http.StatusUnauthorized},
			{"another browser", http.MethodPut, "abc", stranger, address, "", http.StatusUnauthorized},
			{"a picture", http.MethodGet, "", stranger, other, "", http.StatusOK},
			{"no picture", http.MethodGet, "abc", stranger, other, "", http.StatusUnauthorized},
		} {
			p.Origin.Received()
			status, said := c.by.ask(c.method, c.address, c.body, "Sec-Fetch-Mode", "cors", "Content-Type", "text/plain", "Origin", "https://chatgpt.com")
			if status != c.status || len(p.Origin.Received()) != map[bool]int{true: 1}[status == http.StatusOK] {
				t.Errorf("%s, %q: %d %s", c.name, coding, status, said)
			}
			if status == http.StatusUnauthorized && !strings.Contains(said, "Open ChatGPT again") {
				t.Errorf("%s: %s", c.name, said)
			}
			for _, line := range p.Lines(t, "decision") {
				request, who := line["request"].(map[string]any), line["identity"].(map[string]any)
				if request["phase"] == "request" && who["sub"] != c.who {
					t.Errorf("%s, %q: in the name of %v", c.name, coding, who["sub"])
				}
			}
		}
	}
}

// TestStreamedToBrowser: a reply that streams goes on as it comes, also where it is
// JSON and its reader signed in with a browser.
func TestStreamedToBrowser(t *testing.T) {
	p, provider := office(t, func(s *proxytest.Settings) {
		s.Hosts, s.Sanctioned = append(s.Hosts, "gemini.google.com"), append(s.Sanctioned, "gemini")
	})
	goOn := make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, ")]}'\n\n")
		_ = http.NewResponseController(w).Flush()
		<-goOn
	}))
	b := newTab(t, p, provider)
	b.open("https://gemini.google.com/app")
	form := url.Values{"f.req": {`[null,"[[\"hello\",0,null,[],null,null,0],[\"en\"]]"]`}}.Encode()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://gemini.google.com/_/BardChatUi/data/assistant.lamda.BardFrontendService/StreamGenerate", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"User-Agent": b.agent, "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
		"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin",
	} {
		r.Header.Set(name, value)
	}
	late := time.AfterFunc(3*time.Second, func() { close(goOn) })
	resp, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := resp.Body.Read(make([]byte, 1)); n != 1 || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	if !late.Stop() {
		t.Fatal("the reply was held until it was complete")
	}
	close(goOn)
}

// TestStepUp: a prompt that needs a stronger sign-in goes through after it, and not
// because somebody came back from the provider.
func TestStepUp(t *testing.T) {
	p, provider := office(t, func(s *proxytest.Settings) { s.Policy = asking })
	const prompt = `{"action":"next","model":"strong","messages":[{"id":"1","author":{"role":"user"},"content":{"content_type":"text","parts":["hello"]}}]}`
	b := newTab(t, p, provider)
	send := func() (int, string) {
		return b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/conversation", prompt)
	}
	confirm := func(said string) (int, string) {
		status, page := b.open("https://sluice.internal" + noticeIn(t, said))
		link := stepUpLink(page)
		if status != http.StatusOK || link == "" {
			t.Fatalf("%d %s", status, page)
		}
		return b.open(link)
	}
	provider.Is("bo", nil, nil)
	b.open("https://chatgpt.com/")
	p.Origin.Received()
	_, said := send()
	if got := p.Origin.Received(); len(got) != 0 {
		t.Fatalf("it went through: %s", said)
	}
	confirm(said) // the person cannot satisfy it
	if _, said = send(); len(p.Origin.Received()) != 0 {
		t.Fatalf("coming back was enough: %s", said)
	}
	if status, page := confirm(said); status != http.StatusTooManyRequests {
		t.Errorf("round in circles: %d %s", status, page)
	}
	b = newTab(t, p, provider)
	provider.Is("ana", []string{"c1"}, nil)
	b.open("https://chatgpt.com/")
	p.Origin.Received()
	_, said = send()
	if status, page := confirm(said); status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	if status, said := send(); status != http.StatusOK || len(p.Origin.Received()) != 1 {
		t.Errorf("after it: %d %s", status, said)
	}
}

// TestSignInIsOffered: where nobody has to sign in, somebody who would be asked is
// told that they can.
func TestSignInIsOffered(t *testing.T) {
	p, provider := office(t, func(s *proxytest.Settings) { s.Policy, s.Required = asking, false })
	const prompt = `{"action":"next","model":"m","messages":[{"id":"1","author":{"role":"user"},"content":{"content_type":"text","parts":["Write to jo.doe@example.org"]}}]}`
	b := newTab(t, p, provider)
	if status, _ := b.open("https://chatgpt.com/"); status != http.StatusOK || len(b.went) != 0 {
		t.Fatalf("%d by way of %v", status, b.went)
	}
	_, said := b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/conversation", prompt)
	link := regexp.MustCompile(`https://sluice\.internal/sign-in\?to=[^ "\\)]+`).FindString(said)
	if link == "" {
		t.Fatal(said)
	}
	if status, _ := b.open(link); status != http.StatusOK || b.went[len(b.went)-1] != "https://chatgpt.com/" {
		t.Fatalf("%d by way of %v", status, b.went)
	}
	if _, said = b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/conversation", prompt); noticeLink.FindString(said) == "" {
		t.Errorf("not asked: %s", said)
	}
}

func stepUpLink(page string) string {
	_, rest, found := strings.Cut(page, `class="button" href="`)
	link, _, _ := strings.Cut(rest, `"`)
	if !found {
		return ""
	}
	return strings.ReplaceAll(link, "&amp;", "&")
}

// TestBrowserIsNotChallenged: a browser that can sign in gets no 407, a tool does.
func TestBrowserIsNotChallenged(t *testing.T) {
	p, _ := office(t, func(s *proxytest.Settings) { s.Users = []string{"robot"} })
	for agent, want := range map[string]int{"Mozilla/5.0 Chrome/141": 200, "curl/8.14": 407, "": 407} {
		header := "User-Agent: " + agent + "\r\n"
		if agent == "" {
			header = ""
		}
		if _, resp := p.Connect(t, "chatgpt.com:443", header); resp.StatusCode != want {
			t.Errorf("%q: %d", agent, resp.StatusCode)
		}
	}
}

// TestStoreDownForStrangers: where nobody has to sign in, who has not is served although
// nobody can be looked up; who has, or would have to, is not.
func TestStoreDownForStrangers(t *testing.T) {
	for _, required := range []bool{false, true} {
		store := &brokenStore{Store: memory()}
		p, provider := office(t, func(s *proxytest.Settings) { s.Required, s.Store = required, store })
		b := newTab(t, p, provider)
		store.down.Store(true)
		want := map[bool]int{false: http.StatusOK, true: http.StatusServiceUnavailable}[required]
		if status, said := b.fetch(http.MethodGet, "https://chatgpt.com/backend-api/me", ""); status != want {
			t.Errorf("required %v: %d %s", required, status, said)
		}
	}
}

// TestProviderDown: a provider that does not answer costs a page that says so.
func TestProviderDown(t *testing.T) {
	p, provider := office(t, nil)
	b := newTab(t, p, provider)
	provider.Close()
	start := time.Now()
	status, page := b.open("https://chatgpt.com/")
	if status < 500 || !strings.Contains(page, "<h1>") || time.Since(start) > 20*time.Second {
		t.Errorf("%d %s", status, page)
	}
}

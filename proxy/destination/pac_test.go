package destination_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// browser evaluates a PAC file as one would, with nothing but the language.
type browser struct {
	vm   *goja.Runtime
	find goja.Callable
}

func newBrowser(t testing.TB, script []byte) *browser {
	t.Helper()
	vm := goja.New()
	if _, err := vm.RunString(string(script)); err != nil {
		t.Fatalf("%v in\n%.2000s", err, script)
	}
	find, ok := goja.AssertFunction(vm.Get("FindProxyForURL"))
	if !ok {
		t.Fatal("no FindProxyForURL")
	}
	return &browser{vm, find}
}

func (b *browser) ask(t testing.TB, url, host string) string {
	t.Helper()
	v, err := b.find(goja.Undefined(), b.vm.ToValue(url), b.vm.ToValue(host))
	if err != nil {
		t.Fatalf("%q: %v", host, err)
	}
	return v.String()
}

func catalogue(t testing.TB, opts destination.CatalogueOptions) *destination.Catalogue {
	t.Helper()
	c, err := destination.NewCatalogue(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tenants are hosts that are intercepted for a header.
var tenants = []destination.HostPattern{
	{Host: "login.microsoftonline.com"}, {Host: "login.microsoft.com"}, {Host: "login.live.com"}, {Host: "api.openai.com"}, {Host: "tenant.example", Subdomains: true},
}

const both = "PROXY one.corp.example:8080; HTTPS two.corp.example:8443"

func pacConfig(t testing.TB) destination.PACConfig {
	return destination.PACConfig{
		Proxies:     []string{"PROXY One.corp.example:8080", "HTTPS two.corp.example:8443"},
		Direct:      []string{"deepseek.com", ".poe.com", "intranet.example", "[2001:DB8::1]"},
		Passthrough: []string{".grok.com", "partner.example"},
		PortalHost:  "sluice.internal",
		Catalogue:   catalogue(t, destination.CatalogueOptions{InspectMixed: []string{"canva.com", "app.n8n.io"}}),
		Tenants:     tenants,
	}
}

func TestPAC(t *testing.T) {
	tests := []struct {
		host       string
		genai, all bool // goes to the proxies
	}{
		{"chatgpt.com", true, true},
		{"CHATGPT.com", true, true},
		{"chatgpt.com.", true, true},
		{"a.b.chatgpt.com", true, true},
		{"xchatgpt.com", false, true},
		{"chatgpt.com.example", false, true},
		{"com", false, false},
		{"chat.com", true, true}, // exact
		{"www.chat.com", false, true},
		{"bedrock-runtime.eu-west-1.amazonaws.com", true, true},
		{"bedrock-runtime.a.b.amazonaws.com", true, true},
		{"bedrock-runtime.amazonaws.com", false, true},
		{"bedrock-runtimexeu.amazonaws.com", false, true},
		{"github.com", true, true},             // shared, with a path prefix
		{"chatgpt.livekit.cloud", false, true}, // mixed
		{"canva.com", true, true},              // mixed, to be inspected
		{"www.canva.com", true, true},
		{"n8n.io", false, true},
		{"app.n8n.io", true, true},
		{"login.microsoftonline.com", true, true}, // tenants
		{"login.live.com", true, true},
		{"device.login.microsoftonline.com", false, true},
		{"accounts.google.com", false, true}, // not configured
		{"sluice.internal", true, true},
		{"Sluice.Internal.", true, true},
		{"x.sluice.internal", false, true},
		{"deepseek.com", false, false}, // direct
		{"chat.deepseek.com", true, true},
		{"poe.com", false, false},
		{"www.poe.com", false, false},
		{"intranet.example", false, false},
		{"2001:db8::1", false, false},
		{"[2001:db8::1]", false, false},
		{"grok.com", false, true}, // passthrough
		{"assets.grok.com", false, true},
		{"example.com", false, true},
		{"printer", false, false},
		{"localhost", false, false},
		{"a.localhost", false, false},
		{"127.0.0.1", false, false},
		{"127.9.9.9", false, false},
		{"::1", false, false},
		{"[::1]", false, false},
		{"2606:4700::1", false, true},
		{"8.8.8.8", false, true},
		{"", false, false},
		{".", false, false},
		{"..", false, true},
		{"__proto__", false, false},
		{"constructor", false, false},
		{"hasOwnProperty", false, false},
		{"a.constructor", false, true},
		{"a.toString.__proto__", false, true},
	}
	for _, mode := range []string{"", destination.PACAll} {
		cfg := pacConfig(t)
		cfg.Mode = mode
		script, err := destination.PAC(cfg)
		if err != nil {
			t.Fatal(err)
		}
		b := newBrowser(t, script)
		for _, tt := range tests {
			proxied := tt.genai
			if mode == destination.PACAll {
				proxied = tt.all
			}
			want := "DIRECT"
			if proxied {
				want = both
			}
			for _, scheme := range []string{"https://", "http://", "wss://", "ws://"} {
				if got := b.ask(t, scheme+tt.host+"/", tt.host); got != want {
					t.Errorf("mode %q: %s%s: %s; want %s", mode, scheme, tt.host, got, want)
				}
			}
		}
	}
}

func TestPACFailOpen(t *testing.T) {
	cfg := pacConfig(t)
	cfg.FailOpen = true
	script, err := destination.PAC(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, script)
	if got := b.ask(t, "https://chatgpt.com/", "chatgpt.com"); got != both+"; DIRECT" {
		t.Error(got)
	}
	if got := b.ask(t, "https://example.com/", "example.com"); got != "DIRECT" {
		t.Error(got)
	}
}

// TestPACSeveralProxies shows that proxies stand in the order in which they are
// configured, for every host the same, in both modes: a browser that fails over
// does so by that order, and DIRECT is its end only where that is wanted.
func TestPACSeveralProxies(t *testing.T) {
	for _, mode := range []string{destination.PACGenAI, destination.PACAll} {
		for _, open := range []bool{false, true} {
			cfg := pacConfig(t)
			cfg.Mode, cfg.FailOpen = mode, open
			cfg.Proxies = []string{"HTTPS Proxy.Corp.Example.:443", "PROXY 10.0.0.5:8080", "PROXY [2001:DB8:0::5]:8080", "HTTPS b.corp.example:8443", "PROXY 10.0.0.5:8080"}
			script, err := destination.PAC(cfg)
			if err != nil {
				t.Fatal(err)
			}
			want := "HTTPS proxy.corp.example:443; PROXY 10.0.0.5:8080; PROXY [2001:db8::5]:8080; HTTPS b.corp.example:8443; PROXY 10.0.0.5:8080"
			if open {
				want += "; DIRECT"
			}
			b := newBrowser(t, script)
			for _, host := range []string{"chatgpt.com", "claude.ai", "api.openai.com", "sluice.internal", "login.microsoftonline.com"} {
				for range 3 { // no chance is in it
					if got := b.ask(t, "https://"+host+"/", host); got != want {
						t.Errorf("mode %s, fail open %v: %s: %s", mode, open, host, got)
					}
				}
			}
			for _, host := range []string{"intranet.example", "deepseek.com"} { // pac.direct
				if got := b.ask(t, "https://"+host+"/", host); got != "DIRECT" {
					t.Errorf("mode %s, fail open %v: %s: %s", mode, open, host, got)
				}
			}
		}
	}
}

// TestPACAgreesWithTheCatalogue asks for every host of the catalogue, its
// parents and its sub-domains.
func TestPACAgreesWithTheCatalogue(t *testing.T) {
	c := catalogue(t, destination.CatalogueOptions{InspectMixed: []string{"canva.com", ".app.n8n.io"}})
	script, err := destination.PAC(destination.PACConfig{Proxies: []string{"PROXY p.example:1"}, PortalHost: "sluice.internal", Catalogue: c, Tenants: tenants})
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, script)
	asked := 0
	for _, m := range c.Matches() {
		host := strings.ReplaceAll(m.Pattern, "*", "eu-1")
		_, parent, _ := strings.Cut(host, ".")
		for _, h := range []string{host, "a." + host, "app." + host, "x" + host, parent, host + ".example"} {
			asked++
			read := slices.ContainsFunc(c.Candidates(h), func(m destination.Match) bool { return !m.Mixed })
			listed := slices.ContainsFunc(tenants, func(p destination.HostPattern) bool { return p.Match(h) })
			if proxied := b.ask(t, "https://"+h+"/", h) != "DIRECT"; proxied != (read || listed) {
				t.Errorf("%s: proxied %v, read %v, tenant %v", h, proxied, read, listed)
			}
		}
	}
	if asked < 5000 {
		t.Errorf("only %d hosts", asked)
	}
	if len(script) > 64<<10 {
		t.Errorf("%d bytes", len(script))
	}
}

// TestPACIsOldJavaScript: Windows evaluates PAC files with an engine of 1999,
// and names must not be resolved.
func TestPACIsOldJavaScript(t *testing.T) {
	script, err := destination.PAC(pacConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile("(?m)=>|`|\\b(let|const|class)\\b|\\.(includes|startsWith|endsWith|indexOf\\(\"[^\"]*\",)|dnsResolve|isInNet|isResolvable|myIpAddress|,\\s*[}\\]]").Find(script); m != nil {
		t.Errorf("%q in the script", m)
	}
	for _, c := range script {
		if c >= 0x80 || c < ' ' && c != '\n' {
			t.Fatalf("byte %#x in the script", c)
		}
	}
}

func TestPACProblemsAllAtOnce(t *testing.T) {
	_, err := destination.PAC(destination.PACConfig{
		Mode:        "some",
		Proxies:     []string{"proxy.example:8080", "PROXY proxy.example", "SOCKS p:1", `PROXY p:1"; alert(1)`, "PROXY p:1; DIRECT", "DIRECT"},
		Direct:      []string{"a b", "10.0.0.0/8"},
		Passthrough: []string{"*.x"},
		PortalHost:  "",
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"pac.mode:", "pac.proxies[0]:", "pac.proxies[1]:", "pac.proxies[2]:", "pac.proxies[3]:", "pac.proxies[4]:", "pac.proxies[5]:",
		"pac.direct[0]:", "pac.direct[1]:", "destinations.passthrough[0]:", "portal.host:", "no catalogue",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s in\n%v", want, err)
		}
	}
	if _, err := destination.PAC(destination.PACConfig{PortalHost: "a.b", Catalogue: catalogue(t, destination.CatalogueOptions{})}); err == nil || !strings.Contains(err.Error(), "pac.proxies: wants at least one") {
		t.Errorf("no proxies: %v", err)
	}
}

// FuzzPAC: whatever configuration is accepted, the script parses, defines its
// own names alone, and answers with the proxies or DIRECT.
func FuzzPAC(f *testing.F) {
	f.Add("PROXY p.example:8080", "a.example", ".b.example", "sluice.internal", "chatgpt.com", false)
	f.Add(`PROXY p:1"+alert(1)+"`, `"];alert(1)//`, "\u2028", `</script>`, `"`, true)
	f.Add("HTTPS [::1]:1", "__proto__", "constructor", "ｅ.example", "a.__proto__", true)
	base, err := destination.NewCatalogue(destination.CatalogueOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, proxy, direct, passthrough, portal, host string, all bool) {
		cfg := destination.PACConfig{
			Proxies: []string{proxy}, Direct: []string{direct}, Passthrough: []string{passthrough}, PortalHost: portal,
			Catalogue: base, FailOpen: all,
		}
		if all {
			cfg.Mode = destination.PACAll
		}
		script, err := destination.PAC(cfg)
		if err != nil {
			return
		}
		b := newBrowser(t, script)
		for _, name := range b.vm.GlobalObject().Keys() {
			if !strings.HasPrefix(name, "sluice") && name != "FindProxyForURL" {
				t.Errorf("defines %q", name)
			}
		}
		proxies := b.ask(t, "https://"+portal+"/", portal)
		if to, err := destination.ParseHost(portal); err == nil {
			proxies = b.ask(t, "", to.Host)
		}
		if proxies == "DIRECT" || strings.HasSuffix(proxies, "DIRECT") != all {
			t.Errorf("the portal is reached through %q", proxies)
		}
		if got := b.ask(t, "https://"+host+"/", host); got != proxies && got != "DIRECT" {
			t.Errorf("%q: %q", host, got)
		}
	})
}

func BenchmarkPAC(b *testing.B) {
	cfg := pacConfig(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := destination.PAC(cfg); err != nil {
			b.Fatal(err)
		}
	}
}

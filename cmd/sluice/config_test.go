package main

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecodeConfig(t *testing.T) {
	const file = `
listen:
  proxy: [127.0.0.1:3128, "[::1]:3128"]
  clients: [loopback]
limits: {body: 1MiB, idle: 30s, ratio: 20}
upstream:
  resolve: {chatgpt.com: "127.0.0.1:9443"}
tenants:
  openai: {workspace_ids: [a, b]}
identity:
  bearer:
    issuers: [{issuer: https://id.example, audiences: [sluice]}]
`
	c := defaultConfig()
	if err := decodeConfig("f", []byte(file), c); err != nil {
		t.Fatal(err)
	}
	if got := c.Listen.Proxy; !reflect.DeepEqual(got, List{"127.0.0.1:3128", "[::1]:3128"}) {
		t.Errorf("listen.proxy is %v", got)
	}
	if c.Limits.Body != 1<<20 || time.Duration(c.Limits.Idle) != 30*time.Second || c.Limits.Ratio != 20 {
		t.Errorf("limits are %+v", c.Limits)
	}
	if c.Limits.Expanded != 64<<20 {
		t.Error("a value that is not given lost its default")
	}
	if c.Tenants.Microsoft != nil || c.Tenants.OpenAI == nil || len(c.Tenants.OpenAI.WorkspaceIDs) != 2 {
		t.Errorf("tenants are %+v", c.Tenants)
	}
	if c.Upstream.Resolve["chatgpt.com"] != "127.0.0.1:9443" || c.Identity.Bearer.Issuers[0].Audiences[0] != "sluice" {
		t.Error("maps or lists of blocks are not read")
	}
}

// TestOneOrList shows that listen.proxy takes one address or several.
func TestOneOrList(t *testing.T) {
	c := defaultConfig()
	if err := decodeConfig("f", []byte("listen: {proxy: 127.0.0.1:1}"), c); err != nil || len(c.Listen.Proxy) != 1 {
		t.Errorf("got %v, %v", c.Listen.Proxy, err)
	}
}

// TestAllProblems shows that one run names every mistake, with line and path.
func TestAllProblems(t *testing.T) {
	const file = `listen:
  proxi: 127.0.0.1:1
limits:
  body: sixteen
  idle: 5
respond: {inspect: true}
audit: on
identity: {oidc: {isuer: https://id}}
sessions: {stores: memory}
policy: {bundle: {url: x}, mode: enforce, mode: observe}
`
	err := decodeConfig("sluice.yaml", []byte(file), defaultConfig())
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"sluice.yaml:2: listen.proxi: unknown key",
		"sluice.yaml:4: limits.body: ",
		"sluice.yaml:5: limits.idle: ",
		"sluice.yaml:6: respond: unknown key",
		"sluice.yaml:7: audit: wants keys and values",
		"sluice.yaml:8: identity.oidc[0].isuer: unknown key",
		"sluice.yaml:9: sessions.stores: unknown key",
		"sluice.yaml:10: policy.bundle: unknown key",
		"sluice.yaml:10: policy.mode: given twice",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

func TestDefaultsAreValid(t *testing.T) {
	if err := defaultConfig().validate(); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		path   string
		change func(*Config)
	}{
		{"listen.proxy", func(c *Config) { c.Listen.Proxy = nil }},
		{"listen.proxy[0]", func(c *Config) { c.Listen.Proxy = List{"8080"} }},
		{"listen.proxy[1]", func(c *Config) { c.Listen.Proxy = List{"127.0.0.1:1", "127.0.0.1:1"} }},
		{"listen.proxy[1]", func(c *Config) { c.Listen.Proxy = List{"127.0.0.1:1", "https://127.0.0.1:1"} }},
		{"listen.proxy[0]", func(c *Config) { c.Listen.Proxy = List{"http://127.0.0.1:1"} }},
		{"listen.proxy[0]", func(c *Config) { c.Listen.Proxy = List{"::1:8080"} }},
		{"listen.tls", func(c *Config) { c.Listen.Proxy = List{"https://127.0.0.1:1"} }},
		{"listen.tls", func(c *Config) { c.Listen.TLS = ListenTLSConfig{CertFile: "a", KeyFile: "b"} }},
		{"listen.tls", func(c *Config) { c.Listen.TLS = ListenTLSConfig{ClientCAFile: "a"} }},
		{"listen.tls", func(c *Config) { c.Listen.TLS = ListenTLSConfig{ClientCRL: List{"a"}} }},
		{"listen.tls.client_crl_file", func(c *Config) {
			c.Listen.Proxy, c.Listen.TLS = List{"https://127.0.0.1:1"}, ListenTLSConfig{CertFile: "a", KeyFile: "b", ClientCRL: List{"c"}}
		}},
		{"identity.client_certificates.user", func(c *Config) { c.Identity.ClientCertificates.User = "san.email" }},
		{"identity.groups.endpoint", func(c *Config) { c.Identity.Groups.TokenFile = "a" }},
		{"identity.groups.cache", func(c *Config) { c.Identity.Groups.Cache = 0 }},
		{"identity.groups.timeout", func(c *Config) { c.Identity.Groups.Timeout = 0 }},
		{"log.access", func(c *Config) { c.Log.Access = "clf" }},
		{"log.access_file", func(c *Config) { c.Log.AccessFile = "access.log" }},
		{"listen.proxy_protocol[1]", func(c *Config) { c.Listen.ProxyProtocol = []string{"10.0.0.0/8", "10.0.0.1"} }},
		{"listen.admin", func(c *Config) { c.Listen.Admin = c.Listen.Proxy[0] }},
		{"listen.clients", func(c *Config) { c.Listen.Clients = []string{"everybody"} }},
		{"listen.clients", func(c *Config) { c.Listen.Clients = nil }},
		{"ca", func(c *Config) { c.CA.CertFile = "x" }},
		{"portal.host", func(c *Config) { c.Portal.Host = "Portal" }},
		{"pac.mode", func(c *Config) { c.PAC.Mode = "some" }},
		{"upstream.allow_private[0]", func(c *Config) { c.Upstream.AllowPrivate = []string{"10.0.0.1"} }},
		{"upstream.parent", func(c *Config) { c.Upstream.Parent = "socks5://h:1" }},
		{"upstream.ports[0]", func(c *Config) { c.Upstream.Ports = []string{"70000"} }},
		{"identity.challenge", func(c *Config) { c.Identity.Challenge = "ntlm" }},
		{"identity.required", func(c *Config) { c.Identity.Required = true }},
		{"identity.bearer.issuers[0].issuer", func(c *Config) { c.Identity.Bearer.Issuers = []IssuerConfig{{Issuer: "http://id"}} }},
		{"identity.bearer.issuers[0].audiences", func(c *Config) { c.Identity.Bearer.Issuers = []IssuerConfig{{Issuer: "https://id"}} }},
		{"identity.claims.groups", func(c *Config) { c.Identity.Claims.Groups = "" }},
		{"identity.claims.department", func(c *Config) { c.Identity.Claims.Department = "" }},
		{"identity.claims.extra[1]", func(c *Config) { c.Identity.Claims.Extra = []string{"roles", ""} }},
		{"identity.claims.extra[1]", func(c *Config) { c.Identity.Claims.Extra = []string{"roles", "roles"} }},
		{"identity.claims.extra", func(c *Config) { c.Identity.Claims.Extra = make([]string, 33) }},
		{"policy.mode", func(c *Config) { c.Policy.Mode = "off" }},
		{"policy.on_error", func(c *Config) { c.Policy.OnError = "open" }},
		{"policy.timeout", func(c *Config) { c.Policy.Timeout = 0 }},
		{"audit.on_failure", func(c *Config) { c.Audit.OnFailure = "ignore" }},
		{"audit.sync", func(c *Config) { c.Audit.Sync = "never" }},
		{"limits.inspecting", func(c *Config) { c.Limits.Inspecting = 17 << 20 }},
		{"limits.headers", func(c *Config) { c.Limits.Headers = 0 }},
		{"limits.idle", func(c *Config) { c.Limits.Idle = 0 }},
		{"log.level", func(c *Config) { c.Log.Level = "loud" }},
		{"log.format", func(c *Config) { c.Log.Format = "xml" }},
	} {
		config := defaultConfig()
		c.change(config)
		err := config.validate()
		if err == nil || !strings.Contains(err.Error(), c.path+": ") {
			t.Errorf("%s: got %v", c.path, err)
		}
	}
}

// TestParentPasswordIsNotPrinted keeps the credentials of the parent proxy out
// of messages.
func TestParentPasswordIsNotPrinted(t *testing.T) {
	c := defaultConfig()
	c.Upstream.Parent = "http://user:hunter2@host:1/path%zz"
	err := c.validate()
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	c := defaultConfig()
	err := decodeEnvironment([]string{
		"HOME=/x", "SLUICE_CONFIG=ignored", "SLUICE_SERVICE_HOST=10.0.0.1", "SLUICE_PORT_8080_TCP=tcp://10.0.0.1:8080",
		"SLUICE_LISTEN_PROXY=127.0.0.1:1, 127.0.0.1:2", "SLUICE_LIMITS_BODY=1MiB", "SLUICE_IDENTITY_REQUIRED=true",
		"SLUICE_DESTINATIONS_SANCTIONED=chatgpt",
	}, c)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Listen.Proxy) != 2 || c.Limits.Body != 1<<20 || !c.Identity.Required || c.Destinations.Sanctioned[0] != "chatgpt" {
		t.Errorf("got %+v", c)
	}
	err = decodeEnvironment([]string{"SLUICE_LISTEN_PROXI=x", "SLUICE_LIMITS_BODY=big"}, defaultConfig())
	if err == nil || !strings.Contains(err.Error(), "SLUICE_LISTEN_PROXI: names no") || !strings.Contains(err.Error(), "SLUICE_LIMITS_BODY: ") {
		t.Errorf("got %v", err)
	}
}

func FuzzDecodeConfig(f *testing.F) {
	f.Add("listen: {proxy: 127.0.0.1:1}")
	f.Add("limits: {body: 9999999999999GiB}")
	f.Add("a: &x [*x]")
	f.Add("? [a]\n: b")
	f.Add("tenants: {openai: {workspace_ids: [a]}}")
	f.Fuzz(func(t *testing.T, file string) {
		c := defaultConfig()
		if decodeConfig("f", []byte(file), c) == nil {
			_ = c.validate() // must not panic on anything that decodes
		}
	})
}

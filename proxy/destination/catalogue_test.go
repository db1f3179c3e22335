package destination

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func newCatalogue(t testing.TB, opts CatalogueOptions) *Catalogue {
	t.Helper()
	c, err := NewCatalogue(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func overlay(text string) []Overlay { return []Overlay{{Name: "overlay.json", JSON: []byte(text)}} }

// describe lists candidates as app:kind:prefix.
func describe(list []Match) string {
	var out []string
	for _, m := range list {
		s := m.App.ID + ":" + m.Kind
		if m.PathPrefix != "" {
			s += ":" + m.PathPrefix
		}
		if m.Mixed {
			s += ":mixed"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestEmbeddedCatalogue(t *testing.T) {
	c := newCatalogue(t, CatalogueOptions{})
	if n := len(c.Apps()); n < 700 {
		t.Errorf("%d apps", n)
	}
	seen := map[string]bool{}
	for _, app := range c.Apps() {
		if seen[app.ID] || app.Name == "" || app.Sanction != Unreviewed || app.Risk < 0 || app.Risk > 100 || c.App(app.ID) != app {
			t.Errorf("%+v", app)
		}
		seen[app.ID] = true
	}
	for _, m := range c.Matches() {
		if !slices.Contains(roles, m.Role) {
			t.Errorf("%s %s: role %q", m.App.ID, m.Pattern, m.Role)
		}
		host := strings.ReplaceAll(m.Pattern, "*", "eu-1")
		if !slices.ContainsFunc(c.Candidates(host), func(n Match) bool { return n == m }) {
			t.Errorf("%s does not find %s of %s", host, m.Pattern, m.App.ID)
		}
		if m.Kind == MatchSuffix && !slices.ContainsFunc(c.Candidates("a.b."+host), func(n Match) bool { return n == m }) {
			t.Errorf("a.b.%s does not find %s of %s", host, m.Pattern, m.App.ID)
		}
	}
	for _, host := range []string{"example.com", "com", "openai.com.example.com", "xchatgpt.com", "livekit.cloud", "googleusercontent.com", "amazonaws.com", "bedrock.amazonaws.com", "s3.eu-1.amazonaws.com", "", "."} {
		if got := c.Candidates(host); got != nil {
			t.Errorf("%q: %s", host, describe(got))
		}
	}
}

func TestCandidates(t *testing.T) {
	c := newCatalogue(t, CatalogueOptions{})
	for host, want := range map[string]string{
		"chatgpt.com":     "chatgpt:suffix openai-codex:exact:/backend-api/codex",
		"www.chatgpt.com": "chatgpt:suffix",
		"ws.chatgpt.com":  "chatgpt:exact chatgpt:suffix",
		// a longer pattern of another entry wins by its length
		"sora.chatgpt.com":      "sora:exact chatgpt:suffix",
		"api.openai.com":        "openai-api:exact openai-codex:exact",
		"claude.ai":             "claude:suffix claude-code:exact",
		"api.anthropic.com":     "anthropic-api:exact claude-code:exact anthropic-api:suffix",
		"statsig.anthropic.com": "claude-code:exact anthropic-api:suffix",
		"www.bing.com":          "microsoft-copilot:exact:/chat microsoft-designer:exact:/images/create",
		"chatgpt.livekit.cloud": "chatgpt:exact:mixed",
		"www.canva.com":         "canva-ai:suffix:mixed",
		"github.com":            "github-copilot:exact:/copilot",
		"bedrock-runtime.eu-west-1.amazonaws.com":                "bedrock:glob",
		"bedrock-runtime.a.eu-west-1.amazonaws.com":              "bedrock:glob",
		"x.bedrock-runtime.a.eu-west-1.amazonaws.com":            "",
		"bedrock-runtime.eu-west-1.amazonaws.com.evil":           "",
		"bedrock-runtime-fips.us-gov-west-1.amazonaws.com":       "bedrock:glob",
		"vpce-0f3c.bedrock-runtime.us-east-1.vpce.amazonaws.com": "bedrock:glob",
		"us-central1-aiplatform.googleapis.com":                  "vertex-ai:glob",
		"aiplatform.googleapis.com":                              "vertex-ai:suffix",
		"a.us-central1-aiplatform.googleapis.com":                "", // the star before a hyphen stays in its label
		"-aiplatform.googleapis.com":                             "",
		"us-central1-aiplatform.googleapis.com.evil":             "",
		"telemetry.individual.githubcopilot.com":                 "github-copilot:glob github-copilot:suffix",
	} {
		if got := describe(c.Candidates(host)); got != want {
			t.Errorf("%s: %s; want %s", host, got, want)
		}
	}
	roleOf := func(host string) string { return c.Candidates(host)[0].Role }
	for host, want := range map[string]string{
		"files.oaiusercontent.com": "upload", "cdn.oaistatic.com": "asset", "auth.openai.com": "auth", "api.openai.com": "api",
		"content-push.googleapis.com": "upload", "telemetry.individual.githubcopilot.com": "asset", "us-central1-aiplatform.googleapis.com": "api",
	} {
		if got := roleOf(host); got != want {
			t.Errorf("%s: role %s; want %s", host, got, want)
		}
	}
}

func TestPrecedence(t *testing.T) {
	c := newCatalogue(t, CatalogueOptions{Overlays: overlay(`{"entries":[
		{"id":"one","hosts":[{"pattern":"a.one.example","match":"suffix"},{"pattern":"one.example","match":"suffix","path_prefixes":["/x","/x/long","/y"]},{"pattern":"one.example","match":"exact"}]},
		{"id":"two","hosts":[{"pattern":"one.example","match":"exact"},{"pattern":"*.one.example","match":"glob"},{"pattern":"b.*.one.example","match":"glob"}]},
		{"id":"three","hosts":[{"pattern":"b.a.one.example"}]}
	]}`)})
	for host, want := range map[string]string{
		"one.example":     "one:exact one:suffix:/x/long one:suffix:/x one:suffix:/y two:exact",
		"z.one.example":   "two:glob one:suffix:/x/long one:suffix:/x one:suffix:/y",
		"a.one.example":   "one:suffix two:glob one:suffix:/x/long one:suffix:/x one:suffix:/y",                       // both have 13 bytes: suffix before glob
		"b.a.one.example": "three:suffix two:glob one:suffix two:glob one:suffix:/x/long one:suffix:/x one:suffix:/y", // 15, 15, 13, 13, 11
	} {
		if got := describe(c.Candidates(host)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", host, got, want)
		}
	}
}

func TestOverlay(t *testing.T) {
	base := newCatalogue(t, CatalogueOptions{})
	c := newCatalogue(t, CatalogueOptions{
		Overlays: []Overlay{
			{"first.json", []byte(`{"entries":[
				{"id":"chatgpt","name":"Our ChatGPT","sanction":"tolerated","risk":7},
				{"id":"claude","hosts":[{"pattern":"Claude.Example.","role":"api"}],"name":null},
				{"id":"deepseek","country":"FR"},
				{"id":"house-llm","vendor":"us","category":"chat","hosts":[{"pattern":"10.9.8.7","match":"exact","role":"api"},{"pattern":"BÜCHER.example","match":"exact"},{"pattern":"sh.example","shared":true}],"wire_format":"openai-*"}
			]}`)},
			{"second.json", []byte(`{"entries":[{"id":"house-llm","name":"House","sanction":"sanctioned"}]}`)},
		},
		Sanctioned:   []string{"claude", "house-llm"},
		Unsanctioned: []string{"chatgpt"},
	})
	app := c.App("chatgpt")
	if app.Name != "Our ChatGPT" || app.Sanction != Unsanctioned || app.Risk != 7 || app.Vendor != "OpenAI" || app.Wire != "chatgpt-web" {
		t.Errorf("%+v", app)
	}
	if len(c.Candidates("chatgpt.com")) != 2 {
		t.Error("chatgpt lost its hosts")
	}
	if got := describe(c.Candidates("claude.ai")); got != "claude-code:exact" {
		t.Errorf("claude.ai: %s", got)
	}
	if got := c.Candidates("www.claude.example"); len(got) != 1 || got[0].App.ID != "claude" || got[0].Role != "api" || got[0].App.Name != "Claude" || got[0].App.Sanction != Sanctioned {
		t.Errorf("claude.example: %s", describe(got))
	}
	if was, is := base.App("deepseek").Risk, c.App("deepseek").Risk; is != was-30 {
		t.Errorf("deepseek moved to France: risk %d, was %d", is, was)
	}
	house := c.App("house-llm")
	if house.Name != "House" || house.Sanction != Sanctioned || house.Risk != 50 || c.Apps()[len(c.Apps())-1] != house {
		t.Errorf("%+v", house)
	}
	for _, host := range []string{"10.9.8.7", "xn--bcher-kva.example", "sh.example"} {
		if got := c.Candidates(host); len(got) != 1 || got[0].App != house || got[0].Mixed != (host == "sh.example") {
			t.Errorf("%s: %s", host, describe(got))
		}
	}
}

func TestCatalogueProblemsAllAtOnce(t *testing.T) {
	_, err := NewCatalogue(CatalogueOptions{
		Overlays: []Overlay{
			{"bad.json", []byte(`{"entries":[
				{"id":"chatgpt","colour":"red"},
				{"id":"Bad Id","hosts":[{"pattern":"x.example"}]},
				{"id":"new"},
				{"id":"a","hosts":[]},
				{"id":"b","hosts":[{"pattern":"x y","match":"exact"},{"pattern":"com"},{"pattern":"10.0.0.1","match":"suffix"},{"pattern":"a*.example.com","match":"glob"},{"pattern":"a.*.com","match":"glob"},{"pattern":"a.example.com","match":"regex","role":"boss"},{"pattern":"a.example.com","path_prefixes":["chat","/","/a?b"]}]},
				{"id":"c","sanction":"fine","risk":101,"country":"usa","hosts":[{"pattern":"c.example"}]},
				{"id":"d","hosts":[{"pattern":"d.example"}]},
				{"id":"d","hosts":[{"pattern":"d.example"}]},
				{"id":"e","hosts":"e.example"}
			]}`)},
			{"broken.json", []byte(`{"entries":[}`)},
			{"unknown.json", []byte(`{"entrys":[]}`)},
			{"tail.json", []byte(`{"entries":[]} {}`)},
		},
		Sanctioned:   []string{"nobody", "chatgpt"},
		Tolerated:    []string{"chatgpt"},
		InspectMixed: []string{"example.com", "a b"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`bad.json: entries[0]: json: unknown field "colour"`,
		`entries[1] ("Bad Id"): id:`,
		`"new": a new id wants hosts`,
		`entries[3] ("a"): hosts: wants at least one`,
		`hosts[0]: pattern:`, `hosts[1]: pattern: a suffix wants`, `hosts[2]: pattern: a suffix wants`, `hosts[3]: pattern: a star stands`, `hosts[4]: pattern: a glob wants at least two`,
		`hosts[5]: role:`, `hosts[5]: match:`, `hosts[6]: path_prefixes[0]`, `hosts[6]: path_prefixes[1]`, `hosts[6]: path_prefixes[2]`,
		`entries[5] ("c"): sanction:`, `entries[5] ("c"): risk:`, `entries[5] ("c"): country:`,
		`entries[7] ("d"): id: given twice`,
		`entries[8]: json:`,
		`broken.json:`, `unknown.json: json: unknown field "entrys"`, `tail.json: text after the end`,
		`destinations.sanctioned[0]: the catalogue has no app "nobody"`,
		`destinations.tolerated[0]: "chatgpt" is also in destinations.sanctioned`,
		`destinations.inspect_mixed: "example.com" is not a shared host`,
		`destinations.inspect_mixed[1]:`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestInspectMixed(t *testing.T) {
	c := newCatalogue(t, CatalogueOptions{InspectMixed: []string{"canva.com", "app.n8n.io", ".eu.zapier.com", "chatgpt.livekit.cloud"}})
	for host, mixed := range map[string]bool{
		"canva.com": false, "www.canva.com": false, "n8n.io": true, "app.n8n.io": false, "x.app.n8n.io": true,
		"zapier.com": true, "eu.zapier.com": false, "a.eu.zapier.com": false, "chatgpt.livekit.cloud": false, "envato.com": true,
	} {
		got := c.Candidates(host)
		if len(got) != 1 || got[0].Mixed != mixed {
			t.Errorf("%s: %s; want mixed %v", host, describe(got), mixed)
		}
	}
	if got := c.Candidates("app.n8n.io"); got[0].Mixed || !c.Candidates("n8n.io")[0].Mixed {
		t.Error("the shared matches were changed")
	}
}

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, host string
		want          bool
	}{
		{"a.*.example.com", "a.b.example.com", true},
		{"a.*.example.com", "a.b.c.example.com", true},
		{"a.*.example.com", "a.example.com", false},
		{"a.*.example.com", "a..example.com", false},
		{"*.example.com", "b.example.com", true},
		{"*.example.com", "example.com", false},
		{"*.a.*.example.com", "x.a.y.example.com", true},
		{"*.a.*.example.com", "x.a.a.y.example.com", true},
		{"*.a.*.example.com", "x.b.y.example.com", false},
		{"a.*.example.com", "a.b.example.com.evil.org", false},
	} {
		if got := matchGlob(tt.pattern, tt.host); got != tt.want {
			t.Errorf("%s on %s: %v", tt.pattern, tt.host, got)
		}
	}
}

func BenchmarkCandidates(b *testing.B) {
	c := newCatalogue(b, CatalogueOptions{})
	for _, host := range []string{"chatgpt.com", "a.b.c.openai.azure.com", "bedrock-runtime.eu-west-1.amazonaws.com", "sora.chatgpt.com", "www.some-other-site.example.org"} {
		b.Run(host, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Candidates(host)
			}
		})
	}
}

func BenchmarkNewCatalogue(b *testing.B) {
	for b.Loop() {
		newCatalogue(b, CatalogueOptions{})
	}
}

func FuzzOverlay(f *testing.F) {
	f.Add([]byte(`{"entries":[{"id":"a","hosts":[{"pattern":"a.example","match":"glob","path_prefixes":["/x/*"]}]}]}`), "b.a.example")
	f.Add([]byte(`{"entries":[{"id":"chatgpt","risk":3}]}`), "chatgpt.com")
	f.Fuzz(func(t *testing.T, data []byte, host string) {
		c, err := NewCatalogue(CatalogueOptions{Overlays: []Overlay{{"o", data}}})
		if err != nil {
			return
		}
		list := c.Candidates(host)
		for i, m := range list {
			if m.App == nil || i > 0 && len(m.Pattern) > len(list[i-1].Pattern) {
				t.Fatal(fmt.Sprint(list))
			}
		}
		Choose(list, host, nil)
	})
}

package destination

import (
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	c := newCatalogue(t, CatalogueOptions{Overlays: overlay(`{"entries":[
		{"id":"accounts","hosts":[{"pattern":"api.one.example","match":"exact","path_prefixes":["/client/v4/accounts/*/ai"]}]},
		{"id":"roles","hosts":[{"pattern":"two.example","role":"web"},{"pattern":"two.example","role":"api","path_prefixes":["/api"]},{"pattern":"two.example","role":"auth","path_prefixes":["/api/auth"]}]},
		{"id":"inner","hosts":[{"pattern":"in.two.example","path_prefixes":["/Deep"]}]}
	]}`)})
	tests := []struct {
		host, path string
		speaks     []string // formats that match
		want       string   // app:role, "" for none
	}{
		{"chatgpt.com", "/backend-api/conversation", []string{"chatgpt-web"}, "chatgpt:web"},
		{"chatgpt.com", "/anything", nil, "chatgpt:web"},
		{"chatgpt.com", "/backend-api/codex/responses", []string{"openai-responses"}, "openai-codex:web"},
		{"chatgpt.com", "/backend-api/codex/other", nil, "openai-codex:web"},
		{"chatgpt.com", "/backend-api/codex", nil, "openai-codex:web"},
		{"chatgpt.com", "/backend-api/codexes", nil, "chatgpt:web"},
		{"chatgpt.com", "/backend-api/codex", []string{"chatgpt-web"}, "chatgpt:web"},
		// no spelling takes the owner's requests to another entry
		{"chatgpt.com", "/backend-api/codex/../conversation", nil, "chatgpt:web"},
		{"chatgpt.com", "/backend-api/codex/%2e%2e/conversation", nil, "chatgpt:web"},
		{"chatgpt.com", "/backend-api/codex/%252e%252e/conversation", nil, "chatgpt:web"},
		{"chatgpt.com", `/backend-api/codex/..\..\conversation`, nil, "chatgpt:web"},
		{"chatgpt.com", "/backend-api/codex/..;/conversation", nil, "chatgpt:web"},
		{"chatgpt.com", "//backend-api/codex", nil, "chatgpt:web"},
		{"api.openai.com", "/v1/responses", []string{"openai-*", "openai-responses"}, "openai-api:api"},
		{"api.openai.com", "/v1/x", []string{"openai-responses"}, "openai-codex:api"},
		{"api.openai.com", "/v1/x", nil, "openai-api:api"},
		{"claude.ai", "/v1/messages", []string{"anthropic-messages"}, "claude-code:web"},
		{"claude.ai", "/api/x", []string{"claude-web", "anthropic-messages"}, "claude:web"},

		// a site whose API stands beside its pages
		{"openrouter.ai", "/api/v1/new", nil, "openrouter:api"},
		{"openrouter.ai", "/chat", nil, "openrouter:web"},
		{"zenmux.ai", "/api/v1/chat/completions", nil, "md-zenmux:api"},
		{"zenmux.ai", "/settings", nil, "md-zenmux:web"},
		{"crof.ai", "/v1/x", nil, "md-crof:api"},
		{"crof.ai", "/account", nil, "md-crof:web"},

		// a shared host belongs to its entry under the prefixes alone
		{"github.com", "/copilot", nil, "github-copilot:web"},
		{"github.com", "/copilot/chat", nil, "github-copilot:web"},
		{"github.com", "/Copilot?x", nil, "github-copilot:web"},
		{"github.com", "/copilot.json", nil, "github-copilot:web"},
		{"github.com", "/copilot-docs/readme", nil, ""},
		{"github.com", "/", nil, ""},
		{"github.com", "", nil, ""},
		{"github.com", "/someone/copilot", nil, ""},
		{"www.bing.com", "/chat", nil, "microsoft-copilot:web"},
		{"www.bing.com", "/images/create/x", nil, "microsoft-designer:web"},
		{"www.bing.com", "/search", []string{"copilot-consumer"}, ""},

		// and every spelling of a prefix counts
		{"github.com", "/%63opilot", nil, "github-copilot:web"},
		{"github.com", "/%2563opilot", nil, "github-copilot:web"},
		{"github.com", "//copilot", nil, "github-copilot:web"},
		{"github.com", "/./copilot", nil, "github-copilot:web"},
		{"github.com", "/%2e/copilot", nil, "github-copilot:web"},
		{"github.com", "/x/../copilot", nil, "github-copilot:web"},
		{"github.com", "/x/%2e%2E/copilot", nil, "github-copilot:web"},
		{"github.com", "/x/%252e%252E/copilot", nil, "github-copilot:web"},
		{"github.com", "/x%2f..%2fcopilot", nil, "github-copilot:web"},
		{"github.com", `\copilot`, nil, "github-copilot:web"},
		{"github.com", "/x%5c..%5ccopilot", nil, "github-copilot:web"},
		{"github.com", "/x;a=b/..;/copilot", nil, "github-copilot:web"},
		{"github.com", "/;a/copilot;b", nil, "github-copilot:web"},
		{"github.com", "/copilot/../x", nil, "github-copilot:web"},
		{"github.com", "/%zz/../%63opilot", nil, "github-copilot:web"},
		{"github.com", "/cop%", nil, ""},

		{"api.one.example", "/client/v4/accounts/0123/ai/run/@cf/x", nil, "accounts:web"},
		{"api.one.example", "/client/v4/accounts/0123/ai", nil, "accounts:web"},
		{"api.one.example", "/client/v4/accounts/0123/dns", nil, ""},
		{"api.one.example", "/client/v4/accounts//ai", nil, ""},
		{"api.one.example", "/client/v4/accounts/0123/x/ai", nil, ""},

		{"two.example", "/", nil, "roles:web"},
		{"two.example", "/api/x", nil, "roles:api"},
		{"two.example", "/api/auth/x", nil, "roles:auth"},
		{"in.two.example", "/deep/x", nil, "inner:web"},
		{"in.two.example", "/api/x", nil, "roles:api"}, // the next shorter pattern

		{"example.com", "/", nil, ""},
	}
	for _, tt := range tests {
		m, ok := Choose(c.Candidates(tt.host), tt.path, func(wire string) bool { return slices.Contains(tt.speaks, wire) })
		got := ""
		if ok {
			got = m.App.ID + ":" + m.Role
		}
		if got != tt.want {
			t.Errorf("%s%s %v: %q; want %q", tt.host, tt.path, tt.speaks, got, tt.want)
		}
	}
}

func TestChooseAsksOnlyWhereSeveralClaim(t *testing.T) {
	c := newCatalogue(t, CatalogueOptions{})
	for _, host := range []string{"www.chatgpt.com", "github.com", "gemini.google.com"} {
		Choose(c.Candidates(host), "/copilot/x", func(string) bool {
			t.Errorf("%s: asked for its format", host)
			return false
		})
	}
}

func FuzzChoose(f *testing.F) {
	for _, p := range []string{"/copilot", "/%2e%2e/copilot", "/a//..;/b", "/%25%32%65", `\\..\`, "/%zz%"} {
		f.Add(p)
	}
	c := newCatalogue(f, CatalogueOptions{})
	shared, owned := c.Candidates("github.com"), c.Candidates("chatgpt.com")
	f.Fuzz(func(t *testing.T, p string) {
		if !strings.HasPrefix(p, "/") {
			p = "/" + p
		}
		if _, ok := Choose(shared, "/copilot"+p, nil); !ok {
			t.Errorf("%q below the prefix is not matched", p)
		}
		if m, ok := Choose(owned, p, nil); !ok || m.App.ID != "chatgpt" && !strings.HasPrefix(strings.ToLower(p), "/backend-api/codex") {
			t.Errorf("%q: %v", p, m)
		}
	})
}

func BenchmarkChoose(b *testing.B) {
	c := newCatalogue(b, CatalogueOptions{})
	speaks := func(wire string) bool { return wire == "chatgpt-web" }
	for _, tt := range [][2]string{{"chatgpt.com", "/backend-api/conversation"}, {"github.com", "/someone/something/blob/main/README.md"}, {"github.com", "/a/%2e%2e/copilot"}} {
		list := c.Candidates(tt[0])
		b.Run(tt[0]+tt[1], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Choose(list, tt[1], speaks)
			}
		})
	}
}

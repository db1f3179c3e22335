package tenant

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	uuidA = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
	uuidB = "16fd2706-8baf-433b-82eb-8c7fada847da"
	uuidC = "886313e1-3b8a-4372-9b90-0c9aee199e5d"
)

func newRules(t testing.TB, blocks Blocks) *Rules {
	t.Helper()
	rules, err := New(blocks, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

var (
	entraOne = Blocks{"microsoft": {"tenant_id": {uuidA}, "allowed_tenants": {"corp.example", uuidB}}}
	entraTwo = Blocks{"microsoft": {"tenant_id": {uuidA}, "policy_id": {uuidC}}}
	every    = Blocks{
		"microsoft":          entraOne["microsoft"],
		"google":             {"allowed_domains": {"corp.example", "consumer_accounts", "corp.test"}},
		"gemini_code_assist": {"allowed_domains": {"dev.example"}},
		"google_cloud":       {"organizations": {"123456789", "42"}, "options": {"cloudStorageReadAllowed"}},
		"openai":             {"workspace_ids": {uuidA, uuidB}, "organization_ids": {"org-AbC1"}},
		"anthropic":          {"organization_ids": {uuidC, uuidB}},
		"github":             {"enterprise": {"corp-example", "corp2"}},
		"slack":              {"workspaces": {"T012AB3CD", "E012AB3CD"}, "requester": {"E012AB3CD"}},
		"dropbox":            {"team_ids": {"1234567", "dbtid:AAA-b_c"}},
		"notion":             {"workspace_ids": {uuidA}},
		"webex":              {"allowed_domains": {"corp.example", "corp.test"}},
		"zoom":               {"policy": {"bGFiZWw="}},
		"ibm_cloud":          {"account_ids": {"0123456789abcdef0123456789abcdef"}},
		"youtube":            {"restrict": {"Strict"}},
		"azure":              {"resources": {"corp-east"}},
	}
	// wanted are the values of every's headers; v2 stands beside v1.
	wanted = map[string]string{
		"entra-trv1 Restrict-Access-To-Tenants":                 "corp.example," + uuidB,
		"entra-trv1 Restrict-Access-Context":                    uuidA,
		"entra-trv1-msa sec-Restrict-Tenant-Access-Policy":      "restrict-msa",
		"entra-trv2 sec-Restrict-Tenant-Access-Policy":          uuidA + ":" + uuidC,
		"google-workspace X-GoogApps-Allowed-Domains":           "corp.example,consumer_accounts,corp.test",
		"gemini-code-assist X-GeminiCodeAssist-Allowed-Domains": "dev.example",
		"gcp-org-restrictions X-Goog-Allowed-Resources":         "eyJyZXNvdXJjZXMiOlsib3JnYW5pemF0aW9ucy8xMjM0NTY3ODkiLCJvcmdhbml6YXRpb25zLzQyIl0sIm9wdGlvbnMiOiJjbG91ZFN0b3JhZ2VSZWFkQWxsb3dlZCJ9",
		"chatgpt ChatGPT-Allowed-Workspace-Id":                  uuidA + "," + uuidB,
		"openai-api OpenAI-Allowed-Organization-Ids":            "org-AbC1",
		"anthropic anthropic-allowed-org-ids":                   uuidC + "," + uuidB,
		"github-emu sec-GitHub-allowed-enterprise":              "corp-example, corp2",
		"slack X-Slack-Allowed-Workspaces":                      "T012AB3CD,E012AB3CD",
		"slack X-Slack-Allowed-Workspaces-Requester":            "E012AB3CD",
		"dropbox X-Dropbox-allowed-Team-Ids":                    "1234567,dbtid:AAA-b_c",
		"notion X-Notion-Allowed-Workspaces":                    uuidA,
		"webex CiscoSpark-Allowed-Domains":                      "corp.example,corp.test",
		"zoom X-ZoomApps-Policy":                                "bGFiZWw=",
		"ibm-cloud IBM-Cloud-Tenant":                            "0123456789abcdef0123456789abcdef",
		"youtube YouTube-Restrict":                              "Strict",
	}
)

// fact is one confirmed entry of what the vendors say.
type fact struct {
	ID, Block             string
	Headers, Hosts, Never []string
	Value                 string
}

func facts(t testing.TB) []fact {
	t.Helper()
	data, err := os.ReadFile("testdata/headers.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []fact
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// configured is a configuration under which an entry's headers are set.
func (f *fact) configured() Blocks {
	if f.ID == "entra-trv2" {
		return entraTwo
	}
	return Blocks{f.Block: every[f.Block]}
}

// TestHeadersAreTheVendors holds the table to what is known of the vendors: each
// header with its value on each of its hosts, and on no other.
func TestHeadersAreTheVendors(t *testing.T) {
	names := map[string]bool{}
	all := facts(t)
	for _, f := range all {
		rules := newRules(t, f.configured())
		for _, host := range f.Hosts {
			plain, below := strings.CutPrefix(host, ".")
			listed, not := []string{plain}, []string{"x" + plain, plain + ".example"}
			if below {
				listed = append(listed, "a."+plain, "a.b."+plain)
			} else {
				not = append(not, "a."+plain)
			}
			for _, h := range listed {
				got := map[string]string{}
				for _, set := range rules.Headers(h) {
					got[set.Name] = set.Value
				}
				for _, name := range f.Headers {
					names[name] = true
					if value := got[name]; value == "" || value != wanted[f.ID+" "+name] {
						t.Errorf("%s: %s: %s is %q", f.ID, h, name, value)
					} else if f.Value != "" && !regexp.MustCompile(f.Value).MatchString(value) {
						t.Errorf("%s: %q does not match %s", f.ID, value, f.Value)
					}
				}
			}
			for _, h := range append(not, f.Never...) {
				for _, set := range rules.Headers(h) {
					if slices.Contains(f.Headers, set.Name) && !f.covers(h) {
						t.Errorf("%s: %s gets %s", f.ID, h, set.Name)
					}
				}
			}
		}
		for _, host := range f.Never {
			if set := rules.Headers(host); len(set) > 0 {
				t.Errorf("%s: %s is touched: %v", f.ID, host, set)
			}
		}
	}
	if len(all) != 17 || len(names) != 18 {
		t.Errorf("%d entries, %d names", len(all), len(names))
	}
	for _, r := range restrictions {
		known := func(f fact) bool {
			return slices.Contains(f.Headers, r.header) && !slices.ContainsFunc(r.hosts, func(h string) bool { return !slices.Contains(f.Hosts, h) })
		}
		if !slices.ContainsFunc(all, known) || !strings.HasPrefix(r.source, "https://") {
			t.Errorf("%s: %s on %v from %q is not in the facts", r.block, r.header, r.hosts, r.source)
		}
	}
}

// covers reports whether another host of the entry holds h.
func (f *fact) covers(h string) bool {
	return slices.ContainsFunc(f.Hosts, func(host string) bool {
		return h == host || strings.HasPrefix(host, ".") && strings.HasSuffix("."+h, host)
	})
}

func TestHeadersTogether(t *testing.T) {
	google := Blocks{"google": every["google"]}
	cloud := map[string]string{"X-Googapps-Allowed-Domains": "corp.example,consumer_accounts,corp.test", "X-Goog-Allowed-Resources": wanted["gcp-org-restrictions X-Goog-Allowed-Resources"]}
	for _, tt := range []struct {
		blocks Blocks
		host   string
		want   map[string]string
	}{
		// Google's block holds for Code Assist, which does not know all of its words, until Code Assist has one.
		{google, "cloudcode-pa.googleapis.com", map[string]string{"X-Googapps-Allowed-Domains": "corp.example,consumer_accounts,corp.test", "X-Geminicodeassist-Allowed-Domains": "corp.example,corp.test"}},
		{Blocks{"gemini_code_assist": {"allowed_domains": {"dev.example"}}}, "cloudcode-pa.googleapis.com", map[string]string{"X-Geminicodeassist-Allowed-Domains": "dev.example"}},
		{Blocks{"gemini_code_assist": {"allowed_domains": {"dev.example"}}}, "mail.google.com", nil},
		{every, "aiplatform.googleapis.com", cloud}, {every, "mail.google.com", cloud},
		{every, "youtubei.googleapis.com", map[string]string{
			"X-Googapps-Allowed-Domains": cloud["X-Googapps-Allowed-Domains"], "X-Goog-Allowed-Resources": cloud["X-Goog-Allowed-Resources"], "Youtube-Restrict": "Strict",
		}},
		{Blocks{"google_cloud": {"organizations": {"1"}}}, "x.run.app", map[string]string{
			"X-Goog-Allowed-Resources": base64.URLEncoding.EncodeToString([]byte(`{"resources":["organizations/1"],"options":"strict"}`)),
		}},
		// A part of a block sets a part of its headers.
		{Blocks{"openai": {"organization_ids": {"org-1"}}}, "chatgpt.com", nil},
		{Blocks{"openai": {"workspace_ids": {uuidA}}}, "api.openai.com", nil},
		{Blocks{"openai": {"organization_names": {"corp-1"}}}, "api.openai.com", nil},
		{entraOne, "login.live.com", map[string]string{"Sec-Restrict-Tenant-Access-Policy": "restrict-msa"}},
		{entraTwo, "login.microsoftonline.com", map[string]string{"Sec-Restrict-Tenant-Access-Policy": uuidA + ":" + uuidC}},
		{Blocks{}, "chatgpt.com", nil}, {nil, "chatgpt.com", nil}, {every, "", nil}, {every, "corp-east.openai.azure.com", nil},
		{every, "auth.openai.com", nil}, {every, "google.com.evil.test", nil}, {every, "gist.github.com", nil}, {every, "ssh.github.com", nil},
	} {
		header := http.Header{}
		newRules(t, tt.blocks).Apply(tt.host, header)
		got := map[string]string{}
		for name, values := range header {
			if got[name] = values[0]; len(values) != 1 {
				t.Errorf("%s: %s is set %d times", tt.host, name, len(values))
			}
		}
		if !cmp.Equal(got, tt.want, cmpopts.EquateEmpty()) {
			t.Errorf("%s: %s", tt.host, cmp.Diff(tt.want, got))
		}
	}
}

// TestClientsHeadersAreRemoved sends each header in every spelling, twice.
func TestClientsHeadersAreRemoved(t *testing.T) {
	fromClient := func(names []string) http.Header {
		h := http.Header{"Accept": {"*/*"}, "X-Mine": {"1"}}
		for _, name := range names {
			for _, spelt := range []string{
				name, strings.ToLower(name), strings.ToUpper(name), http.CanonicalHeaderKey(name),
				strings.ReplaceAll(name, "-", "_"), strings.Replace(strings.ToLower(name), "-", "_", 1),
			} {
				h[spelt] = []string{"theirs", "more"}
			}
		}
		return h
	}
	for _, f := range facts(t) {
		rules := newRules(t, f.configured())
		for _, host := range f.Hosts {
			host = strings.TrimPrefix(host, ".")
			names := f.Headers
			if f.Block == "microsoft" { // a client must not send the other version's either
				names = []string{"Restrict-Access-To-Tenants", "Restrict-Access-Context", "sec-Restrict-Tenant-Access-Policy"}
			}
			if f.ID == "anthropic" {
				names = append(slices.Clip(names), "anthropic-allowed-org-ids1", "anthropic-allowed-org-ids12")
			}
			header := fromClient(names)
			rules.Apply(host, header)
			want := http.Header{"Accept": {"*/*"}, "X-Mine": {"1"}}
			for _, set := range rules.Headers(host) {
				want.Set(set.Name, set.Value)
			}
			if !cmp.Equal(header, want) {
				t.Errorf("%s: %s: %s", f.ID, host, cmp.Diff(want, header))
			}
			header = fromClient(names)
			rules.Apply("not-listed.example", header)
			if !cmp.Equal(header, fromClient(names)) {
				t.Errorf("%s: a host that is not listed lost headers", f.ID)
			}
		}
	}
	header := fromClient([]string{"ChatGPT-Allowed-Workspace-Id"})
	newRules(t, nil).Apply("chatgpt.com", header)
	if !cmp.Equal(header, fromClient([]string{"ChatGPT-Allowed-Workspace-Id"})) {
		t.Error("a product that is not configured lost a client's headers")
	}
}

func TestHosts(t *testing.T) {
	var got []string
	for _, b := range newRules(t, every).Hosts() {
		got = append(got, fmt.Sprint(b.Block, " ", b.Hosts, " ", b.Exclude))
	}
	want := []string{
		"microsoft [login.microsoftonline.com login.microsoft.com login.windows.net login.live.com] [device.login.microsoftonline.com enterpriseregistration.windows.net]",
		"google [.google.com .googleapis.com .googleusercontent.com] []",
		"gemini_code_assist [cloudcode-pa.googleapis.com] []",
		"google_cloud [.google.com .googleapis.com .gcr.io .pkg.dev .cloudfunctions.net .run.app .tunnel.cloudproxy.app .datafusion.googleusercontent.com] []",
		"openai [.chatgpt.com api.openai.com] []",
		"anthropic [.claude.ai api.anthropic.com .claude.com .anthropic.com] []",
		"github [github.com api.github.com .githubcopilot.com] []",
		"slack [.slack.com] []", "dropbox [.dropbox.com] []", "notion [.notion.so app.notion.com .notion.com] []",
		"webex [identity.webex.com identity-eu.webex.com idbroker.webex.com idbroker-secondary.webex.com idbroker-b-us.webex.com idbroker-eu.webex.com atlas-a.wbx2.com] []",
		"zoom [.zoom.com .zoom.us] []", "ibm_cloud [.cloud.ibm.com] []",
		"youtube [www.youtube.com m.youtube.com youtubei.googleapis.com youtube.googleapis.com www.youtube-nocookie.com] []",
	}
	if !slices.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	if got := newRules(t, nil).Hosts(); got != nil {
		t.Errorf("%v", got)
	}
}

func BenchmarkHeaders(b *testing.B) {
	rules := newRules(b, every)
	for _, host := range []string{"chatgpt.com", "example.com"} {
		b.Run(host, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rules.Headers(host)
			}
		})
	}
}

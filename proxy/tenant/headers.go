package tenant

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// restriction is one header of one block: what it is made of, and the only
// hosts that may see it.
type restriction struct {
	block   string
	header  string
	value   func(Blocks) string // of validated blocks; "" when the header is not set
	hosts   []string            // as destination.ParseHostPattern reads them
	exclude []string            // never touched, whatever a pattern covers
	more    bool                // the vendor knows the name with a number at its end too
	source  string
}

// restrictions is the table of the confirmed headers. The order is that in which
// headers are set; the first is the one that policy sees. testdata/headers.json
// says what the vendors say of each.
var restrictions = []restriction{
	{
		block: "microsoft", header: "Restrict-Access-To-Tenants", value: entraV1(values("microsoft", "allowed_tenants")),
		hosts: entraHosts, exclude: entraExcluded,
		source: "https://learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions",
	},
	{
		block: "microsoft", header: "Restrict-Access-Context", value: entraV1(values("microsoft", "tenant_id")),
		hosts: entraHosts, exclude: entraExcluded,
		source: "https://learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions",
	},
	{
		block: "microsoft", header: "sec-Restrict-Tenant-Access-Policy", value: entraV1(consumers),
		hosts:  []string{"login.live.com"},
		source: "https://learn.microsoft.com/entra/identity/enterprise-apps/tenant-restrictions",
	},
	{
		block: "microsoft", header: "sec-Restrict-Tenant-Access-Policy", value: entraV2,
		hosts: append([]string{"login.live.com"}, entraHosts...), exclude: entraExcluded,
		source: "https://learn.microsoft.com/entra/external-id/tenant-restrictions-v2",
	},
	{
		block: "google", header: "X-GoogApps-Allowed-Domains", value: values("google", "allowed_domains"),
		hosts:  []string{".google.com", ".googleapis.com", ".googleusercontent.com"},
		source: "https://support.google.com/a/answer/1668854",
	},
	{
		block: "google", header: "X-GeminiCodeAssist-Allowed-Domains", value: workspaceDomains,
		hosts:  []string{"cloudcode-pa.googleapis.com"},
		source: "https://docs.cloud.google.com/gemini/docs/codeassist/network-access",
	},
	{
		block: "gemini_code_assist", header: "X-GeminiCodeAssist-Allowed-Domains", value: values("gemini_code_assist", "allowed_domains"),
		hosts:  []string{"cloudcode-pa.googleapis.com"},
		source: "https://docs.cloud.google.com/gemini/docs/codeassist/network-access",
	},
	{
		block: "google_cloud", header: "X-Goog-Allowed-Resources", value: cloudResources,
		hosts: []string{
			".google.com", ".googleapis.com", ".gcr.io", ".pkg.dev", ".cloudfunctions.net", ".run.app",
			".tunnel.cloudproxy.app", ".datafusion.googleusercontent.com",
		},
		source: "https://cloud.google.com/resource-manager/docs/organization-restrictions/configure-organization-restrictions",
	},
	{
		block: "openai", header: "ChatGPT-Allowed-Workspace-Id", value: values("openai", "workspace_ids"),
		hosts:  []string{".chatgpt.com"},
		source: "https://help.openai.com/en/articles/20001323-corporate-network-controls-in-chatgpt-enterprise",
	},
	{
		block: "openai", header: "OpenAI-Allowed-Organization-Ids", value: values("openai", "organization_ids"),
		hosts:  []string{"api.openai.com"},
		source: "https://developers.openai.com/api/docs/guides/organization-blocking",
	},
	{
		// A list too long for one header goes on in numbered ones, as a secondary
		// source has it; ours never does, so a client's own are taken out.
		block: "anthropic", header: "anthropic-allowed-org-ids", value: values("anthropic", "organization_ids"), more: true,
		hosts:  []string{".claude.ai", "api.anthropic.com", ".claude.com", ".anthropic.com"},
		source: "https://support.claude.com/en/articles/13198485",
	},
	{
		block: "github", header: "sec-GitHub-allowed-enterprise", value: spaced(values("github", "enterprise")),
		hosts:  []string{"github.com", "api.github.com", ".githubcopilot.com"},
		source: "https://docs.github.com/enterprise-cloud@latest/admin/configuration/hardening-security-for-your-enterprise/restricting-access-to-githubcom-using-a-corporate-proxy",
	},
	{
		block: "slack", header: "X-Slack-Allowed-Workspaces", value: values("slack", "workspaces"),
		hosts:  []string{".slack.com"},
		source: "https://slack.com/help/articles/360024821873",
	},
	{
		block: "slack", header: "X-Slack-Allowed-Workspaces-Requester", value: values("slack", "requester"),
		hosts:  []string{".slack.com"},
		source: "https://slack.com/help/articles/360024821873",
	},
	{
		block: "dropbox", header: "X-Dropbox-allowed-Team-Ids", value: values("dropbox", "team_ids"),
		hosts:  []string{".dropbox.com"},
		source: "https://help.dropbox.com/security/network-control",
	},
	{
		block: "notion", header: "X-Notion-Allowed-Workspaces", value: values("notion", "workspace_ids"),
		hosts:  []string{".notion.so", "app.notion.com", ".notion.com"},
		source: "https://www.notion.com/help/network-control",
	},
	{
		block: "webex", header: "CiscoSpark-Allowed-Domains", value: values("webex", "allowed_domains"),
		hosts: []string{
			"identity.webex.com", "identity-eu.webex.com", "idbroker.webex.com", "idbroker-secondary.webex.com",
			"idbroker-b-us.webex.com", "idbroker-eu.webex.com", "atlas-a.wbx2.com",
		},
		source: "https://help.webex.com/article/m0jby2",
	},
	{
		// No first-party page was read; the source is what two other proxies send.
		block: "zoom", header: "X-ZoomApps-Policy", value: values("zoom", "policy"),
		hosts:  []string{".zoom.com", ".zoom.us"},
		source: "https://github.com/f5devcentral/sslo-service-extensions",
	},
	{
		// As for Zoom: IBM's page was read at second hand.
		block: "ibm_cloud", header: "IBM-Cloud-Tenant", value: values("ibm_cloud", "account_ids"),
		hosts:  []string{".cloud.ibm.com"},
		source: "https://help.zscaler.com/zia/about-tenant-profiles",
	},
	{
		block: "youtube", header: "YouTube-Restrict", value: values("youtube", "restrict"),
		hosts:  []string{"www.youtube.com", "m.youtube.com", "youtubei.googleapis.com", "youtube.googleapis.com", "www.youtube-nocookie.com"},
		source: "https://support.google.com/a/answer/6214622",
	},
}

// The sign-in hosts of Entra, and those where TLS must not be broken since they
// ask for client certificates.
var (
	entraHosts    = []string{"login.microsoftonline.com", "login.microsoft.com", "login.windows.net"}
	entraExcluded = []string{"device.login.microsoftonline.com", "enterpriseregistration.windows.net"}
)

// values joins what stands under a key.
func values(block, key string) func(Blocks) string {
	return func(b Blocks) string { return strings.Join(b[block][key], ",") }
}

// spaced puts a blank after each comma, as GitHub shows it.
func spaced(value func(Blocks) string) func(Blocks) string {
	return func(b Blocks) string { return strings.ReplaceAll(value(b), ",", ", ") }
}

// entraV1 sets a header of tenant restrictions v1, which go when v2 comes.
func entraV1(value func(Blocks) string) func(Blocks) string {
	return func(b Blocks) string {
		if b["microsoft"] == nil || len(b["microsoft"]["policy_id"]) > 0 {
			return ""
		}
		return value(b)
	}
}

// consumers keeps personal accounts out, where v1 is used.
func consumers(Blocks) string { return "restrict-msa" }

// entraV2 names the own tenant and the policy in which Entra keeps the others.
func entraV2(b Blocks) string {
	policy := values("microsoft", "policy_id")(b)
	if policy == "" {
		return ""
	}
	return values("microsoft", "tenant_id")(b) + ":" + policy
}

// workspaceDomains restricts Code Assist too when Google is, unless it has a
// block of its own. What Code Assist does not know is left out: it fails open
// when no valid domain is left.
func workspaceDomains(b Blocks) string {
	if b["gemini_code_assist"] != nil {
		return ""
	}
	var domains []string
	for _, d := range b["google"]["allowed_domains"] {
		if !slices.Contains(googleTokens, d) {
			domains = append(domains, d)
		}
	}
	return strings.Join(domains, ",")
}

// cloudResources is the list of organisations as Google Cloud wants it: JSON in
// web-safe base64.
func cloudResources(b Blocks) string {
	block := b["google_cloud"]
	if block == nil {
		return ""
	}
	list := struct {
		Resources []string `json:"resources"`
		Options   string   `json:"options"`
	}{Options: "strict"}
	for _, id := range block["organizations"] {
		list.Resources = append(list.Resources, "organizations/"+id)
	}
	if options := block["options"]; len(options) > 0 {
		list.Options = options[0]
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings always marshal
	}
	return base64.URLEncoding.EncodeToString(text)
}

package content

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// tenantHeaders name the organisation or workspace that a request works in, in
// canonical form. OpenAI: platform.openai.com/docs/api-reference/authentication;
// ChatGPT-Account-Id is what Codex and the ChatGPT apps send, X-Organization-Uuid
// what Claude Code sends for its sessions in the cloud, X-Notion-Space-Id what
// Notion's pages send. Requests to Anthropic's Messages API name none.
var tenantHeaders = []string{"Openai-Organization", "Chatgpt-Account-Id", "X-Organization-Uuid", "X-Notion-Space-Id"}

// headers reads what the head itself shows of the account that a request uses.
func (r *reading) headers() {
	for _, name := range tenantHeaders {
		for _, value := range r.h.Header[name] {
			r.tenant(strings.TrimSpace(value))
		}
	}
	for _, line := range r.h.Header["Sec-Websocket-Protocol"] { // browsers cannot set headers on a WebSocket
		for item := range strings.SplitSeq(line, ",") {
			if id, ok := strings.CutPrefix(strings.TrimSpace(item), "openai-organization."); ok {
				r.tenant(id)
			}
		}
	}
	switch wire := r.h.Wire; {
	case wire == "claude-web" || wire == "anthropic-messages":
		r.organizationInPath()
	case wire == "m365-copilot":
		r.directoryInPath()
		r.claims(queryValue(r.h.RawQuery, "access_token"))
	case wire == "github-copilot" && strings.HasSuffix(r.h.Host, ".individual.githubcopilot.com"):
		r.tenant("individual") // the plan of a person, not of a company
	}
	r.tenant(azureResource(r.h.Host))
	if r.h.Wire == "chatgpt-web" || r.h.Wire == "m365-copilot" || strings.HasPrefix(r.h.Wire, "openai-") {
		for _, line := range r.h.Header["Authorization"] {
			if scheme, token, ok := strings.Cut(line, " "); ok && strings.EqualFold(scheme, "bearer") {
				r.claims(strings.TrimSpace(token))
			}
		}
	}
}

// tenant notes an id of an account's tenant.
func (r *reading) tenant(id string) {
	if id != "" && len(id) <= maxIdentifier && !slices.Contains(r.m.TenantIDs, id) {
		r.m.TenantIDs = append(r.m.TenantIDs, id)
	}
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// organizationInPath reads /api/organizations/{org}/… and /api/{org}/upload of
// claude.ai, and /v1/organizations/{org}/… and /api/oauth/organizations/{org}/…
// of the API host.
func (r *reading) organizationInPath() {
	before := ""
	for segment := range strings.SplitSeq(cleanPath(r.h.Path), "/") {
		if (before == "organizations" || before == "api") && uuidForm.MatchString(segment) {
			r.tenant(segment)
		}
		before = segment
	}
}

// directoryInPath reads /m365Copilot/Chathub/{oid}@{tid}: user and directory.
func (r *reading) directoryInPath() {
	_, rest, ok := strings.Cut(cleanPath(r.h.Path), "/chathub/")
	if !ok {
		return
	}
	user, _, _ := strings.Cut(rest, "/")
	if _, directory, ok := strings.Cut(user, "@"); ok {
		r.tenant(directory)
	}
}

// azureResource is the company's own label in the host of an Azure resource.
func azureResource(host string) string {
	for _, suffix := range []string{".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"} {
		if below, ok := strings.CutSuffix(host, suffix); ok {
			return below[strings.LastIndexByte(below, '.')+1:]
		}
	}
	return ""
}

// maxToken bounds the access tokens that are looked into.
const maxToken = 16 << 10

// claims reads which tenant an access token is for. Nobody verifies the token
// here: one that is forged is refused by the service, which does. OpenAI:
// github.com/openai/codex; Entra:
// learn.microsoft.com/entra/identity-platform/access-token-claims-reference.
func (r *reading) claims(token string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > maxToken {
		return
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return
	}
	var shown struct {
		Directory string `json:"tid"`
		OpenAI    struct {
			Account string `json:"chatgpt_account_id"`
		} `json:"https://api.openai.com/auth"`
	}
	if json.Unmarshal(payload, &shown) != nil {
		return // not a token of theirs
	}
	r.tenant(shown.Directory)
	if len(r.h.Header["Chatgpt-Account-Id"]) == 0 { // which chooses among the accounts of a token
		r.tenant(shown.OpenAI.Account)
	}
}

// isAnonymous reports whether a request is one of somebody who is not signed in.
func isAnonymous(h *Head) bool {
	switch path := cleanPath(h.Path) + "/"; h.Wire {
	case "chatgpt-web":
		return strings.HasPrefix(path, "/backend-anon/")
	case "gemini-web": // uploads go to another site, without cookies
		return h.Role == "web" && !hasCookie(h, "SID", "__Secure-1PSID", "__Secure-3PSID")
	case "copilot-consumer":
		return strings.HasPrefix(path, "/c/api/chat/") && queryValue(h.RawQuery, "accessToken") == ""
	}
	return false
}

// hasCookie reports whether one of the cookies is there.
func hasCookie(h *Head, names ...string) bool {
	for _, line := range h.Header["Cookie"] {
		for item := range strings.SplitSeq(line, ";") {
			if name, value, _ := strings.Cut(strings.TrimSpace(item), "="); value != "" && slices.Contains(names, name) {
				return true
			}
		}
	}
	return false
}

// queryValue is the first value of a parameter.
func queryValue(query, name string) string {
	values, _ := url.ParseQuery(query) // what is malformed is left out
	return values.Get(name)
}

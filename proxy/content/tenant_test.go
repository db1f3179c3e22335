package content

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	someOrg   = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
	otherOrg  = "16fd2706-8baf-433b-82eb-8c7fada847da"
	consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

// accessToken is an unsigned token with the claims.
func accessToken(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + ".c2ln"
}

func TestTenantOfTheHead(t *testing.T) {
	chatgpt := accessToken(`{"https://api.openai.com/auth":{"chatgpt_account_id":"` + someOrg + `","chatgpt_plan_type":"team"},"tid":7}`)
	openai := accessToken(`{"https://api.openai.com/auth":{"chatgpt_account_id":"` + someOrg + `"}}`)
	entra := accessToken(`{"tid":"` + someOrg + `","oid":"` + otherOrg + `"}`)
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	for name, tt := range map[string]struct {
		wire, host, path, query string
		header                  http.Header
		want                    []string
	}{
		"OpenAI's header":     {wire: "openai-*", path: "/v1/models", header: http.Header{"Openai-Organization": {" org-1 ", "org-2", "org-1"}}, want: []string{"org-1", "org-2"}},
		"in a browser":        {wire: "openai-*", path: "/v1/realtime", header: http.Header{"Sec-Websocket-Protocol": {"realtime, openai-organization.org-1"}}, want: []string{"org-1"}},
		"ChatGPT's header":    {wire: "chatgpt-web", path: "/backend-api/me", header: http.Header{"Chatgpt-Account-Id": {otherOrg}, "Authorization": {"Bearer " + openai}}, want: []string{otherOrg}},
		"ChatGPT's token":     {wire: "chatgpt-web", path: "/backend-api/me", header: bearer(openai), want: []string{someOrg}},
		"a token with a flaw": {wire: "chatgpt-web", path: "/backend-api/me", header: bearer(chatgpt)},
		"Codex's token":       {wire: "openai-responses", path: "/backend-api/codex/responses", header: bearer(openai), want: []string{someOrg}},
		"no token":            {wire: "chatgpt-web", path: "/", header: bearer("a.b"), want: nil},
		"not base64":          {wire: "chatgpt-web", path: "/", header: bearer("a.%%.c"), want: nil},
		"a huge token":        {wire: "chatgpt-web", path: "/", header: bearer(openai + strings.Repeat("A", maxToken)), want: nil},
		"elsewhere":           {wire: "deepseek-web", path: "/", header: bearer(openai), want: nil},
		"claude.ai":           {wire: "claude-web", path: "/api/organizations/" + someOrg + "/chat_conversations/" + otherOrg + "/completion", want: []string{someOrg}},
		"in capitals":         {wire: "claude-web", path: "/api/Organizations/" + strings.ToUpper(someOrg), want: []string{someOrg}},
		"with escapes":        {wire: "claude-web", path: "/api/%6Frganizations//" + strings.Replace(someOrg, "-", "%2D", 1), want: []string{someOrg}},
		"claude.ai upload":    {wire: "claude-web", path: "/api/" + someOrg + "/upload", want: []string{someOrg}},
		"the organisations":   {wire: "claude-web", path: "/api/organizations/discoverable", want: nil},
		"a page of claude.ai": {wire: "claude-web", path: "/chat/" + someOrg, want: nil},
		"Claude Code":         {wire: "anthropic-messages", path: "/api/oauth/organizations/" + someOrg + "/referral", header: http.Header{"X-Organization-Uuid": {otherOrg}}, want: []string{otherOrg, someOrg}},
		"Messages":            {wire: "anthropic-messages", path: "/v1/messages", want: nil},
		"Copilot Chat":        {wire: "m365-copilot", path: "/m365Copilot/Chathub/" + otherOrg + "@" + someOrg, query: "access_token=opaque", want: []string{someOrg}},
		"for consumers":       {wire: "m365-copilot", path: "/m365Copilot/Chathub/x%40" + consumers + "/more", want: []string{consumers}},
		"Copilot's token":     {wire: "m365-copilot", path: "/m365Copilot/Chathub/" + otherOrg + "@" + otherOrg, query: "a=1&access_token=" + entra, want: []string{otherOrg, someOrg}},
		"without directory":   {wire: "m365-copilot", path: "/m365Copilot/UploadFile", header: bearer(entra), want: []string{someOrg}},
		"Azure OpenAI":        {wire: "openai-chat", host: "corp-east.openai.azure.com", path: "/openai/v1/responses", want: []string{"corp-east"}},
		"Azure's token":       {wire: "openai-chat", host: "corp-east.services.ai.azure.com", path: "/models/chat/completions", header: bearer(entra), want: []string{"corp-east", someOrg}},
		"a label more":        {wire: "openai-chat", host: "a.corp-east.cognitiveservices.azure.com", path: "/", want: []string{"corp-east"}},
		"Azure itself":        {wire: "openai-chat", host: "openai.azure.com", path: "/", want: nil},
		"Copilot of a person": {wire: "github-copilot", host: "api.individual.githubcopilot.com", path: "/chat/completions", want: []string{"individual"}},
		"of a company":        {wire: "github-copilot", host: "api.business.githubcopilot.com", path: "/chat/completions", want: nil},
		"Notion":              {wire: "notion-ai", path: "/api/v3/x", header: http.Header{"X-Notion-Space-Id": {someOrg}}, want: []string{someOrg}},
		"much too long":       {wire: "openai-*", path: "/", header: http.Header{"Openai-Organization": {strings.Repeat("x", maxIdentifier+1)}}, want: nil},
	} {
		h := &Head{Method: http.MethodGet, Host: tt.host, Path: tt.path, RawQuery: tt.query, Header: tt.header, Wire: tt.wire, Role: "web"}
		if h.Header == nil {
			h.Header = http.Header{}
		}
		socket := *h
		socket.WebSocket = true
		for how, read := range map[string]func() (*Message, error){
			"read": func() (*Message, error) { return Read(h, nil, Limits{}) }, "socket": func() (*Message, error) { return OpenStream(&socket).Begin() },
			"message": func() (*Message, error) { return OpenStream(&socket).ReadMessage(Raw{}, Limits{}) },
		} {
			m, err := read()
			if err != nil {
				t.Errorf("%s: %s: %v", name, how, err)
				continue
			}
			if !slices.Equal(m.TenantIDs, tt.want) {
				t.Errorf("%s: %s: %q, want %q", name, how, m.TenantIDs, tt.want)
			}
		}
	}
}

func TestAnonymous(t *testing.T) {
	for name, tt := range map[string]struct {
		wire, role, path, query string
		cookies                 []string
		want                    bool
	}{
		"ChatGPT":              {wire: "chatgpt-web", role: "web", path: "/backend-anon/conversation", want: true},
		"ChatGPT, twisted":     {wire: "chatgpt-web", role: "web", path: "/x/..//backend%2Danon/conversation", want: true},
		"ChatGPT, signed in":   {wire: "chatgpt-web", role: "web", path: "/backend-api/conversation"},
		"Gemini":               {wire: "gemini-web", role: "web", path: "/_/x/StreamGenerate", cookies: []string{"NID=1; SIDE=2", "SID="}, want: true},
		"Gemini, signed in":    {wire: "gemini-web", role: "web", path: "/_/x/StreamGenerate", cookies: []string{"NID=1", "a=b; __Secure-1PSID=x"}},
		"Gemini's uploads":     {wire: "gemini-web", role: "upload", path: "/upload/"},
		"Copilot":              {wire: "copilot-consumer", role: "web", path: "/c/api/chat", query: "api-version=2", want: true},
		"Copilot, signed in":   {wire: "copilot-consumer", role: "web", path: "/c/api/chat", query: "api-version=2&accessToken=x"},
		"Copilot's other call": {wire: "copilot-consumer", role: "web", path: "/c/api/start"},
		"another service":      {wire: "deepseek-web", role: "web", path: "/backend-anon/conversation"},
	} {
		h := &Head{Method: http.MethodPost, Path: tt.path, RawQuery: tt.query, Header: http.Header{}, Wire: tt.wire, Role: tt.role}
		if tt.cookies != nil {
			h.Header["Cookie"] = tt.cookies
		}
		if m, err := Read(h, nil, Limits{}); err != nil || m.Anonymous != tt.want {
			t.Errorf("%s: anonymous is %v, %v", name, m.Anonymous, err)
		}
	}
}

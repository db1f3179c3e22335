package content

import "strings"

// claudeWeb are the calls of claude.ai and its desktop and mobile apps. Sources:
// public analyses of the web client of March 2026 and several clients of that
// year. The consoles of Anthropic (console.anthropic.com, platform.claude.com)
// are built alike: what people try there goes to /api too.
var claudeWeb = &app{
	calls: []appCall{
		{"/api/auth", callSignIn},
		{"/api/oauth", callSignIn},
		{"/v1/oauth", callSignIn},
		{"/api/login", callSignIn},
		{"/api/enterprise_auth", callSignIn},
		{"/login", callSignIn},
		{"/oauth", callSignIn},
		{"/api/event_logging", callNone},
		{"/api/bootstrap", callNone},
		{"/api/challenge_redirect", callNone},
		{"/v1/t", callNone},
		{"/api/organizations/*/chat_conversations/*/completion", callTurn},
		{"/api/organizations/*/chat_conversations/*/retry_completion", callTurn},
		{"/api/organizations/*/chat_conversations/*/title", callTurn},
		{"/api/organizations/*/chat_conversations/delete_many", callNone},
		{"/api/organizations/*/convert_document", callFile},
		{"/api/organizations/*/conversations/*/wiggle/upload-file", callFile},
		{"/api/organizations/*/projects/*/docs", callFile},
		{"/api/organizations/*/upload", callFile},
		{"/api/*/upload", callFile},
		{"/v1/messages", callNone}, // the Messages API
		{"/api", callText},         // projects and their instructions, preferences, styles, memory, skills, feedback
		{"/v1", callText},          // sessions of Claude Code in the browser
	},
	history: []string{"/api/organizations/*/chat_conversations", "/api/organizations/*/projects", "/api/*/files"},
}

func matchClaudeWeb(wire string, h *Head) bool {
	console := wire == "anthropic-messages" && h.Role == "web" && below(cleanPath(h.Path), "/api")
	return (wire == "claude-web" || console) && claudeWeb.call(h) != callNone
}

func readClaudeWeb(r *reading) {
	org := segmentAfter(r.h.Path, "organizations")
	if path := cleanPath(r.h.Path); org == "" && (strings.HasSuffix(path, "/upload") || strings.Contains(path, "/files/")) {
		org = segmentAfter(r.h.Path, "api")
	}
	if org != "" {
		r.tenant(org)
	}
	r.m.Conversation = segmentAfter(r.h.Path, "chat_conversations")
	r.m.Streaming = strings.HasSuffix(cleanPath(r.h.Path), "completion")
	r.readApp(claudeWeb.call(r.h), r.claudeTurn)
}

// claudeTurn reads a new turn, or the call for a title, which carries the prompt
// again. Only the new turn is sent.
func (r *reading) claudeTurn() {
	if !r.json() {
		return
	}
	r.readFields(claudeFields, 0, func(name string, v int) bool {
		switch name {
		case "attachments":
			r.list(RoleFile, v, r.chatGPTAttachment)
		case "tools":
			r.definitions(v)
		default:
			return false
		}
		return true
	})
}

var claudeFields = &fields{
	model: "model",
	ids: []string{"parent_message_uuid", "timezone", "locale", "rendering_mode", "turn_message_uuids", "files", "organization_uuid",
		"conversation_uuid"},
}

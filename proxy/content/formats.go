package content

import (
	"net/http"
	"net/url"
	"strings"
)

// Format is one provider's wire format.
type Format struct {
	// Name is what catalogues call it and what Extract.Format shows.
	Name string
	// Match tells from method, URL and headers whether a request to a service
	// with this wire format is the format's.
	Match func(wire string, h *Head) bool
	// Request reads a request of the format.
	Request func(r *reading)
	// Rewrite puts edits into a request; nil: bodies of the format cannot be
	// changed, so redact becomes block.
	Rewrite func(m *Message, edits []Edit) (*Rewritten, error)
	// Reply tells how the format's replies are read; nil: as any JSON or text.
	Reply *replyFormat
	// Refuse is the provider's own error.
	Refuse func(h *Head, n Notice) *Answer
	// Message reads one message that a client sends over a WebSocket; nil: the
	// generic walker does.
	Message func(r *reading)
	// RefuseMessage is the provider's own answer to a message that is refused, as
	// messages; nil: the socket is closed.
	RefuseMessage func(m *Message, n Notice) [][]byte
}

// formats lists them all, most specific first.
var formats = []Format{
	{Name: "chatgpt-ws", Match: matchChatGPTPush, Rewrite: rewrite, Reply: chatGPTPushReply, Refuse: refuseChatGPT, Message: readChatGPTPush},
	{Name: "chatgpt-web", Match: matchChatGPT, Request: readChatGPT, Rewrite: rewrite, Reply: chatGPTReply, Refuse: refuseChatGPT},
	{Name: "claude-web", Match: matchClaudeWeb, Request: readClaudeWeb, Rewrite: rewrite, Reply: anthropicReply, Refuse: refuseAnthropic},
	{Name: "gemini-web", Match: matchGeminiWeb, Request: readGeminiWeb, Rewrite: rewrite, Reply: geminiWebReply, Refuse: refuseGeminiWeb},
	{Name: "perplexity-web", Match: matchPerplexityWeb, Request: readPerplexityWeb, Rewrite: rewrite, Reply: perplexityReply, Refuse: refusePerplexityWeb},
	{Name: "deepseek-web", Match: matchDeepSeekWeb, Request: readDeepSeekWeb, Rewrite: rewrite, Reply: deepSeekReply, Refuse: refuseDeepSeekWeb},
	{Name: "mistral-lechat", Match: matchLeChat, Request: readLeChat, Rewrite: rewrite, Reply: leChatReply, Refuse: refuseLeChat},
	{Name: "gemini-api", Match: matchGemini, Request: readGemini, Rewrite: rewrite, Reply: geminiReply, Refuse: refuseGoogle},
	{Name: "bedrock-converse", Match: matchConverse, Request: readConverse, Rewrite: rewrite, Reply: converseReply, Refuse: refuseBedrock},
	{Name: "bedrock-invoke", Match: matchInvoke, Request: readInvoke, Rewrite: rewrite, Reply: invokeReply, Refuse: refuseBedrock},
	{Name: "cohere", Match: matchCohere, Request: readCohere, Rewrite: rewrite, Reply: cohereReply, Refuse: refuseCohere},
	{Name: "ollama", Match: matchOllama, Request: readOllama, Rewrite: rewrite, Reply: ollamaReply, Refuse: refuseOllama},
	{Name: "mistral", Match: matchMistral, Request: readMistral, Rewrite: rewrite, Reply: mistralReply, Refuse: refuseMistral},
	{Name: "github-copilot", Match: matchCopilot, Request: readCopilot, Rewrite: rewrite, Reply: completionsReply, Refuse: refuseOpenAI},
	{Name: "anthropic-messages", Match: matchAnthropic, Request: readAnthropic, Rewrite: rewrite, Reply: anthropicReply, Refuse: refuseAnthropic},
	{Name: "copilot-consumer", Match: matchConsumerCopilot, Request: readConsumerCopilot, Rewrite: rewrite,
		Message: readConsumerCopilotEvent, RefuseMessage: refuseConsumerCopilot},
	{Name: "openai-realtime", Match: matchRealtime, Rewrite: rewrite, Reply: realtimeReply, Refuse: refuseOpenAI,
		Message: readRealtime, RefuseMessage: refuseRealtime},
	{Name: "openai-responses", Match: matchResponses, Request: readResponses, Rewrite: rewrite, Reply: responsesReply, Refuse: refuseOpenAI,
		Message: readResponses, RefuseMessage: refuseResponses},
	{Name: "openai-chat", Match: matchChat, Request: readChat, Rewrite: rewrite, Reply: chatReply, Refuse: refuseOpenAI},
	{Name: "openai-embeddings", Match: matchEmbeddings, Request: readEmbeddings, Rewrite: rewrite, Refuse: refuseOpenAI},
	{Name: "openai-audio", Match: matchAudio, Request: readMedia, Rewrite: rewrite, Reply: transcriptReply, Refuse: refuseOpenAI},
	{Name: "openai-images", Match: matchImages, Request: readMedia, Rewrite: rewrite, Refuse: refuseOpenAI},
	{Name: "openai-files", Match: matchFiles, Request: readFiles, Rewrite: rewrite, Refuse: refuseOpenAI},
}

// find is the first format that matches, nil when none does.
func find(h *Head) *Format {
	for i := range formats {
		if formats[i].Match(h.Wire, h) {
			return &formats[i]
		}
	}
	return nil
}

// Matches reports whether a format matches a request to a service with this wire
// format.
func Matches(wire string, h *Head) bool {
	for i := range formats {
		if formats[i].Match(wire, h) {
			return true
		}
	}
	return false
}

// HasFormat reports whether a service with this wire format has a format of its
// own. A wire format ends in * to mean all with that beginning.
func HasFormat(wire string) bool {
	prefix, all := strings.CutSuffix(wire, "*")
	for i := range formats {
		if formats[i].Name == wire || all && prefix != "" && strings.HasPrefix(formats[i].Name, prefix) {
			return true
		}
	}
	return false
}

// isAPI reports whether a wire format is one of the public APIs. Services that
// speak one of them often speak the others (Anthropic and Cohere have
// /chat/completions, x.ai and OpenRouter /v1/messages and /v1/responses, Gemini
// /v1beta/openai/chat/completions, Ollama and GitHub Copilot all three), so the
// formats of OpenAI and Anthropic are looked for at all of them.
func isAPI(wire string) bool {
	switch wire {
	case "anthropic-messages", "gemini-api", "cohere", "ollama", "mistral", "github-copilot":
		return true
	}
	return strings.HasPrefix(wire, "openai-") || strings.HasPrefix(wire, "bedrock-")
}

// cleanPath is a path as a lenient server may read it: escapes undone, letters
// small, no empty, dot or parameter segments. It is for matching only, so more
// matches are the safe side.
func cleanPath(path string) string {
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	path = strings.ToLower(path)
	if !strings.Contains(path, "//") && !strings.Contains(path, "/.") && !strings.ContainsAny(path, ";\\") {
		return strings.TrimRight(path, "/")
	}
	var kept []string
	for segment := range strings.SplitSeq(strings.ReplaceAll(path, `\`, "/"), "/") {
		segment, _, _ = strings.Cut(segment, ";")
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
		}
	}
	return "/" + strings.Join(kept, "/")
}

// reads reports whether a method only reads. A body on such a request is read
// like any other.
func reads(h *Head) bool {
	switch h.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

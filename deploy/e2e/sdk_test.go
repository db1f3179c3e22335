package e2e

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// calls are what the SDKs do.
var calls = []struct {
	script, kind, host, path string
	before                   int    // events of the stream before the first with text
	throws                   string // the class of the SDK's error, if it is not PermissionDeniedError
}{
	{script: "openai.mjs", kind: "chat", host: "api.openai.com", path: "/v1/chat/completions"},
	{script: "openai.mjs", kind: "chat-stream", host: "api.openai.com", path: "/v1/chat/completions", before: 1},
	{script: "openai.mjs", kind: "responses", host: "api.openai.com", path: "/v1/responses"},
	{script: "openai.mjs", kind: "responses-stream", host: "api.openai.com", path: "/v1/responses", before: 2},
	{script: "anthropic.mjs", kind: "messages", host: "api.anthropic.com", path: "/v1/messages"},
	{script: "anthropic.mjs", kind: "messages-stream", host: "api.anthropic.com", path: "/v1/messages", before: 2},
	{script: "azure.mjs", kind: "chat", host: azure, path: "/openai/deployments/model-e2e/chat/completions"},
	{script: "azure.mjs", kind: "chat-stream", host: azure, path: "/openai/deployments/model-e2e/chat/completions", before: 1},
	{script: "gemini.mjs", kind: "generate", host: gemini, path: "/v1/models/model-e2e:generateContent", throws: "ApiError"},
	{script: "gemini.mjs", kind: "generate-stream", host: gemini, path: "/v1/models/model-e2e:streamGenerateContent", throws: "ApiError"},
	{script: "cohere.mjs", kind: "chat", host: cohere, path: "/v2/chat", throws: "ForbiddenError"},
	{script: "cohere.mjs", kind: "chat-stream", host: cohere, path: "/v2/chat", before: 1, throws: "ForbiddenError"},
	{script: "mistral.mjs", kind: "chat", host: mistral, path: "/v1/chat/completions", throws: "SDKError"},
	{script: "mistral.mjs", kind: "chat-stream", host: mistral, path: "/v1/chat/completions", before: 1, throws: "SDKError"},
	{script: "ollama.mjs", kind: "chat", host: ollama, path: "/api/chat", throws: "ResponseError"},
	{script: "ollama.mjs", kind: "chat-stream", host: ollama, path: "/api/chat", throws: "ResponseError"},
}

// apps are the services of the calls.
const apps = "openai-api, anthropic-api, azure-openai, gemini-api, cohere, mistral-api, ollama"

var placeholders = map[string]*regexp.Regexp{
	Card:  regexp.MustCompile(`\[CREDIT_CARD_[a-z0-9]{4,}\]`),
	Token: regexp.MustCompile(`\[GITHUB_PAT_[a-z0-9]{4,}\]`),
}

// prompt holds a card number and a token.
var prompt = Marker + ": my card " + Card + " was refused, the log says token " + Token + ". What now?"

// redacted fails the test unless text is the prompt with placeholders, and returns
// the one that stands for the card.
func redacted(t *testing.T, text string) string {
	t.Helper()
	if strings.Contains(text, Card) || strings.Contains(text, Token) {
		t.Fatalf("not redacted: %s", text)
	}
	card := placeholders[Card].FindString(text)
	want := strings.Replace(prompt, Card, card, 1)
	want = strings.Replace(want, Token, placeholders[Token].FindString(text), 1)
	if card == "" || !strings.Contains(text, want) {
		t.Fatalf("the origin got %s\nwant the prompt with two placeholders", text)
	}
	return card
}

// The SDKs work with an approved service: what is sensitive arrives as a
// placeholder, the same each time for the same service, and the reply comes back.
func TestSDKRedacted(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: ["+apps+"]}\n")
	stands := map[string]string{} // by host: what stands for the card
	for _, call := range calls {
		reply := s.Ask(t, call.script, call.kind, prompt).Reply()
		got := o.Got(call.host, call.path)
		if len(got) == 0 {
			t.Fatalf("%s: nothing came to the origin", call.kind)
		}
		card := redacted(t, got[len(got)-1].Body)
		if stands[call.host] == "" {
			stands[call.host] = card
		}
		if card != stands[call.host] {
			t.Errorf("%s: %s stands for the card, and %s before", call.kind, card, stands[call.host])
		}
		if redacted(t, reply) != card || !strings.HasPrefix(reply, "You said: ") {
			t.Errorf("%s: the reply is %q", call.kind, reply)
		}
	}
	for _, call := range calls {
		d := s.Decided(call.host, call.path)
		if d.Decision.Action != "redact" || !d.Ruled("cards.redact") || !d.Ruled("secrets.redact") || len(d.Findings) != 2 {
			t.Errorf("%s: recorded as %+v", call.kind, d)
		}
	}
}

// Streams reach the SDK event by event: the origin sends the next one only when the
// client has shown the one before.
func TestSDKStreams(t *testing.T) {
	t.Parallel()
	for _, call := range calls {
		if !strings.HasSuffix(call.kind, "-stream") {
			continue
		}
		t.Run(strings.TrimSuffix(call.script, ".mjs")+" "+call.kind, func(t *testing.T) {
			o := NewOrigin(t)
			next := o.Paced()
			s := Serve(t, o, "destinations: {sanctioned: ["+apps+"]}\n")
			c := s.Ask(t, call.script, call.kind, prompt)
			for range call.before {
				next()
			}
			reply := ""
			for range 3 {
				next()
				saw := c.Next()
				if saw.Event != "delta" {
					t.Fatalf("the client saw %+v, want a delta", saw)
				}
				reply += saw.Text
			}
			next()
			redacted(t, reply)
			c.Reply()
		})
	}
}

// A service that the company has not agreed to gets nothing: the SDK throws its own
// error for that, with the exchange's id, and does not try again.
func TestSDKRefused(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"unreviewed":   "",
		"unsanctioned": "destinations: {unsanctioned: [" + apps + "]}\n",
	} {
		t.Run(name, func(t *testing.T) {
			o := NewOrigin(t)
			s := Serve(t, o, config)
			for _, call := range calls {
				before := len(s.Decisions(call.host))
				err := s.Ask(t, call.script, call.kind, prompt).Error()
				if err.Name != cmp.Or(call.throws, "PermissionDeniedError") || err.Status != 403 {
					t.Errorf("%s: the SDK threw %+v", call.kind, err)
				}
				d := s.Decided(call.host, call.path)
				if d.Decision.Action != "block" || !d.Ruled("cards.elsewhere") {
					t.Errorf("%s: recorded as %+v", call.kind, d)
				}
				if !strings.Contains(err.Message, d.ID) {
					t.Errorf("%s: the message %q does not name the exchange %s", call.kind, err.Message, d.ID)
				}
				if n := len(s.Decisions(call.host)) - before; n != 1 || err.MS > 5000 {
					t.Errorf("%s: the SDK tried %d times and gave up after %d ms", call.kind, n, err.MS)
				}
				if n := o.Hosts(call.host); n != 0 {
					t.Errorf("%s: %d requests came to the origin", call.kind, n)
				}
			}
		})
	}
}

// What OpenAI takes beside chat: text in JSON, in forms and in files is redacted on
// its way, and the SDK gets its reply.
func TestSDKMore(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: ["+apps+"]}\n")
	refusing := Serve(t, o, "")
	for _, call := range []struct{ script, kind, host, path, reply string }{
		{"openai-more.mjs", "embeddings", "api.openai.com", "/v1/embeddings", "2 vectors"},
		{"openai-more.mjs", "file", "api.openai.com", "/v1/files", "file-0"},
		{"openai-more.mjs", "batch", "api.openai.com", "/v1/files", "file-0"},
		{"openai-more.mjs", "transcription", "api.openai.com", "/v1/audio/transcriptions", "Spoken."},
		{"openai-more.mjs", "image", "api.openai.com", "/v1/images/generations", "Painted."},
		{"gemini.mjs", "embed-content", gemini, "/v1/models/model-e2e:batchEmbedContents", "2"},
	} {
		if reply := s.Ask(t, call.script, call.kind, prompt).Reply(); reply != call.reply {
			t.Errorf("%s: the reply is %q", call.kind, reply)
		}
		got := o.Got(call.host, call.path)
		if len(got) == 0 {
			t.Fatalf("%s: nothing came to the origin", call.kind)
		}
		redacted(t, got[len(got)-1].Body)
		before := o.Hosts(call.host)
		err := refusing.Ask(t, call.script, call.kind, prompt).Error()
		d := refusing.Decided(call.host, call.path)
		if err.Status != 403 || !strings.Contains(err.Message, d.ID) || o.Hosts(call.host) != before {
			t.Errorf("%s: the SDK threw %+v", call.kind, err)
		}
	}
}

// The Realtime API over its socket: what is said is redacted, a number of the
// service's own is masked over the pieces in which it comes, and what must not
// leave is an error that the client shows.
func TestSDKRealtime(t *testing.T) {
	t.Parallel()
	settings := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(settings, []byte(`{"settings": {"_default": {"mask_replies": true}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: ["+apps+"]}\npolicy: {data_files: ["+settings+"]}\n")
	reply := s.Ask(t, "realtime.mjs", "realtime", prompt).Reply()
	redacted(t, o.Heard())
	redacted(t, reply)
	if strings.Contains(reply, ServiceCard) || !strings.Contains(reply, "Mine is [CREDIT_CARD") {
		t.Errorf("the reply is %q", reply)
	}
	err := Serve(t, o, "").Ask(t, "realtime.mjs", "realtime", prompt).Error()
	if !strings.Contains(err.Message, "exchange") || err.Type != "invalid_request_error" {
		t.Errorf("the SDK threw %+v", err)
	}
	if strings.Contains(o.Heard(), Card) {
		t.Error("the service heard the number")
	}
}

// The Responses API over its socket, as Codex uses it.
func TestSDKResponsesSocket(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	reply := Serve(t, o, "destinations: {sanctioned: ["+apps+"]}\n").Ask(t, "responses.mjs", "socket", prompt).Reply()
	redacted(t, o.Heard())
	if redacted(t, reply); !strings.HasPrefix(reply, "You said: ") {
		t.Errorf("the reply is %q", reply)
	}
	err := Serve(t, o, "").Ask(t, "responses.mjs", "socket", prompt).Error()
	if !strings.Contains(err.Message, "exchange") || err.Code != "invalid_prompt" {
		t.Errorf("the SDK threw %+v", err)
	}
	if strings.Contains(o.Heard(), Card) {
		t.Error("the service heard the number")
	}
}

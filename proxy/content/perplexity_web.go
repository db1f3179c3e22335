package content

// perplexityWeb are the calls of www.perplexity.ai and its apps. Sources:
// xtekky/gpt4free and helallao/perplexity-ai, August 2026. Files go to object
// storage, by an address that create_upload_url gives out.
var perplexityWeb = &app{
	calls: []appCall{
		{"/api/auth", callSignIn},
		{"/rest/auth", callSignIn},
		{"/rest/event", callNone},
		{"/rest/ping", callNone},
		{"/rest/rate-limit", callNone},
		{"/rest/visitor", callNone},
		{"/rest/thread/list_ask_threads", callHistory},
		{"/rest/thread/list_recent", callHistory},
		{"/rest/sse/perplexity_ask", callTurn},
		{"/rest/uploads", callFile},
		{"/rest", callText}, // spaces and their instructions, profile, pages, suggestions while one types
		{"/api", callText},
	},
	history: []string{"/rest/thread", "/rest/collections", "/rest/sse"},
}

func matchPerplexityWeb(wire string, h *Head) bool {
	return wire == "perplexity-web" && perplexityWeb.call(h) != callNone
}

func readPerplexityWeb(r *reading) {
	c := perplexityWeb.call(r.h)
	r.m.Streaming = c == callTurn
	r.readApp(c, func() {
		if r.json() {
			r.perplexityTurn(0)
		}
	})
}

// perplexityFields are those of a question: $.query_str, and the same text again in
// $.params.dsl_query, is the prompt.
var perplexityFields = &fields{
	model:        "model_preference",
	conversation: "last_backend_uuid",
	tools:        []string{"sources"},
	files:        []string{"attachments"},
	ids: []string{"frontend_uuid", "frontend_context_uuid", "read_write_token", "language", "timezone", "mode", "query_source", "prompt_source",
		"version", "search_focus", "visitor_id", "user_nextauth_id", "supported_block_use_cases", "client_coordinates", "target_collection_uuid"},
}

func (r *reading) perplexityTurn(n int) {
	r.readFields(perplexityFields, n, func(name string, v int) bool {
		if name == "params" {
			r.perplexityTurn(v)
		}
		return name == "params"
	})
}

// refusePerplexityWeb answers a question as the service would, because the app
// shows no error of its own kind; other calls get an error object.
func refusePerplexityWeb(h *Head, n Notice) *Answer {
	if perplexityWeb.call(h) != callTurn || n.wantsSignIn() {
		return jsonAnswer(n, struct {
			Status  string `json:"status"`
			Code    string `json:"error_code"`
			Message string `json:"error_message"`
		}{"failed", n.code(), n.text()})
	}
	return dialectAnswer("text/event-stream; charset=utf-8", string(refusedQuestion(n)))
}

// refusedQuestion is the end of an answer that shows a notice.
func refusedQuestion(n Notice) []byte {
	type markdown struct {
		Progress string   `json:"progress"`
		Chunks   []string `json:"chunks"`
		Answer   string   `json:"answer"`
	}
	type block struct {
		Use      string   `json:"intended_usage"`
		Markdown markdown `json:"markdown_block"`
	}
	out := appendEvent(nil, "message", struct {
		Status string  `json:"status"`
		Final  bool    `json:"final_sse_message"`
		Blocks []block `json:"blocks"`
	}{"COMPLETED", true, []block{{"ask_text", markdown{"DONE", []string{n.text()}, n.text()}}}})
	return appendEvent(out, "end_of_stream", struct{}{})
}

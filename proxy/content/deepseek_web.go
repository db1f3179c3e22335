package content

// deepSeekWeb are the calls of chat.deepseek.com and its apps. Source:
// xtekky/gpt4free, August 2026.
var deepSeekWeb = &app{
	calls: []appCall{
		{"/api/v0/users/feedback", callText},
		{"/api/v0/users", callSignIn},
		{"/api/v0/chat/create_pow_challenge", callNone},
		{"/api/v0/client", callNone},
		{"/api/v0/hif", callNone},
		{"/api/v0/chat/completion", callTurn},
		{"/api/v0/chat/edit_message", callTurn},
		{"/api/v0/chat/regenerate", callTurn},
		{"/api/v0/chat/continue", callTurn},
		{"/api/v0/file", callFile},
		{"/api", callText}, // titles, shares, feedback
	},
	history: []string{"/api/v0/chat/history_messages", "/api/v0/chat_session", "/api/v0/share", "/api/v0/chat/resume_stream"},
}

func matchDeepSeekWeb(wire string, h *Head) bool {
	return wire == "deepseek-web" && deepSeekWeb.call(h) != callNone
}

func readDeepSeekWeb(r *reading) {
	c := deepSeekWeb.call(r.h)
	r.m.Streaming = c == callTurn
	r.readApp(c, func() {
		if r.json() {
			r.readFields(deepSeekFields, 0, nil)
		}
	})
}

var deepSeekFields = &fields{
	conversation: "chat_session_id",
	ids:          []string{"model_type", "parent_message_id", "message_id", "ref_file_ids", "client_stream_id", "challenge_response"},
}

// refuseDeepSeekWeb is an error of the app's backend. The service answers 200 and
// says in the body that it did not do what was asked, also where a stream was
// expected; the app shows biz_msg.
func refuseDeepSeekWeb(_ *Head, n Notice) *Answer {
	type data struct {
		Code    int     `json:"biz_code"`
		Message string  `json:"biz_msg"`
		Data    *string `json:"biz_data"`
	}
	answer := jsonAnswer(n, struct {
		Code    int    `json:"code"`
		Message string `json:"msg"`
		Data    data   `json:"data"`
	}{0, "", data{1, n.text(), nil}})
	if !n.wantsSignIn() {
		answer.Status = 200
	}
	return answer
}

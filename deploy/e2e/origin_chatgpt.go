package e2e

import (
	_ "embed"
	"net/http"
	"strings"
)

//go:embed testdata/chatgpt.html
var chatGPTPage string

//go:embed testdata/sign-in.html
var signInPage string

// chatGPT is the app of chatgpt.com with its sign-in. The model repeats what it was
// told.
func (o *Origin) chatGPT() {
	page := func(html string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Alt-Svc", `h3=":443"; ma=86400`)
			_, _ = w.Write([]byte(html))
		}
	}
	o.mux.HandleFunc("GET chatgpt.com/{$}", page(chatGPTPage))
	o.mux.HandleFunc("GET chatgpt.com/assets/app.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		_, _ = w.Write([]byte("body { font-family: sans-serif }\n"))
	})
	o.mux.HandleFunc("GET auth.openai.com/log-in", page(signInPage))
	o.mux.HandleFunc("POST auth.openai.com/u/login", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("username") != Email || r.PostFormValue("password") != Password {
			http.Error(w, "Wrong email or password", http.StatusForbidden)
			return
		}
		http.Redirect(w, r, "https://chatgpt.com/api/auth/callback/login?code=ac_e2e", http.StatusSeeOther)
	})
	o.mux.HandleFunc("GET chatgpt.com/api/auth/callback/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "__Secure-session", Value: Cookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, "https://chatgpt.com/", http.StatusSeeOther)
	})
	o.mux.HandleFunc("GET chatgpt.com/api/auth/session", func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("__Secure-session"); err != nil || cookie.Value != Cookie {
			reply(w, map[string]any{})
			return
		}
		reply(w, map[string]any{"user": map[string]any{"id": "user-e2e", "email": Email}, "accessToken": Access})
	})
	o.app("GET /backend-api/me", map[string]any{"id": "user-e2e", "email": Email, "name": "Mira"})
	o.app("GET /backend-api/conversations", map[string]any{"items": []any{}, "total": 0})
	o.app("POST /ces/v1/t", map[string]any{"success": true})
	o.app("POST /backend-api/settings/account", map[string]any{"success": true})
	o.app("POST /backend-api/sentinel/chat-requirements", map[string]any{"token": "gAAAAAB-e2e", "persona": "e2e"})
	o.app("POST /backend-api/f/conversation/prepare", map[string]any{"status": "ok", "conduit_token": "e2e"})
	o.mux.HandleFunc("POST chatgpt.com/backend-api/f/conversation", o.conversation)
	o.app("POST /backend-api/files", map[string]any{"status": "success", "file_id": "file-e2e", "upload_url": UploadURL})
	o.mux.HandleFunc(uploads+"/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://chatgpt.com")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		w.Header().Set("Access-Control-Allow-Headers", "content-type, x-ms-blob-type")
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusCreated)
		}
	})
}

// Where the app lets its page put files: on another site.
const (
	uploads   = "files.oaiusercontent.com"
	UploadURL = "https://" + uploads + "/file-e2e?se=2026&sig=e2e%2Bsignature%3D"
)

// app is a call that is answered to whoever is signed in.
func (o *Origin) app(pattern string, answer any) {
	method, path, _ := strings.Cut(pattern, " ")
	o.mux.HandleFunc(method+" chatgpt.com"+path, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+Access {
			http.Error(w, `{"detail":"Unauthorized"}`, http.StatusUnauthorized)
			return
		}
		reply(w, answer)
	})
}

// conversation answers a turn with server-sent events in the delta encoding v1.
func (o *Origin) conversation(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Messages []struct {
			ID      string `json:"id"`
			Content struct {
				Parts []string `json:"parts"`
			} `json:"content"`
		} `json:"messages"`
	}
	if !read(w, r, &asked) {
		return
	}
	if len(asked.Messages) != 1 || len(asked.Messages[0].Content.Parts) != 1 {
		http.Error(w, `{"detail":"no message"}`, http.StatusUnprocessableEntity)
		return
	}
	prompt := asked.Messages[0].Content.Parts[0]
	const conversation = "22222222-2222-4222-8222-222222222222"
	message := func(id, role, text, status string) map[string]any {
		return map[string]any{
			"id": id, "author": map[string]any{"role": role}, "status": status,
			"content": map[string]any{"content_type": "text", "parts": []any{text}},
		}
	}
	untyped := func(v any) string { return "data: " + text(v) + "\n\n" }
	delta := func(v any) string { return "event: delta\ndata: " + text(v) + "\n\n" }
	events := []string{
		"event: delta_encoding\ndata: \"v1\"\n\n" +
			untyped(map[string]any{"type": "resume_conversation_token", "kind": "topic", "token": "e2e", "conversation_id": conversation}),
		untyped(map[string]any{
			"type": "input_message", "conversation_id": conversation,
			"input_message": message(asked.Messages[0].ID, "user", prompt, "finished_successfully"),
		}),
		delta(map[string]any{"p": "", "o": "add", "c": 0, "v": map[string]any{
			"message": message("33333333-3333-4333-8333-333333333333", "assistant", "", "in_progress"), "conversation_id": conversation,
		}}),
	}
	for i, piece := range pieces("You said: " + prompt) {
		if i == 0 {
			events = append(events, delta(map[string]any{"p": "/message/content/parts/0", "o": "append", "v": piece}))
			continue
		}
		events = append(events, delta(map[string]any{"v": piece}))
	}
	o.stream(w, r, append(events,
		delta(map[string]any{"p": "", "o": "patch", "v": []any{
			map[string]any{"p": "/message/content/parts/0", "o": "append", "v": " (That is all.)"},
			map[string]any{"p": "/message/status", "o": "replace", "v": "finished_successfully"},
		}})+
			untyped(map[string]any{"type": "message_stream_complete", "conversation_id": conversation})+
			"data: [DONE]\n\n"))
}

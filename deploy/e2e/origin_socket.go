package e2e

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/coder/websocket"
)

// sockets opens a WebSocket that says every message back, and the Realtime API.
func (o *Origin) sockets() {
	o.mux.HandleFunc("GET api.openai.com/v1/realtime", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // answered
		}
		defer conn.CloseNow()
		o.realtime(r.Context(), conn)
	})
	o.mux.HandleFunc("GET api.openai.com/v1/responses", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // answered
		}
		defer conn.CloseNow()
		conn.SetReadLimit(1 << 20)
		for {
			_, message, err := conn.Read(r.Context())
			if err != nil {
				return
			}
			o.heard(string(message))
			var asked struct {
				Model string `json:"model"`
				Input words  `json:"input"`
			}
			if json.Unmarshal(message, &asked) != nil {
				return
			}
			for _, event := range responseEvents(asked.Model, "You said: "+string(asked.Input)) {
				if conn.Write(r.Context(), websocket.MessageText, []byte(event)) != nil {
					return
				}
			}
		}
	})
	o.mux.HandleFunc("GET ws.chatgpt.com/p4/ws/", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // of any page
		if err != nil {
			return // answered
		}
		defer conn.CloseNow()
		for {
			kind, text, err := conn.Read(r.Context())
			if err != nil || conn.Write(r.Context(), kind, text) != nil {
				return
			}
		}
	})
}

// realtime speaks the events of the Realtime API: what the client said last is said
// back in pieces, with a card number of the service's own behind it.
func (o *Origin) realtime(ctx context.Context, conn *websocket.Conn) {
	send := func(event map[string]any) {
		_ = conn.Write(ctx, websocket.MessageText, []byte(text(event))) // the next read fails, too
	}
	send(map[string]any{"type": "session.created", "event_id": "e0", "session": map[string]any{"id": "s0"}})
	said := ""
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var event struct {
			Type string `json:"type"`
			Item struct {
				Content []struct {
					Text string `json:"text"`
				} `json:"content"`
			} `json:"item"`
		}
		if json.Unmarshal(message, &event) != nil {
			return
		}
		o.heard(string(message))
		switch event.Type {
		case "conversation.item.create":
			said = event.Item.Content[0].Text
		case "response.create":
			reply := "You said: " + said + " Mine is " + ServiceCard + "."
			place := map[string]any{"response_id": "r0", "item_id": "i0", "output_index": 0, "content_index": 0}
			event := func(kind, name, text string) map[string]any {
				e := map[string]any{"type": kind, "event_id": "e1", name: text}
				for k, v := range place {
					e[k] = v
				}
				return e
			}
			for at := 0; at < len(reply); at += 7 {
				send(event("response.output_text.delta", "delta", reply[at:min(len(reply), at+7)]))
			}
			send(event("response.output_text.done", "text", reply))
			send(map[string]any{"type": "response.done", "event_id": "e2", "response": map[string]any{"id": "r0", "status": "completed"}})
		}
	}
}

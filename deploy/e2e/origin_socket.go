package e2e

import (
	"net/http"

	"github.com/coder/websocket"
)

// sockets opens a WebSocket that says every message back.
func (o *Origin) sockets() {
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

package content

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Notice is what a refusal says. It holds nothing of the request.
type Notice struct {
	ID     string // of the exchange
	Title  string // of the rule
	Text   string // what to do
	Link   string // to the portal; may be empty
	Rule   string // may be empty
	Status int    // 0 means 403
}

// Answer is a whole reply.
type Answer struct {
	Status  int
	Header  http.Header
	Trailer http.Header // may be nil
	Body    []byte
}

// Refuse is a refusal in the client's own language: gRPC and Connect by content
// type, else the error object of the format that read the request or, when m is
// nil, that matches its head; else a JSON object.
//
// 403 is the status of choice: the SDKs of OpenAI and Anthropic do not send such
// a request again. For others they are told not to by x-should-retry, but for
// 429 and 503, which pass.
func Refuse(h *Head, m *Message, n Notice) *Answer {
	kind := ""
	if values := h.Header["Content-Type"]; len(values) > 0 {
		kind, _ = mediaType(values[0])
	}
	switch {
	case strings.HasPrefix(kind, "application/grpc"):
		return refuseGRPC(kind, n)
	case strings.HasPrefix(kind, "application/connect+"):
		return refuseConnectStream(kind, n)
	case h.Header.Get("Connect-Protocol-Version") != "" || kind == "application/proto":
		return jsonAnswer(n, connectError{n.rpc().name, n.text()})
	}
	format := find(h)
	if m != nil && m.format != nil {
		format = m.format
	}
	if format == nil {
		format = nearest(h)
	}
	if format != nil && format.Refuse != nil {
		return format.Refuse(h, n)
	}
	type object struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    string `json:"code"`
		ID      string `json:"id"`
	}
	return jsonAnswer(n, struct {
		Error object `json:"error"`
	}{object{n.text(), "refused", n.code(), n.ID}})
}

// nearest is the format whose name is the service's wire format, for requests
// that no format matches.
func nearest(h *Head) *Format {
	for i := range formats {
		if formats[i].Name == h.Wire || strings.HasSuffix(h.Wire, "*") && strings.HasPrefix(formats[i].Name, strings.TrimSuffix(h.Wire, "*")) {
			return &formats[i]
		}
	}
	return nil
}

func (n Notice) status() int {
	if n.Status == 0 {
		return http.StatusForbidden
	}
	return n.Status
}

// code is the word that programs look at.
func (n Notice) code() string {
	if n.Rule != "" {
		return n.Rule
	}
	return "refused_by_proxy"
}

// text is the sentence that people read.
func (n Notice) text() string {
	var b strings.Builder
	for _, s := range []string{n.Title, n.Text} {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s)
		if !strings.ContainsAny(s[len(s)-1:], ".!?") {
			b.WriteByte('.')
		}
	}
	if b.Len() == 0 {
		b.WriteString("Refused by your organisation's AI proxy.")
	}
	if n.Link != "" {
		b.WriteString(" More: " + n.Link)
	}
	b.WriteString(" (exchange " + n.ID + ")")
	return b.String()
}

// jsonAnswer is an answer with a JSON body.
func jsonAnswer(n Notice, v any) *Answer {
	body, err := json.Marshal(v)
	if err != nil { // structs of strings always marshal
		body = []byte("{}")
	}
	h := http.Header{
		"Content-Type":           {"application/json"},
		"Cache-Control":          {"no-store"},
		"X-Content-Type-Options": {"nosniff"},
	}
	if status := n.status(); status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
		h.Set("X-Should-Retry", "false")
	}
	return &Answer{Status: n.status(), Header: h, Body: append(body, '\n')}
}

// rpcCode is a status of gRPC and Connect.
type rpcCode struct {
	number int
	name   string
}

// rpc maps an HTTP status (connectrpc.com/docs/protocol, grpc/grpc doc/statuscodes.md).
func (n Notice) rpc() rpcCode {
	switch n.status() {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired:
		return rpcCode{16, "unauthenticated"}
	case http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		return rpcCode{8, "resource_exhausted"}
	case http.StatusBadRequest:
		return rpcCode{3, "invalid_argument"}
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return rpcCode{14, "unavailable"}
	case http.StatusGatewayTimeout, http.StatusRequestTimeout:
		return rpcCode{4, "deadline_exceeded"}
	case http.StatusInternalServerError:
		return rpcCode{13, "internal"}
	}
	return rpcCode{7, "permission_denied"}
}

// refuseGRPC is a trailers-only response (grpc/grpc doc/PROTOCOL-HTTP2.md): the
// status stands in the header, and no body follows.
func refuseGRPC(kind string, n Notice) *Answer {
	return &Answer{Status: http.StatusOK, Header: http.Header{
		"Content-Type": {kind},
		"Grpc-Status":  {strconv.Itoa(n.rpc().number)},
		"Grpc-Message": {percentEncode(n.text())},
	}}
}

// percentEncode is the encoding of grpc-message.
func percentEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

type connectError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// refuseConnectStream is the end of a stream that had no message
// (connectrpc.com/docs/protocol): one envelope with the end flag.
func refuseConnectStream(kind string, n Notice) *Answer {
	answer := jsonAnswer(n, struct {
		Error connectError `json:"error"`
	}{connectError{n.rpc().name, n.text()}})
	body := []byte{0x02}
	body = binary.BigEndian.AppendUint32(body, uint32(len(answer.Body)))
	answer.Body = append(body, answer.Body...)
	answer.Status = http.StatusOK
	answer.Header.Set("Content-Type", kind)
	return answer
}

// wantsSignIn reports whether the client can pass by giving credentials, which it
// learns from the status.
func (n Notice) wantsSignIn() bool {
	return n.status() == http.StatusUnauthorized || n.status() == http.StatusProxyAuthRequired
}

// dialectAnswer is a whole reply in a service's own dialect, for apps that show
// nothing of an error.
func dialectAnswer(kind, body string) *Answer {
	return &Answer{Status: http.StatusOK, Body: []byte(body), Header: http.Header{
		"Content-Type":           {kind},
		"Cache-Control":          {"no-store"},
		"X-Content-Type-Options": {"nosniff"},
	}}
}

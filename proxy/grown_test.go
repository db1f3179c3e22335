package proxy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// full is a text of a message that is n bytes long with what is around it. Its
// address is shorter than the placeholder.
func full(n int, around string) string {
	const mail = " jo.doe@ab.co "
	return strings.Repeat("x ", (n-len(around)-len(mail))/2) + mail
}

// TestGrown: a message just under limits.message, which bounds what is read, goes
// on whole when its placeholder makes it longer: in an answer and in what a client
// says, over sockets and calls.
func TestGrown(t *testing.T) {
	const limit = 64 << 10
	small := func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Message = limit }
	}
	masked := func(s *proxytest.Settings) {
		small(s)
		readingAnswers(s)
	}
	grown := func(t *testing.T, got, said string) {
		t.Helper()
		prefix, rest, found := strings.Cut(said, "jo.doe@ab.co")
		if !found || len(got) <= len(said) || !strings.HasPrefix(got, prefix+"[EMAIL_ADDRESS") || !strings.HasSuffix(got, "]"+rest) {
			t.Errorf("%d bytes became %d: %.20q … %q", len(said), len(got), got, got[max(0, len(got)-60):])
		}
	}
	json := `{"text":"` + full(limit, `{"text":""}`) + `"}`

	t.Run("answer", func(t *testing.T) {
		p := sockets(t, masked, tells(json))
		conn := dialSocket(t, p)
		_, data, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		grown(t, string(data), json)
	})
	t.Run("message", func(t *testing.T) {
		heard := make(chan string, 1)
		p := sockets(t, func(s *proxytest.Settings) { small(s); s.Policy = maskingMail }, func(ctx context.Context, conn *websocket.Conn) {
			_, data, _ := conn.Read(ctx)
			heard <- string(data)
		})
		conn := dialSocket(t, p)
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(json)); err != nil {
			t.Fatal(err)
		}
		grown(t, <-heard, json)
	})
	call := func(t *testing.T, text string, change func(*proxytest.Settings)) (said *heard, answer string) {
		said = &heard{}
		p := served(t, change, grpcService(t, said))
		stream := callThrough(t, p, grpc.MaxCallRecvMsgSize(16<<20))
		if err := stream.SendMsg(wrapperspb.String(text)); err != nil {
			t.Fatal(err)
		}
		var got wrapperspb.StringValue
		_ = stream.RecvMsg(&got) // of what was said at the limit the echo is over it
		return said, got.Value
	}
	t.Run("answer of a call", func(t *testing.T) {
		text := full(limit, "1234echo ") // a tag and a length
		_, answer := call(t, text, masked)
		grown(t, answer, "echo "+text)
	})
	t.Run("message of a call", func(t *testing.T) {
		text := full(limit, "1234")
		said, _ := call(t, text, func(s *proxytest.Settings) {
			s.Limits = func(l *proxy.Limits) { l.Message = limit }
			s.Policy = maskingMail
		})
		grown(t, said.all(), text)
	})
}

// maskingMail masks addresses in what people say.
var maskingMail = map[string]string{
	"connect/all.rego":   replyPacks["connect/all.rego"],
	"response/none.rego": "package sluice.response.none\n",
	"request/mask.rego": `package sluice.request.mask
# METADATA
# title: Addresses are masked
# labels: {rule: mask.addresses}
# custom: {severity: low, remediation: none}
verdict contains {"id": "mask.addresses", "action": "redact", "redact": {"EMAIL_ADDRESS"}, "style": "mask"} if "EMAIL_ADDRESS" in input.content.found
`,
}

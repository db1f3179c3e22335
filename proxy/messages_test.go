package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// socketHost has no format of its own, so its sockets are read by the generic
// walker.
const socketHost = "neo.character.ai"

// sockets starts a proxy before an origin that gives each WebSocket to serve.
func sockets(t testing.TB, change func(*proxytest.Settings), serve func(context.Context, *websocket.Conn)) *proxytest.Proxy {
	t.Helper()
	p := start(t, func(s *proxytest.Settings) {
		s.Hosts = append(s.Hosts, socketHost)
		s.Sanctioned = append(s.Sanctioned, "character-ai")
		if change != nil {
			change(s)
		}
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover, Subprotocols: []string{"chat"}})
		if err != nil {
			t.Errorf("origin: %v", err)
			return
		}
		conn.SetReadLimit(16 << 20)
		serve(r.Context(), conn)
		conn.CloseNow()
	}))
	return p
}

// echo sends everything back and remembers it.
func echo(heard *[]string) func(context.Context, *websocket.Conn) {
	return func(ctx context.Context, conn *websocket.Conn) {
		for {
			kind, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			*heard = append(*heard, string(data))
			if conn.Write(ctx, kind, data) != nil {
				return
			}
		}
	}
}

func dialSocket(t testing.TB, p *proxytest.Proxy) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "wss://"+socketHost+"/ws/", &websocket.DialOptions{
		HTTPClient: p.Client("", false), CompressionMode: websocket.CompressionContextTakeover, Subprotocols: []string{"chat"},
	})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(16 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	return conn
}

// TestWebSocketEcho speaks through a real client and a real server: text, binary,
// fragments, pings, a message at the limit, redaction, and close codes from
// either side.
func TestWebSocketEcho(t *testing.T) {
	var heard []string
	p := sockets(t, nil, echo(&heard))
	conn := dialSocket(t, p)
	if conn.Subprotocol() != "chat" {
		t.Errorf("subprotocol %q", conn.Subprotocol())
	}
	ctx := t.Context()
	trade := func(kind websocket.MessageType, say, want string) {
		t.Helper()
		w, err := conn.Writer(ctx, kind)
		if err != nil {
			t.Fatal(err)
		}
		half := len(say) / 2
		io.WriteString(w, say[:half]) // the library makes a fragment of each flush of its buffer
		io.WriteString(w, say[half:])
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, data, err := conn.Read(ctx)
		if err != nil || got != kind || !strings.Contains(string(data), want) {
			t.Fatalf("got %v, %.200q, %v", got, data, err)
		}
	}
	trade(websocket.MessageText, "hello there", "hello there")
	trade(websocket.MessageText, `{"text":"Charge 4111 1111 1111 1111"}`, `{"text":"Charge [CREDIT_CARD_`)
	trade(websocket.MessageBinary, `{"text":"Charge 4111 1111 1111 1111"}`, `{"text":"Charge [CREDIT_CARD_`)
	trade(websocket.MessageBinary, "\x00\xff\xfe", "\x00\xff\xfe")
	trade(websocket.MessageText, "", "")
	large := strings.Repeat("large. ", 4<<20/7+1)[:4<<20]
	trade(websocket.MessageText, large, large)
	pinged := make(chan error, 1)
	go func() { pinged <- conn.Ping(ctx) }()
	go conn.Read(ctx)
	if err := <-pinged; err != nil {
		t.Errorf("ping: %v", err)
	}
	if strings.Contains(strings.Join(heard, ""), "4111") {
		t.Error("the origin heard the number")
	}
}

// TestWebSocketClose shows that close codes and reasons go from side to side.
func TestWebSocketClose(t *testing.T) {
	ends := make(chan error, 1)
	p := sockets(t, nil, func(ctx context.Context, conn *websocket.Conn) {
		_, data, err := conn.Read(ctx)
		if string(data) == "you close" {
			conn.Close(4321, "I did")
		}
		ends <- err
	})
	conn := dialSocket(t, p)
	conn.Close(3456, "done here")
	var end websocket.CloseError
	if err := <-ends; !errors.As(err, &end) || end.Code != 3456 || end.Reason != "done here" {
		t.Errorf("the origin saw %v", err)
	}
	conn = dialSocket(t, p)
	conn.Write(t.Context(), websocket.MessageText, []byte("you close"))
	if _, _, err := conn.Read(t.Context()); !errors.As(err, &end) || end.Code != 4321 || end.Reason != "I did" {
		t.Errorf("the client saw %v", err)
	}
	<-ends
	waitFor(t, "records", func() bool {
		line := last(p.Completions(t))
		return line != nil && line["status"] == 101.0 && line["reason"] == nil
	})
}

// opened opens a WebSocket by hand.
func opened(t testing.TB, p *proxytest.Proxy) (io.ReadWriter, *frame.Reader) {
	t.Helper()
	conn, reader := upgraded(t, p)
	return conn, frame.NewReader(reader, false, 16<<20, nil)
}

// upgraded does so without reading frames.
func upgraded(t testing.TB, p *proxytest.Proxy) (io.ReadWriter, *bufio.Reader) {
	t.Helper()
	conn, reader := inside(t, p, socketHost+":443")
	io.WriteString(conn, "GET /ws/ HTTP/1.1\r\nHost: "+socketHost+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	resp, err := http.ReadResponse(reader, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v", resp, err)
	}
	return conn, reader
}

// masked is a client's frame with a mask of zeros.
func masked(first byte, payload string) string {
	return string([]byte{first, 0x80 | byte(len(payload)), 0, 0, 0, 0}) + payload
}

// TestBadFrames shows what a client gets for frames that are none: the close code
// of RFC 6455, a record, and nothing at the origin.
func TestBadFrames(t *testing.T) {
	for name, c := range map[string]struct {
		frames string
		code   int
		reason string
	}{
		"not masked":               {"\x81\x02hi", frame.CloseProtocol, "message_malformed"},
		"reserved bit":             {masked(0xc1, "compressed"), frame.CloseProtocol, "message_malformed"},
		"reserved opcode":          {masked(0x83, "x"), frame.CloseProtocol, "message_malformed"},
		"interleaved messages":     {masked(0x01, "a") + masked(0x81, "b"), frame.CloseProtocol, "message_malformed"},
		"continuation of nothing":  {masked(0x80, "a"), frame.CloseProtocol, "message_malformed"},
		"fragmented ping":          {masked(0x09, "a"), frame.CloseProtocol, "message_malformed"},
		"long ping":                {"\x89\xfe\x00\x7e\x00\x00\x00\x00" + strings.Repeat("x", 126), frame.CloseProtocol, "message_malformed"},
		"invalid UTF-8, two parts": {masked(0x01, "caf\xc3") + masked(0x80, "x"), frame.CloseData, "message_malformed"},
		"over the limit":           {"\x81\xff\x00\x00\x00\x00\x00\x40\x00\x01\x00\x00\x00\x00", frame.CloseTooBig, "message_too_large"},
		"over the limit, parts":    {"\x01\xff\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00" + strings.Repeat("x", 4<<20) + masked(0x80, "y"), frame.CloseTooBig, "message_too_large"},
		"half a frame, then none":  {masked(0x81, "half of it")[:10], frame.ClosePolicy, "message_stalled"},
		"a message without end":    {masked(0x01, "first of many"), frame.ClosePolicy, "message_stalled"},
		"close code 1005":          {masked(0x88, "\x03\xed"), frame.CloseProtocol, "message_malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard []string
			p := sockets(t, func(s *proxytest.Settings) {
				s.Limits = func(l *proxy.Limits) { l.Idle = 2 * time.Second }
			}, echo(&heard))
			conn, reader := opened(t, p)
			io.WriteString(conn, c.frames)
			m, err := reader.Next()
			if err != nil || m.Opcode != frame.Close || len(m.Payload) < 2 || int(m.Payload[0])<<8|int(m.Payload[1]) != c.code {
				t.Fatalf("got %v, %v", m, err)
			}
			frame.Write(conn, m, true)
			lines := p.Completions(t)
			if line := last(lines); len(heard) > 0 || line == nil || line["reason"] != c.reason || line["parent"] != nil && len(lines) != 2 {
				t.Errorf("heard %q, recorded %v", heard, lines)
			}
		})
	}
}

// TestInterleavedControl shows that a ping between the fragments of a message
// goes on at once, and the message whole.
func TestInterleavedControl(t *testing.T) {
	var heard []string
	p := sockets(t, nil, echo(&heard))
	conn, reader := opened(t, p)
	io.WriteString(conn, masked(0x01, "Charge 4111 1111 ")+masked(0x89, "still there?"))
	if m, err := reader.Next(); err != nil || m.Opcode != frame.Pong || string(m.Payload) != "still there?" {
		t.Fatalf("got %v, %v", m, err)
	}
	io.WriteString(conn, masked(0x80, "1111 1111"))
	if m, err := reader.Next(); err != nil || !strings.HasPrefix(string(m.Payload), "Charge [CREDIT_CARD_") {
		t.Fatalf("got %v, %v", m, err)
	}
}

// TestBadOriginFrames shows that an origin that breaks the protocol, or uses an
// extension that it was not offered, ends the connection.
func TestBadOriginFrames(t *testing.T) {
	for name, c := range map[string]struct {
		header, frames string
		status, code   int
		reason         string
	}{
		"extension": {"Sec-WebSocket-Extensions: permessage-deflate\r\n", "", 502, 0, "upstream_extension"},
		"masked":    {"", masked(0x81, "x"), 101, frame.CloseProtocol, "upstream_message"},
		"too large": {"", "\x82\x7f\x00\x00\x00\x00\x00\x40\x00\x01", 101, frame.CloseTooBig, "upstream_message"},
		"no UTF-8":  {"", "\x81\x02\xff\xff", 101, frame.CloseData, "upstream_message"},
	} {
		t.Run(name, func(t *testing.T) {
			p := sockets(t, nil, nil)
			p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, rw, err := w.(http.Hijacker).Hijack()
				if err != nil {
					return
				}
				io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+c.header+"\r\n"+c.frames)
				io.Copy(io.Discard, rw)
				conn.Close()
			}))
			conn, reader := inside(t, p, socketHost+":443")
			io.WriteString(conn, "GET /ws/ HTTP/1.1\r\nHost: "+socketHost+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
			resp, err := http.ReadResponse(reader, nil)
			if err != nil || resp.StatusCode != c.status {
				t.Fatalf("got %v, %v", resp, err)
			}
			if c.code != 0 {
				m, err := frame.NewReader(reader, false, 16<<20, nil).Next()
				if err != nil || m.Opcode != frame.Close || int(m.Payload[0])<<8|int(m.Payload[1]) != c.code {
					t.Errorf("got %v, %v", m, err)
				}
			}
			if line := last(p.Completions(t)); line == nil || line["reason"] != c.reason {
				t.Errorf("recorded %v", line)
			}
		})
	}
}

// TestManyRefusals shows that a client that is refused again and again is sent
// away in the end, although its socket has a dialect for refusals.
func TestManyRefusals(t *testing.T) {
	p := start(t, nil)
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err == nil {
			conn.Read(r.Context())
			conn.CloseNow()
		}
	}))
	conn, _, err := websocket.Dial(t.Context(), "wss://"+host+"/v1/realtime", &websocket.DialOptions{HTTPClient: p.Client("", false)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	refused := 0
	for conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"broken`)) == nil {
		_, data, err := conn.Read(t.Context())
		var end websocket.CloseError
		if errors.As(err, &end) {
			if end.Code != websocket.StatusPolicyViolation {
				t.Errorf("got %v", err)
			}
			break
		}
		if err != nil || !strings.Contains(string(data), `"type":"error"`) {
			t.Fatalf("got %s, %v", data, err)
		}
		refused++
	}
	if refused != 100 {
		t.Errorf("%d were refused", refused)
	}
}

// TestMessagePolicyFollows shows that a socket that is open is decided by the
// policy in force when a message comes.
func TestMessagePolicyFollows(t *testing.T) {
	var heard []string
	p := sockets(t, nil, echo(&heard))
	conn := dialSocket(t, p)
	say := func() error {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte("hello there")); err != nil {
			return err
		}
		_, _, err := conn.Read(t.Context())
		return err
	}
	if err := say(); err != nil {
		t.Fatal(err)
	}
	other := proxytest.Start(t, proxytest.Settings{Data: map[string]string{"rows": `{"settings":{"_default":{"max_risk":0}}}`}})
	parts := p.Server.Parts()
	parts.Policy = other.Server.Parts().Policy
	if err := p.Server.Reload(parts); err != nil {
		t.Fatal(err)
	}
	var end websocket.CloseError
	if err := say(); !errors.As(err, &end) || end.Code != websocket.StatusPolicyViolation || len(heard) != 1 {
		t.Errorf("got %v, heard %q", err, heard)
	}
}

// TestSlowReaders shows that a side that does not read holds the other up and is
// let go, and that no more than its messages is held meanwhile.
func TestSlowReaders(t *testing.T) {
	p := sockets(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.Idle = time.Second }
	}, func(ctx context.Context, conn *websocket.Conn) {
		data := bytes.Repeat([]byte("x"), 1<<20)
		for conn.Write(ctx, websocket.MessageBinary, data) == nil {
		}
	})
	opened(t, p) // and does not read
	var line map[string]any
	for until := time.Now().Add(30 * time.Second); line["status"] != 101.0 && time.Now().Before(until); { // idle, and then TLS has 5 s for its goodbye
		line = last(p.Completions(t))
	}
	if line["status"] != 101.0 || line["reason"] != "client_left" {
		t.Fatalf("recorded as %v", line)
	}
	if held := metric(t, p, "sluice_inspecting_bytes"); held != 0 {
		t.Errorf("%v bytes are held", held)
	}
}

// TestSocketDrain shows that a proxy that is told to stop lets a socket go on for
// as long as it drains, and then ends it.
func TestSocketDrain(t *testing.T) {
	var heard []string
	p := sockets(t, func(s *proxytest.Settings) { s.Drain = 2 * time.Second }, echo(&heard))
	conn := dialSocket(t, p)
	stopped := make(chan struct{})
	go func() {
		p.Stop(t)
		close(stopped)
	}()
	for i := 0; ; i++ {
		if err := conn.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, "hello number %d or so", i)); err != nil {
			break
		}
		if _, _, err := conn.Read(t.Context()); err != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	<-stopped
	if len(heard) < 2 {
		t.Errorf("heard %q", heard)
	}
}

// TestSocketIdle shows that a socket that is read ends at both sides when nothing
// moves over it for limits.tunnel_idle, and not while something does.
func TestSocketIdle(t *testing.T) {
	var heard []string
	p := sockets(t, func(s *proxytest.Settings) {
		s.Limits = func(l *proxy.Limits) { l.TunnelIdle = time.Second }
	}, echo(&heard))
	conn := dialSocket(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for i := range 15 { // for longer than the limit
		if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "hello number %d or so", i)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Read(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	if _, _, err := conn.Read(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the socket stays open: %v", err)
	}
	waitFor(t, "record", func() bool {
		line := last(p.Completions(t))
		return line != nil && line["status"] == 101.0 && line["reason"] == "socket_idle"
	})
	waitFor(t, "its connection's end", func() bool { return metric(t, p, "sluice_connections_open") == 0 })
}

// TestFirstFrameWithRequest shows that a frame that comes in one packet with the
// request is read like any other.
func TestFirstFrameWithRequest(t *testing.T) {
	var heard []string
	p := sockets(t, nil, echo(&heard))
	conn, reader := inside(t, p, socketHost+":443")
	io.WriteString(conn, "GET /ws/ HTTP/1.1\r\nHost: "+socketHost+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+
		masked(0x81, "Charge 4111 1111 1111 1111"))
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != 101 {
		t.Fatalf("got %v, %v", resp, err)
	}
	if m, err := frame.NewReader(reader, false, 1<<20, nil).Next(); err != nil || !strings.HasPrefix(string(m.Payload), "Charge [CREDIT_CARD_") {
		t.Errorf("got %v, %v", m, err)
	}
}

// TestPromptsOfSocket: of the messages of a socket those that say something are
// prompts, and beats and pieces of sound are not.
func TestPromptsOfSocket(t *testing.T) {
	var heard []string
	p := sockets(t, nil, echo(&heard))
	conn := dialSocket(t, p)
	for _, text := range []string{"beat", "beat", "What is a proxy?", "beat"} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := conn.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	account, err := p.Server.Parts().Ledger.Open(t.Context(), "address 127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer account.Close()
	if totals := account.Totals(); totals.Prompts != 1 || totals.Bytes == 0 {
		t.Errorf("got %+v", totals)
	}
}

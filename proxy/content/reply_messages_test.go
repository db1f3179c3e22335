package content_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// enveloped puts each line into an envelope, as a message of a WebSocket.
func enveloped(lines string) string {
	var out []byte
	for line := range strings.Lines(lines) {
		out = frame.Envelope{Flags: frame.TextMessage, Payload: []byte(strings.TrimSuffix(line, "\n"))}.Append(out)
	}
	return string(out)
}

// messages are the payloads of envelopes, a line each.
func messages(t testing.TB, stream string) string {
	t.Helper()
	var lines strings.Builder
	for b := []byte(stream); len(b) > 0; {
		e, n, err := frame.CutEnvelope(b, 0xff, 1<<20)
		if err != nil || n == 0 {
			t.Fatalf("no envelope in %q: %v", b, err)
		}
		lines.Write(append(e.Payload, '\n'))
		b = b[n:]
	}
	return lines.String()
}

// socketSample is a sample whose records are messages of a WebSocket.
func socketSample(name, path string, stream func([]string) string, text func(testing.TB, string) string) sample {
	s := formatSample(name, "", func(tokens []string) string { return enveloped(stream(tokens)) },
		func(t testing.TB, stream string) string { return text(t, messages(t, stream)) })
	s.head = content.Head{Method: "GET", Role: "web", Wire: s.asked.Format, Path: path, WebSocket: true}
	s.asked.Stream = content.OpenStream(&s.head)
	return s
}

// lengthed is a field of a protobuf message: a string, or a message.
func lengthed(number int, text string) string {
	return string(binary.AppendUvarint([]byte{byte(number<<3 | 2)}, uint64(len(text)))) + text
}

// callSample is one whose records are protobuf messages with a text in a message
// in a message, an id before it and a number.
func callSample(kind string, compressed bool) sample {
	s := formatSample("generic, "+kind, kind, func(tokens []string) string {
		var out []byte
		for i, token := range tokens {
			message := lengthed(1, "msg_0123456789") + "\x10" + string(rune(i)) + lengthed(4, lengthed(3, token))
			e := frame.Envelope{Payload: []byte(message)}
			if compressed {
				var packed bytes.Buffer
				w := gzip.NewWriter(&packed)
				w.Write([]byte(message)) // to memory
				w.Close()
				e = frame.Envelope{Flags: frame.Compressed, Payload: packed.Bytes()}
			}
			out = e.Append(out)
		}
		return string(out)
	}, func(t testing.TB, stream string) string {
		var text strings.Builder
		for b := []byte(stream); len(b) > 0; {
			e, n, err := frame.CutEnvelope(b, 0xff, 1<<20)
			if err != nil || n == 0 {
				t.Fatalf("no envelope in %q: %v", b, err)
			}
			if e.Flags&frame.Compressed != 0 {
				r, err := gzip.NewReader(bytes.NewReader(e.Payload))
				if err != nil {
					t.Fatal(err)
				}
				if e.Payload, err = io.ReadAll(r); err != nil {
					t.Fatal(err)
				}
			}
			b = b[n:]
			for m := e.Payload; len(m) > 0; {
				tag := m[0]
				n, size := binary.Uvarint(m[1:])
				if size <= 0 || tag&7 == 2 && n > uint64(len(m)-1-size) {
					t.Fatalf("no protobuf in %q", e.Payload)
				}
				m = m[1+size:]
				if tag == 4<<3|2 {
					_, size := binary.Uvarint(m[1:n])
					text.Write(m[1+size : n])
				}
				if tag&7 == 2 {
					m = m[n:]
				}
			}
		}
		return text.String()
	})
	s.asked.Format = "generic"
	s.head = content.Head{Method: "POST", Role: "api", Path: "/pkg.Service/Chat", Header: http.Header{"Content-Type": {kind}}}
	s.asked.Stream = content.OpenStream(&s.head)
	s.header = http.Header{"Grpc-Encoding": {"gzip"}, "Connect-Content-Encoding": {"gzip"}}
	return s
}

// messageSamples are replies of messages; the tests of reply_test.go take each.
var messageSamples = []sample{
	socketSample("openai-realtime", "/v1/realtime",
		events("{\"type\":\"response.output_text.delta\",\"event_id\":\"e2\",\"response_id\":\"r\",\"item_id\":\"i\",\"delta\":TOKEN}\n"), fields("", "delta")),
	socketSample("copilot-consumer", "/c/api/chat",
		events("{\"event\":\"appendText\",\"messageId\":\"m1\",\"partId\":\"0\",\"text\":TOKEN}\n"), fields("", "text")),
	socketSample("chatgpt-ws", "/p7/ws/user",
		func(tokens []string) string {
			item := `[{"type":"message","topic_id":"t","payload":{"payload":{"type":"stream-item","encoded_item":ITEM}}}]` + "\n"
			out := strings.ReplaceAll(item, "ITEM", quoted("event: delta\ndata: {\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\"\"}\n\n"))
			for _, token := range tokens {
				out += strings.ReplaceAll(item, "ITEM", quoted("event: delta\ndata: {\"v\":"+quoted(token)+"}\n\n"))
			}
			return out + strings.ReplaceAll(item, "ITEM", quoted("data: [DONE]\n\n"))
		},
		func(t testing.TB, lines string) string {
			text := ""
			for line := range strings.Lines(lines) {
				text += fields("data: ", "v")(t, fields("", 0, "payload", "payload", "encoded_item")(t, line))
			}
			return text
		}),
	callSample("application/grpc", false),
	callSample("application/grpc-web+proto", true),
	callSample("application/connect+proto", true),
}

// TestMessagesFarApart: two answers of the push socket are two texts, even where
// their pieces come in turn; and what is held of one waits for its own end.
func TestMessagesFarApart(t *testing.T) {
	s := &messageSamples[2]
	item := func(topic, data string) string {
		return `[{"topic_id":"` + topic + `","payload":{"encoded_item":` + quoted("event: delta\ndata: "+data+"\n\n") + "}}]\n"
	}
	stream := enveloped(item("a", `{"p":"/message/content/parts/0","o":"append","v":"Write to jo.d"}`) +
		item("b", `{"p":"/message/content/parts/0","o":"append","v":"It costs 4 "}`) +
		item("a", `{"v":"oe@exam"}`) + item("b", `{"v":"dollars "}`) + item("a", `{"v":"ple.org today"}`))
	masked := messages(t, through(t, open(t, s, content.Limits{}), cutting(stream, 50, nil)))
	if !strings.Contains(masked, "Write to [EMAIL]") || strings.Contains(masked, "exam") || !strings.Contains(masked, "dollars") {
		t.Errorf("got %s", masked)
	}
}

// TestMessagesCut: a slice of an event stream that ends inside an event is read
// with what follows.
func TestMessagesCut(t *testing.T) {
	event := "data: {\"v\":\"Write to jo.doe@example.org today\"}\n\n"
	for at := range event {
		lines := `[{"encoded_item":` + quoted(event[:at]) + "}]\n" + `[{"encoded_item":` + quoted(event[at:]) + "}]\n"
		masked := messages(t, through(t, open(t, &messageSamples[2], content.Limits{}), cutting(enveloped(lines), 1000, nil)))
		if text := strings.Join([]string{fields("", 0, "encoded_item")(t, masked)}, ""); strings.Contains(text, leaked) || !strings.Contains(text, "today") {
			t.Errorf("cut at %d: %s", at, masked)
		}
	}
}

// TestBadMessages: what breaks the rules of envelopes ends the reply.
func TestBadMessages(t *testing.T) {
	s := callSample("application/grpc", false)
	for name, c := range map[string]struct {
		stream string
		want   error
	}{
		"flags":       {"\x02\x00\x00\x00\x00", frame.ErrFlags},
		"too big":     {"\x00\x00\x40\x00\x01", frame.ErrTooBig},
		"cut prefix":  {"\x00\x00", io.ErrUnexpectedEOF},
		"cut message": {"\x00\x00\x00\x00\x09half", io.ErrUnexpectedEOF},
		"no protobuf": {"\x00\x00\x00\x00\x02\xff\xff", content.ErrMalformed},
		"no gzip":     {"\x01\x00\x00\x00\x02\xff\xff", content.ErrMalformed},
	} {
		if _, err := open(t, &s, content.Limits{}).Write([]byte(c.stream), true); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	s.header = nil
	if _, err := open(t, &s, content.Limits{}).Write([]byte("\x01\x00\x00\x00\x02\xff\xff"), true); !errors.Is(err, content.ErrEncoding) {
		t.Errorf("compressed by nothing: got %v", err)
	}
}

// TestMessageKinds: what a message of a socket is, its bytes tell; sound is told
// and not read, and names that come again do not make one long text.
func TestMessageKinds(t *testing.T) {
	message := func(payload string) string {
		return string(frame.Envelope{Flags: frame.BinaryMessage, Payload: []byte(payload)}.Append(nil))
	}
	named := lengthed(1, "0123456789")
	realtime := &messageSamples[0]
	for name, c := range map[string]struct{ stream, opaque, text string }{
		"sound":                        {enveloped(`{"type":"response.output_audio.delta","delta":"AP8A/wD/AP8A/w=="}` + "\n"), "audio", ""},
		"text under the name of sound": {enveloped(`{"type":"response.output_audio.delta","delta":"a, b"}` + "\n"), "", "a, b"},
		"noise":                        {message("\x00\xff\xfe\x01"), "binary", ""},
		"JSON in binary":               {message(`{"x":"hello there"}`), "", "hello there"},
		"plain":                        {enveloped("hello\n there\n"), "", "hello there"},
		"protobuf":                     {message("\x10\x01" + lengthed(1, "hello there")), "", "hello there"},
		"names in a row":               {message("\x10\x01"+named) + message("\x10\x02"+named), "", "0123456789"},
		"numbers of time":              {message(string(binary.AppendUvarint([]byte{0x08}, 1700000000000))), "", "1700000000000"},
	} {
		r := open(t, realtime, content.Limits{})
		parts, err := r.Write([]byte(c.stream), true)
		texts := map[string]bool{}
		for _, p := range parts {
			texts[p.Text] = true
		}
		if err != nil || strings.Join(r.Opaque, " ") != c.opaque || c.text != "" && !texts[c.text] {
			t.Errorf("%s: %v, %v, opaque %q", name, parts, err, r.Opaque)
		}
	}
}

// TestUnreadMessages: codecs and codings that are not known are told.
func TestUnreadMessages(t *testing.T) {
	h := &content.Head{Method: "POST", Header: http.Header{"Content-Type": {"application/grpc"}}}
	s := content.OpenStream(h)
	r := content.OpenReply(h, content.Asked{Stream: s}, 200, http.Header{"Content-Type": {"application/grpc+thrift"}}, content.Limits{})
	if r.Reads() || strings.Join(r.Opaque, " ") != "grpc" {
		t.Errorf("another codec: %v", r.Opaque)
	}
	err := content.CheckCoding(http.Header{"Content-Type": {"application/grpc"}, "Grpc-Encoding": {"snappy"}})
	if !errors.Is(err, content.ErrEncoding) {
		t.Errorf("another coding: %v", err)
	}
}

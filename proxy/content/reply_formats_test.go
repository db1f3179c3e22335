package content_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/tools/txtar"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// awsEvent makes a frame of AWS's event stream.
func awsEvent(event, payload string) string {
	var head []byte
	for _, h := range [][2]string{{":event-type", event}, {":message-type", "event"}} {
		head = append(append(head, byte(len(h[0]))), h[0]...)
		head = binary.BigEndian.AppendUint16(append(head, 7), uint16(len(h[1])))
		head = append(head, h[1]...)
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(16+len(head)+len(payload)))
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)))
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
	out = append(append(out, head...), payload...)
	return string(binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out)))
}

// awsFrames reads frames as a client does: lengths and checksums must be right.
func awsFrames(t testing.TB, stream string) (frames [][2]string) {
	t.Helper()
	for b := []byte(stream); len(b) > 0; {
		if len(b) < 16 || int(binary.BigEndian.Uint32(b)) > len(b) || crc32.ChecksumIEEE(b[:8]) != binary.BigEndian.Uint32(b[8:]) {
			t.Fatalf("bad prelude in %q", b)
		}
		total, heads := int(binary.BigEndian.Uint32(b)), int(binary.BigEndian.Uint32(b[4:]))
		if crc32.ChecksumIEEE(b[:total-4]) != binary.BigEndian.Uint32(b[total-4:]) {
			t.Fatalf("bad checksum in %q", b[:total])
		}
		var names []string
		for h := b[12 : 12+heads]; len(h) > 0; {
			name := string(h[1 : 1+h[0]])
			h = h[1+h[0]:]
			size := int(binary.BigEndian.Uint16(h[1:]))
			names = append(names, name+"="+string(h[3:3+size]))
			h = h[3+size:]
		}
		frames = append(frames, [2]string{strings.Join(names, " "), string(b[12+heads : total-4])})
		b = b[total:]
	}
	return frames
}

// batchFrame makes a frame of gemini.google.com.
func batchFrame(text string) string {
	text = "\n" + text + "\n"
	return strconv.Itoa(len(utf16.Encode([]rune(text)))) + text
}

// batchFrames reads them as the page does.
func batchFrames(t testing.TB, stream string) (frames []string) {
	t.Helper()
	rest := utf16.Encode([]rune(strings.TrimPrefix(stream, ")]}'\n\n")))
	for len(rest) > 0 {
		digits := slices.Index(rest, '\n')
		length, err := strconv.Atoi(string(utf16.Decode(rest[:max(0, digits)])))
		if err != nil || digits+length > len(rest) {
			t.Fatalf("bad length in %q", string(utf16.Decode(rest)))
		}
		frames = append(frames, string(utf16.Decode(rest[digits:digits+length])))
		rest = rest[digits+length:]
	}
	return frames
}

func geminiTurn(text string) string {
	inner, _ := json.Marshal([]any{nil, []string{"c_0", "r_0"}, nil, nil, []any{[]any{"rc_0", []string{text}}}}) // strings always marshal
	return batchFrame(`[["wrb.fr",null,` + quoted(string(inner)) + `]]`)
}

// asks is the head of a sample and what was asked.
func asks(format string) (content.Head, content.Asked) {
	return content.Head{Method: "POST", Role: "api", Wire: format}, content.Asked{Format: format, Kind: content.KindPrompt, Streaming: true}
}

func formatSample(name, ctype string, stream func([]string) string, text func(testing.TB, string) string) sample {
	format, _, _ := strings.Cut(name, ",")
	s := sample{name: name, ctype: ctype, stream: stream, text: text}
	s.head, s.asked = asks(format)
	return s
}

// formatSamples are replies of providers; the tests of reply_test.go take each.
var formatSamples = []sample{
	formatSample("gemini-api", "text/event-stream",
		events("data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":TOKEN}]},\"index\":0}]}\r\n\r\n"),
		fields("data: ", "candidates", 0, "content", "parts", 0, "text")),
	formatSample("cohere", "text/event-stream",
		events("event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":TOKEN}}}}\n\n"),
		fields("data: ", "delta", "message", "content", "text")),
	formatSample("ollama", "application/x-ndjson",
		events("{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":TOKEN},\"done\":false}\n"),
		fields("", "message", "content")),
	formatSample("github-copilot", "text/event-stream",
		events("data: {\"choices\":[{\"index\":0,\"text\":TOKEN}]}\n\n"),
		fields("data: ", "choices", 0, "text")),
	formatSample("deepseek-web", "text/event-stream",
		func(tokens []string) string {
			return "data: {\"v\":{\"response\":{\"fragments\":[{\"content\":" + quoted(tokens[0]) + "}]}}}\n\ndata: {\"p\":\"response/fragments/-1/content\",\"o\":\"APPEND\",\"v\":\"\"}\n\n" +
				events("data: {\"v\":TOKEN}\n\n")(tokens[1:])
		},
		func(t testing.TB, stream string) string {
			return fields("data: ", "v", "response", "fragments", 0, "content")(t, stream) + fields("data: ", "v")(t, stream)
		}),
	formatSample("perplexity-web", "text/event-stream",
		events("event: message\ndata: {\"blocks\":[{\"intended_usage\":\"ask_text\",\"diff_block\":{\"field\":\"markdown_block\",\"patches\":[{\"op\":\"add\",\"path\":\"/chunks/1\",\"value\":TOKEN}]}}]}\n\n"),
		fields("data: ", "blocks", 0, "diff_block", "patches", 0, "value")),
	formatSample("mistral-lechat", "text/plain; charset=utf-8",
		func(tokens []string) string { return events("0:TOKEN\n")(tokens) + "d:{\"finishReason\":\"stop\"}\n" },
		fields("0:")),
	formatSample("gemini-web", "application/json; charset=utf-8",
		func(tokens []string) string {
			out, text := ")]}'\n\n", ""
			for _, token := range tokens {
				text += token
				out += geminiTurn(text)
			}
			return out
		},
		func(t testing.TB, stream string) string {
			last := ""
			for _, frame := range batchFrames(t, stream) {
				var outer []([]any)
				var inner []any
				if err := json.Unmarshal([]byte(frame), &outer); err != nil {
					t.Fatalf("not JSON any more: %v in %q", err, frame)
				}
				if err := json.Unmarshal([]byte(outer[0][2].(string)), &inner); err != nil {
					t.Fatalf("not JSON any more: %v in %q", err, frame)
				}
				last = inner[4].([]any)[0].([]any)[1].([]any)[0].(string)
			}
			return last
		}),
	formatSample("bedrock-converse", "application/vnd.amazon.eventstream",
		func(tokens []string) string {
			var b strings.Builder
			for _, token := range tokens {
				b.WriteString(awsEvent("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":`+quoted(token)+`}}`))
			}
			return b.String()
		},
		func(t testing.TB, stream string) string {
			var b strings.Builder
			for _, frame := range awsFrames(t, stream) {
				b.WriteString(fields("", "delta", "text")(t, frame[1]))
			}
			return b.String()
		}),
	formatSample("bedrock-invoke", "application/vnd.amazon.eventstream",
		func(tokens []string) string {
			var b strings.Builder
			for _, token := range tokens {
				b.WriteString(awsEvent("chunk", `{"bytes":"`+base64.StdEncoding.EncodeToString([]byte(`{"outputText":`+quoted(token)+`}`))+`","p":"abc"}`))
			}
			return b.String()
		},
		func(t testing.TB, stream string) string {
			var b strings.Builder
			for _, frame := range awsFrames(t, stream) {
				inner, err := base64.StdEncoding.DecodeString(fields("", "bytes")(t, frame[1]))
				if err != nil {
					t.Fatal(err)
				}
				b.WriteString(fields("", "outputText")(t, string(inner)))
			}
			return b.String()
		}),
}

// TestReplyDamaged: frames that are not what their length and checksums say end
// the reply; nothing of them goes on.
func TestReplyDamaged(t *testing.T) {
	for _, s := range formatSamples {
		if !s.framed() {
			continue
		}
		stream := s.stream([]string{"Write to ", "nobody"})
		for at := range len(stream) {
			for _, bad := range []string{stream[:at], stream[:at] + string(stream[at]^1) + stream[at+1:]} {
				r := open(t, &s, content.Limits{})
				_, err := r.Write([]byte(bad), true)
				if strings.HasPrefix(s.name, "bedrock") && err == nil && bad != "" && bad != stream[:len(awsEvent("chunk", ""))] && !whole(bad, s.stream([]string{"Write to "})) {
					t.Fatalf("%s: damage at byte %d was not seen", s.name, at)
				}
			}
		}
	}
}

// whole reports whether damage took whole frames away and nothing else.
func whole(bad, first string) bool { return bad == first }

// framed says that a record has a length before it.
func (s *sample) framed() bool {
	return strings.HasPrefix(s.name, "bedrock") || s.name == "gemini-web"
}

// TestReplyFormats are the golden replies: a reply as it comes, what is read out of it
// (… marks a text that came in pieces), the reply with an address masked, and the
// first half of it with an end in the dialect. ␍ is a carriage return.
func TestReplyFormats(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "replies", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden replies", err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range slices.Clone(archive.Files) {
			if kind, name, _ := strings.Cut(f.Name, ": "); kind == "reply" {
				c := goldenCase{name: strings.TrimSuffix(filepath.Base(path), ".txtar") + "/" + name, file: archive}
				t.Run(c.name, func(t *testing.T) { goldenReply(t, &c, string(f.Data)) })
			}
		}
		if *update {
			writeGolden(t, path, archive)
		}
	}
}

func goldenReply(t *testing.T, c *goldenCase, text string) {
	head, stream, _ := strings.Cut(text, "\n\n")
	header := map[string]string{}
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		header[name] = value
	}
	stream = strings.ReplaceAll(strings.TrimSuffix(stream, "\n"), "␍\n", "\r\n")
	show := func(s string) string { return strings.ReplaceAll(s, "\r\n", "␍\n") + "\n" }
	if strings.HasPrefix(header["Format"], "bedrock") {
		raw, err := hex.DecodeString(strings.ReplaceAll(stream, "\n", ""))
		if err != nil {
			t.Fatal(err)
		}
		stream = string(raw)
		show = func(s string) string {
			var b strings.Builder
			for _, frame := range awsFrames(t, s) {
				fmt.Fprintf(&b, "%s %s\n", frame[0], frame[1])
				var chunk struct{ Bytes []byte }
				if json.Unmarshal([]byte(frame[1]), &chunk) == nil && chunk.Bytes != nil {
					fmt.Fprintf(&b, "  %s\n", chunk.Bytes)
				}
			}
			return b.String()
		}
	}
	s := sample{ctype: header["Content-Type"]}
	s.head, s.asked = asks(header["Format"])
	if header["Transport"] == "websocket" {
		s = socketSample(header["Format"], "/", nil, nil)
		stream = enveloped(stream)
		show = func(stream string) string { return messages(t, stream) }
	}
	plain := strings.ReplaceAll(stream, "@", "+") // no address, nothing to mask
	if !strings.HasPrefix(header["Format"], "bedrock") {
		if got := through(t, open(t, &s, content.Limits{}), cutting(plain, 9, nil)); got != plain {
			t.Errorf("bytes were changed: %q", got)
		}
	}
	var read strings.Builder
	r := open(t, &s, content.Limits{})
	parts, err := r.Write([]byte(stream), true)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range parts {
		more := ""
		if r.Continues(i) {
			more = " …"
		}
		fmt.Fprintf(&read, "%s%s: %q\n", p.Role, more, p.Text)
	}
	masked := show(through(t, open(t, &s, content.Limits{}), cutting(stream, 9, nil)))
	if strings.Contains(masked, leaked) {
		t.Errorf("the address is there: %s", masked)
	}
	c.check(t, "reply", "read", read.String())
	c.check(t, "reply", "masked", masked)
	if s.asked.Stream == nil { // messages are ended by what carries them
		c.check(t, "reply", "ended", ended(t, &s, stream, show))
	}
}

// ended passes half of a reply on and ends it.
func ended(t *testing.T, s *sample, stream string, show func(string) string) string {
	t.Helper()
	r := open(t, s, content.Limits{})
	parts, err := r.Write([]byte(stream[:len(stream)/2]), false)
	if err != nil {
		t.Fatal(err)
	}
	holds := make([]int, len(parts))
	for i, p := range parts {
		holds[i] = len(p.Text)
	}
	released, err := r.Release(nil, holds)
	if err != nil {
		t.Fatal(err)
	}
	out := ""
	for _, raw := range released {
		out += string(raw)
	}
	ending := r.End(content.Notice{ID: "x7", Title: "Stays here"})
	if ending == nil {
		return "cut\n"
	}
	fresh := open(t, s, content.Limits{}).End(content.Notice{ID: "x7", Title: "Stays here"})
	if fresh != nil && !strings.Contains(show(string(fresh)), "Stays here. (exchange x7)") && s.asked.Format != "github-copilot" {
		t.Errorf("a reply that had not begun ends with %s", fresh)
	}
	return show(out + string(ending))
}

// FuzzReplyFormats: without edits every byte goes on as it came, or the reply is
// cut.
func FuzzReplyFormats(f *testing.F) {
	for i, s := range formatSamples {
		f.Add([]byte(s.stream([]string{"Write to jo.do", "e@example.org ", "now \u00e9 \\"})), i, 7)
	}
	for i, s := range messageSamples {
		f.Add([]byte(s.stream([]string{"Write to jo.do", "e@example.org ", "now \u00e9 \\"})), len(formatSamples)+i, 7)
	}
	f.Add([]byte(")]}'\n\n9999\n[\n3\n\xf0\x9f\n"), 7, 3)
	f.Fuzz(func(t *testing.T, stream []byte, which, size int) {
		all := slices.Concat(formatSamples, messageSamples)
		s := &all[max(0, which)%len(all)]
		if size <= 0 {
			return
		}
		r := open(t, s, content.Limits{Record: 512})
		var out []byte
		for _, piece := range cutting(string(stream), size, nil) {
			if _, err := r.Write(piece, len(piece) == 0); err != nil {
				return // the reply is cut
			}
			released, err := r.Release(nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, bytes.Join(released, nil)...)
		}
		if !bytes.Equal(out, stream) || r.Holds() {
			t.Fatalf("%q came out of %q", out, stream)
		}
	})
}

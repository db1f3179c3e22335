package content_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy/content"
)

const leaked = "jo.doe@example.org"

// through sends a reply through in pieces, with every occurrence of leaked
// replaced, as the road does it.
func through(t testing.TB, r *content.Reply, pieces [][]byte) string {
	t.Helper()
	var out bytes.Buffer
	pass := func(parts []content.Part, all bool) {
		var edits []content.Edit
		holds := make([]int, len(parts))
		for i, part := range parts {
			holds[i] = len(part.Text)
			if !all && !r.Ended(i) {
				holds[i] = classifiers.Open(part.Text)
			}
			for at := 0; ; {
				n := strings.Index(part.Text[at:], leaked)
				if n < 0 {
					break
				}
				at += n
				if at < holds[i] && r.CanEdit(i) {
					edits = append(edits, content.Edit{Part: i, Start: at, End: at + len(leaked), Text: "[EMAIL]"})
				}
				at += len(leaked)
			}
		}
		released, err := r.Release(edits, holds)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range released {
			out.Write(raw)
		}
	}
	for i, piece := range pieces {
		parts, err := r.Write(piece, i == len(pieces)-1)
		if err != nil {
			t.Fatal(err)
		}
		pass(parts, i == len(pieces)-1)
	}
	if r.Holds() {
		t.Fatal("records are held after the end")
	}
	return out.String()
}

// cutting cuts a stream in pieces: of one size, or at random.
func cutting(stream string, size int, random *rand.Rand) [][]byte {
	var pieces [][]byte
	for len(stream) > 0 {
		n := size
		if random != nil {
			n = 1 + random.IntN(2*size)
		}
		n = min(n, len(stream))
		pieces = append(pieces, []byte(stream[:n]))
		stream = stream[n:]
	}
	return append(pieces, nil)
}

// sample is a reply of a service with a text in it, cut into tokens.
type sample struct {
	name, ctype string
	header      http.Header // besides the type
	head        content.Head
	asked       content.Asked
	stream      func(tokens []string) string
	text        func(t testing.TB, stream string) string // what the client shows
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // strings always marshal
	return string(b)
}

// fields joins what stands at a path of every JSON document of data lines, or of
// plain lines.
func fields(prefix string, path ...any) func(testing.TB, string) string {
	return func(t testing.TB, stream string) string {
		t.Helper()
		var text strings.Builder
		for line := range strings.Lines(stream) {
			data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), prefix)
			if !ok || data == "" || data == "[DONE]" {
				continue
			}
			var v any
			if err := json.Unmarshal([]byte(data), &v); err != nil {
				t.Fatalf("not JSON any more: %v in %q", err, data)
			}
			for _, step := range path {
				switch step := step.(type) {
				case string:
					object, _ := v.(map[string]any)
					v = object[step]
				case int:
					if list, ok := v.([]any); ok && step < len(list) {
						v = list[step]
					} else {
						v = nil
					}
				}
			}
			if s, ok := v.(string); ok {
				text.WriteString(s)
			}
		}
		return text.String()
	}
}

func events(format string) func([]string) string {
	return func(tokens []string) string {
		var b strings.Builder
		for _, token := range tokens {
			b.WriteString(strings.ReplaceAll(format, "TOKEN", quoted(token)))
		}
		return b.String()
	}
}

var samples = slices.Concat([]sample{
	{
		name: "openai-chat", ctype: "text/event-stream; charset=utf-8",
		head: content.Head{Method: "POST", Role: "api", Wire: "openai-chat"}, asked: content.Asked{Format: "openai-chat", Kind: content.KindPrompt, Streaming: true},
		stream: func(tokens []string) string {
			return events("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":TOKEN}}]}\n\n")(tokens) + "data: [DONE]\n\n"
		},
		text: fields("data: ", "choices", 0, "delta", "content"),
	},
	{
		name: "openai-responses", ctype: "text/event-stream",
		head: content.Head{Method: "POST", Role: "api", Wire: "openai-responses"}, asked: content.Asked{Format: "openai-responses", Kind: content.KindPrompt, Streaming: true},
		stream: events("event: response.output_text.delta\r\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"delta\":TOKEN}\r\n\r\n"),
		text:   fields("data: ", "delta"),
	},
	{
		name: "anthropic", ctype: "text/event-stream",
		head: content.Head{Method: "POST", Role: "api", Wire: "anthropic-messages"}, asked: content.Asked{Format: "anthropic-messages", Kind: content.KindPrompt, Streaming: true},
		stream: events("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":TOKEN}}\n\n"),
		text:   fields("data: ", "delta", "text"),
	},
	{
		name: "chatgpt", ctype: "text/event-stream",
		head: content.Head{Method: "POST", Role: "web", Wire: "chatgpt-web"}, asked: content.Asked{Format: "chatgpt-web", Kind: content.KindPrompt, Streaming: true},
		stream: func(tokens []string) string {
			return "event: delta_encoding\ndata: \"v1\"\n\nevent: delta\ndata: {\"p\":\"\",\"o\":\"add\",\"v\":{\"message\":{\"content\":{\"parts\":[\"\"]}}},\"c\":0}\n\n" +
				"event: delta\ndata: {\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\"\"}\n\n" + events("event: delta\ndata: {\"v\":TOKEN}\n\n")(tokens) + "data: [DONE]\n\n"
		},
		text: fields("data: ", "v"),
	},
	{
		name: "lines of JSON", ctype: "application/x-ndjson",
		head: content.Head{Method: "POST", Role: "web"}, asked: content.Asked{Format: "generic", Kind: content.KindPrompt},
		stream: events("{\"message\":{\"content\":TOKEN},\"done\":false}\n"),
		text:   fields("", "message", "content"),
	},
	{
		name: "an array that comes in pieces", ctype: "application/json",
		head: content.Head{Method: "POST", Role: "web"}, asked: content.Asked{Format: "generic", Kind: content.KindPrompt},
		stream: func(tokens []string) string {
			return "[" + strings.TrimSuffix(events("{\"text\":TOKEN}\n,")(tokens), ",") + "]"
		},
		text: func(t testing.TB, stream string) string {
			var list []struct{ Text string }
			if err := json.Unmarshal([]byte(stream), &list); err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			for _, item := range list {
				text.WriteString(item.Text)
			}
			return text.String()
		},
	},
	{
		name: "one document", ctype: "application/json",
		head: content.Head{Method: "POST", Role: "api", Wire: "openai-chat"}, asked: content.Asked{Format: "openai-chat", Kind: content.KindPrompt},
		stream: func(tokens []string) string {
			return `{"choices":[{"message":{"content":` + quoted(strings.Join(tokens, "")) + `}}]}`
		},
		text: fields("", "choices", 0, "message", "content"),
	},
	{
		name: "events of plain text", ctype: "text/event-stream",
		head: content.Head{Method: "GET", Role: "web"}, asked: content.Asked{Format: "generic", Kind: content.KindOther},
		stream: func(tokens []string) string {
			var b strings.Builder
			for _, token := range tokens {
				b.WriteString("data:" + " " + token + "\n\n")
			}
			return b.String()
		},
		text: func(_ testing.TB, stream string) string {
			var b strings.Builder
			for line := range strings.Lines(stream) {
				if data, ok := strings.CutPrefix(line, "data: "); ok {
					b.WriteString(strings.TrimSuffix(data, "\n"))
				}
			}
			return b.String()
		},
	},
	{
		name: "an event stream that says it is text", ctype: "text/plain",
		head: content.Head{Method: "POST", Role: "web"}, asked: content.Asked{Format: "generic", Kind: content.KindPrompt},
		stream: events("data: {\"answer\":TOKEN}\n\n"),
		text:   fields("data: ", "answer"),
	},
	{
		name: "text", ctype: "text/plain; charset=utf-8",
		head: content.Head{Method: "POST", Role: "web"}, asked: content.Asked{Format: "generic", Kind: content.KindPrompt},
		stream: func(tokens []string) string { return strings.Join(tokens, "") },
		text:   func(_ testing.TB, stream string) string { return stream },
	},
}, formatSamples, messageSamples)

func open(t testing.TB, s *sample, lim content.Limits) *content.Reply {
	t.Helper()
	header := http.Header{"Content-Type": {s.ctype}}
	maps.Copy(header, s.header)
	r := content.OpenReply(&s.head, s.asked, 200, header, lim)
	if r == nil || !r.Reads() {
		t.Fatal("the reply is not read")
	}
	return r
}

// TestReplyUntouched: without edits every byte goes on as it came, however it
// comes.
func TestReplyUntouched(t *testing.T) {
	tokens := []string{"Grüße, ", "an \"old\"", " friend \\", " 🏛 with 4", "111 ", "1111 and\n", "a line. "}
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			stream := s.stream(tokens)
			for _, size := range []int{1, 2, 3, 7, 64, 1 << 20} {
				if got := through(t, open(t, &s, content.Limits{}), cutting(stream, size, nil)); got != stream {
					t.Fatalf("pieces of %d: %q came out of %q", size, got, stream)
				}
			}
		})
	}
}

// TestReplyMasked: a value is replaced wherever it is cut, by events and by the
// pieces in which bytes come, and the rest stays as it was.
func TestReplyMasked(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			for cut := 1; cut < len(leaked); cut++ {
				tokens := []string{"Write to ", leaked[:cut], leaked[cut:], ", ", "or to \"", leaked, "\" tomorrow"}
				want := "Write to [EMAIL], or to \"[EMAIL]\" tomorrow"
				// A plain word is not held: what came of it alone is passed on already.
				early := strings.Replace(want, "[EMAIL]", leaked[:cut]+"[EMAIL]", 1)
				stream := s.stream(tokens)
				for range 4 {
					got := s.text(t, through(t, open(t, &s, content.Limits{}), cutting(stream, 1+random.IntN(80), random)))
					if strings.Contains(got, leaked) || strings.Contains(got, leaked[3:]) {
						t.Fatalf("cut at %d: the value is there: %q", cut, got)
					}
					if got != want && got != early && (s.name != "text" || strings.Count(got, "[EMAIL]") != 2) {
						t.Fatalf("cut at %d: the client shows %q, want %q", cut, got, want)
					}
				}
			}
		})
	}
}

// TestReplyTokens: the same, with one letter in each event.
func TestReplyTokens(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			got := s.text(t, through(t, open(t, &s, content.Limits{}), cutting(s.stream(strings.Split("mail jo.doe@example.org now", "")), 50, nil)))
			if got != "mail [EMAIL] now" && got != "mail j[EMAIL] now" && got != "mail jo[EMAIL] now" {
				t.Fatalf("the client shows %q", got)
			}
		})
	}
}

// TestReplyTooLarge: of a record that is too large the text is read all the same,
// piece by piece.
func TestReplyTooLarge(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			filler := strings.Repeat("many words of no interest ", 400)
			if s.framed() || s.asked.Stream != nil {
				if _, err := open(t, &s, content.Limits{Record: 1 << 10}).Write([]byte(s.stream([]string{filler})), false); err == nil {
					t.Fatal("a frame that is too long was read")
				}
				return
			}
			stream := s.stream([]string{filler + leaked + ` and \ "more" ` + filler, " and the end of it"})
			got := through(t, open(t, &s, content.Limits{Record: 1 << 10}), cutting(stream, 700, nil))
			if strings.Contains(got, leaked) || !strings.Contains(got, "[EMAIL]") {
				t.Fatal("the value was not replaced")
			}
			if plain := through(t, open(t, &s, content.Limits{Record: 1 << 10}), cutting(strings.ReplaceAll(stream, leaked, "nobody"), 700, nil)); plain != strings.ReplaceAll(stream, leaked, "nobody") {
				t.Fatal("bytes were changed without an edit")
			}
			s.text(t, got) // still JSON
		})
	}
}

// TestReplyHeldByAnother: a record waits for a text that is open while another text
// in it, edited far from its end, goes on. The edit is made when the record goes.
func TestReplyHeldByAnother(t *testing.T) {
	event := func(first, second string) string {
		return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":" + quoted(first) + "}},{\"index\":1,\"delta\":{\"content\":" + quoted(second) + "}}]}\n\n"
	}
	words := strings.Repeat("many words of no interest ", 400)
	stream := event(words+leaked[:6], "It is 4111 ") + event(leaked[6:]+" and "+words, "1111 ") + event(words, "1111 ") + event(words, "1112, no card.")
	got := through(t, open(t, &samples[0], content.Limits{}), cutting(stream, 5000, nil))
	if text := samples[0].text(t, got); strings.Contains(text, leaked) || strings.Contains(text, leaked[6:]) || strings.Count(text, "[EMAIL]") != 1 {
		t.Fatal("the value was not replaced")
	}
}

// TestReplyAtOnce: text that is no beginning of anything is not held back.
func TestReplyAtOnce(t *testing.T) {
	s := &samples[0]
	r := open(t, s, content.Limits{})
	for i, token := range []string{"The", " quick", " brown", " fox", " jumps"} {
		event := s.stream([]string{token})
		event = strings.TrimSuffix(event, "data: [DONE]\n\n")
		parts, err := r.Write([]byte(event), false)
		if err != nil {
			t.Fatal(err)
		}
		holds := make([]int, len(parts))
		for k, part := range parts {
			holds[k] = classifiers.Open(part.Text)
		}
		if out, err := r.Release(nil, holds); err != nil || len(out) != 1 || string(out[0]) != event {
			t.Fatalf("event %d: %q, %v", i, out, err)
		}
	}
}

// TestReplyNotRead lists replies that are none of our business.
func TestReplyNotRead(t *testing.T) {
	web := &content.Head{Method: "GET", Role: "web", Wire: "chatgpt-web"}
	for _, c := range []struct {
		name   string
		head   *content.Head
		asked  content.Asked
		status int
		ctype  string
	}{
		{"nothing", web, content.Asked{Kind: content.KindPrompt}, 204, ""},
		{"not modified", web, content.Asked{Kind: content.KindPrompt}, 304, ""},
		{"a script", web, content.Asked{Kind: content.KindPrompt}, 200, "text/javascript"},
		{"a background call of an app", web, content.Asked{Kind: content.KindOther}, 200, "application/json"},
		{"a page", web, content.Asked{Kind: content.KindOther}, 200, "text/html"},
		{"a sign-in", &content.Head{Method: "POST", Role: "auth"}, content.Asked{Kind: content.KindSignIn}, 200, "application/json"},
	} {
		if r := content.OpenReply(c.head, c.asked, c.status, http.Header{"Content-Type": {c.ctype}}, content.Limits{}); r != nil {
			t.Errorf("%s is read", c.name)
		}
	}
	for ctype, want := range map[string]string{"image/png": "image", "audio/mpeg": "audio", "application/octet-stream": "binary", "application/pdf": "binary"} {
		r := content.OpenReply(web, content.Asked{Kind: content.KindPrompt}, 200, http.Header{"Content-Type": {ctype}}, content.Limits{})
		if r == nil || r.Reads() || fmt.Sprint(r.Opaque) != "["+want+"]" {
			t.Errorf("%s: %+v", ctype, r)
		}
	}
}

// FuzzReply: whatever comes, in whatever pieces, nothing is lost or changed
// without an edit, and no value is left with one.
func FuzzReply(f *testing.F) {
	for _, s := range samples {
		f.Add(s.stream([]string{"Write to jo.do", "e@example.org ", "now \u00e9 \\"}), s.ctype, 7)
	}
	f.Add("data: {\n\ndata: }\n\n: x\r\r\rdata", "text/event-stream", 1)
	f.Add("[{\"a\":1},{]}\"\\", "application/json", 2)
	f.Fuzz(func(t *testing.T, stream, ctype string, size int) {
		s := &sample{ctype: ctype, head: content.Head{Method: "POST", Role: "web"}, asked: content.Asked{Format: "chatgpt-web", Kind: content.KindPrompt, Streaming: true}}
		r := content.OpenReply(&s.head, s.asked, 200, http.Header{"Content-Type": {ctype}}, content.Limits{Record: 512})
		if r == nil || !r.Reads() || size <= 0 {
			return
		}
		for _, piece := range cutting(stream, size, nil) {
			if _, err := r.Write(piece, false); err != nil {
				return
			}
		}
		r = content.OpenReply(&s.head, s.asked, 200, http.Header{"Content-Type": {ctype}}, content.Limits{Record: 512})
		clean := strings.ReplaceAll(stream, "@", "")
		if got := through(t, r, cutting(clean, size, nil)); got != clean {
			t.Fatalf("%q came out of %q", got, clean)
		}
	})
}

// TestReplyChannelsAreBounded: an origin that gives every record another name
// does not make us remember all of them.
func TestReplyChannelsAreBounded(t *testing.T) {
	r := open(t, &samples[4], content.Limits{})
	var memory runtime.MemStats
	write := func(n int) uint64 {
		for i := range n {
			parts, err := r.Write(fmt.Appendf(nil, "{\"item_id\":\"i%d-%d\",\"text\":%q}\n", n, i, strings.Repeat("word ", 100)), false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Release(nil, make([]int, 0, len(parts))); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	before := write(1000)
	if after := write(50_000); after > before+4<<20 {
		t.Errorf("%d bytes more are held after 50,000 records", after-before)
	}
	runtime.KeepAlive(r)
}

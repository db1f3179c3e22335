package content_test

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// pushed is a message of the push socket with the data of one event.
func pushed(topic, data string) string {
	return `[{"topic_id":"` + topic + `","payload":{"encoded_item":` + quoted("data: "+data+"\n\n") + "}}]\n"
}

// eachAlone sends each record alone, as it comes over a socket.
func eachAlone(t *testing.T, s *sample, lines string) string {
	var pieces [][]byte
	for line := range strings.Lines(lines) {
		pieces = append(pieces, []byte(enveloped(line)))
	}
	return messages(t, through(t, open(t, s, content.Limits{}), pieces))
}

// TestEndOfAnotherTopic: an answer that ends releases nothing of another one.
func TestEndOfAnotherTopic(t *testing.T) {
	got := eachAlone(t, &messageSamples[2],
		pushed("a", `{"p":"/message/content/parts/0","o":"append","v":"Write to jo.doe@exam"}`)+
			pushed("b", `[DONE]`)+pushed("a", `{"v":"ple.org today"}`))
	if strings.Contains(got, "jo.doe") {
		t.Errorf("topic: got %s", got)
	}
	got = eachAlone(t, &messageSamples[2],
		pushed("a b", `{"p":"/message/content/parts/0","o":"append","v":"Write to jo.doe@exam"}`)+
			pushed("a", `[DONE]`)+pushed("a b", `{"v":"ple.org today"}`))
	if strings.Contains(got, "jo.doe") {
		t.Errorf("topic that begins so: got %s", got)
	}
}

// TestEndOfAnotherItem: the same, of two items of one answer.
func TestEndOfAnotherItem(t *testing.T) {
	got := eachAlone(t, &messageSamples[0],
		`{"type":"response.output_text.delta","response_id":"r","item_id":"i","delta":"Write to jo.doe@exam"}`+"\n"+
			`{"type":"conversation.item.input_audio_transcription.completed","item_id":"u","transcript":"hello"}`+"\n"+
			`{"type":"response.output_text.delta","response_id":"r","item_id":"i","delta":"ple.org today"}`+"\n")
	if strings.Contains(got, "jo.doe") {
		t.Errorf("got %s", got)
	}
}

// TestEndsAreWords: append, send and extend end nothing.
func TestEndsAreWords(t *testing.T) {
	got := eachAlone(t, &messageSamples[0],
		`{"type":"append","index":0,"text":"Write to jo.doe@exam"}`+"\n"+
			`{"type":"append","index":1,"text":"x"}`+"\n"+
			`{"type":"append","index":0,"text":"ple.org today"}`+"\n")
	if strings.Contains(got, "jo.doe") {
		t.Errorf("got %s", got)
	}
}

func TestPlaceOfSlicedData(t *testing.T) {
	item := func(s string) string { return `[{"encoded_item":` + quoted(s) + "}]\n" }
	var lines string
	for _, c := range []string{"jo.doe@ex", "a", "mple.org", " x"} {
		lines += item("data:" + c + "\n\n")
	}
	got := eachAlone(t, &messageSamples[2], lines)
	if strings.Contains(got, "dta:") || !strings.Contains(got, "[EMAIL]") {
		t.Errorf("got %s", got)
	}
}

// TestEditsInsideAndBehind: an edit inside a text is made, whatever is edited behind
// that text.
func TestEditsInsideAndBehind(t *testing.T) {
	item := `{"encoded_item":` + quoted("data: {\"p\":\"/x\",\"v\":\"jo.doe@example.org\"}\n\n") + `,"via":"jo.doe@example.org"}`
	got := eachAlone(t, &messageSamples[2], "["+item+","+item+"]\n")
	if strings.Contains(got, leaked) || strings.Count(got, "[EMAIL]") != 4 {
		t.Errorf("got %s", got)
	}
}

// TestNamesPinNothing: what is remembered of channels is not whole messages.
func TestNamesPinNothing(t *testing.T) {
	const size = 1 << 20
	s := callSample("application/grpc", false)
	r := open(t, &s, content.Limits{Record: 2 * size, Expanded: 2 * size})
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 200 {
		var m []byte
		m = binary.AppendUvarint(m, uint64(i+16)<<3|2) // another field each time
		m = append(m, "\x05hello"...)
		m = append(m, 0x0a) // field 1: no text
		m = binary.AppendUvarint(m, size)
		m = append(m, bytes.Repeat([]byte{0xff}, size)...)
		parts, err := r.Write(frame.Envelope{Payload: m}.Append(nil), false)
		if err != nil {
			t.Fatal(err)
		}
		holds := make([]int, len(parts))
		for i, p := range parts {
			holds[i] = len(p.Text)
		}
		if _, err := r.Release(nil, holds); err != nil {
			t.Fatal(err)
		}
	}
	if kept := heap() - before; kept > 20<<20 {
		t.Errorf("%d MiB are kept, Size says %d bytes", kept>>20, r.Size())
	}
	runtime.KeepAlive(r)
}

func TestPrintableProtobuf(t *testing.T) {
	text := "4111 1111 1111 1111 is the card that I keep for you"
	s := content.OpenStream(&content.Head{Method: "GET", Path: "/ws", WebSocket: true})
	m, err := s.ReadMessage(content.Raw{Payload: []byte(lengthed(4, text)), Binary: true}, content.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Parts {
		if strings.HasPrefix(p.Text, text) {
			return
		}
	}
	t.Errorf("read as %+v", m.Parts)
}

// TestEditsThatMeet: an edit that overlaps two earlier ones becomes one with both.
func TestEditsThatMeet(t *testing.T) {
	r := open(t, &messageSamples[0], content.Limits{})
	write := func(line string, edits func(i int, p content.Part) ([]content.Edit, int), last bool) {
		parts, err := r.Write([]byte(enveloped(line+"\n")), last)
		if err != nil {
			t.Fatal(err)
		}
		var all []content.Edit
		var holds []int
		for i, p := range parts {
			e, hold := edits(i, p)
			all, holds = append(all, e...), append(holds, hold)
		}
		out, err := r.Release(all, holds)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range out {
			t.Log(messages(t, string(raw)))
		}
	}
	write(`{"text":"0123456789","token":"held"}`, func(i int, p content.Part) ([]content.Edit, int) {
		if p.Text == "held" {
			return nil, 0
		}
		return []content.Edit{{Part: i, Start: 0, End: 5, Text: "[A]"}, {Part: i, Start: 6, End: 10, Text: "[B]"}}, len(p.Text)
	}, false)
	write(`{"text":"abc"}`, func(i int, p content.Part) ([]content.Edit, int) {
		if !strings.HasPrefix(p.Text, "0123") {
			return nil, len(p.Text)
		}
		return []content.Edit{{Part: i, Start: 3, End: 13, Text: "[C]"}}, len(p.Text)
	}, true)
}

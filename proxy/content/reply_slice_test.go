package content_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// sliced is a message of the push socket with a slice of an event stream.
func sliced(topic, slice string) string {
	return `[{"topic_id":"` + topic + `","payload":{"encoded_item":` + quoted(slice) + "}}]\n"
}

// unsliced is the event stream of a topic as the client puts it together.
func unsliced(t testing.TB, topic, lines string) string {
	t.Helper()
	stream := ""
	for line := range strings.Lines(lines) {
		var items []struct {
			Topic   string `json:"topic_id"`
			Payload struct {
				Item string `json:"encoded_item"`
			}
		}
		if err := json.Unmarshal([]byte(line), &items); err != nil {
			t.Fatalf("not JSON any more: %v in %q", err, line)
		}
		for _, item := range items {
			if item.Topic == topic {
				stream += item.Payload.Item
			}
		}
	}
	return stream
}

// inSlices sends slices of a stream alone, each in a message, and returns what the
// client puts together.
func inSlices(t *testing.T, slices ...string) string {
	t.Helper()
	lines := ""
	for _, slice := range slices {
		lines += sliced("t", slice)
	}
	return unsliced(t, "t", eachAlone(t, &messageSamples[2], lines))
}

// patched is the text of a stream of patches.
func patched(t testing.TB, stream string) string {
	t.Helper()
	return firstWord.Replace(fields("data: ", "v")(t, stream))
}

// firstWord takes away the beginning of an address that is a plain word at the end
// of a slice, and so goes on ([classifiers.Open]).
var firstWord = strings.NewReplacer("jo[EMAIL]", "[EMAIL]", "j[EMAIL]", "[EMAIL]")

// TestLookCutThenWhole: a value that stands partly in an event that was cut and
// partly in the next, which was not.
func TestLookCutThenWhole(t *testing.T) {
	stream := inSlices(t, `data: {"p":"/message/content/parts/0","o":"append","v":"Wri`, "te to jo.doe@exam\"}\n\n", "data: {\"v\":\"ple.org today\"}\n\n")
	if text := patched(t, stream); text != "Write to [EMAIL] today" {
		t.Errorf("got %q in %s", text, stream)
	}
}

// TestSlicedAnywhere: whichever way the slices fall, the value is masked and the
// client can read the rest.
func TestSlicedAnywhere(t *testing.T) {
	const want = "Grüße 🌧\n\"an\" [EMAIL] 🌧\\ heute"
	for name, stream := range map[string]string{
		"LF": "event: delta\ndata: {\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\"Gr\u00fc\\u00dfe \\ud83c\\udf27\\n\\\"an\\\" jo.doe@exam\"}\n\n" +
			": beat\n\ndata: {\"v\":\"ple.org \\ud83c\\udf27\\\\ heute\"}\n\ndata: [DONE]\n\n",
		"CRLF": "data: {\"p\":\"/message/content/parts/0\",\"o\":\"append\",\"v\":\"Gr\u00fc\\u00dfe \U0001f327\\n\\\"an\\\" jo.doe@exam\"}\r\n\r\n" +
			"id: 7\r\ndata: {\"v\":\"ple.org \U0001f327\\\\ heute\"}\r\n\r\n",
	} {
		check := func(how string, slices ...string) {
			t.Helper()
			if text := patched(t, inSlices(t, slices...)); text != want {
				t.Errorf("%s, %s: got %q", name, how, text)
			}
		}
		runes := strings.Split(stream, "")
		check("in characters", runes...)
		for i := range runes {
			head, rest := strings.Join(runes[:i], ""), runes[i:]
			check(fmt.Sprintf("cut at %d", i), head, strings.Join(rest, ""))
			for size := 1; size < len(rest); size += 7 {
				check(fmt.Sprintf("cut at %d and %d further", i, size), head, strings.Join(rest[:size], ""), strings.Join(rest[size:], ""))
			}
		}
	}
}

// TestSlicedCharacter: slices that a service cut inside a character leave the rest
// as it is.
func TestSlicedCharacter(t *testing.T) {
	event := "data: {\"p\":\"/a\",\"o\":\"append\",\"v\":\"\u00e9 jo.doe@example.org \U0001f327\"}\n\n"
	for at := range len(event) {
		text := patched(t, inSlices(t, event[:at], event[at:]))
		if !strings.HasSuffix(strings.TrimRight(text, "\ufffd"), " [EMAIL] ") && strings.TrimLeft(text, "\ufffd\u00e9") != " [EMAIL] \U0001f327" {
			t.Errorf("cut at %d: got %q", at, text)
		}
	}
}

// TestSlicedEscape: a value with an escape in it is masked where no slice ends in
// that escape; where one does, the reply does not go on.
func TestSlicedEscape(t *testing.T) {
	head, escape, tail := `data: {"p":"/a","o":"append","v":"to jo.doe`, `\u0040`, "example.org now\"}\n\n"
	for at := range len(head + escape + tail) {
		event := head + escape + tail
		lines := sliced("t", event[:at]) + sliced("t", event[at:])
		if inside := at - len(head); inside <= 0 || inside >= len(escape) {
			if text := patched(t, unsliced(t, "t", eachAlone(t, &messageSamples[2], lines))); text != "to [EMAIL] now" {
				t.Errorf("cut at %d: got %q", at, text)
			}
			continue
		}
		r := open(t, &messageSamples[2], content.Limits{})
		var released []byte
		var failed error
		for line := range strings.Lines(lines) {
			parts, err := r.Write([]byte(enveloped(line)), false)
			if err != nil {
				t.Fatal(err)
			}
			out, err := mask(r, parts)
			released, failed = append(released, out...), errors.Join(failed, err)
		}
		if !errors.Is(failed, content.ErrCannotRewrite) || strings.Contains(string(released), "example") {
			t.Errorf("cut at %d: %v, released %s", at, failed, released)
		}
	}
}

// mask releases parts with every occurrence of leaked replaced.
func mask(r *content.Reply, parts []content.Part) (released []byte, err error) {
	var edits []content.Edit
	holds := make([]int, len(parts))
	for i, part := range parts {
		if holds[i] = len(part.Text); !r.Ended(i) {
			holds[i] = classifiers.Open(part.Text)
		}
		if at := strings.Index(part.Text, leaked); at >= 0 && at < holds[i] {
			edits = append(edits, content.Edit{Part: i, Start: at, End: at + len(leaked), Text: "[EMAIL]"})
		}
	}
	out, err := r.Release(edits, holds)
	for _, raw := range out {
		released = append(released, raw...)
	}
	return released, err
}

// TestSlicesOfTopics: unfinished events of several topics do not mix.
func TestSlicesOfTopics(t *testing.T) {
	got := eachAlone(t, &messageSamples[2],
		sliced("a", `data: {"p":"/x","o":"append","v":"to jo.d`)+sliced("b", `data: {"p":"/x","o":"append","v":"it costs \u`)+
			sliced("a", "oe@exam\"}\n")+sliced("b", "20ac 4\"}\n\n")+sliced("a", "\ndata: {\"v\":\"ple.org now\"}\n\n")+sliced("b", "data: {\"v\":\"0\"}\n\n"))
	a, b := patched(t, unsliced(t, "a", got)), patched(t, unsliced(t, "b", got))
	if a != "to [EMAIL] now" || b != "it costs \u20ac 40" {
		t.Errorf("got %q and %q", a, b)
	}
}

// TestSlicedTwiceInOne: a message may bring several slices of one event, and edits
// keep to their places.
func TestSlicedTwiceInOne(t *testing.T) {
	lines := sliced("t", `data: {"p":"/x","o":"append","v":"to jo.d`) + sliced("t", "oe@example.org\"}\n\n")
	got := eachAlone(t, &messageSamples[2], strings.ReplaceAll(lines, "]\n[", ","))
	if text := patched(t, unsliced(t, "t", got)); text != "to [EMAIL]" {
		t.Errorf("got %s", got)
	}
}

// TestSlicedElsewhere: a value is found in any string of an event that was cut, in
// keys, in the lines of one with several, and in what is no JSON.
func TestSlicedElsewhere(t *testing.T) {
	for name, event := range map[string]string{
		"title":    "data: {\"type\":\"title_generation\",\"title\":\"to jo.doe@example.org now\"}\n\n",
		"key":      "data: {\"type\":\"x\",\"to jo.doe@example.org now\":1}\n\n",
		"path":     "data: {\"p\":\"to jo.doe@example.org now\",\"o\":\"add\",\"v\":\"x\"}\n\n",
		"message":  "data: {\"p\":\"\",\"o\":\"add\",\"v\":{\"message\":{\"content\":{\"parts\":[\"to jo.doe@example.org now\"]}}}}\n\n",
		"patches":  "data: {\"o\":\"patch\",\"v\":[{\"p\":\"/x\",\"o\":\"append\",\"v\":\"to jo.doe@example.org now\"}]}\n\n",
		"lines":    "data: {\"p\":\"/x\",\ndata: \"o\":\"append\",\"v\":\"to jo.doe@example.org now\"\ndata: }\n\n",
		"no JSON":  "data: to jo.doe@example.org now\n\n",
		"no field": "to jo.doe@example.org now\n\n",
	} {
		for at := range event {
			got := inSlices(t, event[:at], event[at:])
			if want := strings.ReplaceAll(event, leaked, "[EMAIL]"); firstWord.Replace(got) != want {
				t.Errorf("%s cut at %d: got %q", name, at, got)
			}
		}
	}
}

// TestSlicedNumber: a long number that was cut is read whole, and cannot be
// rewritten; nor can a word that seemed to be a name when it was cut.
func TestSlicedNumber(t *testing.T) {
	for name, c := range map[string]struct{ event, want string }{
		"number":  {"data: {\"v\":4111111111111111}\n\n", "4111111111111111"},
		"decoded": {"data: {\"type\":\"x\",\"image\":\"data:text/plain;base64,dG8gam8uZG9lQGV4YW1wbGUub3JnIG5vdw==\"}\n\n", "to jo.doe@example.org now"},
	} {
		for at := range c.event {
			r := open(t, &messageSamples[2], content.Limits{})
			found := false
			for _, slice := range []string{c.event[:at], c.event[at:]} {
				parts, err := r.Write([]byte(enveloped(sliced("t", slice))), false)
				if err != nil {
					t.Fatal(err)
				}
				for i, p := range parts {
					inside := at > strings.Index(c.event, c.want[:4]) && at <= strings.Index(c.event, "}")
					found = found || p.Text == c.want && (r.CanEdit(i) != inside || name == "decoded")
				}
				if _, err := r.Release(nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			if !found {
				t.Errorf("%s cut at %d: not found", name, at)
			}
		}
	}
	r := open(t, &messageSamples[2], content.Limits{})
	var failed error
	for _, slice := range []string{`data: {"jo.d`, "oe@example.org\":1}\n\n"} {
		parts, err := r.Write([]byte(enveloped(sliced("t", slice))), false)
		if err != nil {
			t.Fatal(err)
		}
		_, err = mask(r, parts)
		failed = errors.Join(failed, err)
	}
	if !errors.Is(failed, content.ErrCannotRewrite) {
		t.Errorf("a word: got %v", failed)
	}
}

// TestSlicesAgain: a stream that begins anew in the middle of an event is read
// from there.
func TestSlicesAgain(t *testing.T) {
	first := `data: {"p":"/x","o":"append","v":"to jo.d`
	stream := inSlices(t, first, first, "oe@exam\"}\n\n", "data: {\"v\":\"ple.org now\"}\n\n")
	if text := patched(t, strings.TrimPrefix(stream, first)); text != "to [EMAIL] now" {
		t.Errorf("got %q", stream)
	}
}

// TestSlicesWithoutEnd: an event that does not end, that comes in ever more slices
// and ever more of them end the reply; what is kept of them is told.
func TestSlicesWithoutEnd(t *testing.T) {
	write := func(r *content.Reply, topic, slice string) error {
		_, err := r.Write([]byte(enveloped(sliced(topic, slice))), false)
		if err == nil {
			_, err = r.Release(nil, nil)
		}
		return err
	}
	begin, word := `data: {"p":"/x","o":"append","v":"`, strings.Repeat("word ", 200)

	r := open(t, &messageSamples[2], content.Limits{Record: 64 << 10})
	err := write(r, "t", begin)
	for i := 0; err == nil && i < 100; i++ {
		if err = write(r, "t", word); err == nil && r.Size() < i*len(word) {
			t.Fatalf("%d slices, Size says %d", i, r.Size())
		}
	}
	if !errors.Is(err, frame.ErrTooBig) {
		t.Errorf("no end: got %v", err)
	}

	r = open(t, &messageSamples[2], content.Limits{})
	err = write(r, "t", begin)
	for i := 0; err == nil && i < 100_000; i++ {
		err = write(r, "t", "12345678901234567890123456789012")
	}
	if !errors.Is(err, frame.ErrTooBig) {
		t.Errorf("ever more slices: got %v", err)
	}

	r = open(t, &messageSamples[2], content.Limits{})
	for i := 0; i < 1000; i++ {
		if err := write(r, fmt.Sprint("ended ", i), begin+"\"}\n\n"); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; err == nil || i == 0; i++ {
		if err = write(r, fmt.Sprint("open ", i), begin); i > 1000 {
			break
		}
	}
	if !errors.Is(err, frame.ErrTooBig) {
		t.Errorf("ever more topics: got %v", err)
	}
	r = open(t, &messageSamples[2], content.Limits{})
	if write(r, "t", "data: {}\n\n"+word) != nil || write(r, "t", "\n\n") != nil {
		t.Fatal("an event that ended")
	}
	ended := r.Size()
	if write(r, "t", begin) != nil || r.Size() != ended+len(begin) {
		t.Errorf("Size says %d after an event that ended, then %d", ended, r.Size())
	}
}

// FuzzSlices: whatever comes in slices, nothing of it is changed or lost without an
// edit.
func FuzzSlices(f *testing.F) {
	f.Add("event: delta\ndata: {\"p\":\"/x\",\"o\":\"append\",\"v\":\"a\\u00e9\\ud83c\\udf27\"}\n\ndata: [DONE]\n\n", 40, 55)
	f.Add("data: {\"v\":12345678901}\r\n\r\nda", 15, 26)
	f.Add("data: {\"type\":\"x\",\"u\":\"data:text/plain;base64,dG8gam8uZG9lQGV4\"}\n\nrest", 49, 50)
	f.Fuzz(func(t *testing.T, stream string, a, b int) {
		stream = strings.ToValidUTF8(stream, "")
		if a < 0 || b < a || b > len(stream) {
			return
		}
		lines := sliced("t", stream[:a]) + sliced("t", stream[a:b]) + sliced("t", stream[b:])
		if strings.Contains(lines, leaked) || strings.Contains(stream, leaked) {
			return
		}
		if got := eachAlone(t, &messageSamples[2], lines); got != lines {
			t.Fatalf("got %q for %q", got, lines)
		}
	})
}

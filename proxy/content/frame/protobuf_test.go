package frame_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// tagged is a length-delimited field.
func tagged(number protowire.Number, content string) string {
	return string(protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), content))
}

func varint(number protowire.Number, value uint64) string {
	return string(protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), value))
}

// words are the strings of a message.
func words(t *testing.T, message string) []string {
	t.Helper()
	fields, err := frame.Fields([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range fields {
		if f.Sort == frame.String {
			out = append(out, message[f.Start:f.End])
		}
	}
	return out
}

// chat is a message as Cursor sends it: a conversation of messages, a model.
var chat = tagged(2, tagged(1, "What is the capital of Freedonia?")+varint(2, 1)) +
	tagged(2, tagged(1, "Call 4111 1111 1111 1111")+tagged(9, "\xff\xfe\x00\x01")) +
	tagged(7, tagged(1, "gpt-x")) + varint(8, 4111111111111111) + "\x1d\x01\x02\x03\x04" + "\x21\x01\x02\x03\x04\x05\x06\x07\x08" +
	"\x2b" + tagged(1, "in a group") + "\x2c"

func TestFields(t *testing.T) {
	got := words(t, chat)
	for _, want := range []string{"What is the capital of Freedonia?", "Call 4111 1111 1111 1111", "gpt-x", "in a group"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	fields, _ := frame.Fields([]byte(chat))
	var number, opaque bool
	for _, f := range fields {
		number = number || f.Sort == frame.Number && f.Value == 4111111111111111
		opaque = opaque || f.Sort == frame.Bytes && chat[f.Start:f.End] == "\xff\xfe\x00\x01"
	}
	if !number || !opaque {
		t.Errorf("number %v, bytes %v", number, opaque)
	}
}

// TestBoth shows that what may be a string and a message is seen as both: here
// tag and length are a line break and a comma.
func TestBoth(t *testing.T) {
	inner := "forty-four characters of text that are all text"[:44]
	message := tagged(1, tagged(1, inner))
	if got := words(t, message); !slices.Equal(got, []string{"\n," + inner, inner}) {
		t.Errorf("got %q", got)
	}
}

func TestMalformedProtobuf(t *testing.T) {
	for name, message := range map[string]string{
		"no field":      "\x00",
		"cut varint":    "\x08\xff",
		"cut string":    "\x0a\x05abc",
		"end of group":  "\x0c",
		"open group":    "\x0b\x08\x01",
		"wire type 7":   "\x0f",
		"huge length":   "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
		"cut fixed":     "\x0d\x00",
		"JSON, no less": `{"a":1}`,
	} {
		if _, err := frame.Fields([]byte(message)); !errors.Is(err, frame.ErrProtobuf) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	deep := strings.Repeat("\x0b", 65) + strings.Repeat("\x0c", 65)
	if _, err := frame.Fields([]byte(deep)); !errors.Is(err, frame.ErrBounds) {
		t.Errorf("deep: got %v", err)
	}
	if _, err := frame.Fields(bytes.Repeat([]byte("\x08\x01"), 1<<18+1)); !errors.Is(err, frame.ErrBounds) {
		t.Errorf("many: got %v", err)
	}
}

// TestSplice shows that every length around a change is mended, also where it
// takes another byte, and nothing else changes.
func TestSplice(t *testing.T) {
	long := strings.Repeat("long ", 40)
	at := strings.Index(chat, "4111 1111")
	got, err := frame.Splice([]byte(chat), []frame.Change{
		{Start: strings.Index(chat, "capital"), End: strings.Index(chat, "capital") + len("capital"), Text: "town"},
		{Start: at, End: at + 19, Text: long},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := tagged(2, tagged(1, "What is the town of Freedonia?")+varint(2, 1)) +
		tagged(2, tagged(1, "Call "+long)+tagged(9, "\xff\xfe\x00\x01")) + chat[strings.Index(chat, "\x3a"):]
	if string(got) != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	group := strings.Index(chat, "in a group")
	if got, err := frame.Splice([]byte(chat), []frame.Change{{Start: group, End: group + 2, Text: "within"}}); err != nil || !strings.HasSuffix(string(got), "\x2b"+tagged(1, "within a group")+"\x2c") {
		t.Errorf("group: got %q, %v", got, err)
	}
	for _, place := range []int{0, strings.Index(chat, "\x1d\x01") + 2} {
		if _, err := frame.Splice([]byte(chat), []frame.Change{{Start: place, End: place + 1, Text: "x"}}); !errors.Is(err, frame.ErrPlace) {
			t.Errorf("at %d: got %v", place, err)
		}
	}
}

// FuzzProtobuf: no input makes the walker panic; fields lie inside the message;
// and any string of it can be replaced so that the message stays one and has the
// new text.
func FuzzProtobuf(f *testing.F) {
	f.Add([]byte(chat), 1)
	f.Add([]byte(tagged(1, tagged(1, "forty-four characters of text that are all"))), 1)
	f.Add([]byte("\x0b\x0a\x01a\x0c"), 0)
	f.Add([]byte(`{"a":1}`), 0)
	f.Fuzz(func(t *testing.T, message []byte, pick int) {
		fields, err := frame.Fields(message)
		if err != nil {
			return
		}
		var texts []frame.Field
		for _, field := range fields {
			if field.Start < 0 || field.End > len(message) || field.Start >= field.End {
				t.Fatalf("field at %d to %d of %d", field.Start, field.End, len(message))
			}
			if field.Sort == frame.String {
				texts = append(texts, field)
			}
		}
		if len(texts) == 0 {
			return
		}
		place := texts[uint(pick)%uint(len(texts))]
		const text = "REPLACED-\x01-BY-THIS"
		edited, err := frame.Splice(message, []frame.Change{{Start: place.Start, End: place.End, Text: text}})
		if err != nil {
			t.Fatal(err)
		}
		again, err := frame.Fields(edited)
		if err != nil {
			t.Fatalf("%v: %q", err, edited)
		}
		if !slices.ContainsFunc(again, func(field frame.Field) bool {
			return field.Sort == frame.String && strings.Contains(string(edited[field.Start:field.End]), text)
		}) {
			t.Fatalf("the text is not in %q", edited)
		}
	})
}

package frame_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sluice-proxy/sluice/proxy/content/frame"
)

// raw is a frame by hand: first byte, length as given, mask of zeros if masked.
func raw(first byte, payload string, masked bool) string {
	length := byte(len(payload))
	if masked {
		return string([]byte{first, 0x80 | length, 0, 0, 0, 0}) + payload
	}
	return string([]byte{first, length}) + payload
}

const limit = 1 << 20

// readAll returns the messages of a stream as words, and how it ended.
func readAll(stream io.Reader, fromClient bool) ([]string, error) {
	r := frame.NewReader(stream, fromClient, limit, nil)
	var out []string
	for {
		m, err := r.Next()
		if err != nil {
			return out, err
		}
		out = append(out, string('0'+rune(m.Opcode))+":"+string(m.Payload))
	}
}

// TestMessages shows that fragments become one message, that control frames come
// between them in order, and that it does not matter how the stream is cut.
func TestMessages(t *testing.T) {
	stream := raw(0x01, "Hel", true) + raw(0x89, "ping", true) + raw(0x00, "lo ", true) + raw(0x8a, "", true) + raw(0x80, "you", true) +
		raw(0x82, "\x00\xff", true) + raw(0x81, "", true) + raw(0x88, "\x03\xe8bye", true) + "never read"
	want := "9:ping|::|1:Hello you|2:\x00\xff|1:|8:\x03\xe8bye"
	for name, src := range map[string]io.Reader{"whole": strings.NewReader(stream), "by byte": iotest.OneByteReader(strings.NewReader(stream))} {
		got, err := readAll(src, true)
		if !errors.Is(err, io.EOF) || strings.Join(got, "|") != want {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// TestViolations shows what is refused, and with which code.
func TestViolations(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		client bool
		code   int
	}{
		"unmasked client":           {raw(0x81, "x", false), true, frame.CloseProtocol},
		"masked server":             {raw(0x81, "x", true), false, frame.CloseProtocol},
		"RSV1":                      {raw(0xc1, "x", false), false, frame.CloseProtocol},
		"RSV3":                      {raw(0x91, "x", false), false, frame.CloseProtocol},
		"opcode 3":                  {raw(0x83, "x", false), false, frame.CloseProtocol},
		"opcode 11":                 {raw(0x8b, "x", false), false, frame.CloseProtocol},
		"fragmented ping":           {raw(0x09, "x", false), false, frame.CloseProtocol},
		"long ping":                 {"\x89\x7e\x00\x7e" + strings.Repeat("x", 126), false, frame.CloseProtocol},
		"continuation of nothing":   {raw(0x80, "x", false), false, frame.CloseProtocol},
		"interleaved messages":      {raw(0x01, "x", false) + raw(0x81, "y", false), false, frame.CloseProtocol},
		"two bytes for 125":         {"\x81\x7e\x00\x7d" + strings.Repeat("x", 125), false, frame.CloseProtocol},
		"eight bytes for 65535":     {"\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff" + strings.Repeat("x", 65535), false, frame.CloseProtocol},
		"length over 63 bits":       {"\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", false, frame.CloseProtocol},
		"length over the limit":     {"\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x01", false, frame.CloseTooBig},
		"fragments over the limit":  {strings.Repeat("\x00\x7e\xff\xff"+strings.Repeat("x", 65535), 17), false, frame.CloseTooBig},
		"invalid UTF-8":             {raw(0x81, "\xff", false), false, frame.CloseData},
		"invalid UTF-8 in two":      {raw(0x01, "caf\xc3", false) + raw(0x80, "x\xa9", false), false, frame.CloseData},
		"cut character at the end":  {raw(0x01, "a", false) + raw(0x80, "\xe2\x82", false), false, frame.CloseData},
		"close with one byte":       {raw(0x88, "\x03", false), false, frame.CloseProtocol},
		"close with 1005":           {raw(0x88, "\x03\xed", false), false, frame.CloseProtocol},
		"close with 999":            {raw(0x88, "\x03\xe7", false), false, frame.CloseProtocol},
		"close with a false reason": {raw(0x88, "\x03\xe8\xff", false), false, frame.CloseData},
	} {
		stream := c.stream
		if name == "fragments over the limit" {
			stream = "\x01" + stream[1:]
		}
		_, err := readAll(strings.NewReader(stream), c.client)
		var violation *frame.ProtocolError
		if !errors.As(err, &violation) || violation.Code != c.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestCharacterOverFragments shows that a character may be cut between frames.
func TestCharacterOverFragments(t *testing.T) {
	got, err := readAll(strings.NewReader(raw(0x01, "caf\xc3", false)+raw(0x80, "\xa9", false)), false)
	if !errors.Is(err, io.EOF) || len(got) != 1 || got[0] != "1:café" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestEndlessMessage shows that empty fragments do not go on for ever.
func TestEndlessMessage(t *testing.T) {
	_, err := readAll(io.MultiReader(strings.NewReader(raw(0x01, "x", false)), endless(raw(0x00, "", false))), false)
	var violation *frame.ProtocolError
	if !errors.As(err, &violation) || violation.Code != frame.CloseTooBig {
		t.Errorf("got %v", err)
	}
}

type endless string

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

// TestCutShort shows that an end inside a frame or a message is no good end.
func TestCutShort(t *testing.T) {
	stream := raw(0x01, "Hello", true) + raw(0x80, "you", true)
	for n := 1; n < len(stream); n++ {
		if got, err := readAll(strings.NewReader(stream[:n]), true); !errors.Is(err, io.ErrUnexpectedEOF) || len(got) > 0 {
			t.Errorf("%d bytes: got %q, %v", n, got, err)
		}
	}
}

// TestRoom shows that room is asked for before a message has it, and no more
// than it needs, whatever its header promises.
func TestRoom(t *testing.T) {
	var taken int64
	full := errors.New("full")
	r := frame.NewReader(strings.NewReader("\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x00only this"), false, limit, func(n int64) error { taken += n; return nil })
	if _, err := r.Next(); !errors.Is(err, io.ErrUnexpectedEOF) || taken != 32<<10 {
		t.Errorf("took %d, %v", taken, err)
	}
	r = frame.NewReader(strings.NewReader(raw(0x82, "x", false)), false, limit, func(int64) error { return full })
	if _, err := r.Next(); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

// TestWrite shows that what is written is read again, in both roles and at every
// length of the header.
func TestWrite(t *testing.T) {
	for _, asClient := range []bool{true, false} {
		for _, size := range []int{0, 1, 7, 8, 125, 126, 65535, 65536, limit} {
			payload := bytes.Repeat([]byte("å"), size/2+1)[:size]
			want := bytes.Clone(payload)
			var wire bytes.Buffer
			if err := frame.Write(&wire, frame.Message{Opcode: frame.Binary, Payload: payload}, asClient); err != nil {
				t.Fatal(err)
			}
			if asClient && size > 32 && bytes.Contains(wire.Bytes(), want) {
				t.Errorf("%d bytes are not masked", size)
			}
			m, err := frame.NewReader(&wire, asClient, limit, nil).Next()
			if err != nil || m.Opcode != frame.Binary || !bytes.Equal(m.Payload, want) {
				t.Errorf("client %v, %d bytes: %v", asClient, size, err)
			}
		}
	}
}

// TestClosing shows that a reason is cut at a character to fit a control frame.
func TestClosing(t *testing.T) {
	m := frame.Closing(frame.ClosePolicy, strings.Repeat("a", 122)+"é")
	if len(m.Payload) != 2+122 || m.Payload[0] != 0x03 || m.Payload[1] != 0xf0 {
		t.Errorf("got %d bytes: %q", len(m.Payload), m.Payload)
	}
}

// FuzzReader: no input makes the reader panic, give back more than the limit, or
// read differently when the stream is cut; and what it gives back, written
// again, is the same.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		raw(0x01, "Hel", true) + raw(0x89, "p", true) + raw(0x80, "lo", true), raw(0x81, "\xff", true), raw(0x88, "\x03\xe8", true),
		"\x82\xfe\x01\x00\x01\x02\x03\x04" + strings.Repeat("z", 256), raw(0x80, "x", true), "\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00abcd",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		got, err := readAll(bytes.NewReader(stream), true)
		again, againErr := readAll(iotest.OneByteReader(bytes.NewReader(stream)), true)
		if strings.Join(got, "\n") != strings.Join(again, "\n") || err.Error() != againErr.Error() {
			t.Fatalf("cut differently: %q, %v and %q, %v", got, err, again, againErr)
		}
		var wire bytes.Buffer
		for _, m := range got {
			if err := frame.Write(&wire, frame.Message{Opcode: frame.Opcode(m[0] - '0'), Payload: []byte(m[2:])}, true); err != nil {
				t.Fatal(err)
			}
		}
		if written, err := readAll(&wire, true); !errors.Is(err, io.EOF) || strings.Join(got, "\n") != strings.Join(written, "\n") {
			t.Fatalf("written again: %q, %v", written, err)
		}
	})
}

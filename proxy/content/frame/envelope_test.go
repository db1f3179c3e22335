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

func readEnvelopes(src io.Reader, flags byte) ([]frame.Envelope, error) {
	r := frame.NewEnvelopeReader(src, flags, limit, nil)
	var out []frame.Envelope
	for {
		e, err := r.Next()
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
}

func TestEnvelopes(t *testing.T) {
	big := strings.Repeat("x", 100<<10)
	stream := frame.Envelope{Payload: []byte("hello")}.Append(nil)
	stream = frame.Envelope{Flags: frame.Compressed}.Append(stream)
	stream = frame.Envelope{Payload: []byte(big)}.Append(stream)
	stream = frame.Envelope{Flags: frame.EndStream, Payload: []byte("{}")}.Append(stream)
	got, err := readEnvelopes(iotest.HalfReader(bytes.NewReader(stream)), frame.Compressed|frame.EndStream)
	if !errors.Is(err, io.EOF) || len(got) != 4 || string(got[0].Payload) != "hello" || got[1].Flags != 1 || string(got[2].Payload) != big || got[3].Flags != 2 {
		t.Errorf("got %d, %v", len(got), err)
	}
}

func TestBadEnvelopes(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		want   error
	}{
		"flags":       {"\x04\x00\x00\x00\x00", frame.ErrFlags},
		"end flag":    {"\x02\x00\x00\x00\x00", frame.ErrFlags},
		"too big":     {"\x00\x00\x10\x00\x01", frame.ErrTooBig},
		"4 GiB":       {"\x00\xff\xff\xff\xff", frame.ErrTooBig},
		"cut prefix":  {"\x00\x00\x00", io.ErrUnexpectedEOF},
		"cut message": {"\x00\x00\x00\x00\x05hell", io.ErrUnexpectedEOF},
	} {
		if _, err := readEnvelopes(strings.NewReader(c.stream), frame.Compressed); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := readEnvelopes(strings.NewReader("\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00"), frame.Compressed|frame.Trailers); !errors.Is(err, frame.ErrAfter) {
		t.Errorf("after the end: got %v", err)
	}
}

// FuzzEnvelopes: no input makes the reader panic, and what it reads is what came.
func FuzzEnvelopes(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x05hello\x01\x00\x00\x00\x00\x02\x00\x00\x00\x02{}"))
	f.Add([]byte("\x00\xff\xff\xff\xff"))
	f.Add([]byte("\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		got, err := readEnvelopes(bytes.NewReader(stream), 0x83)
		var wire []byte
		for _, e := range got {
			wire = e.Append(wire)
		}
		if !bytes.HasPrefix(stream, wire) || errors.Is(err, io.EOF) && len(wire) != len(stream) {
			t.Fatalf("read %q of %q, %v", wire, stream, err)
		}
	})
}

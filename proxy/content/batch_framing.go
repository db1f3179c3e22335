package content

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// batchStart stands before the frames of a batchexecute reply, so that a page of
// another site cannot run it as a script.
const batchStart = ")]}'\n\n"

// batchFraming cuts the frames of a batchexecute reply: a number, a line end, JSON,
// a line end. The number counts UTF-16 units from behind its digits. A reply that
// is none of these is text.
type batchFraming struct {
	limit int
	text  bool
}

func (f *batchFraming) next(b []byte, last bool) (*unit, int, error) {
	if f.text {
		return (&textFraming{}).next(b, last)
	}
	n := 0
	for n < len(b) && strings.IndexByte(batchStart, b[n]) >= 0 {
		n++
	}
	if n > 0 {
		return bare(b[:n]), n, nil
	}
	digits := 0
	for digits < len(b) && b[digits]-'0' <= 9 && digits <= 9 {
		digits++
	}
	length, err := strconv.Atoi(string(b[:digits]))
	switch {
	case digits == len(b) && !last:
		return nil, 0, nil
	case len(b) == 0:
		return nil, 0, nil
	case err != nil || b[min(digits, len(b)-1)] != '\n':
		f.text = true
		return f.next(b, last)
	case length > f.limit:
		return nil, 0, fmt.Errorf("read frame: %w: too long", ErrMalformed)
	}
	end, ok := afterUTF16(b[digits:], length)
	if !ok && !last {
		return nil, 0, nil
	}
	end += digits
	frame := string(b[digits:end])
	payload := strings.TrimSpace(frame)
	if payload == "" {
		return bare(b[:end]), end, nil
	}
	start := strings.Index(frame, payload)
	before, after := frame[:start], frame[start+len(payload):]
	return payloadUnit(b[:end], payload, func(edited []byte) []byte {
		return []byte(batchFrame(before + string(bytes.TrimSpace(edited)) + after))
	}), end, nil
}

// afterUTF16 is the place in b behind a number of UTF-16 units, and whether there
// are that many.
func afterUTF16(b []byte, units int) (int, bool) {
	if len(b) < units {
		return len(b), false
	}
	at := 0
	for units > 0 {
		if !utf8.FullRune(b[at:]) {
			return len(b), false
		}
		r, size := utf8.DecodeRune(b[at:])
		at += size
		units -= max(1, utf16.RuneLen(r))
	}
	return at, true
}

// batchFrame puts the length before the text of a frame.
func batchFrame(text string) string {
	units := 0
	for _, r := range text {
		units += max(1, utf16.RuneLen(r))
	}
	return strconv.Itoa(units) + text
}

package content

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// source is bytes and the text that they hold. The text has no byte order mark.
type source struct {
	raw   string
	codec codec
	mark  int // bytes of the byte order mark
	text  string
}

// charset is the codec that a charset parameter names. Only character sets whose
// characters lead back to their bytes one by one are read; of the others none is
// in use by these services.
func charset(label string) (codec, error) {
	switch strings.ToLower(strings.TrimSpace(label)) {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "unicode-1-1-utf-8":
		return codecPlain, nil
	case "utf-16", "utf-16le", "utf16", "unicode", "ucs-2":
		return codecUTF16LE, nil
	case "utf-16be":
		return codecUTF16BE, nil
	case "utf-32", "utf-32le", "utf32":
		return codecUTF32LE, nil
	case "utf-32be":
		return codecUTF32BE, nil
	case "iso-8859-1", "latin1", "latin-1":
		return charmapCodec(charmap.ISO8859_1), nil
	}
	set, err := htmlindex.Get(label)
	if err == nil {
		for i, known := range charmap.All {
			if _, single := known.(*charmap.Charmap); single && known == set {
				return codecCharmap + codec(i), nil
			}
		}
	}
	return 0, fmt.Errorf("character set: %w: not known", ErrEncoding)
}

func charmapCodec(set *charmap.Charmap) codec {
	for i, known := range charmap.All {
		if known == set {
			return codecCharmap + codec(i)
		}
	}
	return codecLossy
}

// marks are the byte order marks, longest first.
var marks = []struct {
	mark  string
	codec codec
}{
	{"\xff\xfe\x00\x00", codecUTF32LE},
	{"\x00\x00\xfe\xff", codecUTF32BE},
	{"\xef\xbb\xbf", codecPlain},
	{"\xff\xfe", codecUTF16LE},
	{"\xfe\xff", codecUTF16BE},
}

// decodeText finds the character set of raw and decodes it. The bytes count for
// more than the label: text that is UTF-8 is read as UTF-8 whatever it claims to
// be, because servers do so, and no text in UTF-16 or UTF-32 with a letter or
// digit of ASCII in it is UTF-8 without NUL bytes.
func decodeText(raw, label string, reserve func(int64) error) (source, error) {
	claimed, err := charset(label)
	if err != nil {
		return source{}, err
	}
	s := source{raw: raw, codec: claimed}
	for _, m := range marks {
		if strings.HasPrefix(raw, m.mark) {
			s.codec, s.mark = m.codec, len(m.mark)
			break
		}
	}
	rest := raw[s.mark:]
	if s.mark == 0 {
		s.codec = guess(rest, claimed)
	}
	if s.codec == codecPlain {
		s.text = rest
		return s, nil
	}
	if err := reserve(int64(decodedSize(s.codec, rest))); err != nil {
		return source{}, err
	}
	s.text = decodeAll(s.codec, rest)
	return s, nil
}

// guess is the codec of text without a byte order mark.
func guess(raw string, claimed codec) codec {
	nul := strings.IndexByte(raw, 0) >= 0
	if !nul && (claimed == codecPlain || utf8.ValidString(raw)) {
		return codecPlain // invalid bytes are dealt with by the reader of each string
	}
	if !nul {
		return claimed
	}
	if claimed != codecPlain && claimed < codecCharmap {
		return claimed
	}
	// RFC 4627 section 3: where the NUL bytes of the first characters stand.
	var zero [4]bool
	for i := range min(4, len(raw)) {
		zero[i] = raw[i] == 0
	}
	switch {
	case zero == [4]bool{true, true, true, false}:
		return codecUTF32BE
	case zero == [4]bool{false, true, true, true}:
		return codecUTF32LE
	case zero[0] && !zero[1]:
		return codecUTF16BE
	case !zero[0] && zero[1]:
		return codecUTF16LE
	}
	return claimed
}

// isText reports whether s can be read by people: no control characters but the
// usual ones, and at most one byte in eight that is not UTF-8.
func isText(s string) bool {
	bad := 0
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			bad++
		case r < 0x20 && (r < '\t' || r > '\r') && r != 0x1b && r != 0x1e:
			return false
		}
	}
	return bad*8 <= len(s)
}

// legible is where text begins in data, -1 when there is none. It looks at pieces
// of 48 bytes, of which four in five must be text: of random bytes, one in three
// is. Data that was compressed holds what it holds, and counts as text.
func legible(data string) int {
	const piece = 48
	for _, magic := range [...]string{"\x1f\x8b\x08", "\x28\xb5\x2f\xfd"} { // gzip, zstd
		if strings.HasPrefix(data, magic) {
			return 0
		}
	}
	for at := 0; at < len(data); at += piece {
		end := min(at+piece, len(data))
		good, zero := 0, 0
		for i := at; i < end; i++ {
			switch c := data[i]; {
			case c == 0:
				zero++
			case c >= ' ' && c < 0x7f, c == '\n', c == '\t', c == '\r':
				good++
			case c >= utf8.RuneSelf:
				if r, size := utf8.DecodeRuneInString(data[i:]); r != utf8.RuneError {
					good += size
					i += size - 1
				}
			}
		}
		if n := end - at; n >= piece/2 && (good*5 >= n*4 || zero*2 >= n-2 && (good+zero)*5 >= n*4 && good*5 >= n*2) { // also UTF-16
			return at
		}
	}
	return -1
}

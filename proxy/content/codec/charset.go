package codec

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// A Source is bytes and the text that they hold. The text has no byte order mark.
type Source struct {
	Raw   string
	Codec Codec
	Mark  int // bytes of the byte order mark
	Text  string
}

// Charset is the codec that a charset parameter names. Only character sets whose
// characters lead back to their bytes one by one are read; of the others none is
// in use by the services. It reports false for a label that is not known.
func Charset(label string) (Codec, bool) {
	switch strings.ToLower(strings.TrimSpace(label)) {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "unicode-1-1-utf-8":
		return Plain, true
	case "utf-16", "utf-16le", "utf16", "unicode", "ucs-2":
		return UTF16LE, true
	case "utf-16be":
		return UTF16BE, true
	case "utf-32", "utf-32le", "utf32":
		return UTF32LE, true
	case "utf-32be":
		return UTF32BE, true
	case "iso-8859-1", "latin1", "latin-1":
		return charmapCodec(charmap.ISO8859_1), true
	}
	set, err := htmlindex.Get(label)
	if err == nil {
		for i, known := range charmap.All {
			if _, single := known.(*charmap.Charmap); single && known == set {
				return firstCharmap + Codec(i), true
			}
		}
	}
	return 0, false
}

func charmapCodec(set *charmap.Charmap) Codec {
	for i, known := range charmap.All {
		if known == set {
			return firstCharmap + Codec(i)
		}
	}
	return Lossy
}

// marks are the byte order marks, longest first.
var marks = []struct {
	mark  string
	codec Codec
}{
	{"\xff\xfe\x00\x00", UTF32LE},
	{"\x00\x00\xfe\xff", UTF32BE},
	{"\xef\xbb\xbf", Plain},
	{"\xff\xfe", UTF16LE},
	{"\xfe\xff", UTF16BE},
}

// Marked is the codec that a byte order mark at the start of raw tells, and the
// length of the mark, 0 when there is none.
func Marked(raw string) (Codec, int) {
	for _, m := range marks {
		if strings.HasPrefix(raw, m.mark) {
			return m.codec, len(m.mark)
		}
	}
	return Plain, 0
}

// Read finds the codec of raw and decodes it. The bytes count for more than what
// is claimed: text that is UTF-8 is read as UTF-8 whatever it claims to be, because
// servers do so, and no text in UTF-16 or UTF-32 with a letter or digit of ASCII in
// it is UTF-8 without NUL bytes. reserve is called with the number of bytes that
// the text may take before they are taken; its error is the only one.
func Read(raw string, claimed Codec, reserve func(int64) error) (Source, error) {
	s := Source{Raw: raw}
	s.Codec, s.Mark = Marked(raw)
	rest := raw[s.Mark:]
	if s.Mark == 0 {
		s.Codec = guess(rest, claimed)
	}
	if s.Codec == Plain {
		s.Text = rest
		return s, nil
	}
	if err := reserve(int64(s.Codec.Size(rest))); err != nil {
		return Source{}, err
	}
	s.Text = s.Codec.Decode(rest)
	return s, nil
}

// guess is the codec of text without a byte order mark.
func guess(raw string, claimed Codec) Codec {
	nul := strings.IndexByte(raw, 0) >= 0
	if !nul && (claimed == Plain || utf8.ValidString(raw)) {
		return Plain // invalid bytes are dealt with by the reader of each string
	}
	if !nul {
		return claimed
	}
	if claimed != Plain && claimed < firstCharmap {
		return claimed
	}
	// RFC 4627 section 3: where the NUL bytes of the first characters stand.
	var zero [4]bool
	for i := range min(4, len(raw)) {
		zero[i] = raw[i] == 0
	}
	switch {
	case zero == [4]bool{true, true, true, false}:
		return UTF32BE
	case zero == [4]bool{false, true, true, true}:
		return UTF32LE
	case zero[0] && !zero[1]:
		return UTF16BE
	case !zero[0] && zero[1]:
		return UTF16LE
	}
	return claimed
}

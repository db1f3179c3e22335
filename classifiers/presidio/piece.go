package presidio

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// pieceBytes is the longest text that is sent as one. spaCy, which Presidio uses,
	// refuses a million characters, and needs memory for each.
	pieceBytes = 8 << 10
	// overlapBytes is how much of a piece stands in the next one too: more than a
	// value is long.
	overlapBytes = 256
	// slackBytes is how far white space to cut at is looked for.
	slackBytes = 256
	// callBytes bounds the texts of one call.
	callBytes = 64 << 10
)

// A piece is a part of a sample's text that is asked for as one.
type piece struct {
	sample, at int // stands at this byte of the text
	text       string
}

// cut appends the pieces of a text. What is white space alone has none.
func cut(pieces []piece, sample int, text string) []piece {
	for lo := 0; lo < len(text); {
		hi := len(text)
		if hi-lo > pieceBytes {
			hi = boundary(text, lo+pieceBytes-slackBytes, lo+pieceBytes)
		}
		if part := text[lo:hi]; strings.TrimSpace(part) != "" {
			pieces = append(pieces, piece{sample, lo, part})
		}
		if hi == len(text) {
			break
		}
		lo = boundary(text, hi-overlapBytes-slackBytes, hi-overlapBytes)
	}
	return pieces
}

// boundary is behind the last white space in text[from:to], else the last place there
// that cuts no character.
func boundary(text string, from, to int) int {
	if i := strings.LastIndexFunc(text[from:to], unicode.IsSpace); i >= 0 {
		_, size := utf8.DecodeRuneInString(text[from+i:])
		return from + i + size
	}
	for at := to; at > to-utf8.UTFMax; at-- {
		if utf8.RuneStart(text[at]) {
			return at
		}
	}
	return to // not UTF-8: cut anywhere
}

// batch puts pieces together into calls of at most so many.
func batch(pieces []piece, most int) [][]piece {
	var batches [][]piece
	from, size := 0, 0
	for i, p := range pieces {
		if i-from == most || i > from && size+len(p.text) > callBytes {
			batches = append(batches, pieces[from:i])
			from, size = i, 0
		}
		size += len(p.text)
	}
	if from < len(pieces) {
		batches = append(batches, pieces[from:])
	}
	return batches
}

// offsets are where the code points of a text begin, and where it ends, in bytes.
func offsets(text string) []int {
	at := make([]int, 0, len(text)+1)
	for i := range text {
		at = append(at, i)
	}
	return append(at, len(text))
}

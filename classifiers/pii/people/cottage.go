package people

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Addresses of the United Kingdom and of Ireland may have the name of a house and no
// number: Rose Cottage, Church Lane, Great Missenden HP16 0AX. They are read backwards
// from the postcode. (Royal Mail, programmers' guide to the postcode address file.)

const (
	longestPiece = 48 // bytes between two commas
	pieces       = 5  // of them in front of the postcode
	houseWords   = 4  // words of the name of a house
)

// cottage returns where an address begins, not in front of from, that ends with the
// postcode of which the run is the first digits, and where it ends.
func (s *scan) cottage(r classifiers.Run, from int) (start, end int) {
	code := r.Start
	for code > from && r.Start-code < 2 && s.text[code-1]-'A' < 26 {
		code--
	}
	n := postalLetters(s.text[code:])
	if code == r.Start || n < 5 || code > 0 && isWordByte(s.text[code-1]) {
		return 0, 0
	}
	hi := code
	for range pieces {
		lo, piece := s.piece(hi, from)
		if piece == "" {
			return 0, 0
		}
		if s.capitals(piece, len(piece)) != 0 {
			return 0, 0
		}
		if i := strings.LastIndexByte(piece, ' '); i > 0 && s.in(classifiers.HashWord(piece[i+1:]), streetBehind) {
			return s.house(lo, from), code + n
		}
		hi = lo
	}
	return 0, 0
}

// piece returns what stands between the comma or the line in front of hi and the one
// before that, and where it begins.
func (s *scan) piece(hi, from int) (lo int, piece string) {
	end := from + len(strings.TrimRight(s.text[from:hi], " ,\n\r"))
	lo = end
	for lo > from && end-lo <= longestPiece && strings.IndexByte(",\n:;(\t|\"", s.text[lo-1]) < 0 {
		lo--
	}
	if end-lo > longestPiece {
		lo = end - longestPiece
		for lo < end && !utf8.RuneStart(s.text[lo]) {
			lo++
		}
	}
	piece = strings.TrimLeft(s.text[lo:end], " ")
	return end - len(piece), piece
}

// capitals is where the last words of a piece begin that all have a capital, but for
// small ones between two; no more words than most.
func (s *scan) capitals(piece string, most int) int {
	first := len(piece)
	for at := len(piece); at > 0 && most > 0; most-- {
		word := piece[strings.LastIndexByte(piece[:at], ' ')+1 : at]
		c, _ := utf8.DecodeRuneInString(word)
		if unicode.IsUpper(c) {
			first = at - len(word)
		} else if first == len(piece) || !s.in(classifiers.HashWord(word), placeSmall|particles|articles|numberThen) {
			break
		}
		at -= len(word) + 1
	}
	return first
}

// house is where the name of the house begins that stands in front of a street, or the
// street itself.
func (s *scan) house(street, from int) int {
	lo, piece := s.piece(street, from)
	first := s.capitals(piece, houseWords)
	if first == len(piece) || street-lo-len(piece) > 3 {
		return street
	}
	name := piece[first:]
	last := classifiers.HashWord(name[strings.LastIndexByte(name, ' ')+1:])
	word, _, _ := strings.Cut(name, " ")
	if s.in(last, houses) || first == 0 && s.lexicon.of(classifiers.HashWord(word))&given == 0 {
		return lo + first
	}
	return street
}

package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/pii/national"
)

// Words about a number stand within so many bytes in front of it or behind it.
const numberBefore, numberAfter = 80, 40

// maxPhrase is the most words of a phrase; a character of a script without
// spaces is one.
const maxPhrase = 32

// kindSet is a set of indexes into national.Kinds.
type kindSet [8]uint64

func (s *kindSet) add(kind int)      { s[kind/64] |= 1 << (kind % 64) }
func (s *kindSet) has(kind int) bool { return s[kind/64]>>(kind%64)&1 == 1 }

// A phrase is the words that stand in front of its last, and the kinds of which
// it speaks.
type phrase struct {
	before []uint32 // hashes, the nearest first
	kinds  kindSet
}

// A lexicon holds the phrases about all kinds by the hash of their last word. One
// look at it for each word answers for all kinds at once.
type lexicon = *classifiers.WordTable[[]*phrase]

func newLexicon() lexicon {
	l := classifiers.NewWordTable[[]*phrase](2000)
	known := make(map[string]*phrase)
	for kind := range birth + 1 {
		words := birthWords
		if kind < birth {
			words = national.Kinds[kind].Words
		}
		for _, text := range strings.Split(words, "|") {
			text = strings.ToLower(text)
			p := known[text]
			if p == nil {
				var words []uint32
				for at := 0; at < len(text); {
					w := readWord(text, at)
					if w.end > w.start {
						words = append(words, w.hash)
					}
					at = w.end
				}
				if len(words) == 0 {
					continue
				}
				p = &phrase{}
				for i := len(words) - 2; i >= 0; i-- {
					p.before = append(p.before, words[i])
				}
				known[text] = p
				last := l.At(words[len(words)-1])
				*last = append(*last, p)
			}
			p.kinds.add(kind)
		}
	}
	return l
}

// spoken is what was read of the words around numbers: each byte once.
type spoken struct {
	lexicon lexicon
	text    string
	at      int             // all in front of it was read, or is too far away
	recent  [maxPhrase]word // of the words in front of at, a ring
	n       int
	seen    []sighting // by end
}

type sighting struct {
	start, end int
	kinds      *kindSet
}

// near returns how far from text[start:end] the nearest word about the kind stands, in
// bytes, or -1 when none is near. One behind counts as if it were twice as far: most
// stand in front. Places must be asked for in their order.
func (s *spoken) near(kind, start, end int) int {
	s.read(start-numberBefore, min(len(s.text), end+numberAfter))
	nearest := -1
	for i := len(s.seen) - 1; i >= 0; i-- {
		w := &s.seen[i]
		if w.end < start-numberBefore {
			break
		}
		if !w.kinds.has(kind) {
			continue
		}
		away := -1
		switch {
		case w.end <= start && w.start >= start-numberBefore:
			away = start - w.end
		case w.start >= end && w.end <= end+numberAfter:
			away = 2 * (w.start - end)
		}
		if away >= 0 && (nearest < 0 || away < nearest) {
			nearest = away
		}
	}
	return nearest
}

// read reads on to hi; what is in front of lo may be left out.
func (s *spoken) read(lo, hi int) {
	if s.at < lo {
		s.at, s.n = lo, 0
		if before, _ := utf8.DecodeLastRuneInString(s.text[:lo]); isWord(before) {
			s.at = readWord(s.text, lo).end // the rest of a word
		}
	}
	for s.at < hi {
		w := readWord(s.text, s.at)
		if w.end > hi {
			return
		}
		if s.at = w.end; w.start == w.end {
			continue
		}
		s.recent[s.n%maxPhrase] = w
		s.n++
		for _, p := range s.lexicon.Of(w.hash) {
			if start, ok := s.begins(p); ok {
				s.seen = append(s.seen, sighting{start, w.end, &p.kinds})
			}
		}
	}
}

// begins returns where the phrase that ends with the last word begins.
func (s *spoken) begins(p *phrase) (int, bool) {
	if len(p.before) >= min(s.n, maxPhrase) {
		return 0, false
	}
	w := s.recent[(s.n-1)%maxPhrase]
	for i, hash := range p.before {
		if w = s.recent[(s.n-2-i)%maxPhrase]; w.hash != hash {
			return 0, false
		}
	}
	return w.start, true
}

// word is a word as the lexicon knows it.
type word struct {
	start, end int
	hash       uint32
}

// readWord reads the first word at or behind at: letters up to a change from
// small to capital, or one character of a script without spaces. When something
// else stands there it returns an empty word behind that.
func readWord(text string, at int) word {
	h, i, small := uint32(2166136261), at, false
	for i < len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			if !isLetter(c) || c&0x20 == 0 && small {
				break
			}
			small = c&0x20 != 0
			h = (h ^ uint32(c|0x20)) * 16777619
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isWord(r) || unicode.IsUpper(r) && small {
			break
		}
		if r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			if i == at {
				i += size
				h = (h ^ uint32(r)) * 16777619
			}
			break
		}
		small = !unicode.IsUpper(r)
		h = (h ^ uint32(unicode.ToLower(r))) * 16777619
		i += size
	}
	if i > at {
		return word{at, i, h}
	}
	_, size := utf8.DecodeRuneInString(text[at:])
	return word{at + size, at + size, 0}
}

// isWord tells whether a character is part of words.
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return isLetter(byte(r))
	}
	return unicode.In(r, unicode.L, unicode.M)
}

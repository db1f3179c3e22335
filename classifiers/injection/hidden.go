package injection

import (
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// hidden is the rule for instructions that a model reads and a person does not see.
const hidden = "hidden_instruction"

// hiding are how the characters begin in UTF-8 that are followed up.
var hiding = []string{
	"\xf3\xa0\x80", "\xf3\xa0\x81", // tags, U+E0000 to U+E007F
	"\xf3\xa0\x84", "\xf3\xa0\x85", "\xf3\xa0\x86", "\xf3\xa0\x87", // variation selectors 17 to 256
	"\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", // without width: U+200B to U+200D
	"\xe2\x80\xae", // U+202E, which turns the direction around
}

// How many such characters in a row are no accident. A flag of a region has five
// letters of tags and one that ends them (UTS #51, ED-14A); one variation selector
// belongs to one character; a joiner stands alone.
const (
	manyTags      = 8
	manySelectors = 4
	manyWidthless = 16
	manyTurned    = 16
)

// concealed finds runs of characters without a glyph that say something: text in tags
// ("ASCII smuggling"), bytes in variation selectors, bits in characters without width,
// and ASCII that is written from right to left (Boucher and Anderson, "Trojan Source",
// 2021).
func (c *Classifier) concealed(v *classifiers.View, found []classifiers.Finding) []classifiers.Finding {
	done := 0
	for _, h := range v.Hits {
		if h.Start < done {
			continue
		}
		r, _ := utf8.DecodeRuneInString(v.Text[h.Start:])
		kind, many := concealer(r)
		if kind == nil {
			continue
		}
		start, known := runStart(v, h.Start, done, kind)
		end, n, mixed := start, 0, false
		for end < len(v.Text) {
			next, size := utf8.DecodeRuneInString(v.Text[end:])
			if !kind(next) {
				break
			}
			mixed = mixed || n > 0 && next != r
			end += size
			n++
		}
		done = end
		if known {
			continue
		}
		if n < many || !mixed {
			v.Drop(hidden, start, end, "too few characters without a glyph to say something")
			continue
		}
		v.Keep(hidden, start, end, "a run of characters that nobody sees")
		found = append(found, classifiers.Finding{Entity: entity, Rule: hidden, Confidence: 0.95, Start: start, End: end})
	}
	return found
}

// concealer says which characters a run goes on with that begins with r, and how many
// say something.
func concealer(r rune) (kind func(rune) bool, many int) {
	switch {
	case isTag(r):
		return isTag, manyTags
	case isSelector(r):
		return isSelector, manySelectors
	case isWidthless(r):
		return isWidthless, manyWidthless
	case r == 0x202E:
		return isTurned, manyTurned
	}
	return nil, 0
}

func isTag(r rune) bool { return r >= 0xE0000 && r <= 0xE007F }

func isSelector(r rune) bool { return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF }

func isWidthless(r rune) bool {
	return r >= 0x200B && r <= 0x200D || r >= 0x2060 && r <= 0x2064 || r == 0xFEFF
}

func isTurned(r rune) bool { return r == 0x202E || r >= ' ' && r < 0x7F }

// runStart is where the run begins that offset at is in, from offset done on, and
// whether it began in the block before, which found it.
func runStart(v *classifiers.View, at, done int, kind func(rune) bool) (start int, known bool) {
	for at > done {
		r, size := utf8.DecodeLastRuneInString(v.Text[:at])
		if size == 0 || !kind(r) || r < utf8.RuneSelf {
			break
		}
		if at -= size; at < v.Lo {
			return at, true
		}
	}
	return at, false
}

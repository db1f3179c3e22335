package classifiers

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// Words is a set of context words: words that make a candidate near them more
// likely. They count as whole words only, so that "lic" is not found inside
// "public". It never changes and is safe for concurrent use.
type Words struct {
	phrases map[string]bool
	begin   [256]bool // what phrases begin with, see beginning
	longest int       // words in the longest phrase
	runon   []string  // words of scripts that write without spaces
}

// NewWords makes a set of words and phrases. Letter case does not matter. Any
// space, hyphen, underscore or change from small to capital letter separates
// words, in the set and in the text: "phone number" is found in phoneNumber,
// phone-number and PHONE_NUMBER. Words in scripts without spaces (Han, kana,
// Thai ...) are found anywhere.
func NewWords(words ...string) *Words {
	w := &Words{phrases: make(map[string]bool)}
	for _, word := range words {
		if strings.IndexFunc(word, shape.RunsOn) >= 0 {
			w.runon = append(w.runon, word)
			continue
		}
		letters, found := wordsOf(word, nil, nil)
		if len(found) == 0 {
			continue
		}
		w.phrases[string(letters)] = true
		w.begin[beginning(letters, found[0])] = true
		w.longest = max(w.longest, len(found))
	}
	slices.Sort(w.runon)
	return w
}

// Near tells whether one of the words stands within before bytes in front of
// text[start:end] or within after bytes behind it. A word counts only when it
// lies in that window whole.
func (w *Words) Near(text string, start, end, before, after int) bool {
	lo := max(0, start-before)
	for lo < start && (!utf8.RuneStart(text[lo]) || cutsWord(text, lo)) {
		lo++
	}
	hi := min(len(text), end+after)
	for hi > end && hi < len(text) && (!utf8.RuneStart(text[hi]) || cutsWord(text, hi)) {
		hi--
	}
	return w.in(text[lo:start]) || w.in(text[end:hi])
}

// In tells whether one of the words stands in text.
func (w *Words) In(text string) bool { return w.in(text) }

func (w *Words) in(text string) bool {
	if text == "" {
		return false
	}
	if len(w.runon) > 0 && !ascii(text) {
		for _, word := range w.runon {
			if strings.Contains(text, word) {
				return true
			}
		}
	}
	if w.longest == 0 {
		return false
	}
	var space [512]byte
	var places [128]Run
	letters, found := wordsOf(text, space[:0], places[:0])
	for i := range found {
		if !w.begin[beginning(letters, found[i])] {
			continue
		}
		for n := i; n < len(found) && n < i+w.longest; n++ {
			if w.phrases[string(letters[found[i].Start:found[n].End])] {
				return true
			}
		}
	}
	return false
}

// beginning mixes the first bytes of a word: most words are told by them to begin no
// phrase.
func beginning(letters []byte, word Run) byte {
	at := letters[word.Start] * 37
	if word.Len() > 1 {
		at += letters[word.Start+1]
	}
	return at
}

// wordsOf appends the words of text to letters, in small letters with one space
// between two, and their places there to found.
func wordsOf(text string, letters []byte, found []Run) ([]byte, []Run) {
	inside, small := false, false
	for _, r := range text {
		var capital, letter bool
		if r < utf8.RuneSelf {
			capital = r-'A' < 26 && r >= 'A'
			letter = capital || r-'a' < 26 && r >= 'a'
		} else {
			capital = unicode.IsUpper(r)
			letter = unicode.In(r, unicode.L, unicode.Mn) && !shape.RunsOn(r)
		}
		if !letter {
			inside, small = false, false
			continue
		}
		if capital && small {
			inside = false
		}
		if !inside {
			if len(letters) > 0 {
				letters = append(letters, ' ')
			}
			found = append(found, Run{len(letters), len(letters)})
			inside = true
		}
		small = !capital
		if r < utf8.RuneSelf {
			letters = append(letters, shape.Lower(byte(r)))
		} else {
			letters = utf8.AppendRune(letters, unicode.ToLower(r))
		}
		found[len(found)-1].End = len(letters)
	}
	return letters, found
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cutsWord tells whether letters stand on both sides of offset i.
func cutsWord(text string, i int) bool {
	if i <= 0 || i >= len(text) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return unicode.IsLetter(before) && unicode.IsLetter(after) && !shape.RunsOn(before) && !shape.RunsOn(after)
}

package injection

import (
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	// A stretch of words is spelled oddly when it has that many digits for letters, or
	// letters by themselves, with no more than oddGap other words between two.
	oddDigits  = 4
	oddLetters = 8
	oddGap     = 6
	// longest is how many letters of a word are looked for in letters without a gap.
	longest = 16
	// oddRun is how long words that are spelled oddly may be written without a space;
	// what goes on longer is base64 or hexadecimal.
	oddRun = 64
)

// digitLetters are the letters that digits and signs stand for ("1gn0r3").
var digitLetters = [256]byte{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '@': 'a', '$': 's', '!': 'i', '|': 'l'}

// respelled finds the stretches of words that are spelled with digits for letters or
// with spaces between letters, writes them as they are meant, and calls report with the
// passages that are found there and their places in words.
func (c *Classifier) respelled(text string, words []classifiers.Word, report func(p Passage)) {
	var r respelling
	for i := 1; i < len(words); i++ {
		if !digitsBetween(text, words, i) && !lettersAlone(words, i) {
			continue
		}
		first, last, digits, letters := i-1, i, 0, 0
		for ; i < len(words) && i-last <= oddGap && i-first < MaxPassage; i++ {
			switch {
			case digitsBetween(text, words, i):
				digits++
				last = i
			case lettersAlone(words, i):
				letters++
				last = i
			}
		}
		if (digits >= oddDigits || letters >= oddLetters) && spelled(text[words[first].Start:words[last].End]) {
			// What stands in front is read too: the stretch may end a sentence.
			c.read(&r, text, words, max(0, first-oddGap), min(len(words)-1, last+oddGap), report)
		}
	}
}

// spelled tells whether a stretch can be words: none of it goes on without a space.
func spelled(text string) bool {
	run := 0
	for i := range len(text) {
		if run++; text[i] <= ' ' {
			run = 0
		}
		if run > oddRun {
			return false
		}
	}
	return true
}

// digitsBetween tells whether the word at place i goes on with the one before it, with
// one or two digits that stand for letters between them.
func digitsBetween(text string, words []classifiers.Word, i int) bool {
	from, to := words[i-1].End, words[i].Start
	return to-from > 0 && to-from <= 2 && digitLetters[text[from]] != 0 && digitLetters[text[to-1]] != 0
}

// lettersAlone tells whether the word at place i and the one before it are one letter.
func lettersAlone(words []classifiers.Word, i int) bool {
	a, b := &words[i-1], &words[i]
	return a.End-a.Start == 1 && b.End-b.Start == 1 && b.Start-a.End <= 3
}

// respelling is a stretch as it is meant, and what the next one can use again.
type respelling struct {
	meant, apart spelling
	words        []classifiers.Word
}

// A spelling is letters and the place of the word that each byte is of.
type spelling struct {
	text []byte
	from []int32
}

func (m *spelling) put(b byte, word int) {
	m.text, m.from = append(m.text, b), append(m.from, int32(word))
}

func (m *spelling) clear() { m.text, m.from = m.text[:0], m.from[:0] }

// read reads words[first:last+1] as they are meant.
func (c *Classifier) read(r *respelling, text string, words []classifiers.Word, first, last int, report func(p Passage)) {
	r.meant.clear()
	put := r.meant.put
	for i := first; i <= last; i++ {
		w := &words[i]
		switch {
		case i == first:
			if w.Start > 0 && digitLetters[text[w.Start-1]] != 0 {
				put(digitLetters[text[w.Start-1]], i)
			}
		case digitsBetween(text, words, i):
			for _, b := range []byte(text[words[i-1].End:w.Start]) {
				put(digitLetters[b], i)
			}
		case lettersAlone(words, i) && w.Start-words[i-1].End == 1 && text[w.Start-1] != '\n':
		default:
			gap := text[words[i-1].End:w.Start]
			if len(gap) > 1 && digitLetters[gap[0]] != 0 && gap[0] != '!' { // the end of the word before
				put(digitLetters[gap[0]], i-1)
			}
			put(' ', i)
			if n := len(gap); n > 1 && digitLetters[gap[n-1]] != 0 {
				put(digitLetters[gap[n-1]], i)
			}
		}
		for _, b := range []byte(text[w.Start:w.End]) {
			put(b, i)
		}
	}
	c.separate(r)
	plain, from := string(r.apart.text), r.apart.from
	r.words = classifiers.AppendWords(r.words[:0], plain, 0, len(plain))
	c.model.Passages(plain, r.words, func(p Passage) {
		p.First, p.Last = int(from[r.words[p.First].Start]), int(from[r.words[p.Last].End-1])
		report(p)
	})
}

// separate puts spaces between words that the model knows, where long runs of letters
// have none: r.apart. It goes for the longest word at each place.
func (c *Classifier) separate(r *respelling) {
	r.apart.clear()
	meant, from := r.meant.text, r.meant.from
	put := func(b byte, word int32) { r.apart.put(b, int(word)) }
	for i := 0; i < len(meant); {
		end := i
		for end < len(meant) && meant[end] != ' ' {
			end++
		}
		if end-i <= longest || !utf8.Valid(meant[i:end]) {
			for ; i < min(end+1, len(meant)); i++ {
				put(meant[i], from[i])
			}
			continue
		}
		for i < end {
			n := c.known(meant[i:min(end, i+longest)])
			for _, b := range meant[i : i+n] {
				put(b, from[i])
				i++
			}
			if n > 1 {
				put(' ', from[i-1])
			}
		}
	}
}

// known is the length of the longest word with which letters begin, 1 without one.
func (c *Classifier) known(letters []byte) int {
	for n := len(letters); n > 2; n-- {
		if n < len(letters) && !utf8.RuneStart(letters[n]) {
			continue
		}
		if r, _ := utf8.DecodeRune(letters); !unicode.IsLetter(r) {
			break
		}
		if c.model.slot(scatter(classifiers.HashWord(string(letters[:n]))^single)).Value != 0 {
			return n
		}
	}
	_, size := utf8.DecodeRune(letters)
	return size
}

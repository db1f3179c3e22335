package layer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// spellings are the digits in words, from 0 to 9, in some languages.
var spellings = []string{
	"zero one two three four five six seven eight nine",
	"null eins zwei drei vier fünf sechs sieben acht neun",
	"zéro un deux trois quatre cinq six sept huit neuf",
	"cero uno dos tres cuatro cinco seis siete ocho nueve",
	"zero uno due tre quattro cinque sei sette otto nove",
	"nul een twee drie vier vijf zes zeven acht negen",
	"zero um dois três quatro cinco seis sete oito nove",
	"zero jeden dwa trzy cztery pięć sześć siedem osiem dziewięć",
	"ноль один два три четыре пять шесть семь восемь девять",
	"нуль один два три чотири п'ять шість сім вісім дев'ять",
	"noll ett två tre fyra fem sex sju åtta nio",
	"nul en to tre fire fem seks syv otte ni",
	"sıfır bir iki üç dört beş altı yedi sekiz dokuz",
	"nula jedna dva tři čtyři pět šest sedm osm devět",
	"nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän",
	"nulla egy kettő három négy öt hat hét nyolc kilenc",
	"zero unu doi trei patru cinci șase șapte opt nouă",
	"nol satu dua tiga empat lima enam tujuh delapan sembilan",
	"oh ein zwo", "o",
}

// alphabet are the words that spell letters (ICAO), and those for signs.
const (
	alphabet = "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
	variants = "alpha=a juliet=j whisky=w dash=- hyphen=- minus=- underscore=_ dot=. point=. punkt=. at=@ equals== slash=/ plus=+"
)

// spelled are the characters that words in small letters say.
var spelled = func() map[string]byte {
	t := make(map[string]byte, 256)
	for n, w := range strings.Fields(alphabet) {
		t[w] = byte('a' + n)
	}
	for _, v := range strings.Fields(variants) {
		w, c, _ := strings.Cut(v, "=")
		t[w] = c[0]
	}
	for _, words := range spellings {
		for n, w := range strings.Fields(words) {
			if t[w] == 0 {
				t[w] = byte('0' + n)
			}
		}
	}
	return t
}()

// spelled puts a row of characters that are written in words, around offset at, into a
// reading. Single letters and digits may stand in it. Letters are in the case of their
// words; when some are small, all are read as capitals, too.
func (r *readings) spelled(at int) {
	if at < r.numbered {
		return
	}
	start := at
	for start > r.numbered {
		lo, hi := wordBefore(r.src, start)
		if _, _, ok := spelledAs(r.src[lo:hi]); !ok || lo < r.numbered {
			break
		}
		start = lo
	}
	if small := r.row26(start, false); small {
		r.row26(start, true)
	}
}

// row26 reads the row that begins at start, and tells whether it is one with small
// letters that are words.
func (r *readings) row26(start int, lift bool) (small bool) {
	out, spans, said, end := len(r.out), len(r.spans), 0, start
	r.begin(start)
	for {
		lo, hi := wordAfter(r.src, end)
		c, word, ok := spelledAs(r.src[lo:hi])
		if !ok {
			break
		}
		if word && c-'a' < 26 && c >= 'a' {
			if r.src[lo]-'A' < 26 || lift {
				c -= 0x20
			} else {
				small = true
			}
		}
		if lift && !word && c-'a' < 26 && c >= 'a' {
			c -= 0x20
		}
		if word || digit(c) {
			said++
		}
		if c != '*' {
			r.say(lo, hi, part, string(c))
		}
		end = hi
	}
	r.numbered = max(r.numbered, end)
	if said < minRow {
		r.out, r.spans = r.out[:out], r.spans[:spans]
		return false
	}
	r.end()
	return small
}

// spelledAs is the character that a word says, or the single letter or digit that it is.
func spelledAs(word string) (c byte, isWord, ok bool) {
	var space [longestSpelling * utf8.UTFMax]byte
	small := space[:0]
	for _, r := range word {
		small = utf8.AppendRune(small, unicode.ToLower(r))
	}
	if c := spelled[string(small)]; c != 0 && (len(word) > 1 || word[0]|0x20 == 'o') {
		return c, true, true
	}
	if word == "ray" || word == "Ray" || word == "RAY" { // of X-ray
		return '*', false, true
	}
	if len(word) == 1 {
		return word[0], false, word[0] < utf8.RuneSelf
	}
	return 0, false, false
}

// maxBetween is how many bytes may stand between two words that say characters.
const maxBetween = 3

// longestSpelling is the longest word for one, in bytes.
const longestSpelling = 16

func wordBefore(src string, at int) (lo, hi int) {
	for hi = at; hi > 0 && at-hi < maxBetween && !inSpelling(src[hi-1]); hi-- {
	}
	for lo = hi; lo > 0 && hi-lo < longestSpelling && inSpelling(src[lo-1]) && !rises(src, lo, hi); lo-- {
	}
	return lo, hi
}

func wordAfter(src string, at int) (lo, hi int) {
	for lo = at; lo < len(src) && lo-at < maxBetween && !inSpelling(src[lo]); lo++ {
	}
	for hi = lo; hi < len(src) && hi-lo < longestSpelling && inSpelling(src[hi]) && !rises(src, hi, lo); hi++ {
	}
	return lo, hi
}

// rises tells whether a word ends at an offset, other than from, because a capital stands
// behind a small letter: FourOneOne.
func rises(src string, at, from int) bool {
	return at != from && at > 0 && at < len(src) && src[at]-'A' < 26 && src[at-1]-'a' < 26 && src[at-1] >= 'a'
}

func inSpelling(c byte) bool { return c >= utf8.RuneSelf || isASCIIWord(rune(c)) }

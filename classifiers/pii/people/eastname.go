package people

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names in scripts without capitals are found by what stands beside them: the name of a
// field in front, or a form of address behind. In Han they begin with a surname.

const longestEastern = 96 // bytes of a name

// uncased reads the name that word i, in a script without capitals, has to do with.
// It returns the word from which to go on.
func (s *scan) uncased(i int) int {
	w := s.words[i]
	first, _ := utf8.DecodeRuneInString(s.text[w.Start:])
	start, end := 0, 0
	switch {
	case unicode.Is(unicode.Hangul, first):
		start, end = s.koreanName(i)
	case s.in(w.Hash, labels|addressed):
		start, end = s.fieldOf(i, s.in(w.Hash, addressed))
	case !s.in(w.Hash, hints):
	case first < 0x0E80:
		start, end = s.thaiName(w.Start)
	default:
		if start, end = s.behindField(w.End); end == 0 {
			start, end = s.inFrontOf(w.Start)
		}
	}
	if end == 0 {
		return i + 1
	}
	s.add(Person, "person-eastern", sureEasternName, start, end, "the name of a field in front, or a form of address behind")
	for i++; i < len(s.words) && s.words[i].Start < end; i++ {
	}
	return i
}

// gapEnd is where a value begins behind the name of a field: behind signs and spaces, of
// which one has to be a sign unless bare is true.
func (s *scan) gapEnd(at int, bare bool) (int, bool) {
	for n := 0; n < 6 && at < len(s.text); n++ {
		c, size := utf8.DecodeRuneInString(s.text[at:])
		switch {
		case strings.ContainsRune(":：=|\t", c):
			bare = true
		case !strings.ContainsRune(" 　\"'「(（", c):
			return at, bare
		}
		at += size
	}
	return at, bare
}

// fieldOf reads the words that fill a field, or stand behind a title up to a sign: of
// Hebrew, Arabic, Devanagari.
func (s *scan) fieldOf(i int, title bool) (start, end int) {
	at, ok := s.gapEnd(s.words[i].End, title)
	if i++; !ok || s.word(i).Start != at || s.word(i).End == 0 || s.text[at] < 0xD6 || s.in(s.words[i].Hash, otherNames) {
		return 0, 0
	}
	start, end = at, s.words[i].End
	for n := 1; n < 4 && s.gap(i) == " " && i+1 < len(s.words) && s.text[s.words[i+1].Start] >= 0xD6; n++ {
		i++
		end = s.words[i].End
	}
	if next := s.gap(i); next == " " && i+1 < len(s.words) && s.text[s.words[i+1].Start] >= 0xD6 || end-start > longestEastern {
		return 0, 0 // a sentence
	}
	return start, end
}

// koreanName reads 이름: 김민수 and 김민수 씨, 김민수님.
func (s *scan) koreanName(i int) (start, end int) {
	w := s.words[i]
	name := s.text[w.Start:w.End]
	if s.in(w.Hash, labels) {
		at, signed := s.gapEnd(w.End, false)
		v := s.word(i + 1)
		value := s.text[v.Start:v.End]
		if v.Start != at || at == w.End || !filled(value) || !signed && !named3(value) || i > 0 && s.gap(i-1) == " " && s.in(s.words[i-1].Hash, otherNames) {
			return 0, 0
		}
		return v.Start, v.End
	}
	if len(name) >= 12 && len(name) <= 15 && (name[9:12] == "님" || name[9:12] == "씨") && named3(name[:9]) { // and a particle
		return w.Start, w.Start + 9
	}
	if s.gap(i) == " " && named3(name) {
		v := s.word(i + 1)
		for t := range strings.FieldsSeq(behindKorean) {
			if strings.HasPrefix(s.text[v.Start:v.End], t) && v.End-v.Start <= len(t)+3 {
				return w.Start, w.End
			}
		}
	}
	return 0, 0
}

// surnamed tells whether a word of Hangul has three syllables, with a surname first.
func surnamed(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	return utf8.RuneCountInString(word) == 3 && strings.ContainsRune(surnamesKorea, first)
}

// named3 tells whether a word is a surname and two syllables that are no end of a word.
func named3(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	return surnamed(word) && !strings.ContainsRune(endsKorea, last)
}

// filled tells whether a word that fills a field is a name: with a surname of two syllables
// it has four.
func filled(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	return !strings.ContainsRune(officesKorea, last) && (surnamed(word) || utf8.RuneCountInString(word) == 4 && beginsWith(word, compoundKorea))
}

// thaiName reads นาย สมชาย ใจดี from the word in front on.
func (s *scan) thaiName(at int) (start, end int) {
	if before, _ := utf8.DecodeLastRuneInString(s.text[:at]); thai(before) {
		return 0, 0
	}
	for word := range strings.FieldsSeq(fieldsThai) {
		if !strings.HasPrefix(s.text[at:], word) {
			continue
		}
		start, _ = s.gapEnd(at+len(word), false)
		rest := s.text[start:]
		if glued := start == at+len(word); glued && (word == nameThai || beginsWith(rest, compoundThai)) || beginsWith(rest, notThai) {
			return 0, 0
		}
		n := thaiRun(rest)
		if n < 6 || s.at(start+n) != ' ' { // two letters
			return 0, 0
		}
		m := thaiRun(rest[n+1:])
		if m == 0 || n > longestEastern/2 || m > longestEastern/2 || beginsWith(rest[n+1:], notThai) {
			return 0, 0
		}
		return start, start + n + 1 + m
	}
	return 0, 0
}

func thai(r rune) bool { return r > 0x0E00 && r <= 0x0E4E }

// thaiRun is the length of the Thai letters that the text begins with.
func thaiRun(text string) int {
	for i, r := range text {
		if !thai(r) || i > longestEastern {
			return i
		}
	}
	return len(text)
}

// behindField reads the name behind a field that ends at the offset: 姓名：王小明.
func (s *scan) behindField(at int) (start, end int) {
	says := endsWith(s.text[:at], saysHan)
	if !says && !endsWith(s.text[:at], fieldsHan) {
		return 0, 0
	}
	start, signed := s.gapEnd(at, false)
	if rest, ok := strings.CutPrefix(s.text[start:], "は"); ok && !signed {
		start, signed = len(s.text)-len(rest), true
	}
	end = start + s.hanRun(start)
	if last := s.givenJapan(start, end); last > 0 && !office(s.text[start:last]) {
		return start, last
	}
	most := 3
	if compound(s.text[start:end]) {
		most = 4
	}
	if last, _ := utf8.DecodeLastRuneInString(s.text[start:end]); strings.ContainsRune(endsChina, last) || beginsWith(s.text[start:end], notChina) {
		return 0, 0
	}
	bare := strings.HasSuffix(s.text[:at], "人") || start > at
	if k := utf8.RuneCountInString(s.text[start:end]); surnameChina(s.text[start:end]) && k >= 2 && k <= most && (signed || says || bare && k == most) && (k == most || !strings.HasSuffix(s.text[:at], "客户") && !strings.HasSuffix(s.text[:at], "客戶")) {
		return start, end
	}
	if k := strings.IndexAny(s.text[start:end], "先女小"); k >= 6 && k <= 12 && beginsWith(s.text[start+k:], behindHan2) && surnameChina(s.text[start:]) {
		return start, start + k
	}
	return 0, 0
}

// inFrontOf reads the name in front of a form of address that begins at the offset:
// 田中様, 王小明先生.
func (s *scan) inFrontOf(at int) (start, end int) {
	lo := max(0, at-18)
	for lo < at && !utf8.RuneStart(s.text[lo]) {
		lo++
	}
	switch before := s.text[lo:at]; {
	case beginsWith(s.text[at:], behindHan2):
		for _, n := range [...]int{9, 6} {
			if len(before) < n || !surnameChina(before[len(before)-n:]) || !hanOnly(before[len(before)-n:]) {
				continue
			}
			return at - n, at
		}
	case beginsWith(s.text[at:], behindJapan) && !beginsWith(s.text[at:], notBehindJapan):
		for i := range before {
			if name := before[i:]; surnameJapan(name) >= 6 && hanOrKanaOnly(name) && !office(name) {
				return lo + i, at
			}
		}
	}
	return 0, 0
}

// givenJapan is where a Japanese name ends that begins at start, in Han and kana that end
// at end or behind one more space: the surname, and one to three characters. It returns 0
// when none begins there.
func (s *scan) givenJapan(start, end int) int {
	family := surnameJapan(s.text[start:end])
	if family == 0 {
		return 0
	}
	first := start + family
	if space, size := utf8.DecodeRuneInString(s.text[end:]); first == end && (space == ' ' || space == '　') {
		first += size
		end = first + s.hanRun(first)
	}
	given := s.text[first:end]
	if k := strings.IndexFunc(given, func(r rune) bool { return unicode.Is(unicode.Hiragana, r) }); k > 0 { // a particle
		given = given[:k]
	}
	if k := utf8.RuneCountInString(given); k < 1 || k > 3 {
		return 0
	}
	return first + len(given)
}

// office tells whether a surname of Japan is that of a place or a house, by what it ends with.
func office(name string) bool {
	last, _ := utf8.DecodeLastRuneInString(name[surnameJapan(name):])
	return strings.ContainsRune(officesJapan, last)
}

// hanRun is the length of the Han and kana at the offset.
func (s *scan) hanRun(at int) (n int) {
	for i, r := range s.text[at:min(len(s.text), at+longestEastern)] {
		if !hanOrKana(r) {
			return i
		}
		n = i + utf8.RuneLen(r)
	}
	return n
}

func hanOnly(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.Is(unicode.Han, r) }) < 0
}

func hanOrKanaOnly(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !hanOrKana(r) && r != ' ' && r != '　' }) < 0
}

// surnameChina tells whether a text begins with a surname of China.
func surnameChina(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return r != utf8.RuneError && strings.ContainsRune(surnamesChina, r) || compound(text)
}

func compound(text string) bool { return beginsWith(text, compoundChina) }

// surnameJapan is the length of the longest surname of Japan that a text begins with.
func surnameJapan(text string) int {
	for _, n := range [...]int{9, 6, 3} {
		if len(text) >= n && namesJapan[text[:n]] {
			return n
		}
	}
	return 0
}

var namesJapan = func() map[string]bool {
	m := make(map[string]bool, 400)
	for name := range strings.FieldsSeq(surnamesJapan) {
		m[name] = true
	}
	return m
}()

func beginsWith(text, words string) bool {
	for w := range strings.FieldsSeq(words) {
		if strings.HasPrefix(text, w) {
			return true
		}
	}
	return false
}

func endsWith(text, words string) bool {
	for w := range strings.FieldsSeq(words) {
		if strings.HasSuffix(text, w) {
			return true
		}
	}
	return false
}

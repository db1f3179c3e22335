package people

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Addresses in Han, kana and Hangul go from the large to the small, without spaces but
// in Korea: a part of the country, parts of it, a street or a quarter, numbers. The
// number is where they are found; an administrative part has to stand in front of it.

const (
	easternReach = 120 // bytes in front of a number that an address may have there
	easternTail  = 8   // pieces of it behind the number
)

// eastern reports the address that the run of digits is the first number of, and returns
// its end, or 0.
func (s *scan) eastern(r classifiers.Run, first, done int) int {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimSuffix(s.text[max(0, r.Start-8):r.Start], " "))
	var start, end int
	switch {
	case unicode.Is(unicode.Hangul, before):
		start, end = s.korean(r, first)
	case hanOrKana(before):
		start, end = s.han(r, done)
	}
	if end == 0 || start < done {
		return 0
	}
	s.add(Address, "address-eastern", sureEastern, start, end, "a part of a country, and the number of a house")
	return end
}

func hanOrKana(r rune) bool {
	return r >= 0x3041 && (r <= 0x30FF || r == '〇' || r >= 0x3400 && r <= 0x9FFF) || r == '々'
}

// han reads an address of Japan, China or Taiwan.
func (s *scan) han(r classifiers.Run, done int) (start, end int) {
	lo := r.Start
	for lo > max(done, r.Start-easternReach) {
		c, size := utf8.DecodeLastRuneInString(s.text[:lo])
		if !hanOrKana(c) && c != ' ' && c != '　' {
			break
		}
		lo -= size
	}
	front := strings.TrimRight(s.text[lo:r.Start], " 　")
	end, form := s.hanNumbers(r.Start)
	road := roadEnd(front)
	switch form {
	case numbered: // a number with 号: behind a street, which those of Japan do not need
		if !road && !strings.Contains(s.text[r.Start:end], "番") {
			return 0, 0
		}
	case blocked, dashed, dashed2:
		if last, _ := utf8.DecodeLastRuneInString(front); unicode.Is(unicode.Hiragana, last) && strings.ContainsRune(particlesJapan, last) {
			return 0, 0
		}
	default:
		if !road {
			return 0, 0
		}
	}
	at, named := regionIn(front)
	parts := front[max(0, at):]
	district := strings.IndexAny(parts, districtsHan)
	switch {
	case form == dashed && district > 0 && utf8.RuneCountInString(parts[district:]) < 3:
		return 0, 0 // 横浜市戦3-1
	case form == bare && (!named || strings.LastIndexAny(parts, "区區县縣") <= 0):
		return 0, 0
	case named && (district > 0 || utf8.RuneCountInString(parts) >= 6 && form != dashed):
	case !named && district > 0:
		at = begin(front, district)
		if at < 0 {
			return 0, 0
		}
	default:
		return 0, 0
	}
	start = lo + at
	return s.hanCode(start, done), end
}

// roadEnd tells whether what stands in front of a number ends as streets do.
func roadEnd(front string) bool {
	last, _ := utf8.DecodeLastRuneInString(front)
	return last != utf8.RuneError && strings.ContainsRune(roadsHan, last)
}

// begin is where a place begins that no list has, by the first word for its kind: not
// further than four characters in front of it, behind what parts words.
func begin(front string, district int) int {
	at, n := district, 0
	for at > 0 && n < 4 {
		c, size := utf8.DecodeLastRuneInString(front[:at])
		if strings.ContainsRune(betweenHan, c) || !unicode.Is(unicode.Han, c) && !unicode.Is(unicode.Katakana, c) {
			break
		}
		at -= size
		n++
	}
	if n == 0 {
		return -1
	}
	return at
}

// regionIn is where the last chain of known parts of a country begins in the text: 广东省
// 深圳市. It tells whether there is one.
func regionIn(text string) (at int, ok bool) {
	end := -1
	for i := 0; i+6 <= len(text); {
		n := 0
		for _, name := range regionsHan[text[i:i+6]] {
			if len(name) > n && strings.HasPrefix(text[i:], name) {
				n = len(name)
			}
		}
		if n == 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		if !ok || i-end > 12 {
			at = i
		}
		i += n
		end, ok = i, true
	}
	return at, ok
}

// hanCode is where an address begins that has a postcode in front of it.
func (s *scan) hanCode(start, done int) int {
	i := start
	for _, space := range []string{" ", "　"} {
		i = len(strings.TrimSuffix(s.text[:i], space))
	}
	end := i
	for i > done && end-i < 8 && (isDigit(s.text[i-1]) || s.text[i-1] == '-') {
		i--
	}
	switch code := s.text[i:end]; {
	case strings.HasSuffix(s.text[:i], "〒") && len(code) >= 7:
		return i - len("〒")
	case len(code) == 8 && code[3] == '-', len(code) == 6 && strings.IndexByte(code, '-') < 0, (len(code) == 3 || len(code) == 5) && end == start:
		if i == 0 || !isWordByte(s.text[i-1]) || s.text[i-1] >= utf8.RuneSelf {
			return i
		}
	}
	return start
}

// What the numbers of an address are like.
type hanForm uint8

const (
	none     hanForm = iota
	bare             // 88
	numbered         // 88号
	blocked          // 3丁目12番
	dashed           // 7-1
	dashed2          // 1-7-1
)

// hanNumbers reads the numbers that start at i, to the room.
func (s *scan) hanNumbers(i int) (end int, form hanForm) {
	form = bare
	for n := range easternTail {
		at := i
		if n > 0 {
			at = s.building(i)
		}
		from := at
		if at = s.numeral(at); at == from {
			break
		}
		dashes := 0
		for dashes < 4 {
			d := dash(s.text[at:])
			if d == 0 || !isDigit(s.at(at+d)) {
				break
			}
			dashes++
			for at += d; isDigit(s.at(at)); at++ {
			}
		}
		unit := ""
		for _, u := range unitsHan {
			if strings.HasPrefix(s.text[at:], u) {
				unit = u
				break
			}
		}
		if n > 0 && unit == "" && !strings.HasSuffix(s.text[:i], "番") && !strings.HasSuffix(s.text[:i], "目") && !strings.HasSuffix(s.text[:from], "之") {
			break
		}
		at += len(unit)
		next, _ := utf8.DecodeRuneInString(s.text[at:])
		switch {
		case n == 0 && unit == "" && (hanOrKana(next) && !strings.ContainsRune(behindHan, next) || isLetter(s.at(at)) || s.at(at) == '.'), unit == "番" && next == '目', unit == "号" && next == '线', unit == "號" && next == '線':
			if n == 0 {
				return 0, none
			}
			return i, form
		case n > 0:
		case unit == "" && dashes > 1:
			form = dashed2
		case unit == "" && dashes == 1:
			form = dashed
		case unit == "丁目" || unit == "番地" || unit == "番" || unit == "条":
			form = blocked
		case unit == "":
		case strings.HasPrefix(unit, "号") || unit == "號" || unit == "弄" || unit == "巷":
			form = numbered
		default:
			return 0, none
		}
		i = at
	}
	return i, form
}

// numeral is the end of the number at the offset, in digits or in Han.
func (s *scan) numeral(at int) int {
	from := at
	for isDigit(s.at(at)) {
		at++
	}
	for at == from || at > from && !isDigit(s.text[at-1]) {
		c, size := utf8.DecodeRuneInString(s.text[min(at, len(s.text)):])
		if !numerals(c) {
			break
		}
		at += size
	}
	return at
}

func numerals(r rune) bool { return r >= '〇' && strings.ContainsRune(numeralsHan, r) }

// written reports the addresses of Japan whose numbers are written in Han, by the block:
// 港南二丁目十六番三号. It tells whether there are some.
func (s *scan) written() (some bool) {
	for lo, hi := s.lo, min(len(s.text), s.hi+easternReach); lo < hi; {
		i := strings.Index(s.text[lo:hi], "丁目")
		if i < 0 {
			return some
		}
		at := lo + i
		lo = at + len("丁目")
		start := at
		for start > 0 {
			c, size := utf8.DecodeLastRuneInString(s.text[:start])
			if !numerals(c) {
				break
			}
			start -= size
		}
		if start == at || at-start > 12 {
			continue
		}
		if first, end := s.han(classifiers.Run{Start: start, End: at}, 0); end > 0 {
			s.add(Address, "address-eastern", sureEastern, first, end, "a part of a country, and the number of a house")
			lo, some = max(lo, end), true
		}
	}
	return some
}

// building skips the name of a house in front of the number of a floor or a room.
func (s *scan) building(i int) int {
	from := i
	for i < len(s.text) && i-from <= 48 {
		c, size := utf8.DecodeRuneInString(s.text[i:])
		if isDigit(s.text[i]) || numerals(c) {
			break
		}
		named := hanOrKana(c) && (c == 'の' || !unicode.Is(unicode.Hiragana, c)) || c == ' ' && i == from
		if !named {
			return from
		}
		i += size
	}
	return i
}

// dash is the length of a hyphen between numbers.
func dash(text string) int {
	for _, d := range []string{"-", "‐", "–", "−", "ー", "－", "の", "之"} {
		if strings.HasPrefix(text, d) {
			return len(d)
		}
	}
	return 0
}

package exact

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

const (
	maxValue = 63 // bytes of a value in its one form
	maxGap   = 3  // bytes of signs between two parts of a value in a text
	maxSpan  = 160
)

// fold appends what is left of a character in the one form: the letter or digit in
// small letters and without accents, nothing for marks. sign tells that it is neither.
func fold(out []byte, r rune) (_ []byte, sign bool) {
	switch {
	case r < utf8.RuneSelf:
		c := byte(r)
		switch {
		case c-'0' < 10 || c-'a' < 26:
			return append(out, c), false
		case c-'A' < 26:
			return append(out, c|0x20), false
		}
		return out, true
	case r < common:
		f := folded[r]
		return append(out, f...), f == "" && !unicode.Is(unicode.M, r)
	}
	f := foldSlow(r)
	return append(out, f...), f == "" && !unicode.Is(unicode.M, r)
}

// folded is foldSlow of the letters of Europe and around it.
const common = 0x0590

var folded = func() (t [common]string) {
	for r := range rune(common) {
		t[r] = foldSlow(r)
	}
	return t
}()

// apart are letters that do not come apart into a letter and its accent.
var apart = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d",
	'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ı': "i",
}

func foldSlow(r rune) string {
	if s, ok := apart[r]; ok {
		return s
	}
	if !unicode.In(r, unicode.L, unicode.Nd) || shape.RunsOn(r) {
		if shape.RunsOn(r) && !unicode.Is(unicode.M, r) {
			return string(r) // no accents: a voiced kana is another letter
		}
		return ""
	}
	return strings.Map(func(d rune) rune {
		if unicode.Is(unicode.M, d) {
			return -1
		}
		return unicode.ToLower(d)
	}, norm.NFD.String(string(r)))
}

// Normal is a value in its one form, and whether it is a date, which is then
// YYYYMMDD. dayFirst decides for 3/4/1980. The form is empty for a value of signs.
func Normal(value string, dayFirst bool) (form string, isDate bool) {
	value = strings.TrimSpace(value)
	if d, rest, ok := parseDate(value); ok && strings.Trim(rest, "T:.Z0 ") == "" {
		if d.swapped != "" && (dayFirst || d.dots) {
			return d.swapped, true
		}
		return d.form, true
	}
	var out []byte
	for _, r := range value {
		out, _ = fold(out, r)
	}
	return string(out), false
}

// A date is one that stands in digits: its form, and the other one where day and month
// could be the other way round.
type date struct {
	form, swapped string
	dots          bool // 3.4.1980: day first wherever dots are used
}

// parseDate reads a date at the beginning of text: Y-M-D, M/D/Y or D.M.Y with one of
// the signs - / . between the parts, the year in four digits.
func parseDate(text string) (d date, rest string, ok bool) {
	var part, width [3]int
	var sign byte
	rest = text
	for i := range part {
		if i > 0 {
			if rest == "" || strings.IndexByte("-/.", rest[0]) < 0 || i == 2 && rest[0] != sign {
				return d, "", false
			}
			sign, rest = rest[0], rest[1:]
		}
		for width[i] < len(rest) && rest[width[i]]-'0' < 10 {
			width[i]++
		}
		if width[i] == 0 || width[i] > 4 {
			return d, "", false
		}
		part[i], _ = strconv.Atoi(rest[:width[i]]) // digits only
		rest = rest[width[i]:]
	}
	year, a, b := part[2], part[0], part[1]
	switch {
	case width[0] == 4 && width[1] <= 2 && width[2] <= 2:
		year, a, b = part[0], part[1], part[2]
		d.form = form(year, a, b)
		return d, rest, d.form != ""
	case width[2] != 4 || width[0] > 2 || width[1] > 2:
		return d, "", false
	}
	d.form, d.swapped, d.dots = form(year, a, b), form(year, b, a), sign == '.'
	if d.form == "" {
		d.form, d.swapped = d.swapped, ""
	}
	return d, rest, d.form != ""
}

func form(year, month, day int) string {
	if year < 1000 || month < 1 || month > 12 || day < 1 || day > 31 {
		return ""
	}
	return strconv.Itoa(year*10000 + month*100 + day)
}

package people

import "strings"

// postalShapes are postcodes with letters, A a letter, 9 a digit and X either, by the
// first two characters of the shape. (Universal Postal Union, addressing guides; Royal
// Mail, programmers' guide to the postcode address file; Canada Post, addressing
// guidelines; Eircode, product guide.)
var postalShapes = map[string][]string{
	"A9": {"A9 9AA", "A99 9AA", "A9A 9AA", "A99AA", "A999AA", "A9A9AA", // United Kingdom
		"A9A 9A9", "A9A9A9", // Canada
		"A99 XXXX", "A99XXXX", "A9A XXXX", // Ireland
		"A9999AAA"}, // Argentina
	"AA": {"AA9 9AA", "AA99 9AA", "AA9A 9AA", "AA99AA", "AA999AA", "AA9A9AA", "AA9-9999"}, // United Kingdom, Cayman Islands
	"99": {"9999AA"},                                                                      // Netherlands, see also parser.postcode
}

// postalLetters is the length of a postcode with letters at the beginning of the text,
// or 0.
func postalLetters(text string) int {
	var shape [9]byte
	n := 0
	for n < len(shape) && n < len(text) {
		switch c := text[n]; {
		case isDigit(c):
			shape[n] = '9'
		case c-'A' < 26:
			shape[n] = 'A'
		case c == ' ' || c == '-':
			shape[n] = c
		default:
			goto end
		}
		n++
	}
end:
	if n < 5 {
		return 0
	}
	for _, want := range postalShapes[string(shape[:2])] {
		if len(want) > n || len(want) < len(text) && isWordByte(text[len(want)]) {
			continue
		}
		if shaped(string(shape[:len(want)]), want) && possible(text[:len(want)], want) {
			return len(want)
		}
	}
	return 0
}

func shaped(shape, want string) bool {
	for i := range len(want) {
		if shape[i] != want[i] && (want[i] != 'X' || shape[i] == ' ' || shape[i] == '-') {
			return false
		}
	}
	return true
}

// possible tells whether the letters of a code are those that its country uses.
func possible(code, shape string) bool {
	switch {
	case strings.HasSuffix(shape, "9AA"): // the inward code has no C, I, K, M, O, V
		return !strings.ContainsAny(code[len(code)-2:], "CIKMOV")
	case strings.HasSuffix(shape, "A9") && len(shape) >= 6:
		return !strings.ContainsAny(code, "DFIOQU") && code[0] != 'W' && code[0] != 'Z'
	case strings.HasSuffix(shape, "XXXX"):
		return !strings.ContainsAny(code[len(code)-4:], "BGIJLMOQSUZ") && (shape[2] == '9' || strings.HasPrefix(code, "D6W"))
	case strings.HasPrefix(shape, "9999"):
		return code[0] != '0' && !strings.HasSuffix(code, "SA") && !strings.HasSuffix(code, "SD") && !strings.HasSuffix(code, "SS")
	}
	return true
}

// postcode reads digits, in one or two groups, with letters behind where the country
// has them: 10115, 110 00, 90-926, 01310-200, 560 001, 1015 CJ.
func (p *parser) postcode(i *int) bool {
	q := p.at(*i)
	if q.kind == code {
		p.score += 1.2
		*i, p.end = *i+1, q.end
		return true
	}
	if q.kind != number || q.floor {
		return false
	}
	n := *i + 1
	digits, rest := q.size, 0 // the second group
	for k := q.start + q.size; k < q.end; k++ {
		if c := p.text[k]; isDigit(c) {
			rest++
		} else if k > q.start+q.size || c != '-' {
			return false // 12/3, 12a
		}
	}
	if m := p.at(n); rest == 0 && m.kind == number && m.close && m.size == m.end-m.start && p.text[q.end] == ' ' {
		rest = m.size
		n++
	}
	if p.at(n).kind == number && p.at(n).close {
		return false // a telephone number
	}
	switch [2]int{digits, rest} {
	case [2]int{2, 3}, [2]int{3, 2}, [2]int{3, 3}, [2]int{3, 4}, [2]int{4, 3}, [2]int{5, 3}, [2]int{5, 4}:
	case [2]int{7, 0}:
		if before := p.at(*i - 1); !q.close || !before.capital || before.kind != word { // Tel Aviv 6688302
			return false
		}
	default:
		if rest > 0 || digits < 3 || digits > 6 {
			return false
		}
	}
	if m := p.at(n); digits == 4 && rest == 0 && m.kind == word && m.upper && m.size == 2 && m.close {
		n++ // Netherlands
	}
	p.score += 0.8
	if rest > 0 {
		p.score += 0.2
	}
	*i, p.end = n, p.parts[n-1].end
	return true
}

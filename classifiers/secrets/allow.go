package secrets

import (
	"math"
	"regexp"
	"strings"
)

// allowlist says which values a rule does not report.
type allowlist struct {
	target    string
	re        []*regexp.Regexp
	stopwords []string
}

func compileAllow(d allowData) (allowlist, error) {
	l := allowlist{target: d.Target}
	for _, expr := range d.Regexes {
		re, err := regexp.Compile(expr)
		if err != nil {
			return allowlist{}, err
		}
		l.re = append(l.re, re)
	}
	for _, w := range d.Stopwords {
		l.stopwords = append(l.stopwords, strings.ToLower(w))
	}
	return l, nil
}

// allows reports whether the value at [start, end) of text, found in the match
// [matchStart, matchEnd), is on the list.
func (l *allowlist) allows(text string, start, end, matchStart, matchEnd int) bool {
	target := text[start:end]
	switch l.target {
	case "match":
		target = text[matchStart:matchEnd]
	case "line":
		target = lineAround(text, matchStart, matchEnd)
	}
	for _, re := range l.re {
		if re.MatchString(target) {
			return true
		}
	}
	if len(l.stopwords) == 0 {
		return false
	}
	lower := strings.ToLower(text[start:end])
	for _, w := range l.stopwords {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// maxLine bounds how far a line is followed to either side.
const maxLine = 512

func lineAround(text string, start, end int) string {
	from := max(start-maxLine, 0)
	if i := strings.LastIndexByte(text[from:start], '\n'); i >= 0 {
		from += i + 1
	}
	to := min(end+maxLine, len(text))
	if i := strings.IndexByte(text[end:to], '\n'); i >= 0 {
		to = end + i
	}
	return text[from:to]
}

// entropy returns the Shannon entropy of s in bits per byte.
func entropy(s string) float64 {
	if s == "" {
		return 0
	}
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	n, sum := float64(len(s)), 0.0
	for _, c := range counts {
		if c > 0 {
			p := float64(c) / n
			sum -= p * math.Log2(p)
		}
	}
	return sum
}

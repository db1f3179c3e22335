package sourcecode

import (
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// line is a line of text with its words.
type line struct {
	text  string
	words []classifiers.Word
	at    int // the line's offset: words count from the text's beginning
}

// shape is what a line is made of.
type shape struct {
	calls     int // name(, name[, )., ](
	methods   int // those of .name(
	operators int // == != <= := => -> :: && || += ++ </ />
	brackets  int // { } ( ) [ ] < > ;
	variables int // those of $name
	names     int // snake_case, $name, @name, #name, name.name
	assigns   int // " = "
	spaces    int
	longest   int    // bytes in a row without space, bracket or quote
	langs     uint32 // of those whose operators stand here
}

// verdict is what a line says.
type verdict struct {
	score    int // for code, in tenths of a line that is clearly code
	evidence evidence
	votes    votes // for the languages that its words and operators belong to
}

// evidence is a set of the ways in which lines show that they are code.
type evidence uint8

const (
	statement evidence = 1 << iota // ends like one
	assigns
	operates
	begins  // with a keyword
	methods // of objects are called
)

// begins tells quickly whether a passage can begin with the line: it holds a sign of
// code, or its first word is a keyword.
func (l *line) begins() bool {
	for i := range len(l.text) {
		switch kinds[l.text[i]] {
		case bracketByte, nameByte:
			if l.text[i] != '.' {
				return true
			}
		case operatorByte:
			if c := l.text[i]; c != '-' && c != '!' {
				return true
			}
		}
	}
	if len(l.words) == 0 {
		return false
	}
	return vocabulary.Of(l.words[0].Hash).first > 0
}

// judge reads the line.
func (l *line) judge() (v verdict) {
	text := strings.TrimSpace(l.text)
	switch {
	case text == "":
		return v
	case strings.HasPrefix(text, "#!/"):
		v.score, v.evidence = 40, begins|statement
		v.votes.vote(interpreters)
		return v
	case comment(text):
		return v
	case table(text):
		v.score = -4
		return v
	}
	camel, prose, keywords, first := 0, 0, 0, 0
	for i, w := range l.words {
		if w.Case == classifiers.Mixed && w.End-w.Start > 3 {
			camel++
		}
		entry := vocabulary.Of(w.Hash)
		if entry.prose && l.stands(w) {
			prose++
		}
		if entry.langs != 0 {
			if entry.shout && w.Case != classifiers.Upper { // SQL
				continue
			}
			v.votes.vote(entry.langs)
			if i == 0 && l.leads(w) {
				first = int(entry.first)
				v.votes.vote(entry.langs)
				v.votes.vote(entry.langs)
			} else {
				keywords++
			}
		}
	}
	s := measure(text)
	v.votes.vote(s.langs)
	last := text[len(text)-1]
	words := len(l.words)

	score := 5*min(s.calls, 3) + 6*min(s.operators, 3) + 4*min(s.names, 3) + 4*min(camel, 3) + 5*min(s.assigns, 2)
	switch last {
	case '{', '}', ';':
		if i := strings.LastIndexByte(text, '{'); last == '}' && i > 0 && text[i-1] == '$' { // a variable
			break
		}
		score += 12
		v.evidence |= statement
		if len(text) <= 3 { // closing brackets: of code or of data
			score -= 6
			v.evidence = 0
		}
		if last == ';' {
			v.votes.vote(semicolons)
		}
	case '(', '[', '\\', '|', '=':
		score += 6
	case ')', ']', ',':
		score += 2
	case ':':
		if first > 0 {
			score += 8
			v.evidence |= statement
			v.votes.vote(colons)
		}
	case '.', '?', '!':
		if words > 3 {
			score -= 12
		}
	}
	code := s.calls + s.operators + s.assigns + s.brackets + s.names
	if first > 0 {
		if code > 0 || words <= 4 && last != '.' {
			score += first
			v.evidence |= begins
		}
	}
	if s.methods > 0 {
		v.evidence |= methods
	}
	if s.assigns > 0 && (strings.Contains(text, " = ") || strings.IndexByte(text, '=') < strings.IndexByte(text+" ", ' ')) {
		v.evidence |= assigns
	}
	if s.operators > 0 || s.variables > 0 {
		v.evidence |= operates
	}
	if code > 0 {
		score += 2 * min(keywords, 3)
	}
	score -= 6 * prose
	// Words side by side with nothing between are a sentence.
	if s.spaces >= 5 && code*4 < s.spaces {
		score -= 3 * (s.spaces - 4)
	}
	if data(text) || s.longest > maxRow {
		score, v.evidence = min(score, -4), 0
	}
	// What was made small has no lines.
	if n := s.brackets + s.calls + s.operators; score > 0 && len(text) > 400 && n > len(text)/25 {
		score *= len(text) / 80
	}
	v.score = max(proseCap, min(score, lineCap*max(1, len(text)/80)))
	return v
}

// leads tells whether the line begins with the word.
func (l *line) leads(w classifiers.Word) bool {
	return strings.TrimLeft(l.text[:w.Start-l.at], " \t#@<.-$%\\") == ""
}

// stands tells whether the word stands between spaces, as words of a sentence do.
func (l *line) stands(w classifiers.Word) bool {
	lo, hi := w.Start-l.at, w.End-l.at
	return (lo == 0 || l.text[lo-1] == ' ' || l.text[lo-1] >= utf8.RuneSelf) && (hi >= len(l.text) || strings.IndexByte(" ,.?!", l.text[hi]) >= 0 || l.text[hi] >= utf8.RuneSelf)
}

// comment tells whether the line is one, in the languages that begin them with a
// sign. A heading and a list of Markdown look the same; none of them says anything.
func comment(text string) bool {
	switch text[0] {
	case '#':
		return len(text) == 1 || text[1] == ' ' || text[1] == '#'
	case '*':
		return len(text) == 1 || text[1] == ' ' || text[1] == '/' || text[1] == '*'
	case '/':
		return len(text) > 1 && (text[1] == '/' || text[1] == '*')
	case '-':
		return len(text) > 1 && (text[1] == '-' || text[1] == ' ')
	case '%', '>':
		return len(text) > 1 && text[1] == ' '
	case ';', '\'':
		return len(text) > 1 && (text[1] == ' ' || text[1] == text[0])
	}
	return false
}

// table tells whether the line is a row of one.
func table(text string) bool { return text[0] == '|' || strings.Count(text, " | ") > 1 }

// data tells whether the line is a member of JSON, which is no program.
func data(text string) bool {
	if text[0] != '"' {
		return false
	}
	i := strings.IndexByte(text[1:], '"')
	return i >= 0 && strings.HasPrefix(strings.TrimLeft(text[i+2:], " "), ":")
}

// kinds sorts bytes for measure.
const (
	otherByte = iota
	letterByte
	spaceByte
	bracketByte
	operatorByte
	nameByte
)

var kinds = func() (t [256]uint8) {
	set := func(kind uint8, bytes string) {
		for i := range len(bytes) {
			t[bytes[i]] = kind
		}
	}
	for c := range 256 {
		if c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' {
			t[c] = letterByte
		}
	}
	set(spaceByte, " \t")
	set(bracketByte, "(){}[];")
	set(operatorByte, operatorSigns)
	set(nameByte, "_$@.#")
	return t
}()

const operatorSigns = "=<>!:&|+-*/"

// signs numbers the signs of operators; others have 0.
var signs = func() (t [256]uint8) {
	for i := range len(operatorSigns) {
		t[operatorSigns[i]] = uint8(i + 1)
	}
	return t
}()

// blobby are the bytes of base64, of hexadecimal and of URLs.
var blobby = func() (t [256]bool) {
	for c := range 128 {
		t[c] = kinds[c] == letterByte || strings.IndexByte("+/=_-%", byte(c)) >= 0
	}
	return t
}()

// maxRow is the length from which a row of such bytes is data, not a name.
const maxRow = 80

// measure counts the signs of a line.
func measure(text string) shape {
	var s shape
	prev, dot, row := uint8(spaceByte), -1, 0
	for i := range len(text) {
		c := text[i]
		kind := kinds[c]
		if kind == letterByte && c < utf8.RuneSelf { // as most are
			prev = letterByte
			row++
			continue
		}
		switch kind {
		case spaceByte:
			if prev == letterByte {
				s.spaces++
			}
		case bracketByte:
			s.brackets++
			if (c == '(' || c == '[') && i > 0 && (prev == letterByte || text[i-1] == '_' || text[i-1] == '>') {
				s.calls++
				if dot > 0 && c == '(' {
					s.methods++
				}
			}
		case operatorByte:
			switch {
			case prev == operatorByte && operator(text[i-1], c):
				s.operators++
				s.langs |= operatorLangs[signs[text[i-1]]][signs[c]]
			case c == '=' && prev == spaceByte && i+1 < len(text) && text[i+1] == ' ':
				s.assigns++
			case c == '=' && prev == letterByte && i+1 < len(text) && kinds[text[i+1]] != spaceByte:
				s.assigns++
			}
		case nameByte:
			next := i+1 < len(text) && kinds[text[i+1]] == letterByte && text[i+1] < 0x80
			if next && (c == '_' || c == '.') == (prev == letterByte) && (c != '.' || text[i+1]|0x20 == text[i+1] || text[i-1]|0x20 != text[i-1]) {
				s.names++
				s.variables += btoi(c == '$')
			}
		}
		if blobby[c] {
			row++
		} else {
			s.longest = max(s.longest, row)
			row = 0
		}
		switch {
		case c == '.' && prev != spaceByte:
			dot = i
		case kind != letterByte && c != '_':
			dot = -1
		}
		prev = kind
	}
	s.longest = max(s.longest, row)
	return s
}

// operator tells whether two signs make one of program code.
func operator(a, b byte) bool {
	switch b {
	case '=':
		return a != '-' && a != '/'
	case '>':
		return a == '-' || a == '=' || a == '/'
	case '&', '|', '+', ':':
		return a == b
	case '/':
		return a == '<'
	case '<':
		return a == '<'
	}
	return false
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

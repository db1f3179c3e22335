package layer

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// Values that are broken over lines: what may stand between the pieces, and what
// says that nothing goes on.

// maxMargin is how far a line may be indented, and a name in front of an address
// reach, in bytes.
const maxMargin = 64

// lineJoint reads a line break at offset i and what the next line begins with: its
// indentation, the sign of a quotation, a list or a comment, a number.
func lineJoint(src string, at, i int) join {
	breaks := 0
	for breaks < 2 && i < len(src) {
		n := 0
		for _, br := range [...]string{"\r\n", "\n", "\r", `\r\n`, `\n`} {
			if strings.HasPrefix(src[i:], br) {
				n = len(br)
				break
			}
		}
		if n == 0 {
			break
		}
		i += n
		breaks++
	}
	lo := i
	for i < len(src) && i-lo < maxMargin && strings.IndexByte(" \t>|#*", src[i]) >= 0 {
		i++
	}
	for _, sign := range [...]string{"- ", "+ ", "// ", "• ", "-- "} {
		if strings.HasPrefix(src[i:], sign) {
			i += len(sign)
			break
		}
	}
	i = label(src, i)
	if breaks == 0 || i >= len(src) || !inPiece(src[i]) || src[i] == '@' || at == 0 || !inPiece(src[at-1]) || assigns(src, i) {
		return join{}
	}
	return join{kind: line, at: at, next: i}
}

// assigns tells whether an assignment begins at offset i: DB_HOST=..., host: ...
// There nothing goes on.
func assigns(src string, i int) bool {
	lo := i
	for i < len(src) && i-lo < maxMargin && (shape.Lower(src[i])-'a' < 26 || src[i] == '_' || i > lo && digit(src[i])) {
		i++
	}
	if i-lo < 2 || i+1 >= len(src) || src[i] != '=' && src[i] != ':' {
		return false
	}
	next := shape.Lower(src[i+1])
	return src[i] == '=' && (next-'a' < 26 || digit(next)) || src[i] == ':' && next == ' '
}

// goesOn returns where what stands on the line behind offset at must end at least to
// go on with a value that ends there: it is the whole of its line, and no word. Zero says
// that no line ends there, and more than the text's length that nothing goes on.
func goesOn(src string, at int) int {
	if at >= len(src) || src[at] != '\n' && src[at] != '\r' {
		return 0
	}
	j := lineJoint(src, at, at)
	if j.kind == noJoint {
		return len(src) + 1
	}
	end := j.next
	for end < len(src) && inPiece(src[end]) {
		end++
	}
	i := end
	for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	if i > end && i < len(src) && src[i] != '\n' && src[i] != '\r' || i < len(src) && src[i] == ':' {
		return len(src) + 1
	}
	if isWord(src[j.next:end]) { // "thanks" below a key
		return len(src) + 1
	}
	return end
}

// isWord tells whether a line is a word of small letters, the first of which may be a
// capital: what is drawn rarely ends so.
func isWord(line string) bool {
	if len(line) > maxWord || line == "" || shape.Lower(line[0])-'a' >= 26 {
		return false
	}
	for i := 1; i < len(line); i++ {
		if line[i]-'a' >= 26 {
			return false
		}
	}
	return true
}

// maxWord is how long a word may be that goes on with no value, in bytes.
const maxWord = 16

// label passes over the number of an item: "2. ", "(2) ", "part 2: ".
func label(src string, from int) int {
	i := from
	for i < len(src) && i-from < 8 && shape.Lower(src[i])-'a' < 26 {
		i++
	}
	if i > from && (i >= len(src) || src[i] != ' ') {
		return from
	}
	i += btoi(i > from)
	number := i
	for i < len(src) && i-number < 3 && digit(src[i]) {
		i++
	}
	if i == number || i+1 >= len(src) || strings.IndexByte(".):", src[i]) < 0 || src[i+1] != ' ' {
		return from
	}
	return i + 2
}

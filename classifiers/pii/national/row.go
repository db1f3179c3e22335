package national

import "strings"

// A Row is what stands at one place: characters in groups. The zero Row is ready
// for use; one serves any number of calls, one at a time.
type Row struct {
	value   [maxLength + 1]byte // in capitals
	letters uint64
	small   uint64 // letters that are no capitals
	cuts    uint64
	spaces  uint64 // cuts that are spaces
	odd     uint64 // cuts that are signs which only some kinds have
	ends    [maxGroups]end
	n       int // groups
	refused Refusal
	Explain bool // remember what is refused
}

// A Refusal is a candidate of the last look that is no number, and why.
type Refusal struct {
	Kind       int // index into Kinds
	Start, End int
	Why        string // "": nothing had the shape of a kind
}

// Refused is what the last look refused last.
func (r *Row) Refused() Refusal { return r.refused }

// end is where a group ends.
type end struct{ length, at int }

func (r *Row) put(n int, c byte) {
	if isLetter(c) {
		r.small |= uint64(c>>5&1) << n
		c &^= 0x20
		r.letters |= 1 << n
	}
	r.value[n] = c
}

// read fills the row with the groups from start on.
func (r *Row) read(text string, start int) {
	n, i := 0, start
	r.letters, r.small, r.cuts, r.spaces, r.odd, r.n = 0, 0, 0, 0, 0, 0
	for r.n < maxGroups {
		from := i
		digits := false
		for i < len(text) && (isDigit(text[i]) || isLetter(text[i])) {
			if n == maxLength {
				return
			}
			digits = digits || isDigit(text[i])
			r.put(n, text[i])
			n++
			i++
		}
		if i == from || !digits && (i-from > maxPrefix || from > start && text[from-1] == ' ' && !capitals(text[from:i])) {
			return
		}
		r.ends[r.n] = end{n, i}
		r.n++
		size := separator(text, i)
		if size == 0 || i+size-start > maxBytes {
			return
		}
		r.cuts |= 1 << n
		if c := text[i]; c == ' ' && size == 1 || c >= 0x80 {
			r.spaces |= 1 << n
		} else if odd(c) {
			r.odd |= 1 << n
		}
		i += size
	}
}

// odd tells whether a sign separates groups only where a kind has it: a fraction,
// a sum and a time are no grouping.
func odd(c byte) bool { return c == '/' || c == '+' || c == ':' || c == '(' }

// separator returns the length of what separates groups at i, or 0: a space or
// sign, a sign with spaces around it.
func separator(text string, i int) int {
	size := sign(text, i)
	if size == 0 {
		return 0
	}
	for range 2 {
		if more := sign(text, i+size); more > 0 && (text[i] == ' ' || text[i+size] == ' ') {
			size += more
		}
	}
	return size
}

func sign(text string, i int) int {
	if i >= len(text) {
		return 0
	}
	switch text[i] {
	case ' ', '-', '.', '/':
		return 1
	case '(': // of the one last character: A123456(3)
		if i+2 < len(text) && text[i+2] == ')' {
			return 1
		}
	case 0xc2:
		if strings.HasPrefix(text[i:], "\u00a0") {
			return 2
		}
	case 0xe2:
		for _, s := range [...]string{"\u2010", "\u2011", "\u2013", "\u202f"} {
			if strings.HasPrefix(text[i:], s) {
				return len(s)
			}
		}
	}
	return 0
}

// wordStart returns where the letters and digits around i begin, or -1 when a
// run of digits stands in front of i there, or i is inside something longer.
func wordStart(text string, i int) int {
	at := i
	for at > 0 && isLetter(text[at-1]) {
		if i-at == maxLength {
			return -1
		}
		at--
	}
	if at < i && at > 0 && text[at-1] == '\\' && strings.IndexByte("nrt", text[at]) >= 0 {
		at++
	}
	if at == 0 {
		return at
	}
	switch c := text[at-1]; {
	case isDigit(c), c == '_', c == '$' && at == i, c == '%', c == '@':
		return -1
	case c == '.' || c == ',':
		if at > 1 && (isDigit(text[at-2]) || c == '.' && isLetter(text[at-2])) {
			return -1
		}
	case c == '-' || c == '/' || c == '+':
		if at > 1 && isDigit(text[at-2]) {
			return -1
		}
	}
	return at
}

// groupBefore returns where a short group of letters that stands in front of i
// begins, or i.
func groupBefore(text string, i int) int {
	if i < 2 || strings.IndexByte(" -.", text[i-1]) < 0 {
		return i
	}
	at := i - 1
	for at > 0 && isLetter(text[at-1]) {
		if i-1-at == maxPrefix {
			return i
		}
		at--
	}
	if at == i-1 || text[i-1] == ' ' && !capitals(text[at:i-1]) {
		return i
	}
	if at > 0 {
		switch c := text[at-1]; {
		case c == '-':
			return district(text, at, i)
		case isDigit(c), c == '_', c == '\\':
			return i
		}
	}
	return at
}

// district returns where the plate of a vehicle begins whose second group of letters
// begins at the offset, behind a hyphen: M-XK 4821. It returns none when it is no such.
func district(text string, at, none int) int {
	first := at - 1
	for first > 0 && at-1-first < 3 && text[first-1]-'A' < 26 {
		first--
	}
	if first == at-1 || text[none-1] != ' ' || first > 0 && (isLetter(text[first-1]) || isDigit(text[first-1]) || text[first-1] == '-' || text[first-1] == '_') {
		return none
	}
	return first
}

// capitals tells whether most of the letters are capitals: such groups belong to
// numbers, other words to the sentence.
func capitals(letters string) bool {
	n := 0
	for i := range len(letters) {
		if letters[i] < 'a' {
			n++
		}
	}
	return 2*n > len(letters)
}

// joins tells whether something longer goes on at i.
func joins(text string, i int) bool {
	if i >= len(text) {
		return false
	}
	c := text[i]
	if isLetter(c) || isDigit(c) || c == '_' || c == '@' || c == '%' {
		return true
	}
	if i+1 == len(text) {
		return false
	}
	next := text[i+1]
	return (c == '-' || c == '/') && (isDigit(next) || isLetter(next)) || (c == '.' || c == ',') && isDigit(next)
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return c|0x20-'a' < 26 }

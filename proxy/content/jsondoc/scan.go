package jsondoc

import (
	"fmt"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// Options say how a text is scanned.
type Options struct {
	From      int  // the byte at which the text begins
	Many      bool // any number of texts, as in NDJSON and JSON sequences
	Truncated bool // the end may be missing
	// Reserve is called with a number of bytes before they are taken for nodes; its
	// error ends the scan.
	Reserve func(n int64) error
}

// Scan scans text. It is strict: what a lenient parser would read otherwise is a
// [SyntaxError]. All other errors are those of opt.Reserve.
func Scan(text string, opt Options) (Document, error) {
	if len(text) > 1<<31 {
		return Document{}, &SyntaxError{What: "too long", At: -1}
	}
	s := scanner{text: text, i: opt.From, many: opt.Many, truncated: opt.Truncated, reserve: opt.Reserve, valid: utf8.ValidString(text[opt.From:])}
	s.open = s.spare[:0]
	capacity := min((len(text)-opt.From)/24+8, 1<<16)
	if err := s.reserve(int64(capacity) * nodeBytes); err != nil {
		return Document{}, err
	}
	s.nodes = make([]Node, 0, capacity)
	if err := s.run(); err != nil {
		return Document{}, err
	}
	return Document{Text: text, Nodes: s.nodes}, nil
}

// scanner makes the nodes of a text in one pass, without recursion.
type scanner struct {
	text      string
	i         int
	nodes     []Node
	many      bool
	truncated bool
	valid     bool // the whole text is UTF-8
	reserve   func(n int64) error
	spare     [32]uint32
	open      []uint32 // containers that are not closed
	state     state
}

type state uint8

const (
	wantValue state = iota
	wantFirstItem
	wantFirstKey
	wantKey
	wantColon
	wantComma
	wantEnd
)

const nodeBytes = 16

func (s *scanner) run() error {
	for {
		s.space()
		if s.i >= len(s.text) {
			return s.finish()
		}
		if err := s.step(s.text[s.i]); err != nil {
			return err
		}
	}
}

// step handles the next token, which begins with c.
func (s *scanner) step(c byte) error {
	switch s.state {
	case wantFirstKey, wantKey:
		if c == '}' && s.state == wantFirstKey {
			return s.close()
		}
		if c != '"' {
			return s.fail("no key")
		}
		s.state = wantColon
		return s.str(flagKey)
	case wantColon:
		if c != ':' {
			return s.fail("no colon")
		}
		s.i++
		s.state = wantValue
		return nil
	case wantComma:
		object := s.nodes[s.open[len(s.open)-1]].Kind == '{'
		switch {
		case c == ',' && object:
			s.state = wantKey
		case c == ',':
			s.state = wantValue
		case c == '}' && object, c == ']' && !object:
			return s.close()
		default:
			return s.fail("no comma")
		}
		s.i++
		return nil
	case wantFirstItem:
		if c == ']' {
			return s.close()
		}
	case wantEnd:
		if !s.many {
			return s.fail("text after the end")
		}
	case wantValue:
	}
	return s.value(c)
}

func (s *scanner) value(c byte) error {
	switch c {
	case '{', '[':
		if len(s.open) == maxDepth {
			return s.fail("nested too deep")
		}
		s.open = append(s.open, uint32(len(s.nodes)))
		s.state = wantFirstKey
		if c == '[' {
			s.state = wantFirstItem
		}
		err := s.add(Node{Start: uint32(s.i), Kind: c})
		s.i++
		return err
	case '"':
		s.done()
		return s.str(0)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	return s.number()
}

// done sets the state after a value.
func (s *scanner) done() {
	s.state = wantComma
	if len(s.open) == 0 {
		s.state = wantEnd
	}
}

func (s *scanner) close() error {
	s.i++
	s.shut()
	s.done()
	return nil
}

// shut ends the innermost container here.
func (s *scanner) shut() {
	last := len(s.open) - 1
	n := &s.nodes[s.open[last]]
	n.End, n.Next = uint32(s.i), uint32(len(s.nodes))
	s.open = s.open[:last]
}

// finish handles the end of the text.
func (s *scanner) finish() error {
	if len(s.open) == 0 && (s.state == wantEnd || s.many && s.state == wantValue) {
		return nil
	}
	if !s.truncated {
		return s.fail("cut short")
	}
	if s.state == wantColon || s.state == wantValue && len(s.nodes) > 0 && s.nodes[len(s.nodes)-1].flags&flagKey != 0 {
		if err := s.add(Node{Start: uint32(s.i), End: uint32(s.i), Kind: 'n'}); err != nil {
			return err
		}
	}
	for len(s.open) > 0 {
		s.shut()
	}
	return nil
}

// str scans the string whose quote is at s.i.
func (s *scanner) str(flags uint8) error {
	text, i := s.text, s.i+1
	start := i
	for {
		i += codec.PlainRun(text[i:])
		if i >= len(text) {
			break
		}
		switch text[i] {
		case '"':
			s.i = i + 1
			return s.addString(start, i, flags)
		case '\\':
			flags |= flagEscaped
			n := codec.EscapeLen(text[i:])
			if n == 0 {
				if s.truncated && len(text)-i < 6 {
					s.i = len(text)
					return s.addString(start, i, flags)
				}
				s.i = i
				return s.fail("bad escape")
			}
			i += n
		default:
			s.i = i
			return s.fail("control character in a string")
		}
	}
	s.i = i
	if !s.truncated {
		return s.fail("cut short")
	}
	return s.addString(start, i, flags)
}

func (s *scanner) addString(start, end int, flags uint8) error {
	if !s.valid && !utf8.ValidString(s.text[start:end]) {
		flags |= flagEscaped
	}
	return s.add(Node{Start: uint32(start), End: uint32(end), Kind: '"', flags: flags})
}

func (s *scanner) literal(word string) error {
	if len(s.text)-s.i < len(word) || s.text[s.i:s.i+len(word)] != word {
		if s.truncated && len(s.text)-s.i < len(word) && word[:len(s.text)-s.i] == s.text[s.i:] {
			word = s.text[s.i:]
		} else {
			return s.fail("no value")
		}
	}
	start := s.i
	s.i += len(word)
	inArray := s.inArray()
	s.done()
	if inArray {
		return nil
	}
	return s.add(Node{Start: uint32(start), End: uint32(s.i), Kind: word[0]})
}

func (s *scanner) inArray() bool {
	return len(s.open) > 0 && s.nodes[s.open[len(s.open)-1]].Kind == '['
}

// number scans a number by the grammar of RFC 8259 section 6.
func (s *scanner) number() error {
	start, i, digits := s.i, s.i, 0
	run := func() int {
		from := i
		for i < len(s.text) && s.text[i]-'0' <= 9 {
			i++
		}
		digits += i - from
		return i - from
	}
	if s.text[i] == '-' {
		i++
	}
	zero := i < len(s.text) && s.text[i] == '0'
	ok := true
	if n := run(); n == 0 || zero && n > 1 {
		ok = false
	}
	if ok && i < len(s.text) && s.text[i] == '.' {
		i++
		ok = run() > 0
	}
	mantissa := digits
	if ok && i < len(s.text) && s.text[i]|0x20 == 'e' {
		i++
		if i < len(s.text) && (s.text[i] == '+' || s.text[i] == '-') {
			i++
		}
		ok = run() > 0
	}
	s.i = i
	if !ok && (!s.truncated || i < len(s.text)) {
		return s.fail("no value")
	}
	n := Node{Start: uint32(start), End: uint32(i), Kind: '0'}
	if mantissa >= MinDigits {
		n.flags = flagLong
	}
	inArray := s.inArray()
	s.done()
	if inArray && n.flags == 0 {
		s.nodes[s.open[len(s.open)-1]].flags |= flagNumbers
		return nil
	}
	return s.add(n)
}

// space skips white space; between the texts of a JSON sequence also the record
// separator (RFC 7464).
func (s *scanner) space() {
	for s.i < len(s.text) {
		switch s.text[s.i] {
		case ' ', '\n', '\r', '\t':
		case 0x1e:
			if !s.many || len(s.open) > 0 {
				return
			}
		default:
			return
		}
		s.i++
	}
}

func (s *scanner) add(n Node) error {
	if len(s.nodes) == cap(s.nodes) {
		grown := 2 * cap(s.nodes)
		if err := s.reserve(int64(grown) * nodeBytes); err != nil {
			return err
		}
		s.nodes = append(make([]Node, 0, grown), s.nodes...)
	}
	n.Next = uint32(len(s.nodes) + 1)
	s.nodes = append(s.nodes, n)
	return nil
}

func (s *scanner) fail(what string) error {
	return &SyntaxError{What: what, At: s.i}
}

// A SyntaxError says what is no JSON. It quotes nothing of the text.
type SyntaxError struct {
	What string
	At   int // byte of the text, -1 when it is all of it
}

func (e *SyntaxError) Error() string {
	if e.At < 0 {
		return e.What
	}
	return fmt.Sprintf("%s at byte %d", e.What, e.At)
}

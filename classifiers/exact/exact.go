package exact

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
	"github.com/sluice-proxy/sluice/classifiers/shape"
)

// A List is an index and what must be found of it.
type List struct {
	Name   string // the rule that findings bear
	Entity string
	Data   *Data
	Rules  [][]string // columns, of which values of one row must be found together
	Within int        // bytes between the first and any other of them; 0: 300
}

// Data is an index that was read. It never changes.
type Data struct {
	About
	key    *keyed.Key
	begins beginnings
	table  *keyed.Table
	tag    string
}

// Open reads an index that Index wrote.
func Open(name string, key *keyed.Key) (*Data, error) {
	d := &Data{key: key}
	f, err := key.Open(name, keyed.Rows, version, &d.About)
	if err != nil {
		return nil, err
	}
	if err := d.read(f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

func (d *Data) read(f *keyed.File) (err error) {
	n := len(d.Columns)
	if n == 0 || n > maxColumns || len(d.Letters) != n || len(d.Digits) != n || len(f.Sections) != 2 {
		return errors.New("is damaged: its columns are not told")
	}
	d.begins, d.tag = f.Sections[0], hex.EncodeToString(f.Tag[:])
	if size := len(d.begins); size == 0 || size&(size-1) != 0 {
		return errors.New("is damaged: the size of its beginnings is wrong")
	}
	d.table, err = keyed.ReadTable(f.Sections[1])
	return err
}

// Classifier is the exact family.
type Classifier struct {
	about classifiers.Description
	lists []list
}

type list struct {
	List
	single uint64    // columns that are a rule by themselves, one bit each
	joint  [][]int   // rules of several
	used   []int     // columns of any rule
	length [2]uint64 // of values in used columns that begin with a letter, a digit
	margin int       // how far around a block values are looked for
}

// New returns the family. It fails when a rule names a column that the index has not.
func New(lists []List) (*Classifier, error) {
	c := &Classifier{about: classifiers.Description{Family: classifiers.Exact, Words: true}}
	var version []any
	for _, given := range lists {
		l := list{List: given}
		if l.Within <= 0 {
			l.Within = 300
		}
		if len(l.Rules) == 0 {
			return nil, fmt.Errorf("%s: no rules", l.Name)
		}
		for _, rule := range l.Rules {
			var at []int
			for _, name := range rule {
				i := slices.Index(l.Data.Columns, name)
				switch {
				case i < 0:
					return nil, fmt.Errorf("%s: the index has no column %q; it has %q", l.Name, name, l.Data.Columns)
				case slices.Contains(at, i):
					return nil, fmt.Errorf("%s: column %q twice in one rule", l.Name, name)
				}
				at = append(at, i)
			}
			switch len(at) {
			case 0:
				return nil, fmt.Errorf("%s: a rule without columns", l.Name)
			case 1:
				l.single |= 1 << at[0]
			default:
				l.joint = append(l.joint, at)
				l.margin = l.Within + maxSpan
			}
			l.used = append(l.used, at...)
		}
		slices.Sort(l.used)
		l.used = slices.Compact(l.used)
		for _, i := range l.used {
			l.length[0] |= l.Data.Letters[i]
			l.length[1] |= l.Data.Digits[i]
		}
		c.lists = append(c.lists, l)
		if !slices.Contains(c.about.Entities, l.Entity) {
			c.about.Entities = append(c.about.Entities, l.Entity)
		}
		version = append(version, l.Name, l.Entity, l.Rules, l.Within, l.Data.tag)
	}
	c.about.Version = classifiers.Fingerprint("1", version...)
	return c, nil
}

// Describe implements classifiers.Classifier.
func (c *Classifier) Describe() classifiers.Description { return c.about }

// A hit is a value of a column.
type hit struct {
	start, end, column int
	hash               uint64
	form               int // its length
	rows               keyed.Numbers
}

// Classify implements classifiers.Classifier.
func (c *Classifier) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	for i := range c.lists {
		l := &c.lists[i]
		var hits []hit
		if l.margin > 0 {
			hits = l.around(v.Text, v.Lo-l.margin, v.Lo, hits)
		}
		words := v.Words
		for len(words) > 0 && words[0].Start < v.Lo {
			words = words[1:]
		}
		for _, r := range v.Digits {
			for len(words) > 0 && words[0].Start < r.Start {
				hits = l.word(v.Text, words[0].Start, words[0].End, words[0].Hash, hits)
				words = words[1:]
			}
			hits = l.digits(v.Text, r.Start, hits)
		}
		for _, w := range words {
			hits = l.word(v.Text, w.Start, w.End, w.Hash, hits)
		}
		if len(hits) == 0 {
			continue
		}
		if l.margin > 0 {
			hits = l.around(v.Text, v.Hi, v.Hi+l.margin, hits)
		}
		found = l.judge(v, hits, found)
	}
	return found, nil
}

// around reads what stands beside a block, of which the View tells nothing.
func (l *list) around(text string, lo, hi int, hits []hit) []hit {
	lo, hi = max(0, lo), min(len(text), hi)
	inside := false // of a word or number that began before
	if lo > 0 && lo < hi {
		r, _ := utf8.DecodeLastRuneInString(text[:lo])
		inside = part(r) && !shape.RunsOn(r)
	}
	for i := lo; i < hi; {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case !part(r):
			inside = false
		case shape.RunsOn(r):
			hits = l.word(text, i, i+size, classifiers.HashWord(text[i:i+size]), hits)
			inside = false
		case !inside && r-'0' < 10 && r >= '0':
			hits = l.digits(text, i, hits)
			inside = true
		case !inside:
			end := i
			for end < len(text) && end-i < maxSpan {
				next, n := utf8.DecodeRuneInString(text[end:])
				if !part(next) || unicode.IsDigit(next) {
					break
				}
				end += n
			}
			hits = l.word(text, i, end, classifiers.HashWord(text[i:end]), hits)
			inside = true
		}
		i += size
	}
	return hits
}

// part tells what a word or number is made of.
func part(r rune) bool {
	if r < utf8.RuneSelf {
		c := byte(r)
		return c-'0' < 10 || c|0x20-'a' < 26 && c|0x20 >= 'a'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

// word reads the candidates that begin with a word.
func (l *list) word(text string, start, end int, hash uint32, hits []hit) []hit {
	if start > 0 && text[start-1]-'0' < 10 {
		return hits // the end of something else
	}
	for i := start; i < end; i++ {
		if text[i] >= utf8.RuneSelf {
			hash = plain(text[start:min(end, start+maxSpan)])
			break
		}
	}
	d := l.Data
	lengths := uint64(d.begins[d.begins.slot(d.key, hash)]) * 0x0101010101010101 & l.length[0]
	if lengths == 0 {
		return hits
	}
	return l.read(text, start, lengths, d.Letters, hits)
}

// plain is the hash of a word in its one form.
func plain(word string) uint32 {
	var buffer [maxSpan + 8]byte
	out := buffer[:0]
	for _, r := range word {
		out, _ = fold(out, r)
	}
	return classifiers.HashWord(string(out))
}

// digits reads the candidates that begin with a number.
func (l *list) digits(text string, start int, hits []hit) []hit {
	if l.length[1] == 0 {
		return hits
	}
	if before, _ := utf8.DecodeLastRuneInString(text[:start]); part(before) && !shape.RunsOn(before) {
		return hits
	}
	if l.length[1]&(1<<8) != 0 {
		if d, rest, ok := parseDate(text[start:min(len(text), start+10)]); ok {
			end := start + min(len(text)-start, 10) - len(rest)
			if ends(text, end) {
				hits = l.find(start, end, []byte(d.form), l.Data.Digits, hits)
				if d.swapped != "" && d.swapped != d.form {
					hits = l.find(start, end, []byte(d.swapped), l.Data.Digits, hits)
				}
			}
		}
	}
	return l.read(text, start, l.length[1], l.Data.Digits, hits)
}

// read looks up what begins at start and ends with a word or number, in every length
// that a value has.
func (l *list) read(text string, start int, lengths uint64, columns []uint64, hits []hit) []hit {
	var buffer [maxValue + 16]byte
	form := buffer[:0]
	for i, gap := start, 0; i < len(text) && i-start < maxSpan && gap <= maxGap; {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		var sign bool
		form, sign = fold(form, r)
		i += size
		if sign {
			gap += size
			continue
		}
		if len(form) > maxValue || lengths>>len(form) == 0 {
			break
		}
		gap = 0
		if lengths>>len(form)&1 != 0 && ends(text, i) {
			hits = l.find(start, i, form, columns, hits)
		}
	}
	return hits
}

// ends tells whether a word or number ends at a place.
func ends(text string, at int) bool {
	if at == len(text) {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(text[:at])
	next, _ := utf8.DecodeRuneInString(text[at:])
	if unicode.Is(unicode.M, next) {
		return false
	}
	return !part(next) || shape.RunsOn(next) || shape.RunsOn(last)
}

// find looks a value up in the columns that have some of its length.
func (l *list) find(start, end int, form []byte, columns []uint64, hits []hit) []hit {
	var hash uint64
	hashed := false
	for _, i := range l.used {
		if columns[i]>>len(form)&1 == 0 {
			continue
		}
		if !hashed {
			hash, hashed = l.Data.key.Sum(form), true
		}
		if rows := l.Data.table.Find(ofColumn(hash, i)); rows.Len() > 0 {
			hits = append(hits, hit{start, end, i, ofColumn(hash, i), len(form), rows})
		}
	}
	return hits
}

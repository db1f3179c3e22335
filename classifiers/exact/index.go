package exact

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
	"github.com/sluice-proxy/sluice/classifiers/shape"
)

const (
	version    = 1
	shortest   = 3       // bytes of the one form of a value that is indexed
	maxColumns = 16      // of an index
	maxRows    = 1 << 27 // of an index
	// mostRows is how many rows a value may stand in: what half of all customers have
	// in common tells nobody.
	mostRows = 1 << 14
)

// About is what an index tells about itself, in clear.
type About struct {
	Columns []string `json:"columns"`
	Rows    int      `json:"rows"`
	Values  int      `json:"values"`  // that are indexed
	Skipped int      `json:"skipped"` // cells that are empty, too short or too long
	Common  int      `json:"common"`  // values left out because they stand in too many rows

	// Of each column the lengths of values, in their one form, that begin with a
	// letter and with a digit: one bit each.
	Letters []uint64 `json:"letters"`
	Digits  []uint64 `json:"digits"`
}

// Source is a table to index.
type Source struct {
	CSV      io.Reader // UTF-8, RFC 4180, the names of the columns in the first line
	Comma    rune      // 0: a comma
	Columns  []string  // to index
	DayFirst bool      // 3/4/1980 is in April
}

// Index reads a table and writes its index, which holds no value in clear. An error
// names the line, never a value.
func Index(key *keyed.Key, src Source, out io.Writer) (About, error) {
	about := About{Columns: src.Columns, Letters: make([]uint64, len(src.Columns)), Digits: make([]uint64, len(src.Columns))}
	reader := csv.NewReader(src.CSV)
	reader.ReuseRecord = true
	if src.Comma != 0 {
		reader.Comma = src.Comma
	}
	head, err := reader.Read()
	if err != nil {
		return about, fmt.Errorf("no names of columns: %w", err)
	}
	at, err := columns(head, src.Columns)
	if err != nil {
		return about, err
	}
	var pairs []keyed.Pair
	begins := map[uint32]uint8{}
	for ; ; about.Rows++ {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var wrong *csv.ParseError
			if errors.As(err, &wrong) {
				return about, fmt.Errorf("line %d, column %d: %w", wrong.Line, wrong.Column, wrong.Err)
			}
			return about, err
		}
		if about.Rows == maxRows {
			return about, fmt.Errorf("more than %d rows", maxRows)
		}
		for i, column := range at {
			value := record[column]
			if !utf8.ValidString(value) {
				line, _ := reader.FieldPos(column)
				return about, fmt.Errorf("line %d: is not UTF-8", line)
			}
			n, _ := Normal(value, src.DayFirst)
			if len(n) < shortest || len(n) > maxValue {
				about.Skipped++
				continue
			}
			pairs = append(pairs, keyed.Pair{Hash: sum(key, i, []byte(n)), Number: uint32(about.Rows)})
			length := uint(len(n))
			if n[0]-'0' < 10 {
				about.Digits[i] |= 1 << length
			} else {
				about.Letters[i] |= 1 << length
				for _, word := range firstWords(value) {
					begins[word] |= 1 << (length & 7)
				}
			}
		}
	}
	if len(pairs) == 0 {
		return about, errors.New("no values to index")
	}
	if len(pairs) > math.MaxUint32 {
		return about, errors.New("too many values")
	}
	pairs, about.Common = rare(pairs)
	about.Values = len(pairs)
	return about, key.Write(out, &keyed.File{
		Kind: keyed.Rows, Version: version, About: about,
		Sections: [][]byte{makeBeginnings(key, begins), keyed.MakeTable(pairs)},
	})
}

// columns finds the columns by their names, whatever their case.
func columns(head, wanted []string) ([]int, error) {
	if len(wanted) == 0 || len(wanted) > maxColumns {
		return nil, fmt.Errorf("wants 1 to %d columns", maxColumns)
	}
	var at []int
	for _, name := range wanted {
		i := slices.IndexFunc(head, func(h string) bool {
			return strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")), name)
		})
		if i < 0 {
			return nil, fmt.Errorf("no column %q in the first line", name)
		}
		if slices.Contains(at, i) {
			return nil, fmt.Errorf("column %q twice", name)
		}
		at = append(at, i)
	}
	return at, nil
}

// sum is the hash of a value of a column in its one form.
func sum(key *keyed.Key, column int, form []byte) uint64 {
	return ofColumn(key.Sum(form), column)
}

func ofColumn(sum uint64, column int) uint64 { return sum + uint64(column)*0x9E3779B97F4A7C15 } // 2^64 over the golden ratio

// rare leaves out the values of too many rows.
func rare(pairs []keyed.Pair) (kept []keyed.Pair, common int) {
	slices.SortFunc(pairs, func(a, b keyed.Pair) int {
		if a.Hash < b.Hash {
			return -1
		}
		return int(min(a.Hash-b.Hash, 1))
	})
	kept = pairs[:0]
	for i := 0; i < len(pairs); {
		n := i
		for n < len(pairs) && pairs[n].Hash == pairs[i].Hash {
			n++
		}
		if n-i > mostRows {
			common++
		} else {
			kept = append(kept, pairs[i:n]...)
		}
		i = n
	}
	return kept, common
}

// firstWords are the hashes of what a text may write as the first word of a value: the
// first word, and with a second behind a hyphen or apostrophe both as one.
func firstWords(value string) (hashes []uint32) {
	var word []byte
	joined := false
	for _, r := range strings.TrimSpace(value) {
		before := len(word)
		next, sign := fold(word, r)
		switch {
		case sign && before == 0:
		case sign && !joined && strings.ContainsRune("-'’`´‐", r):
			hashes = append(hashes, classifiers.HashWord(string(word)))
			joined = true
		case sign || unicode.IsDigit(r):
			return append(hashes, classifiers.HashWord(string(word)))
		case shape.RunsOn(r):
			if before == 0 {
				word = next
			}
			return append(hashes, classifiers.HashWord(string(word)))
		default:
			word = next
		}
	}
	return append(hashes, classifiers.HashWord(string(word)))
}

// beginnings tells of the first word of a candidate which lengths a value may have
// that begins with it: bit n of a slot stands for the lengths that are n modulo 8.
type beginnings []byte

func makeBeginnings(key *keyed.Key, words map[uint32]uint8) []byte {
	size := 64
	for size < 16*len(words) {
		size *= 2
	}
	b := make(beginnings, size)
	for word, lengths := range words {
		b[b.slot(key, word)] |= lengths
	}
	return b
}

func (b beginnings) slot(key *keyed.Key, word uint32) uint64 {
	return key.Sum32(word) & uint64(len(b)-1)
}

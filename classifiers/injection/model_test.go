package injection_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/injection"
)

func TestWeights(t *testing.T) {
	file, err := os.ReadFile("weights.bin")
	if err != nil {
		t.Fatal(err)
	}
	var m injection.Model
	if err := m.UnmarshalBinary(file); err != nil {
		t.Fatal(err)
	}
	again, err := m.MarshalBinary()
	if err != nil || !bytes.Equal(file, again) {
		t.Errorf("read and written again the weights differ: %v", err)
	}
	broken := func(at int, by byte) []byte {
		b := bytes.Clone(file)
		b[at] += by
		return b
	}
	for want, b := range map[string][]byte{
		"no file of weights":      []byte("hello"),
		"version":                 broken(17, 1),
		"other features":          broken(22, 1),
		"the checksum is wrong":   broken(len(file)-1, 1),
		"the file is cut":         file[:20],
		"the checksum is wrong: ": file[:len(file)-6],
	} {
		if err := new(injection.Model).UnmarshalBinary(b); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(want, ": ")) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestConfidence(t *testing.T) {
	var m injection.Model
	file, _ := os.ReadFile("weights.bin")
	if err := m.UnmarshalBinary(file); err != nil {
		t.Fatal(err)
	}
	low, high := m.Confidence(m.Threshold), m.Confidence(4*m.Threshold)
	if low < 0.3 || high <= low || high > 1 {
		t.Errorf("confidence %v at the threshold, %v at four times it", low, high)
	}
}

// What speaks for one kind scores more than as much that speaks for several, unless it is
// only a word or two.
func TestOneKind(t *testing.T) {
	score := func(text string, kinds ...injection.Kind) int32 {
		m := injection.NewModel()
		m.Threshold, m.Drift, m.Drop = 1, 1, 100
		words := classifiers.AppendWords(nil, text, 0, len(text))
		reader := injection.Reader{Text: text, Words: words}
		var features [injection.MaxFeatures]uint32
		for i := range words {
			reader.Features(i, &features)
			if err := m.Set(features[0], injection.Weight{Kind: kinds[i%len(kinds)], Value: 21}); err != nil {
				t.Fatal(err)
			}
		}
		var found injection.Passage
		m.Passages(text, words, func(p injection.Passage) { found = p })
		if want := int32(20 * len(words)); found.Sum != want {
			t.Errorf("%q: the sum is %d, not %d", text, found.Sum, want)
		}
		return found.Score
	}
	for _, c := range []struct {
		text  string
		kinds []injection.Kind
		want  int32
	}{
		{"one two three four five six", []injection.Kind{injection.Override}, 120 + 126/2},
		{"one two three four five six", []injection.Kind{injection.Override, injection.Jailbreak}, 120 + 63/2},
		{"one", []injection.Kind{injection.Override}, 20 + 21/8},
	} {
		if got := score(c.text, c.kinds...); got != c.want {
			t.Errorf("%q of %v scores %d, want %d", c.text, c.kinds, got, c.want)
		}
	}
}

func TestExplain(t *testing.T) {
	set := newSet(t)
	_, all, err := set.Explain(context.Background(), classifiers.Sample{Text: attacks["override"][0]})
	if err != nil || len(all) != 1 || !all[0].Reported || !strings.Contains(all[0].Why, "times the threshold") {
		t.Errorf("%+v, %v", all, err)
	}
}

func FuzzClassify(f *testing.F) {
	for _, texts := range attacks {
		for _, text := range texts {
			f.Add(text)
			f.Add(leet(text))
			f.Add(spaced(text))
		}
	}
	f.Add("a b c d e f 1 g h\u202e 1|n|0 " + tags("do this") + "\xff")
	c := family(f)
	set, err := classifiers.New(classifiers.Options{}, c)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		one := []classifiers.Sample{{Text: text}}
		first, err := set.Classify(context.Background(), one) // offsets are checked by the Set
		if err != nil {
			t.Skip(err)
		}
		again, err := set.Classify(context.Background(), one)
		if err != nil || len(first) != len(again) {
			t.Fatalf("%v, then %v, %v", first, again, err)
		}
	})
}

// The model's part alone, over two kilobytes whose words are known: what the engine
// does for all families is not counted.
func BenchmarkModel(b *testing.B) {
	c := family(b)
	for name, text := range map[string]string{"prose": prose, "code": code} {
		words := classifiers.AppendWords(nil, text, 0, len(text))
		view := classifiers.View{Text: text, Hi: len(text), Words: words}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if found, err := c.Classify(context.Background(), &view, nil); err != nil || len(found) > 0 {
					b.Fatal(found, err)
				}
			}
		})
	}
}

func TestNoMemory(t *testing.T) {
	c := family(t)
	words := classifiers.AppendWords(nil, prose, 0, len(prose))
	view := classifiers.View{Text: prose, Hi: len(prose), Words: words}
	if n := testing.AllocsPerRun(50, func() {
		if _, err := c.Classify(context.Background(), &view, nil); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for a clean text", n)
	}
}

const prose = `The committee met on Tuesday to review the plans for the new library. Anna presented the drawings and
explained how the reading room would get more daylight; Mark asked about the cost of the glass roof and whether the
budget leaves room for it. We agreed that the architect should prepare two versions, one with the roof and one
without, and that the decision is to be made in March. The second item was the summer festival. Last year more than
four hundred people came, which was too many for the courtyard, so this time it will be held in the park by the
river. The food stalls need electricity and water, and someone has to talk to the neighbours about the noise. Lena
will ask the band whether they can play on Saturday as well. Please send her your suggestions for the children's
programme by the end of the week. Under other business it was said that the heating in the small hall fails when the
wind comes from the east. The caretaker has called the company twice; they promise to come before the first frost.
Finally, the treasurer reported that membership fees are paid by nearly everyone, and that the donation from the
savings bank has arrived. The money goes to the music school, as decided in the spring. The next meeting is on the
ninth of April at seven in the evening, in the small hall if it is warm by then. Those who cannot come may send
their votes in writing. Thanks to all for the lively and friendly discussion, and to Paul for the cake. The minutes
are in the folder; tell me if anything is missing or wrong, and I will correct them before they go to the board.
A few questions are open: who orders the chairs, how many tables fit into the tent, and what happens if it rains.
I would like to know which suppliers you have used before, what they charged, and whether you were happy with them.
Could you make a list with their names and a short note on each? It does not need to be perfect, just enough to
compare them. We should also think about signs, so that visitors find the way from the station to the park.
`

const code = `package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrMissing is the error of a row that is not there.
var ErrMissing = errors.New("store: no such row")

// A Store reads and writes orders. It is safe for concurrent use.
type Store struct {
	db     *sql.DB
	byID   *sql.Stmt
	insert *sql.Stmt
}

// Open prepares the statements and checks that the tables exist.
func Open(ctx context.Context, db *sql.DB) (*Store, error) {
	s := &Store{db: db}
	var err error
	if s.byID, err = db.PrepareContext(ctx, "SELECT id, user_id, total FROM orders WHERE id = ?"); err != nil {
		return nil, fmt.Errorf("store: prepare: %w", err)
	}
	if s.insert, err = db.PrepareContext(ctx, "INSERT INTO orders (user_id, total) VALUES (?, ?)"); err != nil {
		return nil, fmt.Errorf("store: prepare: %w", err)
	}
	return s, nil
}

// Order returns the order with the given id.
func (s *Store) Order(ctx context.Context, id int64) (*Order, error) {
	var o Order
	err := s.byID.QueryRowContext(ctx, id).Scan(&o.ID, &o.UserID, &o.Total)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrMissing
	case err != nil:
		return nil, fmt.Errorf("store: order %d: %w", id, err)
	}
	return &o, nil
}

// Total adds up what the rows say, ignoring those that were cancelled.
func Total(rows []Order) (sum int64) {
	for _, r := range rows {
		if !r.Cancelled {
			sum += r.Total
		}
	}
	return sum
}
`

package fingerprint_test

import (
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/fingerprint"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
)

var key = keyed.NewKey([32]byte{9})

const board = `The board met on the second of June in Bremen to look at the offer that Fernhill had made for
the northern plants. Two directors held that the price leaves out what the harbour will bring once the
dredging is done, and asked for a valuation by somebody who was not paid by either side. The chair said
that waiting costs more than it can earn, since the credit line ends in autumn and both banks have said
that they will not renew it on the old terms. It was agreed to answer with a price of four hundred and
twelve million, to keep the research group in Kiel, and to tell nobody before the works council has been
heard. The finance office prepares two plans, one with the sale and one without it, for the next meeting.`

const notice = `This document belongs to Brightfield and may not be copied, shared or quoted by anybody who has
not been named in the list of readers on its first page, and readers give it back when their work is done.`

const other = `A kettle of soup for twelve needs three onions, two leeks, a good piece of celery and about as many
carrots as fit into two hands, and it is better on the second day when all of it has had time to stand.`

func texts(list ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, text := range list {
			if !yield(text, nil) {
				return
			}
		}
	}
}

func open(t testing.TB, documents, public []string) *fingerprint.Data {
	t.Helper()
	name := filepath.Join(t.TempDir(), "test.fpr")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	about, err := fingerprint.Index(key, texts(documents...), texts(public...), file)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := fingerprint.Open(name, key)
	if err != nil || data.About != about {
		t.Fatalf("%v; %+v, want %+v", err, data.About, about)
	}
	return data
}

func family(t testing.TB) *fingerprint.Classifier {
	t.Helper()
	data := open(t, []string{board + "\n" + notice, "too short", other}, []string{notice})
	if data.Documents != 2 || data.Short != 1 || data.Public == 0 {
		t.Errorf("%+v", data.About)
	}
	c, err := fingerprint.New([]fingerprint.List{{Name: "board", Entity: "BOARD_PAPER", Data: data}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryCopy shows the promise: wherever 30 words are cut out, they are found, and
// what is reported is about them.
func TestEveryCopy(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, family(t))
	words := strings.Fields(board)
	before, after := "Could you make this sound friendlier for me please: ", " Thank you so much in advance and have a nice evening, all of you."
	for i := 0; i+30 <= len(words); i++ {
		copied := strings.ToUpper(strings.Join(words[i:i+30], "\n> "))
		text := before + copied + after
		found := classifierstest.Classify(t, set, text)
		if len(found) != 1 || found[0].Start < len(before) || found[0].End > len(before)+len(copied) {
			t.Errorf("words %d to %d: %s", i, i+30, classifierstest.Show(text, found))
		}
	}
}

func TestFinds(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, family(t))
	words := strings.Fields(board)
	changed := append([]string{}, words...)
	for i := 19; i < len(changed); i += 20 {
		changed[i] = "surprisingly"
	}
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"whole":                    {board, 1},
		"each 20th word changed":   {strings.Join(changed, " "), 1},
		"twice, far apart":         {board + strings.Repeat(" nothing to see in here today", 10) + board, 2},
		"12 words":                 {strings.Join(words[:12], " "), 0},
		"the notice of all":        {notice, 0},
		"another text":             {strings.ReplaceAll(other, "e", "i"), 0},
		"its words, otherwise put": {strings.Join(append(append([]string{}, words[50:55]...), words[10:15]...), " "), 0},
	} {
		if found := classifierstest.Classify(t, set, c.text); len(found) != c.want {
			t.Errorf("%s: %s", name, classifierstest.Show(c.text, found))
		}
	}
}

func TestContract(t *testing.T) {
	words := strings.Fields(board)
	classifierstest.Contract(t, family(t), []string{board, other, strings.Join(words[20:60], " ")})
}

func TestBadLists(t *testing.T) {
	data := open(t, []string{board}, nil)
	if _, err := fingerprint.New([]fingerprint.List{{Name: "x", Entity: "X", Data: data, Words: 10}}); err == nil || !strings.Contains(err.Error(), "words is 10, and at least 22") {
		t.Error(err)
	}
}

func BenchmarkClean(b *testing.B) {
	set := classifierstest.NewSet(b, classifiers.Options{}, family(b))
	text := strings.Repeat("Please write a short note to the team in Berlin that the meeting on 12 May at 10:30 moves to the large room, and ask who brings the 25 printed copies. ", 20)[:2048]
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		classifierstest.Classify(b, set, text)
	}
}

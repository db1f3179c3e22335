package exact_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/exact"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
)

var key = keyed.NewKey([32]byte{7})

const customers = `Name,Birthday,Account,Mail,Note
Anna Müller,1980-05-17,AC-4711-9920,anna.mueller@brightfield.example,x
Jean-Luc O'Brien,03.11.1975,AC-0815-1177,jl@brightfield.example,y
张伟,1991-02-03,AC-5566-7788,zw@brightfield.example,z
Bo Li,1966-12-24,30 881 204 775,,
Anna Schmidt,1980-05-18,,anna@brightfield.example,
`

func index(t testing.TB, csv string, columns ...string) *exact.Data {
	t.Helper()
	name := filepath.Join(t.TempDir(), "test.edm")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exact.Index(key, exact.Source{CSV: strings.NewReader(csv), Columns: columns}, file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := exact.Open(name, key)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func family(t testing.TB) *exact.Classifier {
	t.Helper()
	c, err := exact.New([]exact.List{{
		Name: "customers", Entity: "CUSTOMER", Data: index(t, customers, "name", "birthday", "account", "mail"),
		Rules: [][]string{{"name", "birthday"}, {"account"}, {"mail"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFinds(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, family(t))
	for text, want := range map[string]string{
		"Write to Anna Müller, born 1980-05-17, today":                   "Anna Müller|1980-05-17",
		"ANNA MULLER (17.05.1980)":                                       "ANNA MULLER|17.05.1980",
		"On 5/17/1980 was born anna-müller":                              "5/17/1980|anna-müller",
		"Anna Mu\u0308ller 19800517":                                     "Anna Mu\u0308ller|19800517",
		"Jean Luc OBrien and 3.11.1975":                                  "Jean Luc OBrien|3.11.1975",
		"JeanLuc O’Brien and 1975/11/3":                                  "JeanLuc O’Brien|1975/11/3",
		"客户张伟的生日是1991-02-03。":                                            "张伟|1991-02-03",
		"account AC-4711-9920 is closed":                                 "AC-4711-9920",
		"account ac47119920 is closed":                                   "ac47119920",
		"30881204775":                                                    "30881204775",
		"to Anna@Brightfield.example!":                                   "Anna@Brightfield.example",
		"Anna Müller" + strings.Repeat(" and so on", 29) + " 1980-05-17": "Anna Müller|1980-05-17",

		// Not the same row, too far, a part of something else, one column alone.
		"Anna Müller, born 1980-05-18":                                   "",
		"Anna Müller" + strings.Repeat(" and so on", 31) + " 1980-05-17": "",
		"Anna Müller":                "",
		"born 1980-05-17":            "",
		"130881204775":               "",
		"AC-4711-99201":              "",
		"XAC-4711-9920":              "",
		"Hanna Müller on 1980-05-17": "",
		"Anna Müllerin, 1980-05-17":  "",
		"AC - - - - 4711-9920":       "",
		"Anna, Anna, Anna":           "",
	} {
		var got []string
		for _, f := range classifierstest.Classify(t, set, text) {
			if f.Entity != "CUSTOMER" || f.Rule != "customers" || f.Family != classifiers.Exact {
				t.Errorf("%q: %+v", text, f)
			}
			got = append(got, text[f.Start:f.End])
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q:\n got %q\nwant %q", text, strings.Join(got, "|"), want)
		}
	}
}

// TestOverEdges puts the two values of a row on both sides of where a long text is cut.
func TestOverEdges(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, family(t))
	for _, pair := range []string{"Anna Müller, 1980-05-17", "17.05.1980 Anna Müller", "Anna Müller" + strings.Repeat(".", 250) + "1980-05-17"} {
		for k := 0; k < len(pair)+8; k += 3 {
			text := strings.Repeat("\n", 64<<10-k) + pair
			if found := classifierstest.Classify(t, set, text); len(found) != 2 {
				t.Errorf("%q with %d bytes in front of the edge: %s", pair, k, classifierstest.Show(text, found))
			}
		}
	}
}

func TestContract(t *testing.T) {
	classifierstest.Contract(t, family(t), []string{
		"Anna Müller, born 1980-05-17", "account AC-4711-9920", "张伟 1991-02-03", "1980-05-17 ", "Anna Schmidt ",
	})
}

func TestNoPlainValues(t *testing.T) {
	var out bytes.Buffer
	about, err := exact.Index(key, exact.Source{CSV: strings.NewReader(customers), Columns: []string{"Name", "Birthday", "Account"}}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if about.Rows != 5 || about.Values != 14 || about.Skipped != 1 {
		t.Errorf("%+v", about)
	}
	for _, value := range []string{"Anna", "anna", "19800517", "4711", "ac47"} {
		if bytes.Contains(out.Bytes(), []byte(value)) {
			t.Errorf("%q stands in the index", value)
		}
	}
}

func TestBadTables(t *testing.T) {
	for csv, want := range map[string]string{
		"":                           "no names of columns",
		"a,b\n1,2\n":                 `no column "name"`,
		"name\n\n":                   "no values",
		"name\nx\"y\n":               "line 2, column 2",
		"name,b\nAnna Schmidt\n":     "line 2",
		"name\nAnna\xff Schmidt\n":   "line 2: is not UTF-8",
		"name\n" + "Li\n" + "Wu\n\n": "no values",
	} {
		_, err := exact.Index(key, exact.Source{CSV: strings.NewReader(csv), Columns: []string{"name"}}, new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Anna") {
			t.Errorf("%q: want %q, got %v", csv, want, err)
		}
	}
}

func TestBadRules(t *testing.T) {
	d := index(t, customers, "name", "birthday")
	for want, rules := range map[string][][]string{
		"no rules": nil, "without columns": {{}}, `no column "mail"`: {{"name", "mail"}}, "twice": {{"name", "name"}},
	} {
		if _, err := exact.New([]exact.List{{Name: "x", Entity: "X", Data: d, Rules: rules}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// large makes a table of persons that do not exist.
func large(rows int) string {
	r := rand.New(rand.NewPCG(3, 4))
	syllable := []string{"an", "ber", "co", "da", "el", "fi", "gor", "ha", "in", "jo", "ka", "lu", "mar", "no", "ol", "pe", "ra", "sa", "ti", "ur", "the", "wi", "th", "at"}
	name := func() string {
		n := ""
		for range 2 + r.IntN(2) {
			n += syllable[r.IntN(len(syllable))]
		}
		return n
	}
	var b strings.Builder
	b.WriteString("name,birthday,account\n")
	for range rows {
		fmt.Fprintf(&b, "%s %s,%04d-%02d-%02d,%010d\n", name(), name(), 1940+r.IntN(70), 1+r.IntN(12), 1+r.IntN(28), r.IntN(1e10))
	}
	return b.String()
}

// popular is a table of which each value stands in a tenth of the rows, even ones only
// with even ones, and rows of it, or rows that it has not.
func popular(rows int, r *rand.Rand, has bool) (lines []string) {
	for range rows {
		first, last := r.IntN(10), 2*r.IntN(5)
		if last += first % 2; !has {
			first, last = first&^1, last|1
		}
		lines = append(lines, fmt.Sprintf("Firstname%c,Lastname%c,Cityname%c", 'a'+first, 'a'+last, 'a'+r.IntN(10)))
	}
	return lines
}

func popularSet(t testing.TB) *classifiers.Set {
	r := rand.New(rand.NewPCG(1, 2))
	c, err := exact.New([]exact.List{{
		Name: "c", Entity: "C", Data: index(t, "first,last,city\n"+strings.Join(popular(100_000, r, true), "\n"), "first", "last", "city"),
		Rules: [][]string{{"first", "last", "city"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return classifierstest.NewSet(t, classifiers.Options{}, c)
}

// A list of values that stand in thousands of rows each takes bounded time: the rows of
// the table are found, those that it has not are none as long as they can be compared,
// and doubtful from then on.
func TestCrowded(t *testing.T) {
	set, r := popularSet(t), rand.New(rand.NewPCG(3, 4))
	count := func(lines []string) (sure, doubtful int) {
		for _, f := range classifierstest.Classify(t, set, strings.Join(lines, "\n")) {
			if f.Confidence > 0.9 {
				sure++
			} else {
				doubtful++
			}
		}
		return sure, doubtful
	}
	if sure, doubtful := count(popular(1000, r, true)); sure+doubtful != 3000 || sure < 2500 {
		t.Errorf("1,000 rows of the table: %d values are found, %d are doubtful", sure, doubtful)
	}
	if sure, doubtful := count(popular(10, r, false)); sure+doubtful > 0 {
		t.Errorf("10 rows that it has not: %d values are found, %d are doubtful", sure, doubtful)
	}
	if sure, doubtful := count(popular(1500, r, false)); sure > 0 || doubtful < 1000 {
		t.Errorf("1,500 rows that it has not: %d values are found, %d are doubtful", sure, doubtful)
	}
}

// BenchmarkCrowded tells what such a list costs.
func BenchmarkCrowded(b *testing.B) {
	set := popularSet(b)
	text := strings.Join(popular(1500, rand.New(rand.NewPCG(5, 6)), false), "\n")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		classifierstest.Classify(b, set, text)
	}
}

// BenchmarkClean tells what 2 KB of prose cost beside an index of a million rows with
// three columns, and what that takes in memory.
func BenchmarkClean(b *testing.B) {
	var before, after runtime.MemStats
	csv := large(1_000_000)
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := index(b, csv, "name", "birthday", "account")
	runtime.GC()
	runtime.ReadMemStats(&after)
	c, err := exact.New([]exact.List{{Name: "c", Entity: "C", Data: d, Rules: [][]string{{"name", "birthday"}, {"account"}}}})
	if err != nil {
		b.Fatal(err)
	}
	set := classifierstest.NewSet(b, classifiers.Options{}, c)
	text := strings.Repeat("Please write a short note to the team in Berlin that the meeting on 12 May at 10:30 moves to the large room, and ask who brings the 25 printed copies. ", 20)[:2048]
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		classifierstest.Classify(b, set, text)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
	runtime.KeepAlive(csv)
}

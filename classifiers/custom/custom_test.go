package custom_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/custom"
)

const good = `
keywords:
  - name: projects
    entity: PROJECT_NAME
    words: [Blue Heron, "Kestrel-7", Übermut, 机密项目]
  - name: german
    entity: PROJECT_TERM
    words: [Vertragsentwurf, Kaufpreis]
    stem: german
  - name: english
    entity: PROJECT_TERM
    words: [merger, plan, acquire, subsidiary]
    stem: english
    near: {words: [Fernhill, board], within: 40}
  - {name: exact, entity: CODE_WORD, words: [Otter, "R&D-9"], case: exact, confidence: 0.9}
  - {name: often, entity: LAYOFF, words: [severance], count: 3}
rules:
  - name: customer-number
    entity: CUSTOMER_NUMBER
    pattern: '\bKD-(\d{8})\b'
    anchors: [KD-]
    check: luhn
    positives: ["Ticket for KD-12345674."]
    negatives: ["KD-12345678", "XKD-12345674"]
  - name: contract
    entity: CONTRACT_NUMBER
    pattern: '\b[A-Z]{2}\d{6}\b'
    anchors: [contract, vertrag]
    near: {words: [signed]}
    reach: 40
    confidence: 0.7
    positives: ["The contract AB123456 was signed."]
    negatives: ["The contract AB123456.", "AB123456 was signed"]
`

func read(t testing.TB, text string) *custom.File {
	t.Helper()
	f, err := custom.Read("classifiers.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFinds(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, read(t, good).Families()...)
	for text, want := range map[string]string{
		"What is blue heron about?":             "PROJECT_NAME blue heron",
		"BLUE-HERON and Blue\nHeron":            "PROJECT_NAME BLUE-HERON, PROJECT_NAME Blue\nHeron",
		"kestrel-7 flies":                       "PROJECT_NAME kestrel-7",
		"ÜBERMUT":                               "PROJECT_NAME ÜBERMUT",
		"关于机密项目的问题":                             "PROJECT_NAME 机密项目",
		"Die Vertragsentwürfe, der KAUFPREISES": "PROJECT_TERM Vertragsentwürfe, PROJECT_TERM KAUFPREISES",
		"Fernhill planned two mergers":          "PROJECT_TERM planned, PROJECT_TERM mergers",
		"subsidiaries acquired by Fernhill":     "PROJECT_TERM subsidiaries, PROJECT_TERM acquired",
		"The Otter and R&D-9":                   "CODE_WORD Otter, CODE_WORD R&D-9",
		"severance, Severance, SEVERANCE":       "LAYOFF severance, LAYOFF Severance, LAYOFF SEVERANCE",
		"for kd-12345674":                       "",
		"for KD-12345674":                       "CUSTOMER_NUMBER 12345674",
		"Vertrag CD654321, signed":              "CONTRACT_NUMBER CD654321",

		"blue and heron, blueheron": "",
		"Blue. Heron":               "",
		"Kestrel-77, XKestrel-7":    "",
		"the mergers":               "",
		"an otter, r&d-9, OTTER":    "",
		"severance and severance":   "",
		"KD-12345670":               "",
		"Otters":                    "",
	} {
		var got []string
		for _, f := range classifierstest.Classify(t, set, text) {
			got = append(got, f.Entity+" "+text[f.Start:f.End])
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q:\n got %q\nwant %q", text, strings.Join(got, ", "), want)
		}
	}
}

func TestContract(t *testing.T) {
	for _, c := range read(t, good).Families() {
		t.Run(c.Describe().Family, func(t *testing.T) {
			classifierstest.Contract(t, c, []string{
				"Blue Heron, Kestrel-7 and 机密项目", "Fernhill planned two mergers", "the Otter", "KD-12345674 ", "the contract AB123456 was signed",
			})
		})
	}
}

// TestErrors holds what is said of each mistake to testdata/errors.yaml, which shows it
// beside each line: all of them at once.
func TestErrors(t *testing.T) {
	data, err := os.ReadFile("testdata/errors.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, err = custom.Read("testdata/errors.yaml", data)
	if got := fmt.Sprintln(err); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestUnknownKeys(t *testing.T) {
	for text, want := range map[string]string{
		"keyword: []\nrules: 5\n":                 "x.yaml:1: unknown key keyword\nx.yaml:2: cannot unmarshal !!int `5` into []custom.Rule",
		"keywords:\n- {name: a, entities: [A]}\n": "x.yaml:2: unknown key entities\nx.yaml:2: keywords[0]: wants an entity as in PROJECT_NAME, not \"\"\nx.yaml:2: keywords[0]: wants words, or a file of them: 1 to 200000",
		"rules: [\n":                                "x.yaml: line 1: did not find expected node content",
		"labels: [Finance]\n---\nlabels: []\n":      "x.yaml: more than one YAML document",
		"labels: [Finance]\nlabels: [Accounting]\n": "x.yaml:2: mapping key \"labels\" already defined at line 1",
	} {
		if _, err := custom.Read("x.yaml", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
	if f, err := custom.Read("x.yaml", nil); err != nil || len(f.Families()) != 0 {
		t.Errorf("an empty file: %v", err)
	}
}

func TestWordsOfAFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "words.txt"), []byte("# projects\nBlue Heron\n\n  Otter \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "keywords: [{name: a, entity: PROJECT_NAME, file: words.txt, words: [Kestrel]}]\n"
	f, err := custom.Read(filepath.Join(dir, "classifiers.yaml"), []byte(text))
	if err != nil || len(f.Keywords[0].Words) != 3 {
		t.Errorf("%v, %+v", err, f)
	}
}

// FuzzRead reads anything as a file; what is accepted makes a Set.
func FuzzRead(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("allow: {values: [{entity: A_B, hash: 00112233445566778899aabbccddeeff}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := custom.Read("x.yaml", data)
		if err != nil || len(file.Families()) == 0 {
			return
		}
		set, err := classifiers.New(classifiers.Options{}, file.Families()...)
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		classifierstest.Classify(t, set, good)
	})
}

// companies are keyword lists of which most entries end with the same word.
func companies(t testing.TB, n int) *classifiers.Set {
	var words []string
	for i := range n {
		words = append(words, fmt.Sprintf("Brightfield%c%c%c Holdings GmbH", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26))
	}
	lists := []custom.Keyword{
		{Name: "companies", Entity: "COMPANY", Words: append(words, "GmbH Fernhill", "Kestrel GmbH"), Confidence: 0.9},
		{Name: "merged", Entity: "MERGED", Words: []string{"Brightfieldaaa Holding"}, Stem: "english", Confidence: 0.9},
	}
	return classifierstest.NewSet(t, classifiers.Options{}, custom.NewKeywords(lists))
}

func TestSharedEnds(t *testing.T) {
	set := companies(t, 1000)
	for text, want := range map[string]int{
		"Brightfieldcba Holdings GmbH, and brightfieldABA holdings gmbh": 2,
		"Kestrel GmbH Fernhill":      1, // two that overlap
		"GmbH GmbH GmbH Holdings":    0,
		"Brightfieldaaa Holdings":    1, // of the other list: an inflection
		"Brightfieldaaa GmbH":        0,
		"of Brightfieldaaa\nHolding": 1,
	} {
		if found := classifierstest.Classify(t, set, text); len(found) != want {
			t.Errorf("%q: want %d, got %s", text, want, classifierstest.Show(text, found))
		}
	}
}

// BenchmarkSharedEnds tells what a text costs that is full of the last word of 17,000
// phrases.
func BenchmarkSharedEnds(b *testing.B) {
	set := companies(b, 17000)
	text := strings.Repeat("the GmbH ", 7000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		classifierstest.Classify(b, set, text)
	}
}

// Anchors that stand close together make one window: what stands among them is found
// once, as often as it is there, and read once.
func TestDenseAnchors(t *testing.T) {
	set := denseSet(t)
	if found := classifierstest.Classify(t, set, strings.Repeat("KD-12345674 ", 100)); len(found) != 100 {
		t.Errorf("%d of 100 numbers are found", len(found))
	}
	if found := classifierstest.Classify(t, set, strings.Repeat("KD-", 500)+" 1 "+strings.Repeat(" ", 600)+"KD-12345674"); len(found) != 1 {
		t.Errorf("%d numbers are found behind many anchors", len(found))
	}
}

func denseSet(t testing.TB) *classifiers.Set {
	return classifierstest.NewSet(t, classifiers.Options{}, read(t, `rules:
  - {name: numbers, entity: CUSTOMER_NUMBER, pattern: '\bKD-\d{8}\b', anchors: [KD-, "D-"], reach: 512, positives: ["KD-12345674"], negatives: ["KD-1"]}
`).Families()...)
}

// BenchmarkDenseAnchors tells what a text costs that is made of anchors.
func BenchmarkDenseAnchors(b *testing.B) {
	set := denseSet(b)
	text := strings.Repeat("KD-", 20000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		classifierstest.Classify(b, set, text)
	}
}

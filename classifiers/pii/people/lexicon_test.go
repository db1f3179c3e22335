package people

import (
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Load reads the lists again: for the benchmark.
func Load() { newLexicon() }

func TestPlain(t *testing.T) {
	for i := range len(plain) {
		r := rune(0xC0 + i)
		d := []rune(norm.NFD.String(string(r)))
		if want := unicode.ToLower(d[0]); len(d) > 1 && byte(want) != plain[i] {
			t.Errorf("%c is %c", r, plain[i])
		}
	}
}

func TestLexicon(t *testing.T) {
	l := load()
	for w, want := range map[string]uint8{
		"Matthew": given | surname | frequent, "Smith": surname | frequent, "May": common, "the": common, "Berlin": place,
		"xyzzyq": 0, "Tânia": given, "Péter": given,
	} {
		got := l.word(classifiers.Word{Hash: classifiers.HashWord(w)}, w)
		if got&want != want || want == 0 && got != 0 || want == common && got&common == 0 {
			t.Errorf("%s: %05b", w, got)
		}
	}
	for _, w := range []string{"The", "Test", "Jul", "Docker"} {
		if got := l.of(classifiers.HashWord(w)); got != common {
			t.Errorf("%s: %05b", w, got)
		}
	}
	n := 0
	for _, b := range l.bits {
		if b != 0 {
			n++
		}
	}
	if n < 150_000 || n > slots*3/4 {
		t.Errorf("%d words", n)
	}
}

// TestShape holds the model against names and words that it was not taught: if the
// trainer and this package cut words differently it knows nothing.
func TestShape(t *testing.T) {
	right, all := 0, 0
	for _, w := range []string{"Kowalewski", "Petrussen", "Hendriksson", "Martinelli", "Gonzalves", "Johannsen", "Fitzwilliam", "Brannigan"} {
		all++
		if shape(w) > 0 {
			right++
		}
	}
	for _, w := range []string{"Containerize", "Throughput", "Serverless", "Makefile", "Elasticsearch", "Terraform", "Misconfigured", "Unsubscribe"} {
		all++
		if shape(w) < 0 {
			right++
		}
	}
	if right < all-3 {
		t.Errorf("%d of %d", right, all)
	}
}

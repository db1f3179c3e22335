package injection

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Each word of a concept can be found, and has one meaning.
func TestConcepts(t *testing.T) {
	for i, c := range concepts {
		name, list, ok := strings.Cut(c.words, ":")
		if !ok {
			t.Errorf("concept %d has no name", i)
		}
		for _, word := range strings.Fields(list) {
			if front, ok := strings.CutSuffix(word, "*"); ok {
				if n := utf8.RuneCountInString(front); n != stem {
					t.Errorf("%s: %s has %d letters, want %d", name, word, n, stem)
				}
				continue
			}
			words := classifiers.AppendWords(nil, word, 0, len(word))
			if len(words) == 0 || len(words) > maxRun || words[len(words)-1].End-words[0].Start != len(word) {
				t.Errorf("%s: %s is no word", name, word)
				continue
			}
			if got := conceptOf(word, words, len(words)-1, 0); got != uint8(i+1) {
				t.Errorf("%s: %s means %d, want %d", name, word, got, i+1)
			}
		}
	}
}

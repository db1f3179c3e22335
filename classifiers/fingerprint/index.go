package fingerprint

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
)

const (
	version = 1
	// mostDocuments is how many documents of one run are remembered, the first ones: of
	// many drafts of a document some are enough.
	mostDocuments = 16
	mostRuns      = 1 << 28 // of a file
)

// About is what a file of fingerprints tells about itself, in clear.
type About struct {
	Documents int `json:"documents"`
	Short     int `json:"short"`  // documents left out because they have too few words
	Runs      int `json:"runs"`   // that are kept
	Public    int `json:"public"` // runs left out because public documents have them too
}

// Index reads documents, as text, and writes their fingerprints. Runs that stand in one
// of the public documents, as a notice that the company puts under everything does, are
// left out.
func Index(key *keyed.Key, documents, public iter.Seq2[string, error], out io.Writer) (About, error) {
	var about About
	known := map[uint64]bool{}
	for text, err := range public {
		if err != nil {
			return about, err
		}
		var w winnower
		for _, word := range classifiers.SplitWords(text) {
			if _, _, _ = w.add(word.Hash); w.n >= gram {
				known[w.runs[w.n%window]] = true
			}
		}
	}
	var pairs []keyed.Pair
	documentsOf := map[uint64]int{}
	for text, err := range documents {
		if err != nil {
			return about, err
		}
		var w winnower
		kept := 0
		seen := map[uint64]bool{}
		for _, word := range classifiers.SplitWords(text) {
			_, run, ok := w.add(word.Hash)
			if !ok || seen[run] {
				continue
			}
			seen[run] = true
			kept++
			if known[run] {
				about.Public++
				continue
			}
			if documentsOf[run]++; documentsOf[run] <= mostDocuments {
				pairs = append(pairs, keyed.Pair{Hash: key.Sum64(run), Number: uint32(about.Documents)})
			}
			if len(pairs) > mostRuns {
				return about, fmt.Errorf("more than %d runs of words", mostRuns)
			}
		}
		if kept == 0 {
			about.Short++
			continue
		}
		about.Documents++
	}
	if len(pairs) == 0 {
		return about, errors.New("no document with enough words")
	}
	about.Runs = len(pairs)
	return about, key.Write(out, &keyed.File{
		Kind: keyed.Documents, Version: version, About: about, Sections: [][]byte{keyed.MakeTable(slices.Clip(pairs))},
	})
}

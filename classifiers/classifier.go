package classifiers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// A Classifier is one family of rules, for instance all secrets.
//
// It is made once, never changes afterwards and is used by many goroutines at
// a time: what a scan needs to remember lives in the scan.
type Classifier interface {
	// Describe says what the family is and which anchors it wants. The answer
	// is the same for the life of the classifier.
	Describe() Description

	// Classify appends to found what the family finds around the hits and digit
	// runs of v and returns the longer slice. It sets Entity, Rule, Confidence,
	// Grade, Start and End; the Set fills in the rest. It is called once for each block
	// of a sample with what lies in that block; offsets are always those of the
	// whole text, and looking past the block's edges is expected. The same value
	// may be reported twice; the Set keeps one.
	//
	// Work for each hit must be bounded, so that time grows with the text only.
	// An error, and a panic, fails the whole scan; it must not quote the text.
	// The view and its slices are valid during the call only. Long work may look
	// at ctx; the Set does so between blocks.
	Classify(ctx context.Context, v *View, found []Finding) ([]Finding, error)
}

// A Description is what a family says about itself.
type Description struct {
	Family   string   // "secret"; one classifier in a Set for each
	Entities []string // every entity that it can report
	Anchors  []string // strings to look for, in any ASCII case; Hit.Anchor is the index here; one byte is enough ("@")
	Version  string   // changes whenever a rule changes: Fingerprint of the rules
	Words    bool     // wants View.Words
	Wide     []string // entities that are passages, not values: they stand outside overlap resolution, and those of an entity that meet are one
}

// A View is one block of a sample, with what the shared pass saw in it.
type View struct {
	Text   string // the whole sample
	Role   string
	Lo, Hi int    // the block: hits end, and digit runs start, in Text[Lo:Hi]
	Hits   []Hit  // the family's own anchors, in the order of their ends
	Digits []Run  // all runs of ASCII digits, in order
	Words  []Word // all words that start in Text[Lo-4096:Hi], in order, when a family wants them
	trace  *trace // nil: nobody wants an explanation
}

// A Hit is the place of an anchor.
type Hit struct {
	Anchor     int // index into Description.Anchors
	Start, End int
}

// A Run is a longest run of ASCII digits.
type Run struct{ Start, End int }

// Len is the number of digits in the run.
func (r Run) Len() int { return r.End - r.Start }

// Window returns the bounds of the text around [start, end): at most before and
// after bytes more, clamped to the text and moved inwards to whole characters.
func (v *View) Window(start, end, before, after int) (lo, hi int) {
	lo, hi = max(0, start-before), min(len(v.Text), end+after)
	for lo < start && !utf8.RuneStart(v.Text[lo]) {
		lo++
	}
	for hi > end && hi < len(v.Text) && !utf8.RuneStart(v.Text[hi]) {
		hi--
	}
	return lo, hi
}

// Fingerprint is a Description.Version made of a revision, which a family
// raises by hand when its code changes meaning, and its rule tables: bytes, text,
// or other plain data that JSON can express. It panics where a table is none of them.
func Fingerprint(revision string, tables ...any) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s", len(revision), revision)
	for _, t := range tables {
		switch t := t.(type) {
		case []byte: // weights and lists of words: as JSON they take longer than to be read
			fmt.Fprintf(h, "%d:", len(t))
			h.Write(t)
		case string:
			fmt.Fprintf(h, "%d:%s", len(t), t)
		default:
			if err := json.NewEncoder(h).Encode(t); err != nil {
				panic(fmt.Sprintf("classifiers: fingerprint of %T: %v", t, err))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

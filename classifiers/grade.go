package classifiers

import "math"

// A Grade says what a value is told by. The engine acts on it and never on the
// confidence, which says how often such findings are right: a password that is
// assigned nearly always is one, and yet does not say where it ends.
type Grade uint8

// Grades in their order. Of two findings that overlap, a value from Whole on stays
// before a likely one, and that before a weak one.
const (
	Ungraded Grade = iota // the grade that goes with the confidence: see gradeOf
	Weak                  // many other things look like it
	Likely                // what stands around speaks for it and does not say where it ends
	Named                 // so, and names just this kind
	Whole                 // says by itself where it begins and ends: believed when it is put together from pieces
	Marked                // stands where nothing else does: believed also where nothing says that the text is to be read so
	Proven                // has a form that nothing else has, or check characters that hold
)

// gradeOf is the grade of a finding that states none, as those of your own rules and
// of a Remote do.
func gradeOf(confidence float64) Grade {
	switch {
	case confidence >= 0.9:
		return Proven
	case confidence >= 0.8:
		return Whole
	case confidence >= 0.5:
		return Likely
	}
	return Weak
}

// band is what of the grade comes before length where findings overlap.
func (g Grade) band() int {
	switch {
	case g >= Whole:
		return 2
	case g >= Likely:
		return 1
	}
	return 0
}

// Sure is what the findings of a group of rules state.
type Sure struct {
	Confidence float64
	Grade      Grade
}

// Measured is the Sure of a group of rules that found so many values in labelled text,
// of which so many were true. A share of few says little, so it is drawn towards a
// half: (correct+1)/(found+2), Laplace's rule of succession, in hundredths, and never
// certain either way.
func Measured(correct, found int, g Grade) Sure {
	share := float64(correct+1) / float64(found+2)
	return Sure{min(0.99, max(0.01, math.Round(100*share)/100)), g}
}

// Estimated is that of a group of which the labels show too little.
func Estimated(confidence float64, g Grade) Sure { return Sure{confidence, g} }

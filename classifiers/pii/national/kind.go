package national

// Evidence is what a kind needs beside its shape and check characters.
type Evidence int

// The kinds of evidence, the strictest first.
const (
	Spoken  Evidence = iota // a word about it nearby, always: the form proves nothing
	Worded                  // a word nearby, or to be all of the text
	Grouped                 // a word nearby, or to be all of the text in the grouping in which it is printed
	Printed                 // a word nearby, to be all of the text, or the grouping in which it is printed
	Strong                  // nothing
)

// A Kind is one kind of number.
type Kind struct {
	Entity string // the name under which it is reported; Presidio's where it has one
	// Shapes are the ways to write it, one after the other with | between: # a
	// digit, @ a letter, * either, capitals and digits themselves; where a space or
	// a sign stands, one may stand or be left out.
	Shapes   string
	Check    check `json:"-"` // nil: the shape is all there is
	Evidence Evidence
	Words    string // words about it, with | between
	Source   string // where the form is described
}

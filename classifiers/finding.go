package classifiers

import (
	"cmp"
	"strconv"
)

// Names of families. A family package uses the one that is its own.
const (
	Secret    = "secret"
	PII       = "pii"
	PCI       = "pci"
	PHI       = "phi"
	Code      = "code"
	Injection = "injection"
	Marking   = "marking"
	Exact     = "exact"
	Document  = "fingerprint"
	Keyword   = "keyword"
	Custom    = "custom"
)

// A Finding says that a value of some kind stands at some place. It holds
// offsets and names only, never the matched text.
type Finding struct {
	Family     string  // "secret", "pii", "pci"
	Entity     string  // "CREDIT_CARD": UPPER_SNAKE, as the family declares it
	Rule       string  // the rule of the family that found it
	Confidence float64 // more than 0, at most 1: the share of such findings that are true
	Grade      Grade   // what the value is told by; the Set fills in one that is not stated
	Sample     int     // index of the sample
	Start, End int     // byte offsets into the sample's text, never inside a character
	Split      int     // 0, or a number that the pieces of one value share when it is cut over neighbouring samples
	Hidden     uint64  // 0, or a number that stands for a value that is disguised in the text: equal values have equal numbers, in all Sets with the same Options.Key
}

// A Sample is one text to classify. The role says where the text comes from
// (prompt, tool_result, reply ...); the engine only compares it.
type Sample struct {
	Text  string
	Role  string
	Apart bool // no value is cut over this sample and its neighbours
	Local bool // not to be shown to a Remote
}

// An Entity is a kind of value that a Set can find.
type Entity struct{ Family, Name string }

// Type is the name by which reports and scores speak of the finding's kind:
// "secret." and the entity for secrets, "CODE." and the language, which is the rule,
// for source code, the entity alone for all others.
func (f Finding) Type() string {
	switch f.Family {
	case Secret:
		return "secret." + f.Entity
	case Code:
		return "CODE." + f.Rule
	}
	return f.Entity
}

// Value is what tells the found value from others of its entity: its one form, or,
// of a disguised one, what Hidden stands for. The text is that of the sample.
func (f Finding) Value(text string) string {
	if f.Hidden != 0 {
		return "\x00" + strconv.FormatUint(f.Hidden, 36)
	}
	return f.Normal(text[f.Start:f.End])
}

// compareFindings orders findings by place, then by name: the order in which
// Classify returns them.
func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Sample, b.Sample),
		cmp.Compare(a.Start, b.Start),
		cmp.Compare(a.End, b.End),
		cmp.Compare(a.Family, b.Family),
		cmp.Compare(a.Entity, b.Entity),
		cmp.Compare(a.Rule, b.Rule),
	)
}

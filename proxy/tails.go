package proxy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// A value can be cut over prompts: half of a key now, the rest a minute later, or at
// another app. Of each prompt that went out the ledger keeps the tail: its last
// fragments, which are what a key or a number, or a piece of one, looks like. The
// fragments of the next prompt are read behind those before. The last piece is the one
// that can still be stopped.

const (
	mostTailFragments = 4  // of one prompt that are kept
	longestFragment   = 60 // bytes of one that are kept: of its end
	shortestFragment  = 3
	plainFragment     = 12 // from here on a fragment needs no digit,
	capitalFragment   = 8  // or if it is of capital letters
	mostJoined        = 24 // fragments of a prompt, other than numbers, that are read behind those before
	mostDigits        = 19 // of a card number (ISO/IEC 7812-1)
	mostPlaces        = 8  // of one number that are read so
	shortestJoined    = 16 // bytes of a key: with less in both pieces there is none
)

// cutFamilies are those whose values prove themselves by a format or a checksum. Two
// halves of prose prove nothing.
var cutFamilies = []string{"secret", "pci"}

// A fragment is a place in a part that may be a piece of a value.
type fragment struct{ part, start, end int }

// fragmentsOf finds the fragments of what is new in a message.
func fragmentsOf(m *content.Message) []fragment {
	var out []fragment
	for i, part := range m.Parts {
		if part.Role == content.RoleOther || part.Role == content.RoleSystem || part.Old {
			continue
		}
		out = appendFragments(out, i, part.Text)
	}
	return withoutLists(out, m)
}

// withoutLists leaves out numbers that stand beside another of their length, as in a
// list or a table. Two of eight digits are a card number in one case of fifty: with
// those of earlier prompts most lists would hold some.
func withoutLists(fragments []fragment, m *content.Message) []fragment {
	var number [mostDigits + 1]string // by length
	var places [mostDigits + 1]int
	digitsIn := func(f fragment) string { return digitsOf(m.Parts[f.part].Text[f.start:f.end]) }
	for _, f := range fragments {
		if digits := digitsIn(f); digits != "" {
			n := len(digits)
			if places[n]++; places[n] > 1 && number[n] != digits {
				places[n] = mostPlaces + 1
			}
			number[n] = digits
		}
	}
	return slices.DeleteFunc(fragments, func(f fragment) bool { return places[len(digitsIn(f))] > mostPlaces })
}

// appendFragments adds those of one text. Groups of digits that a blank or a hyphen
// parts are one. The first and the last word are fragments whatever they look like:
// a prompt may be nothing but a piece.
func appendFragments(out []fragment, part int, text string) []fragment {
	first, last := len(out), len(strings.TrimRight(text, " \t\r\n.!?,;:"))
	for at := 0; at < len(text); {
		if !inFragment[text[at]] {
			at++
			continue
		}
		start, digits, only := at, 0, true
		for ; at < len(text) && inFragment[text[at]]; at++ {
			if isDigit(text[at]) {
				digits++
			} else {
				only = false
			}
		}
		end := at
		for end > start+1 && text[end-1] == '.' { // of the sentence
			end--
		}
		if n := len(out); only && n > first && out[n-1].end+1 == start && (text[start-1] == ' ' || text[start-1] == '-') && numeric(text[out[n-1].start:out[n-1].end]) {
			out[n-1].end = end
			continue
		}
		edge := start == 0 || len(out) == first || end >= last
		if edge || end-start >= shortestFragment && digits > 0 || noWord(text[start:end]) {
			out = append(out, fragment{part, start, end})
		}
	}
	return out
}

// inFragment are the bytes that keys and numbers are made of.
var inFragment = func() (is [256]bool) {
	for c := range is {
		is[c] = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c < 0x80 && strings.IndexByte("_-+/=.~", byte(c)) >= 0
	}
	return is
}()

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func numeric(s string) bool {
	return strings.Trim(s, "0123456789 -") == ""
}

// digitsOf are those of a number that can be a piece of a card's; "" for anything else.
func digitsOf(s string) string {
	if !numeric(s) || countDigits(s) > mostDigits {
		return ""
	}
	return ungrouped.Replace(s)
}

var ungrouped = strings.NewReplacer(" ", "", "-", "")

// tail is what the ledger keeps of a prompt that goes out; nil when nothing that goes
// out may be a piece of a value.
func (x *Exchange) tail() *ledger.Tail {
	var kept []string
	for _, f := range x.goingOut() {
		text := x.message.Parts[f.part].Text[f.start:f.end]
		if len(text) > longestFragment {
			text = text[len(text)-longestFragment:]
		}
		kept = append(kept, text)
	}
	if len(kept) == 0 || len(kept) > 1 && !slices.ContainsFunc(kept, looksCut) {
		return nil // words only: they would push out what may be pieces
	}
	return &ledger.Tail{App: x.appName(), Text: strings.Join(kept, "\n")}
}

// goingOut are the last fragments of what goes out: without what a placeholder stands for.
func (x *Exchange) goingOut() (out []fragment) {
	for _, f := range slices.Backward(x.fragments[max(0, len(x.fragments)-mostJoined):]) {
		var left []fragment
		for _, found := range x.findings {
			if found.Sample != f.part || found.End <= f.start || found.Start >= f.end || !slices.Contains(x.Decision.Redact, found.Entity) {
				continue
			}
			if found.Start > f.start {
				left = append(left, fragment{f.part, f.start, found.Start})
			}
			f.start = min(found.End, f.end)
		}
		if f.start < f.end {
			left = append(left, f)
		}
		if out = append(left, out...); len(out) >= mostTailFragments {
			break
		}
	}
	return out[max(0, len(out)-mostTailFragments):]
}

// looksCut reports whether a fragment may be a piece of a value, rather than a word.
func looksCut(s string) bool { return strings.ContainsAny(s, "0123456789") || noWord(s) }

// noWord reports whether letters alone are hardly a word.
func noWord(s string) bool {
	return len(s) >= plainFragment || len(s) >= capitalFragment && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// A joint is a text made of fragments of earlier prompts and one of this.
type joint struct {
	text string
	from int // where the fragment of this prompt begins
	last fragment
}

// joints are the texts in which a value can be whole again: each kept fragment of one
// prompt before a fragment of this, and the last fragments of two prompts and more, or
// the last of each that is no word.
func joints(tails []ledger.Tail, m *content.Message, fragments []fragment) []joint {
	var before []string
	add := func(text string) {
		if !slices.Contains(before, text) {
			before = append(before, text)
		}
	}
	last, cut := "", ""
	for _, tail := range slices.Backward(tails) {
		kept := strings.Split(tail.Text, "\n")
		piece := kept[len(kept)-1]
		last = piece + last
		for _, text := range kept {
			add(text)
			if looksCut(text) {
				piece = text
			}
		}
		cut = piece + cut
		add(last)
		add(cut)
	}
	var out []joint
	others := 0
	for i, f := range fragments {
		text := m.Parts[f.part].Text[f.start:f.end]
		number := numeric(text)
		if number && countDigits(text) > mostDigits {
			continue
		}
		if !number {
			if others++; others > mostJoined && i < len(fragments)-1 {
				continue
			}
		}
		if len(text) > longestFragment {
			text = text[:longestFragment]
		}
		for _, head := range before {
			if mayJoin(head, text, number) {
				out = append(out, joint{head + text, len(head), f})
			}
		}
	}
	return out
}

// mayJoin reports whether two pieces can be those of a card number (ISO/IEC 7812-1: up
// to 19 digits), or of a key.
func mayJoin(head, text string, number bool) bool {
	if number && numeric(head) {
		n := countDigits(head) + countDigits(text)
		return n >= 12 && n <= 19
	}
	return len(head)+len(text) >= shortestJoined
}

func countDigits(s string) (n int) {
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// joinTails looks for values whose last piece came with this prompt, and adds them to
// its findings at the place of that piece.
func (p *Pipeline) joinTails(x *Exchange) error {
	x.joined = nil
	if !x.counts() {
		return nil
	}
	x.fragments = fragmentsOf(x.message)
	tails := x.ledger.Tails()
	if len(x.fragments) == 0 || len(tails) == 0 {
		return nil
	}
	list := joints(tails, x.message, x.fragments)
	samples := make([]classifiers.Sample, len(list))
	for i, j := range list {
		samples[i] = classifiers.Sample{Text: j.text, Role: content.RolePrompt.String(), Apart: true, Local: true}
	}
	found, err := x.look(classifiers.WithFamilies(x.context(), cutFamilies...), samples)
	if err != nil {
		if x.context().Err() != nil {
			return ended(x.context(), err)
		}
		return refuseFor("inspection_failed", err)
	}
	x.joinFound(list, found)
	return nil
}

// joinFound adds the findings that go over a joint and are not found anyway. What
// stands there of another family is another thing: a piece of a key that looks like an
// address is still one of the key.
func (x *Exchange) joinFound(list []joint, found []classifiers.Finding) {
	number := 0
	for _, f := range x.findings {
		number = max(number, f.Split)
	}
	all := slices.Clone(x.findings)
	for _, f := range found {
		j := list[f.Sample]
		if f.Start >= j.from || f.End <= j.from || f.Grade < classifiers.Whole || !slices.Contains(cutFamilies, f.Family) {
			continue
		}
		value := j.text[f.Start:f.End]
		f.Sample, f.Start, f.End = j.last.part, j.last.start, min(j.last.start+f.End-j.from, j.last.end)
		if slices.ContainsFunc(all, func(other classifiers.Finding) bool {
			return other.Family == f.Family && other.Sample == f.Sample && other.Start < f.End && f.Start < other.End
		}) {
			continue
		}
		number++
		f.Split = number
		if x.joined == nil {
			x.joined = map[int]string{}
		}
		x.joined[number] = value
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(a, b classifiers.Finding) int {
		return cmp.Or(cmp.Compare(a.Sample, b.Sample), cmp.Compare(a.Start, b.Start))
	})
	x.findings = all
}

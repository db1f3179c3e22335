package jsondoc

import (
	"errors"
	"fmt"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// Fit fits changes, which are in order, to a text that is JSON, so that it stays
// JSON: a change inside a string is widened to whole escapes and its text escaped;
// one inside a number makes it a string. A change over several
// values, and all changes of text that does not parse, are only widened. reserve is
// that of [Options]; its error is the only one.
func Fit(text string, changes []codec.Change, reserve func(int64) error) ([]codec.Change, error) {
	inner, err := Scan(text, Options{Many: true, Reserve: reserve})
	if err != nil {
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			return nil, fmt.Errorf("scan JSON: %w", err)
		}
		widen(text, 0, len(text), changes)
		return changes, nil
	}
	var out []codec.Change
	at := 0
	for len(changes) > 0 {
		first := changes[0]
		for at < len(inner.Nodes) && (inner.Nodes[at].IsContainer() || int(inner.Nodes[at].End) <= first.Start) {
			at++
		}
		n := Node{Start: uint32(first.Start), End: uint32(first.End)}
		if at < len(inner.Nodes) && int(inner.Nodes[at].Start) <= first.Start && first.End <= int(inner.Nodes[at].End) {
			n = inner.Nodes[at]
		}
		size := 1
		for size < len(changes) && changes[size].End <= int(n.End) {
			size++
		}
		group := changes[:size]
		changes = changes[size:]
		switch n.Kind {
		case '0':
			for i := range group {
				group[i].Start -= int(n.Start)
				group[i].End -= int(n.Start)
			}
			whole := codec.Splice(text[n.Start:n.End], group)
			out = append(out, codec.Change{Start: int(n.Start), End: int(n.End), Text: `"` + codec.EscapeJSON(whole) + `"`})
			continue
		case '"':
			widen(text, int(n.Start), int(n.End), group)
		default: // over several values
			from := first.Start
			if at < len(inner.Nodes) && inner.Nodes[at].Kind == '"' {
				from = min(from, int(inner.Nodes[at].Start))
			}
			widen(text, from, len(text), group)
		}
		for i := range group {
			group[i].Text = codec.EscapeJSON(group[i].Text)
		}
		out = append(out, group...)
	}
	return out, nil
}

// widen extends changes, which are in order, to whole escapes of the text
// between from and to.
func widen(text string, from, to int, changes []codec.Change) {
	i := from
	for k := range changes {
		c := &changes[k]
		for ; i < to; i += unitLen(text[i:to]) {
			if n := unitLen(text[i:to]); i+n > c.Start {
				c.Start = min(c.Start, i)
				break
			}
		}
		for i < to && i < c.End {
			i += unitLen(text[i:to])
		}
		c.End = max(c.End, i)
	}
}

// unitLen is the length of the first character of a JSON string's inside.
func unitLen(s string) int {
	_, n := codec.JSON.Unit(s)
	return n
}

package policy

import (
	"errors"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// ErrVerdict says that a pack answered something that is not a verdict.
var ErrVerdict = errors.New("malformed verdict")

// Verdict is what one rule says about one exchange. Verdicts are shared through the cache: read only.
type Verdict struct {
	ID          string
	Action      Action
	Redact      []string // sorted entities; nil when the rule does not redact, empty when it found nothing to name
	Style       string   // pseudonym or mask; empty is pseudonym
	Headers     map[string]string
	ACRS        []string
	SafeHarbour string
	AsIs        bool
	Obligations []string
}

const (
	stylePseudonym = "pseudonym"
	styleMask      = "mask"
)

var (
	styles      = []string{stylePseudonym, styleMask}
	obligations = []string{"retain_evidence", "notify", "watch"}
)

// readVerdicts reads the sets of verdicts of one phase, as OPA returned them.
func readVerdicts(sets ast.Value) ([]Verdict, error) {
	packs, ok := sets.(*ast.Array)
	if !ok {
		return nil, fmt.Errorf("%w: the answer is not a list of sets", ErrVerdict)
	}
	verdicts := []Verdict{}
	for i := range packs.Len() {
		set, ok := packs.Elem(i).Value.(ast.Set)
		if !ok {
			return nil, fmt.Errorf("%w: a pack's verdicts are not a set", ErrVerdict)
		}
		for _, t := range set.Slice() {
			v, err := readVerdict(t.Value)
			if err != nil {
				return nil, err
			}
			verdicts = append(verdicts, v)
		}
	}
	return verdicts, nil
}

func readVerdict(value ast.Value) (Verdict, error) {
	obj, ok := value.(ast.Object)
	if !ok {
		return Verdict{}, fmt.Errorf("%w: not an object", ErrVerdict)
	}
	var v Verdict
	var hasID, hasAction bool
	err := obj.Iter(func(key, value *ast.Term) error {
		name, _ := key.Value.(ast.String)
		ok := false
		switch name {
		case "id":
			v.ID, ok = readString(value)
			hasID = ok
		case "action":
			var word string
			if word, ok = readString(value); ok {
				v.Action, ok = parseAction(word)
			}
			hasAction = ok
		case "redact":
			v.Redact, ok = readStrings(value, nil)
		case "style":
			v.Style, ok = readString(value)
			ok = ok && slices.Contains(styles, v.Style)
		case "headers":
			v.Headers, ok = readHeaders(value)
		case "acrs":
			v.ACRS, ok = readStrings(value, nil)
		case "safe_harbour":
			v.SafeHarbour, ok = readString(value)
		case "as_is":
			var b ast.Boolean
			b, ok = value.Value.(ast.Boolean)
			v.AsIs = bool(b)
		case "obligations":
			v.Obligations, ok = readStrings(value, obligations)
		}
		if !ok {
			return fmt.Errorf("%w: %s of rule %q", ErrVerdict, key.Value.String(), v.ID)
		}
		return nil
	})
	if err == nil && (!hasID || !hasAction) {
		err = fmt.Errorf("%w: id or action is missing", ErrVerdict)
	}
	return v, err
}

func readString(t *ast.Term) (string, bool) {
	s, ok := t.Value.(ast.String)
	return string(s), ok && s != ""
}

// readStrings reads a set of words; words nil means any.
func readStrings(t *ast.Term, words []string) ([]string, bool) {
	set, ok := t.Value.(ast.Set)
	if !ok {
		return nil, false
	}
	list := make([]string, 0, set.Len())
	for _, t := range set.Slice() { // sorted
		s, ok := readString(t)
		if !ok || words != nil && !slices.Contains(words, s) {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

func readHeaders(t *ast.Term) (map[string]string, bool) {
	obj, ok := t.Value.(ast.Object)
	if !ok {
		return nil, false
	}
	headers := make(map[string]string, obj.Len())
	err := obj.Iter(func(key, value *ast.Term) error {
		name, isName := readString(key)
		text, isText := value.Value.(ast.String)
		if !isName || !isText {
			return ErrVerdict
		}
		headers[name] = string(text)
		return nil
	})
	return headers, err == nil
}

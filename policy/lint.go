package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// known is what a snapshot knows about a rule before it speaks: its texts, its mode and where it stands.
type known struct {
	Rule
	phase string
	holds time.Duration // an answer to it, from custom.holds
	file  string
	line  int
}

// longestHold bounds custom.holds: how long an answer to a rule may hold.
const longestHold = 30 * 24 * time.Hour

var severities = []string{"critical", "high", "medium", "low", "info"}

// legal reports whether a verdict of this phase may ask for the action.
func legal(phase string, a Action) bool {
	switch phase {
	case PhaseConnect:
		return a == ActionBlock || a == ActionIntercept || a == ActionTunnel
	case PhaseRequest:
		return a <= ActionAllow
	case PhaseResponse:
		return a == ActionBlock || a == ActionRedact || a == ActionAllow
	default:
		return false
	}
}

// verdictKeys lists what a verdict may say in each phase.
var verdictKeys = map[string][]string{
	PhaseConnect:  {"id", "action", "obligations"},
	PhaseRequest:  {"id", "action", "redact", "style", "headers", "acrs", "safe_harbour", "as_is", "obligations"},
	PhaseResponse: {"id", "action", "redact", "style", "obligations"},
}

// linter checks what OPA's compiler does not: the heads of verdicts, the names of packs and tables.
type linter struct {
	rules    map[string]known
	packs    map[string][]string // of each phase, those that have verdicts
	tables   map[string]any
	problems *Problems
}

// lint walks modules as they were written.
func (f *files) lint(modules map[string]*ast.Module, problems *Problems) *linter {
	l := &linter{rules: map[string]known{}, packs: map[string][]string{}, tables: f.tables, problems: problems}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m := modules[name]
		l.references(m)
		phase, file, _ := strings.Cut(name, "/")
		if !slices.Contains(phases, phase) {
			continue
		}
		pack := strings.TrimSuffix(file, ".rego")
		if want := "data.sluice." + phase + "." + pack; m.Package.Path.String() != want {
			l.problems.add(name, m.Package.Location.Row, "the package of this file is %s", strings.TrimPrefix(want, "data."))
			continue
		}
		verdicts := 0
		for _, rule := range m.Rules {
			if rule.Head.Name == "verdict" {
				verdicts++
				l.verdict(phase, rule)
			}
		}
		if verdicts > 0 {
			l.packs[phase] = append(l.packs[phase], pack)
		}
	}
	l.modes()
	return l
}

// references refuses tables that are not there: a look-up in one is undefined and silences its rule.
func (l *linter) references(m *ast.Module) {
	ast.WalkRefs(m, func(ref ast.Ref) bool {
		if !ref.HasPrefix(ast.DefaultRootRef) || len(ref) < 2 || ref[0].Location == nil {
			return false
		}
		root, _ := ref[1].Value.(ast.String)
		if root != "sluice" {
			l.problems.add(ref[0].Location.File, ref[0].Location.Row, "%s: everything stands under data.sluice", ref)
		} else if len(ref) > 2 {
			name, constant := ref[2].Value.(ast.String)
			if _, ok := l.tables[string(name)]; constant && !ok && !slices.Contains(notTables, string(name)) {
				l.problems.add(ref[0].Location.File, ref[0].Location.Row, "%s: there is no table %q", ref, string(name))
			}
		}
		return false
	})
}

// verdict checks one rule that adds to the verdicts.
func (l *linter) verdict(phase string, rule *ast.Rule) {
	loc := rule.Head.Location
	complain := func(format string, args ...any) { l.problems.add(loc.File, loc.Row, format, args...) }

	if rule.Head.Key == nil || rule.Head.Value != nil || len(rule.Head.Ref()) != 1 || rule.Default || rule.Else != nil {
		complain("verdict is a set: verdict contains {…} if …")
		return
	}
	head, ok := rule.Head.Key.Value.(ast.Object)
	if !ok {
		complain("the verdict is written in the head: verdict contains {\"id\": …, \"action\": …}")
		return
	}
	head.Foreach(func(key, _ *ast.Term) {
		if name, isText := key.Value.(ast.String); !isText || !slices.Contains(verdictKeys[phase], string(name)) {
			complain("a verdict of phase %s has no key %s", phase, key)
		}
	})
	id, _ := constant(head, "id")
	if id == "" {
		complain("the id of a verdict is a constant text")
		return
	}
	if before, taken := l.rules[id]; taken {
		complain("rule %q stands in %s:%d already", id, before.file, before.line)
		return
	}
	word, _ := constant(head, "action")
	action, ok := parseAction(word)
	switch {
	case !ok:
		complain("rule %q: the action is one of %s, as a constant", id, legalWords(phase))
	case !legal(phase, action):
		complain("rule %q: %s is not an action of phase %s, which has %s", id, word, phase, legalWords(phase))
	}
	if action == ActionRedact && head.Get(ast.StringTerm("redact")) == nil {
		complain("rule %q: action redact names what to redact", id)
	}
	if style, ok := constant(head, "style"); ok && !slices.Contains(styles, style) {
		complain("rule %q: the style is one of %s", id, strings.Join(styles, ", "))
	}
	k, err := metadata(rule, id)
	if err != nil {
		complain("rule %q: %v", id, err)
	}
	k.Action, k.phase, k.file, k.line = action, phase, loc.File, loc.Row
	l.rules[id] = k
}

// constant returns the text that stands under a key; false when the key is absent or computed.
func constant(head ast.Object, key string) (string, bool) {
	t := head.Get(ast.StringTerm(key))
	if t == nil {
		return "", false
	}
	s, ok := t.Value.(ast.String)
	return string(s), ok
}

func legalWords(phase string) string {
	var words []string
	for i, name := range actionNames {
		if legal(phase, Action(i)) {
			words = append(words, name)
		}
	}
	return strings.Join(words, ", ")
}

// metadata reads the METADATA block above a rule.
func metadata(rule *ast.Rule, id string) (known, error) {
	k := known{Rule: Rule{ID: id, Mode: ModeEnforce}}
	for _, a := range rule.Annotations {
		if a.Scope != "rule" {
			continue
		}
		if label, _ := a.Labels["rule"].(string); label != id {
			return k, fmt.Errorf("the metadata says labels: {rule: %s}", label)
		}
		k.Title = a.Title
		k.Severity, _ = a.Custom["severity"].(string)
		k.Remediation, _ = a.Custom["remediation"].(string)
		switch {
		case k.Title == "":
			return k, fmt.Errorf("the metadata has no title")
		case !slices.Contains(severities, k.Severity):
			return k, fmt.Errorf("custom.severity is one of %s", strings.Join(severities, ", "))
		case k.Remediation == "":
			return k, fmt.Errorf("custom.remediation says what the employee can do")
		}
		if value, given := a.Custom["holds"]; given {
			text, _ := value.(string)
			var err error
			if k.holds, err = time.ParseDuration(text); err != nil || k.holds <= 0 || k.holds > longestHold {
				return k, fmt.Errorf("custom.holds is a time like 8h, up to %s", longestHold)
			}
		}
		return k, nil
	}
	return k, fmt.Errorf("no METADATA with title, labels.rule, custom.severity and custom.remediation stands above it")
}

// modes lays data.sluice.modes over the rules.
func (l *linter) modes() {
	modes, _ := l.tables["modes"].(map[string]any)
	for _, id := range slices.Sorted(maps.Keys(modes)) {
		k, ok := l.rules[id]
		mode, _ := modes[id].(string)
		switch {
		case !ok:
			l.problems.add(tables+"/modes.json", 0, "there is no rule %q", id)
		case mode != ModeEnforce && mode != ModeShadow && mode != ModeOff:
			l.problems.add(tables+"/modes.json", 0, "the mode of %q is one of enforce, shadow, off", id)
		default:
			k.Mode = mode
			l.rules[id] = k
		}
	}
}

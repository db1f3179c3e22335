package secrets

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
	"github.com/sluice-proxy/sluice/classifiers/secrets/layout"
)

// rulesJSON holds the vendor rules as data: the rules of the gitleaks default
// configuration as they were published, each with the anchors and the way of
// matching that this package adds. NOTICE names the source
// and the licence.
//
//go:embed gitleaks.json
var rulesJSON []byte

// The ways in which a rule is matched at a hit of one of its anchors.
const (
	matchStart  = "start"  // the match begins at the anchor
	matchAssign = "assign" // the anchor is the vendor's name in front of an assignment
	matchWindow = "window" // the match lies around the anchor
	matchParser = "parser" // a hand parser does the work; the expression documents it
)

// ruleFile is the form of gitleaks.json.
type ruleFile struct {
	Source  map[string]string `json:"source"`
	LeftOut map[string]string `json:"left_out"` // rule id to reason
	Allow   allowData         `json:"allow"`
	Rules   []ruleData        `json:"rules"`
}

type ruleData struct {
	ID          string      `json:"id"`
	Entity      string      `json:"entity"`
	Description string      `json:"description"`
	Keywords    []string    `json:"keywords"`
	Regex       string      `json:"regex"`
	SecretGroup int         `json:"secretGroup"`
	Entropy     float64     `json:"entropy"`
	Allow       []allowData `json:"allow"`
	Match       matchData   `json:"match"`
}

type matchData struct {
	Mode    string   `json:"mode"`
	Anchors []string `json:"anchors"`
	Before  int      `json:"before"` // bytes in front of the anchor that a match may begin at
	After   int      `json:"after"`  // bytes from the anchor that are looked at; 0: as many as the match needs
	Whole   bool     `json:"whole"`  // the secret is the whole match, although the expression has groups
	Needs   string   `json:"needs"`  // a window without any of these bytes is not read
	Stop    string   `json:"stop"`   // the byte that ends the first run of letters, digits, - and _
	Parser  string   `json:"parser"`
}

type allowData struct {
	Target    string   `json:"target"` // "" is the secret, "match" the whole match, "line" its lines
	Regexes   []string `json:"regexes"`
	Stopwords []string `json:"stopwords"`
}

// rule is one vendor format, compiled.
type rule struct {
	id, entity    string
	entropy       float64
	group         int // 0: the first that is not empty, wholeMatch: none
	slot          int // of a window rule: its place among them
	needs         string
	stop          byte // 0: any
	mode          string
	anchors       []string
	before, after int
	allow         []allowlist
	compile       func() (pattern, error) // once, when it is first needed: hundreds take long
}

// A pattern is what a rule looks for.
type pattern struct {
	re    func() *regexp.Regexp // compiled when something has the shape
	word  bool                  // the match begins at a word boundary
	shape []ascii.Class         // of the first bytes: of the match, or of an assignment's value
}

// pattern panics when the rule is broken, which the tests of the embedded ones exclude.
func (r *rule) pattern() pattern {
	p, err := r.compile()
	if err != nil {
		panic(fmt.Sprintf("secrets: compile rule %s: %v", r.id, err))
	}
	return p
}

// The expression that gitleaks puts between a vendor's name and the value, and
// the two forms of what it puts in front of the name.
const (
	assignBetween = `(?:[ \t\w.-]{0,20})[\s'"]{0,3}`
	assignQuotes  = "[\\x60'\"\\s=]{0,5}"
	assignBefore  = `(?i)[\w.-]{0,50}?`
	assignBefore2 = `[\w.-]{0,50}?(?i:[\w.-]{0,50}?`
)

// wholeMatch as a rule's group makes the whole match its secret.
const wholeMatch = -1

// loadRules reads the embedded rules and the allowlist that holds for all. Errors name
// the rule; all problems are reported at once, but for those of expressions.
func loadRules(data []byte) ([]rule, allowlist, error) {
	var file ruleFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, allowlist{}, fmt.Errorf("secrets: read rules: %w", err)
	}
	global, err := compileAllow(file.Allow)
	if err != nil {
		return nil, allowlist{}, fmt.Errorf("secrets: compile allowlist: %w", err)
	}
	rules := make([]rule, 0, len(file.Rules))
	var problems []error
	for i := range file.Rules {
		r, err := compileRule(&file.Rules[i])
		if err != nil {
			problems = append(problems, fmt.Errorf("secrets: compile rule %s: %w", file.Rules[i].ID, err))
			continue
		}
		rules = append(rules, r)
	}
	return rules, global, errors.Join(problems...)
}

func compileRule(d *ruleData) (rule, error) {
	r := rule{
		id: d.ID, entity: d.Entity, entropy: d.Entropy, group: d.SecretGroup,
		mode: d.Match.Mode, anchors: d.Match.Anchors, before: d.Match.Before, after: d.Match.After, needs: d.Match.Needs,
	}
	if d.Match.Whole {
		r.group = wholeMatch
	}
	if d.Match.Stop != "" {
		r.stop = d.Match.Stop[0]
	}
	for _, a := range d.Allow {
		l, err := compileAllow(a)
		if err != nil {
			return rule{}, err
		}
		r.allow = append(r.allow, l)
	}
	switch r.mode {
	case matchParser:
		return r, nil
	case matchStart, matchAssign, matchWindow:
	default:
		return rule{}, fmt.Errorf("unknown match mode %q", r.mode)
	}
	if len(r.anchors) == 0 {
		return rule{}, errors.New("no anchors")
	}
	r.compile = sync.OnceValues(func() (pattern, error) { return compilePattern(d.Regex, r.mode, r.group) })
	return r, nil
}

func compilePattern(expr, mode string, group int) (p pattern, err error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return p, err
	}
	if group > tree.MaxCap() || group == wholeMatch && mode == matchAssign {
		return p, fmt.Errorf("no group %d", group)
	}
	switch mode {
	case matchStart:
		p.word, p.shape = beginsAtWord(tree), layout.Shape(tree)
		expr = `\A(?:` + expr + `)`
	case matchAssign:
		if p.shape, err = valueShape(expr); err != nil {
			return p, err
		}
		expr = `\A(?:` + withoutName(expr) + `)`
	}
	p.re = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
	return p, nil
}

// withoutName drops the optional identifier part in front of the vendor's
// name: matching begins at the name.
func withoutName(expr string) string {
	if rest, ok := strings.CutPrefix(expr, assignBefore); ok {
		return `(?i)` + rest
	}
	if rest, ok := strings.CutPrefix(expr, assignBefore2); ok {
		return `(?i:` + rest
	}
	return expr
}

// valueShape returns the shape of the value behind the assignment operator.
func valueShape(expr string) ([]ascii.Class, error) {
	_, value, ok := strings.Cut(expr, assignQuotes)
	if !ok || !strings.Contains(expr, assignBetween) {
		return nil, errors.New("not an assignment")
	}
	if strings.HasPrefix(expr, `(?i)`) {
		value = `(?i)` + value
	}
	tree, err := syntax.Parse(value, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return layout.Shape(tree), nil
}

// beginsAtWord reports whether the first thing that re asks for is a word
// boundary.
func beginsAtWord(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpWordBoundary:
		return true
	case syntax.OpConcat, syntax.OpCapture:
		return len(re.Sub) > 0 && beginsAtWord(re.Sub[0])
	default:
		return false
	}
}

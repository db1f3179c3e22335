package policy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// Snapshot is one policy, loaded and checked. It never changes and is safe for concurrent use.
type Snapshot struct {
	revision string
	rules    map[string]known
	phases   map[string]*phase
	data     baseData
}

// phase is what is prepared for one phase.
type phase struct {
	query     *rego.PreparedEvalQuery // nil when no pack has a rule: then nothing is said
	reads     []field                 // what the packs read
	skeleton  *node                   // of the input with what they read: what nobody reads is not encoded
	cacheable bool                    // they read nothing that differs in every exchange
}

// Load reads, compiles and checks a source. Its error is [Problems] with everything that is wrong; a phase without any pack
// is missing policy and does not load.
func Load(ctx context.Context, src Source) (*Snapshot, error) {
	return load(ctx, readFiles(src))
}

func load(ctx context.Context, f *files) (*Snapshot, error) {
	problems := slices.Clone(f.problems)
	for _, phase := range phases {
		if !f.hasPack(phase) {
			problems.add(phase, 0, "no pack stands here: a phase without a policy is refused")
		}
	}
	compiler, parsed := f.compile(f.modules, &problems)
	l := f.lint(parsed, &problems)
	f.checkTables(ctx, &problems)
	if len(problems) > 0 {
		return nil, problems
	}
	data, err := ast.InterfaceToValue(map[string]any{"sluice": f.tables})
	if err != nil {
		return nil, fmt.Errorf("policy: load tables: %w", err)
	}
	s := &Snapshot{revision: f.revision, rules: l.rules, phases: make(map[string]*phase, len(phases)), data: baseData{data}}
	store := inmem.NewFromObjectWithOpts(
		map[string]any{"sluice": f.tables}, inmem.OptRoundTripOnWrite(false), inmem.OptReturnASTValuesOnRead(true))
	for _, name := range phases {
		p, err := prepare(ctx, name, l.packs[name], rego.Compiler(compiler), rego.Store(store))
		if err != nil {
			return nil, fmt.Errorf("policy: prepare phase %s: %w", name, err)
		}
		p.reads, p.cacheable = reads(compiler, name, l.packs[name])
		p.skeleton = newSkeleton(p.reads)
		s.phases[name] = p
	}
	return s, nil
}

func (f *files) hasPack(phase string) bool {
	for name := range f.modules {
		if strings.HasPrefix(name, phase+"/") {
			return true
		}
	}
	return false
}

// prepare makes the one query of a phase: the list of its packs' sets.
func prepare(ctx context.Context, name string, packs []string, options ...func(*rego.Rego)) (*phase, error) {
	if len(packs) == 0 {
		return &phase{}, nil
	}
	sets := make([]string, len(packs))
	for i, pack := range packs {
		sets[i] = verdictRef(name, pack)
	}
	query, err := rego.New(append(options,
		rego.Query("["+strings.Join(sets, ", ")+"]"),
		rego.Capabilities(capabilities()),
		rego.GenerateJSON(func(t *ast.Term, _ *rego.EvalContext) (any, error) { return t.Value, nil }),
	)...).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	return &phase{query: &query}, nil
}

// verdictRef is where a pack's verdicts stand.
func verdictRef(phase, pack string) string {
	return fmt.Sprintf("data.sluice.%s[%q].verdict", phase, pack)
}

// Revision names the content of packs, lib, schemas and tables: the same text gives the same revision.
func (s *Snapshot) Revision() string { return s.revision }

// Reads reports whether the packs of a phase can depend on a field of the input, given by its path: whoever cannot fill it in
// knows by that whether it matters.
func (s *Snapshot) Reads(phase, path string) bool {
	p := s.phases[phase]
	return p != nil && slices.ContainsFunc(p.reads, func(f field) bool { return within(f.path, path) })
}

// Rules returns all rules with their texts and modes, by id. Action is what the rule asks for.
func (s *Snapshot) Rules() []Rule {
	list := make([]Rule, 0, len(s.rules))
	for _, id := range slices.Sorted(maps.Keys(s.rules)) {
		list = append(list, s.rules[id].Rule)
	}
	return list
}

// baseData answers OPA's reads of tables without a storage transaction: it stands in for the cache that OPA would otherwise
// fill from storage anew in each evaluation.
type baseData struct {
	root ast.Value
}

func (d baseData) Get(ref ast.Ref) ast.Value {
	v, err := d.root.Find(ref[1:])
	if err != nil {
		return nil
	}
	return v
}

func (d baseData) Put(ast.Ref, ast.Value) {}

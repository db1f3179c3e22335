package policy

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// testTimeout ends one Rego test.
const testTimeout = 5 * time.Second

// Check returns everything that is wrong with a source: what Load would refuse, and tests that do not compile.
func Check(ctx context.Context, src Source) Problems {
	var problems Problems
	f := readFiles(src)
	if _, err := load(ctx, f); err != nil {
		if errors.As(err, &problems) {
			return problems
		}
		return Problems{{File: ".", Message: err.Error()}}
	}
	f.compile(f.withTests(), &problems)
	return problems
}

// TestResult is the outcome of one Rego test.
type TestResult struct {
	Package  string        `json:"package"`
	Name     string        `json:"name"`
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Pass     bool          `json:"pass"`
	Skip     bool          `json:"skip"`     // todo_test_…
	Error    string        `json:"error"`    // when the test could not be evaluated
	Output   string        `json:"output"`   // what the test printed
	Failed   []string      `json:"failed"`   // names of the cases that failed, in a test with named cases
	Duration time.Duration `json:"duration"` // nanoseconds
}

// Test runs the Rego tests of a source, ordered by file and line. Its error is that of Check, or of the context.
func Test(ctx context.Context, src Source) ([]TestResult, error) {
	f := readFiles(src)
	if _, err := load(ctx, f); err != nil {
		return nil, err
	}
	var problems Problems
	compiler, parsed := f.parse(f.withTests(), &problems)
	if len(problems) > 0 {
		return nil, problems
	}
	store := inmem.NewFromObjectWithOpts(map[string]any{"sluice": f.tables}, inmem.OptRoundTripOnWrite(false))
	results, err := tester.NewRunner().
		SetCompiler(compiler.WithEnablePrintStatements(true)).SetModules(parsed).SetStore(store).
		SetTimeout(testTimeout).RaiseBuiltinErrors(true).CapturePrintOutput(true).
		RunTests(ctx, nil)
	if err != nil {
		problems.addOPA("", err)
		return nil, problems
	}
	var list []TestResult
	for r := range results {
		list = append(list, testResult(r))
	}
	slices.SortFunc(list, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	return list, ctx.Err()
}

func (f *files) withTests() map[string]string {
	all := maps.Clone(f.modules)
	maps.Copy(all, f.tests)
	return all
}

func testResult(r *tester.Result) TestResult {
	t := TestResult{
		Package: r.Package, Name: r.Name, Pass: r.Pass(), Skip: r.Skip, Output: string(r.Output), Duration: r.Duration,
	}
	if r.Location != nil {
		t.File, t.Line = r.Location.File, r.Location.Row
	}
	if r.Error != nil {
		t.Error = r.Error.Error()
	}
	for name, sub := range r.SubResults.Iter {
		if sub.Fail && len(sub.SubResults) == 0 {
			t.Failed = append(t.Failed, strings.Join(name, "/"))
		}
	}
	return t
}

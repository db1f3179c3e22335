package policy_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

func TestDefaultPacks(t *testing.T) {
	ctx := context.Background()
	src := policy.Source{Embedded: rego.FS}
	if problems := policy.Check(ctx, src); len(problems) > 0 {
		t.Fatal(problems)
	}
	results, err := policy.Test(ctx, src)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Pass {
			t.Errorf("%s:%d: %s failed %s %s %v", r.File, r.Line, r.Name, r.Error, r.Output, r.Failed)
		}
	}
	if len(results) < 50 {
		t.Errorf("%d rego tests ran", len(results))
	}
}

// Every rule of the default packs is named in the tests beside it.
func TestEveryRuleHasTests(t *testing.T) {
	var tests strings.Builder
	files, err := fs.Glob(rego.FS, "*/*_test.rego")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(rego.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	for _, r := range defaults(t).Rules() {
		if !strings.Contains(tests.String(), `"`+r.ID+`"`) {
			t.Errorf("%s has no test", r.ID)
		}
	}
}

func TestCheck(t *testing.T) {
	good := pack("block", "input.v == 1")
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a good pack":           {request(good), ""},
		"a pack that is broken": {request(pack("blok", "input.v == 1")), "request/p.rego:7: "},
		"a test that does not parse": {map[string]string{"request/p.rego": good, "request/p_test.rego": "package sluice.request.p_test\n\ntest_x if {"},
			"request/p_test.rego:3: "},
		"a test that does not compile": {map[string]string{"request/p.rego": good, "request/p_test.rego": "package sluice.request.p_test\n\ntest_x if x == 1\n"},
			"request/p_test.rego:3: "},
	} {
		t.Run(name, func(t *testing.T) {
			problems := policy.Check(context.Background(), custom(t, c.files))
			if c.want == "" && len(problems) > 0 || !strings.HasPrefix(problems.Error(), c.want) {
				t.Errorf("%v", problems)
			}
			_, err := policy.Test(context.Background(), custom(t, c.files))
			if (err == nil) != (c.want == "") {
				t.Errorf("test: %v", err)
			}
		})
	}
}

func TestRegoTestResults(t *testing.T) {
	results, err := policy.Test(context.Background(), custom(t, map[string]string{
		"request/p.rego": pack("block", "input.request.port == 1"),
		"request/p_test.rego": `package sluice.request.p_test

import data.sluice.request.p
import data.sluice.testing

test_good if count(p.verdict) == 1 with input as testing.request({"request": {"port": 1}})

test_bad if {
	print("seen")
	count(p.verdict) == 1 with input as testing.request({})
}

todo_test_later if false

test_error if to_number("x") == 1

test_cases[note] if {
	some note, port in {"one": 1, "two": 2}
	count(p.verdict) == 1 with input as testing.request({"request": {"port": port}})
}
`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 5 {
		t.Fatalf("%+v", results)
	}
	good, bad, later, broken, cases := results[0], results[1], results[2], results[3], results[4]
	if !good.Pass || good.File != "request/p_test.rego" || good.Line != 6 || good.Name != "test_good" {
		t.Errorf("%+v", good)
	}
	if bad.Pass || !strings.Contains(bad.Output, "seen") {
		t.Errorf("%+v", bad)
	}
	if later.Pass || !later.Skip {
		t.Errorf("%+v", later)
	}
	if broken.Pass || broken.Error == "" {
		t.Errorf("%+v", broken)
	}
	if cases.Pass || len(cases.Failed) != 1 || cases.Failed[0] != "two" {
		t.Errorf("%+v", cases)
	}
}

func TestInit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policy")
	if err := policy.Init(dir, rego.FS); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"lib", "schemas"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was written", name)
		}
	}
	src := policy.Source{Embedded: rego.FS, Dir: os.DirFS(dir)}
	if s := load(t, src); s.Revision() != defaults(t).Revision() {
		t.Error("what was written differs from what is embedded")
	}
	if problems := policy.Check(context.Background(), src); len(problems) > 0 {
		t.Error(problems)
	}
	if err := policy.Init(dir, rego.FS); !errors.Is(err, policy.ErrNotEmpty) {
		t.Errorf("written over: %v", err)
	}
}

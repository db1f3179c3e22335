package tenant_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

// TestPacksCannotSetThem shows that a rule which sets a tenant header is an error
// of the policy, for each of them.
func TestPacksCannotSetThem(t *testing.T) {
	data, err := os.ReadFile("testdata/headers.json")
	if err != nil {
		t.Fatal(err)
	}
	var facts []struct{ Headers []string }
	if err := json.Unmarshal(data, &facts); err != nil {
		t.Fatal(err)
	}
	source := policy.Source{Embedded: rego.FS, Dir: packs(t)}
	snapshot, err := policy.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := policy.NewEngine(snapshot, policy.Options{Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(name string) error {
		in := policy.NewInput(policy.PhaseRequest)
		in.Content.Model = name
		decision, err := engine.Decide(t.Context(), in, policy.Circumstances{})
		if err != nil && !decision.Blocked() {
			t.Errorf("%s: an error does not block", name)
		}
		return err
	}
	if err := ask("X-Notice"); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range facts {
		for _, name := range f.Headers {
			names[name] = true
			if err := ask(name); !errors.Is(err, policy.ErrHeaders) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if len(names) != 18 {
		t.Errorf("%d names", len(names))
	}
}

// packs are a policy whose one rule sets the header that the model's name says.
func packs(t *testing.T) fstest.MapFS {
	t.Helper()
	dir := fstest.MapFS{
		"connect/quiet.rego":  {Data: []byte("package sluice.connect.quiet\n")},
		"response/quiet.rego": {Data: []byte("package sluice.response.quiet\n")},
		"request/set.rego": {Data: []byte(`# METADATA
# title: Sets
package sluice.request.set

# METADATA
# title: Sets a header
# labels: {rule: set}
# custom: {severity: low, remediation: None.}
verdict contains {"id": "set", "action": "allow", "headers": {input.content.model: "x"}} if input.content.model != ""
`)},
	}
	tables, err := fs.Glob(rego.FS, "data/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tables {
		body, err := fs.ReadFile(rego.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		dir[name] = &fstest.MapFile{Data: body}
	}
	return dir
}

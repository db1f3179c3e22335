package policy_test

import (
	"context"
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
	if len(results) < 40 {
		t.Errorf("%d rego tests ran", len(results))
	}
}

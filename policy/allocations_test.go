//go:build !race

package policy_test

import (
	"context"
	"testing"

	"github.com/sluice-proxy/sluice/policy"
)

// With the race detector pools forget at random, and what they held is allocated again.
// Allocations do not depend on how busy the machine is, so their budget is a test.
func TestAllocationBudget(t *testing.T) {
	for name, c := range map[string]struct {
		options policy.Options
		budget  float64
	}{
		"cold":   {policy.Options{CacheSize: -1}, 900},
		"cached": {policy.Options{}, 60},
	} {
		e, in := engine(t, defaults(t), c.options), reference(t)
		got := testing.AllocsPerRun(20, func() {
			if _, err := e.Decide(context.Background(), in, policy.Circumstances{}); err != nil {
				t.Error(err)
			}
		})
		if got > c.budget {
			t.Errorf("%s: %v allocations", name, got)
		}
	}
}

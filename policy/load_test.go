package policy_test

import (
	"context"
	"testing"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

func TestDefaultsLoad(t *testing.T) {
	s, err := policy.Load(context.Background(), policy.Source{Embedded: rego.FS})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Rules() {
		t.Log(r.ID, r.Action)
	}
}

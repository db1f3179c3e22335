package policy_test

import (
	"context"
	"testing"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

func defaults(t testing.TB) *policy.Snapshot {
	t.Helper()
	return load(t, policy.Source{Embedded: rego.FS})
}

func load(t testing.TB, src policy.Source) *policy.Snapshot {
	t.Helper()
	s, err := policy.Load(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func engine(t testing.TB, s *policy.Snapshot, o policy.Options) *policy.Engine {
	t.Helper()
	e, err := policy.NewEngine(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/audit"
	"github.com/sluice-proxy/sluice/rego"
)

// TestPolicyErrorInStatus shows a directory that does not load in the status, until
// it does.
func TestPolicyErrorInStatus(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "policy")
	if err := policy.Init(dir, rego.FS); err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	c.Policy.Dir = dir
	engine, err := newEngine(t.Context(), c.Policy)
	if err != nil {
		t.Fatal(err)
	}
	record, err := audit.Open(audit.Options{File: filepath.Join(t.TempDir(), "audit.jsonl")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = record.Close() })
	s := &assembly{config: c, log: zap.NewNop(), engine: engine, record: record, policyFailed: prometheus.NewGauge(prometheus.GaugeOpts{Name: "f"})}
	ctx, stop := context.WithCancel(t.Context())
	watched := make(chan error)
	go func() { watched <- s.watchPolicy(ctx) }()
	t.Cleanup(func() { stop(); <-watched })

	reaches := func(ok func(string) bool) {
		t.Helper()
		for range 200 {
			if ok(s.status().PolicyError) {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatalf("the status stays %q", s.status().PolicyError)
	}
	reaches(func(text string) bool { return text == "" })
	broken := filepath.Join(dir, "request", "broken.rego")
	if err := os.WriteFile(broken, []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	reaches(func(text string) bool { return strings.Contains(text, "request/broken.rego") })
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	reaches(func(text string) bool { return text == "" })
}

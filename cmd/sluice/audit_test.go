package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/audit"
)

// execute runs a command in this process.
func execute(args ...string) (out string, err error) {
	var b bytes.Buffer
	root := newRoot()
	root.SetOut(&b)
	root.SetErr(io.Discard)
	root.SetArgs(args)
	err = root.Execute()
	return b.String(), err
}

// TestAuditTailID shows both records of an exchange that an employee quotes, out
// of more than a tail shows, and the exit code when there is none.
func TestAuditTailID(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	log, err := audit.Open(audit.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	for i := range 50 {
		id := "exchange-" + string(rune('A'+i))
		d := &audit.Decision{ID: id, Request: audit.Request{Method: "POST", Path: "/exchange-B"}}
		if err := log.Decision(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := log.Completion(&audit.Completion{ID: id, Outcome: "forwarded"}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := execute("audit", "tail", "--id", "exchange-B", file)
	if err != nil || strings.Count(out, "\n") != 2 || strings.Count(out, "  exchange-B\n") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = execute("audit", "tail", "--json", "--id", "exchange-A", file)
	if err != nil || strings.Count(out, `"id":"exchange-A"`) != 2 || strings.Contains(out, `"id":"exchange-B"`) {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := execute("audit", "tail", "--id", "exchange", file); exitCode(err) != exitWrong || out != "" {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := execute("audit", "tail", "--id", "x", "--follow", file); exitCode(err) != exitUsage {
		t.Error(err)
	}
}

// TestAuditVerifyTorn tells of a line that a crash left unfinished.
func TestAuditVerifyTorn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	if err := os.WriteFile(file, []byte(`{"schema"`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := execute("audit", "verify", file)
	if err != nil || !strings.Contains(out, "the last line is unfinished (9 bytes)") {
		t.Errorf("%v\n%s", err, out)
	}
}

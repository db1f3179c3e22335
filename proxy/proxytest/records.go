package proxytest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// Completions returns the completion lines that were written since records were
// last read, once all that began have one.
func (p *Proxy) Completions(t testing.TB) []map[string]any { return p.Lines(t, "completion") }

// Lines is Completions for another kind of record.
func (p *Proxy) Lines(t testing.TB, kind string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, text := range p.records(t) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		if line["record"] == kind {
			out = append(out, line)
		}
	}
	return out
}

// records returns the lines that were written since it was last called, once
// the completion lines of all that began are there.
func (p *Proxy) records(t testing.TB) []string {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		data, err := os.ReadFile(p.AuditFile)
		if err != nil {
			t.Fatal(err)
		}
		data = data[min(p.read, len(data)):]
		data = data[:bytes.LastIndexByte(data, '\n')+1] // one may be on its way
		var lines []string
		open := map[string]bool{}
		scan := bufio.NewScanner(bytes.NewReader(data))
		scan.Buffer(nil, 16<<20)
		for scan.Scan() {
			var line struct {
				ID      string `json:"id"`
				Record  string `json:"record"`
				Request struct {
					Phase string `json:"phase"`
				} `json:"request"`
			}
			if err := json.Unmarshal(scan.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, scan.Text())
			if line.Record == "decision" && line.Request.Phase != "connect" {
				open[line.ID] = true
			}
			if line.Record == "completion" {
				delete(open, line.ID)
			}
		}
		if len(open) == 0 || time.Now().After(deadline) {
			p.read += len(data)
			return lines
		}
		time.Sleep(5 * time.Millisecond)
	}
}

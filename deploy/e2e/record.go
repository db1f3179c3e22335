package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
)

// A Line is what the tests read of a line of the record.
type Line struct {
	Record string `json:"record"`
	ID     string `json:"id"`
	Client struct {
		IP string `json:"ip"`
	} `json:"client"`
	Identity struct {
		Authenticated bool   `json:"authenticated"`
		Method        string `json:"method"`
		Sub           string `json:"sub"`
	} `json:"identity"`
	Destination struct {
		Host string `json:"host"`
		App  string `json:"app"`
	} `json:"destination"`
	Request struct {
		Phase string `json:"phase"`
		Path  string `json:"path"`
		Proto string `json:"proto"`
		Kind  string `json:"kind"`
	} `json:"request"`
	Content struct {
		Inspected bool     `json:"inspected"`
		Opaque    []string `json:"opaque"`
	} `json:"content"`
	Findings []struct {
		Entity string `json:"entity"`
		Count  int    `json:"count"`
	} `json:"findings"`
	Decision struct {
		Action string `json:"action"`
		Rules  []struct {
			ID     string `json:"id"`
			Action string `json:"action"`
		} `json:"rules"`
		Redact   []string `json:"redact"`
		Revision string   `json:"revision"`
		Error    string   `json:"error"`
	} `json:"decision"`
	Upstream struct {
		Addr string `json:"addr"`
	} `json:"upstream"`
	Status  int    `json:"status"`
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

// Ruled reports whether a rule spoke.
func (l Line) Ruled(id string) bool {
	for _, r := range l.Decision.Rules {
		if r.ID == id {
			return true
		}
	}
	return false
}

// Record reads the lines that choose accepts.
func (s *Sluice) Record(choose func(Line) bool) []Line {
	s.t.Helper()
	var lines []Line
	for text := range strings.Lines(s.recordText()) {
		if !strings.HasSuffix(text, "\n") {
			break // being written
		}
		var l Line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			s.t.Fatalf("record: %v: %s", err, text)
		}
		if choose(l) {
			lines = append(lines, l)
		}
	}
	return lines
}

// Decisions are the decision lines of requests to a host.
func (s *Sluice) Decisions(host string) []Line {
	s.t.Helper()
	return s.Record(func(l Line) bool {
		return l.Record == "decision" && l.Request.Phase == "request" && l.Destination.Host == host
	})
}

// Decided waits for one decision about a path of a host and returns the last.
func (s *Sluice) Decided(host, path string) Line {
	s.t.Helper()
	var found []Line
	eventually(s.t, "a decision about "+host+path, func() bool {
		found = s.Record(func(l Line) bool {
			return l.Record == "decision" && l.Destination.Host == host && l.Request.Path == path
		})
		return len(found) > 0
	})
	return found[len(found)-1]
}

func (s *Sluice) recordText() string {
	text, err := os.ReadFile(filepath.Join(s.Dir, "audit", "audit.jsonl"))
	if err != nil {
		s.t.Errorf("record: %v", err)
	}
	return string(text)
}

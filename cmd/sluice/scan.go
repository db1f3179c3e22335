package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/classifiers"
)

// maxScan bounds one file, or one line of JSON, that scan reads.
const maxScan = 64 << 20

// scanFinding is a finding as scan prints it: start and end are byte offsets
// into the UTF-8 text. The matched text is never printed.
type scanFinding struct {
	Type       string  `json:"type"`
	Family     string  `json:"family"`
	Entity     string  `json:"entity"`
	Rule       string  `json:"rule"`
	Start      int     `json:"start"`
	End        int     `json:"end"`
	Confidence float64 `json:"confidence"`
	Dropped    bool    `json:"dropped,omitempty"` // with --explain: looked at and not reported
	Why        string  `json:"why,omitempty"`     // with --explain: what decided
}

func (f scanFinding) String() string {
	said := fmt.Sprintf("%s (rule %s, %d bytes, confidence %.2f)", f.Type, f.Rule, f.End-f.Start, f.Confidence)
	if f.Dropped {
		said = fmt.Sprintf("dropped %s rule %s, %d bytes", f.Family, f.Rule, f.End-f.Start)
	}
	if f.Why != "" {
		said += ": " + f.Why
	}
	return said
}

func scanCommand(g *globals) *cobra.Command {
	var format, file, destination string
	var key func() ([32]byte, error)
	var explain bool
	var least float64
	cmd := &cobra.Command{
		Use:   "scan [FILE...|-]",
		Short: "Classify text and print where sensitive values stand",
		Long: `Classify files, or standard input with - or nothing.

text and json exit with 1 when something was found. jsonl reads lines of
{"id","text"} and writes {"id","findings"} in the same order; it exits with 0
when every line was scanned. A file, and a line of jsonl, may have 64 MiB. What is
longer, or cannot be scanned to its end, ends the scan with an error and 1.

--explain also prints what was looked at and dropped, and for everything what
decided: the validator, the context word, the filter.

Everything is printed, however doubtful; the proxy acts from classifiers.min_confidence
on, which is 0.5 unless you set it. --min-confidence leaves out what is below.

--classifiers reads your own data from a file as classifiers.file does, and leaves out
what it allows: everywhere, and with --destination also there.`,
		Example: "  sluice scan notes.txt\n  git diff | sluice scan --min-confidence 0.5 --format json -\n  sluice scan --format jsonl < prompts.jsonl",
		RunE: func(cmd *cobra.Command, files []string) error {
			if !(least >= 0 && least <= 1) {
				return fmt.Errorf("--min-confidence %v is not from 0 to 1", least)
			}
			own, set, err := openSet(file, key)
			if err != nil {
				return wrong(err)
			}
			if len(files) == 0 {
				files = []string{"-"}
			}
			s := &scanner{set: set, allowance: own.Allowance, destination: destination, least: least, explain: explain, in: cmd.InOrStdin(), out: bufio.NewWriter(cmd.OutOrStdout())}
			scanOne, ok := map[string]func(context.Context, string, io.Reader) error{"text": s.text, "json": s.json, "jsonl": s.lines}[format]
			if !ok {
				return fmt.Errorf("--format %q is none of text, json, jsonl", format)
			}
			for _, name := range files {
				if err := s.open(cmd.Context(), name, scanOne); err != nil {
					return wrong(errors.Join(err, s.out.Flush()))
				}
			}
			if err := s.out.Flush(); err != nil {
				return wrong(err)
			}
			if s.found && format != "jsonl" {
				return errSaid
			}
			return nil
		},
	}
	key = ownKeyFlag(cmd, g)
	cmd.Flags().StringVar(&file, "classifiers", "", "classifiers.yaml, your own data")
	cmd.Flags().StringVar(&destination, "destination", "", "id of the app that the text goes to, for what is allowed there")
	cmd.Flags().Float64Var(&least, "min-confidence", 0, "print what is as sure as this, 0 to 1")
	cmd.Flags().BoolVar(&explain, "explain", false, "say why, also for what was dropped")
	cmd.Flags().StringVar(&format, "format", "text", "text, json or jsonl")
	return cmd
}

type scanner struct {
	set         *classifiers.Set
	allowance   *classifiers.Allowance
	destination string
	least       float64 // confidence of what is printed
	explain     bool
	in          io.Reader
	out         *bufio.Writer
	found       bool
}

func (s *scanner) open(ctx context.Context, name string, scanOne func(context.Context, string, io.Reader) error) error {
	if name == "-" {
		return scanOne(ctx, name, s.in)
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // read only
	return scanOne(ctx, name, file)
}

// classify scans one text. Bytes that are not UTF-8 stay where they are.
func (s *scanner) classify(ctx context.Context, text string) ([]scanFinding, error) {
	sample := classifiers.Sample{Text: text, Role: "prompt"}
	var findings []classifiers.Finding
	var looked []classifiers.Candidate
	var err error
	if s.explain {
		findings, looked, err = s.set.Explain(ctx, sample)
	} else {
		findings, err = s.set.Classify(ctx, []classifiers.Sample{sample})
	}
	if err != nil {
		return nil, err
	}
	kept := s.allowance.Keep(findings, []classifiers.Sample{sample}, s.destination)
	for i, c := range looked {
		if c.Reported && slices.Contains(findings, c.Finding) && !slices.Contains(kept, c.Finding) {
			looked[i].Reported, looked[i].Why = false, "allowed"
		}
		if c.Reported && c.Confidence < s.least {
			looked[i].Reported, looked[i].Why = false, "less sure than --min-confidence: "+c.Why
		}
	}
	findings = slices.DeleteFunc(slices.Clone(kept), func(f classifiers.Finding) bool { return f.Confidence < s.least })
	for _, f := range findings {
		if !s.explain {
			looked = append(looked, classifiers.Candidate{Finding: f, Reported: true})
		}
	}
	out := make([]scanFinding, 0, len(looked))
	for _, c := range looked {
		out = append(out, scanFinding{
			Type: c.Type(), Family: c.Family, Entity: c.Entity, Rule: c.Rule,
			Start: c.Start, End: c.End, Confidence: c.Confidence, Dropped: !c.Reported, Why: c.Why,
		})
	}
	s.found = s.found || len(findings) > 0
	return out, nil
}

func (s *scanner) whole(ctx context.Context, name string, r io.Reader) (string, []scanFinding, error) {
	var data strings.Builder
	if _, err := io.Copy(&data, io.LimitReader(r, maxScan+1)); err != nil {
		return "", nil, fmt.Errorf("%s: %w", name, err)
	}
	if data.Len() > maxScan {
		return "", nil, fmt.Errorf("%s: not scanned: more than %d MiB", name, maxScan>>20)
	}
	findings, err := s.classify(ctx, data.String())
	if err != nil {
		return "", nil, fmt.Errorf("%s: not scanned: %w", name, err)
	}
	return data.String(), findings, nil
}

// text prints a line for each finding: file:line:column.
func (s *scanner) text(ctx context.Context, name string, r io.Reader) error {
	text, findings, err := s.whole(ctx, name, r)
	if err != nil {
		return err
	}
	line, column, at := 1, 1, 0
	for _, f := range findings { // in the order of their places
		if n := strings.LastIndexByte(text[at:f.Start], '\n'); n >= 0 {
			line, column = line+strings.Count(text[at:f.Start], "\n"), 1
			at += n + 1
		}
		column += utf8.RuneCountInString(text[at:f.Start])
		at = f.Start
		fmt.Fprintf(s.out, "%s:%d:%d: %s\n", name, line, column, f)
	}
	return nil
}

// json prints one object for each file.
func (s *scanner) json(ctx context.Context, name string, r io.Reader) error {
	_, findings, err := s.whole(ctx, name, r)
	if err != nil {
		return err
	}
	return s.print(struct {
		File     string        `json:"file"`
		Findings []scanFinding `json:"findings"`
	}{name, findings})
}

// lines scans JSON lines.
func (s *scanner) lines(ctx context.Context, name string, r io.Reader) error {
	reader := bufio.NewScanner(r)
	reader.Buffer(make([]byte, 0, 64<<10), maxScan)
	number := 1
	for ; reader.Scan(); number++ {
		if len(reader.Bytes()) == 0 {
			continue
		}
		var line struct {
			ID   json.RawMessage `json:"id"`
			Text string          `json:"text"`
		}
		if err := json.Unmarshal(reader.Bytes(), &line); err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
		findings, err := s.classify(ctx, line.Text)
		if err != nil {
			return fmt.Errorf("%s:%d: not scanned: %w", name, number, err)
		}
		if err := s.print(struct {
			ID       json.RawMessage `json:"id"`
			Findings []scanFinding   `json:"findings"`
		}{line.ID, findings}); err != nil {
			return err
		}
	}
	if err := reader.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("%s:%d: not scanned: a line of more than %d MiB", name, number, maxScan>>20)
	} else if err != nil {
		return fmt.Errorf("%s:%d: %w", name, number, err)
	}
	return nil
}

func (s *scanner) print(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(data, '\n'))
	return err
}

//go:build !race

package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBigInput scans what is large, or made to be hard, in a process of its own. It must
// end with what it found or with an error that says what was not scanned, and take no
// more memory than some times the text.
func TestBigInput(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many megabytes")
	}
	const mib = 1 << 20
	times := func(unit string, n int) string { return strings.Repeat(unit, n/len(unit)+1)[:n] }
	for name, c := range map[string]struct {
		text   string
		format string
		said   string // on standard error; "": the scan ends
		code   int
	}{
		"100 MB of a digit":             {times("7", 100e6), "text", "not scanned: more than 64 MiB", 1},
		"100 MB of a digit, as JSON":    {times("7", 100e6), "json", "not scanned: more than 64 MiB", 1},
		"100 MB of a digit in a line":   {`{"id":1,"text":"x"}` + "\n" + `{"id":2,"text":"` + times("7", 100e6) + `"}`, "jsonl", ":2: not scanned: a line of more than 64 MiB", 1},
		"8 MB of a digit":               {times("7", 8e6), "text", "", 0},
		"a million cards that are none": {several(1e6, func(n int) string { return fmt.Sprintf("4%014d%d\n", n*7919, wrongDigit(n*7919)) }), "text", "", 0},
		"a million brackets":            {strings.Repeat("[", 5e5) + strings.Repeat("]", 5e5), "text", "", 0},
		"a million quotes":              {times(`"'`, 1e6), "text", "", 0},
		"a million escapes":             {times(`\"`, 1e6), "text", "", 0},
		"a million NUL":                 {times("\x00", 1e6), "text", "", 0},
		"no UTF-8":                      {times("\xff\xe2\x80", 2e6), "text", "", 0},
		"passwords that are none":       {times("password=", 1e6), "text", "", 0},
		"blobs that nearly are packed":  {times("H4sIAAAAAAAA/", 2e6), "text", "", 0},
		"encodings in each other":       {"note " + deep64("the card is 4111 1111 1111 1111", 12), "text", "not scanned: classifiers: sample 0: encodings nested too deep", 1},
		"too much to tell":              {times("a@brightfield.example b@brightfield.example ", 4*mib), "text", "not scanned: classifiers: sample 0: too many findings", 1},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "text")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			sources, most := []string{file}, int64(96*mib+24*len(c.text))
			if len(c.text) > maxScan { // only read
				sources, most = append(sources, "-"), 96*mib+4*maxScan
			}
			for _, in := range sources {
				p := sluice(t, file, "scan", "--format", c.format, in)
				if p.code != c.code || !strings.Contains(p.said, c.said) || c.said == "" && p.said != "" {
					t.Errorf("%s: exit code %d, %q", in, p.code, p.said)
				}
				if p.peak > most {
					t.Errorf("%s: %d MiB of memory, at most %d", in, p.peak>>20, most>>20)
				}
				t.Logf("%.1f MiB of text: %v of processor time and %d MiB of memory", float64(len(c.text))/mib, p.took, p.peak>>20)
			}
		})
	}
}

// TestStart holds the start of all detectors to its budget: what scan takes more than
// version does. Processor time is held as a ratio, for machines differ: version takes
// 70 ms where the detectors may take 150. A busy machine and the collector add to both:
// the least of a few starts counts.
func TestStart(t *testing.T) {
	const maxTimes, maxMemory = 2.15, 60 << 20
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte("Nothing to see here.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	none, all := process{took: time.Hour, peak: 1 << 40}, process{took: time.Hour, peak: 1 << 40}
	for n := 0; n < 3 || n < 20 && (float64(all.took-none.took) > maxTimes*float64(none.took) || all.peak > maxMemory); n++ {
		for args, best := range map[string]*process{"version": &none, "scan -": &all} {
			p := sluice(t, file, strings.Fields(args)...)
			if p.code != 0 {
				t.Fatalf("%s: exit code %d, %q", args, p.code, p.said)
			}
			best.took, best.peak = min(best.took, p.took), min(best.peak, p.peak)
		}
	}
	t.Logf("%v and %d MiB, of which %v and %d MiB without detectors", all.took, all.peak>>20, none.took, none.peak>>20)
	if float64(all.took-none.took) > maxTimes*float64(none.took) || all.peak > maxMemory {
		t.Errorf("at most %.2f times what it takes without and, in all, %d MiB", maxTimes, maxMemory>>20)
	}
}

// A process is how one ended.
type process struct {
	code int
	said string        // on standard error
	took time.Duration // of the processor
	peak int64         // memory, bytes
}

// sluice runs it with a file as standard input.
func sluice(t *testing.T, input string, args ...string) process {
	t.Helper()
	status := filepath.Join(t.TempDir(), "status")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Args = append([]string{"sluice"}, args...)
	cmd.Env = append(os.Environ(), statusFile+"="+status)
	in, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, io.Discard, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	data, err := os.ReadFile(status)
	if err != nil {
		t.Fatal(err)
	}
	var peak int64
	_, line, _ := strings.Cut(string(data), "VmHWM:")
	if _, err := fmt.Sscan(line, &peak); err != nil {
		t.Fatal(err)
	}
	return process{cmd.ProcessState.ExitCode(), errs.String(), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak << 10}
}

func deep64(s string, n int) string {
	for range n {
		s = base64.StdEncoding.EncodeToString([]byte(s))
	}
	return s
}

func several(n int, piece func(n int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(piece(i))
	}
	return b.String()
}

// wrongDigit is none that ends the number of a card that begins with 4 and n, in 14
// digits (ISO/IEC 7812-1, annex B).
func wrongDigit(n int) int {
	sum := 8
	for i, c := range fmt.Sprintf("%014d", n) {
		d := int(c-'0') << (i % 2)
		sum += d/10 + d%10
	}
	return (10 - sum%10 + 1) % 10
}

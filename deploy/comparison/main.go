// Command comparison measures the detectors of sluice beside gitleaks, as a library with
// its own rules, on the same text in one run. deploy/compare builds it and runs it.
//
// Both read the same texts one after the other in one goroutine, a round of each engine
// in turn; what counts is the least processor time of the process in a round, with what
// its collector took. Nothing is cached. gitleaks finds secrets only, so that sluice is
// measured with that family, and with all that it has.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

func main() {
	rounds := flag.Int("rounds", 7, "rounds of each engine, of which the fastest counts")
	count := flag.Int("texts", 300, "texts of 2 KB of each kind")
	seed := flag.Uint64("seed", 1, "seed of the texts")
	flag.Parse()
	if err := run(*rounds, *count, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "comparison:", err)
		os.Exit(1)
	}
}

// An engine reads a text and tells how much it found there.
type engine struct {
	name string
	read func(text string) (int, error)
}

func engines() ([]engine, error) {
	all, err := standard.New(standard.Options{})
	if err != nil {
		return nil, err
	}
	family, err := secrets.New()
	if err != nil {
		return nil, err
	}
	only, err := classifiers.New(classifiers.Options{}, family)
	if err != nil {
		return nil, err
	}
	zerolog.SetGlobalLevel(zerolog.Disabled)
	leaks, err := detect.NewDetectorDefaultConfig()
	if err != nil {
		return nil, err
	}
	set := func(s *classifiers.Set) func(string) (int, error) {
		return func(text string) (int, error) {
			found, err := s.Classify(context.Background(), []classifiers.Sample{{Text: text, Role: "prompt"}})
			return len(found), err
		}
	}
	return []engine{
		{"sluice, all families", set(all)},
		{"sluice, secrets", set(only)},
		{"gitleaks", func(text string) (int, error) { return len(leaks.DetectString(text)), nil }},
	}, nil
}

// A measure is the best of an engine on texts of a kind.
type measure struct {
	took  time.Duration
	found int
}

func run(rounds, count int, seed uint64) error {
	all, err := engines()
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(out, "text\t")
	for _, e := range all {
		fmt.Fprintf(out, "%s: µs for 2 KB\tMB/s\tfound\t", e.name)
	}
	fmt.Fprintln(out, "gitleaks / all\tgitleaks / secrets\t")
	for _, k := range kinds {
		texts := k.texts(count, seed)
		size := 0
		for _, t := range texts {
			size += len(t)
		}
		best := make([]measure, len(all))
		for round := range rounds {
			for n := range all {
				i := (n + round) % len(all)
				m, err := all[i].measure(texts)
				if err != nil {
					return fmt.Errorf("%s: %s: %w", all[i].name, k.name, err)
				}
				if round == 0 || m.took < best[i].took {
					best[i] = m
				}
			}
		}
		fmt.Fprintf(out, "%s\t", k.name)
		for _, m := range best {
			fmt.Fprintf(out, "%.0f\t%.1f\t%d\t", m.took.Seconds()*1e6*2048/float64(size), float64(size)/1e6/m.took.Seconds(), m.found)
		}
		last := float64(best[len(best)-1].took)
		fmt.Fprintf(out, "%.1f\t%.1f\t\n", last/float64(best[0].took), last/float64(best[1].took))
	}
	return out.Flush()
}

// measure reads all texts once.
func (e engine) measure(texts []string) (measure, error) {
	var m measure
	before, err := processor()
	if err != nil {
		return m, err
	}
	for _, text := range texts {
		n, err := e.read(text)
		if err != nil {
			return m, err
		}
		m.found += n
	}
	after, err := processor()
	m.took = after - before
	return m, err
}

// processor is the time that the process has computed.
func processor() (time.Duration, error) {
	var used syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), err
}

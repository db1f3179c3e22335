package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 3 && args[0] == "origin":
		err = serveOrigin(args[1], args[2])
	case len(args) == 2 && args[0] == "goproxy":
		err = serveGoproxy(args[1])
	default:
		err = benchmark(args)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

// benchmark measures and prints.
func benchmark(args []string) error {
	flags := flag.NewFlagSet("deploy/bench", flag.ExitOnError)
	sluice := flags.String("sluice", "", "the binary; deploy/bench builds one")
	rounds := flags.Int("rounds", 7, "interleaved rounds; medians are over these")
	short := flags.Bool("short", false, "one quick round of everything, to see that it works; its numbers mean little")
	only := flags.String("only", "", "only workloads and footprints whose name holds this")
	through := flags.String("ways", "", "only these ways, separated by semicolons")
	jsonFile := flags.String("json", "", "write the result there too, as JSON; - for standard output, instead of the table")
	profiles := flags.String("profile", "", "directory for CPU profiles of each sluice")
	_ = flags.Parse(args) // it exits

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	if *profiles != "" {
		if err := os.MkdirAll(*profiles, 0o750); err != nil {
			return err
		}
		dir, err := filepath.Abs(*profiles)
		if err != nil {
			return err
		}
		*profiles = dir
	}
	s, err := newSite(ctx, *sluice, *profiles)
	if err != nil {
		return err
	}
	defer s.close()
	plan := workloads(*short)
	if *short {
		*rounds = 1
	}
	plan = slices.DeleteFunc(plan, func(l *workload) bool { return !strings.Contains(l.name, *only) })
	if *through != "" {
		if err := narrow(plan, strings.Split(*through, ";")); err != nil {
			return err
		}
	}
	result := newResult(*rounds)
	if len(plan) > 0 {
		ways, err := s.ways(ctx)
		if err != nil {
			return err
		}
		for round := range *rounds {
			if err := s.round(ctx, plan, ways, round, result); err != nil {
				return fmt.Errorf("round %d: %w", round+1, err)
			}
		}
	}
	for i, f := range footprints(map[bool]int{false: 1000, true: 100}[*short]) {
		if !strings.Contains(f.name, *only) {
			continue
		}
		added, idle, err := s.measure(ctx, i, f)
		if err != nil {
			return fmt.Errorf("memory: %w", err)
		}
		result.remember(f, added, idle)
	}
	return result.write(*jsonFile)
}

// narrow leaves of each workload the ways that are asked for: a profile of one
// way, or the CPU time of one before and after a change, needs no others.
func narrow(plan []*workload, wanted []string) error {
	for _, name := range wanted {
		if !slices.Contains(every, name) {
			return fmt.Errorf("--ways: %q is none of %q", name, every)
		}
	}
	for _, l := range plan {
		has := l.ways
		l.ways = nil
		for _, name := range wanted {
			if slices.Contains(has, name) {
				l.ways = append(l.ways, name)
			}
		}
	}
	return nil
}

// workloads are what is measured in each round.
func workloads(short bool) []*workload {
	all := []*workload{
		{name: "small POST", unit: "req/s", conns: 64, length: 1500 * time.Millisecond, most: 50000, send: post,
			ways: []string{direct, tunnel, pass, warm, cold, plain, squid}},
		{name: "10 MB download", unit: "MB/s", conns: 4, length: 1500 * time.Millisecond, most: 1000, send: get(10e6), size: 10,
			ways: []string{direct, tunnel, pass, plain, squid}},
		{name: "resumed connections", unit: "conn/s", conns: 8, length: 1500 * time.Millisecond, most: 2500, resume: true, send: get(1024),
			ways: []string{direct, tunnel, pass, squid}},
		{name: "unloaded POST", unit: "req/s", conns: 1, length: 700 * time.Millisecond, most: 5000, send: post,
			ways: []string{direct, tunnel, pass, warm, cold, plain, squid}},
		{name: "event stream", unit: "ev/s", conns: 8, send: post, stream: true,
			ways: []string{direct, tunnel, uncopied, warm, plain, squid}},
	}
	if short {
		for _, l := range all {
			l.length /= 5
		}
	}
	return all
}

// ways starts every proxy.
func (s *site) ways(ctx context.Context) (map[string]*way, error) {
	roots, err := s.pool(nil)
	if err != nil {
		return nil, err
	}
	all := map[string]*way{direct: {name: direct, host: chatHost, roots: roots}}
	usual, err := s.startSluice(ctx, "sluice", "", "", "")
	if err != nil {
		return nil, err
	}
	all[tunnel], all[pass], all[warm] = usual.tunnel, usual.pass, usual.whole
	uncached, err := s.startSluice(ctx, "sluice-cold", "", "", coldPack)
	if err != nil {
		return nil, err
	}
	all[cold] = uncached.whole
	unread, err := s.startSluice(ctx, "sluice-replies-unread", repliesUnread, "", "")
	if err != nil {
		return nil, err
	}
	all[uncopied] = unread.whole
	if all[plain], err = s.startGoproxy(ctx); err != nil {
		return nil, err
	}
	if all[squid], err = s.startSquid(ctx); err != nil {
		return nil, err
	}
	return all, nil
}

// round runs every workload over its ways, each round from another way on.
func (s *site) round(ctx context.Context, plan []*workload, ways map[string]*way, round int, r *result) error {
	for _, l := range plan {
		samples := map[string]sample{}
		for i := range l.ways {
			name := l.ways[(i+round)%len(l.ways)]
			w := ways[name]
			if w.absent != "" {
				r.absent[name] = w.absent
				continue
			}
			one, err := s.run(ctx, l, w)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", l.name, name, err)
			}
			samples[name] = one
		}
		r.add(l, samples)
	}
	return nil
}

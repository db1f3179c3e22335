package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// A result is everything that was measured.
type result struct {
	rounds     int
	absent     map[string]string
	workloads  []*workload
	samples    map[string][]map[string]sample // by workload: the ways of each round
	footprints []held
}

type held struct {
	footprint
	added, idle int64
}

func newResult(rounds int) *result {
	return &result{rounds: rounds, absent: map[string]string{}, samples: map[string][]map[string]sample{}}
}

func (r *result) add(l *workload, samples map[string]sample) {
	if !slices.Contains(r.workloads, l) {
		r.workloads = append(r.workloads, l)
	}
	r.samples[l.name] = append(r.samples[l.name], samples)
}

func (r *result) remember(f footprint, added, idle int64) {
	r.footprints = append(r.footprints, held{f, added, idle})
}

// over is the median over the rounds of what f says of a round; it is not there
// when f says nothing.
func (r *result) over(workload string, f func(map[string]sample) (float64, bool)) (float64, bool) {
	var all []float64
	for _, round := range r.samples[workload] {
		if v, ok := f(round); ok {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all)
	middle := len(all) / 2
	if len(all)%2 == 0 {
		return (all[middle-1] + all[middle]) / 2, true
	}
	return all[middle], true
}

// median is that of one way.
func (r *result) median(workload, way string, f func(sample) float64) (float64, bool) {
	return r.over(workload, func(round map[string]sample) (float64, bool) {
		s, ok := round[way]
		return f(s), ok
	})
}

// pair is the median of what two ways of the same round make.
func (r *result) pair(workload, a, b string, f func(a, b sample) float64) (float64, bool) {
	return r.over(workload, func(round map[string]sample) (float64, bool) {
		one, ok := round[a]
		other, also := round[b]
		return f(one, other), ok && also
	})
}

func rate(s sample) float64     { return s.rate }
func p50(s sample) float64      { return millis(s.p50) }
func p99(s sample) float64      { return millis(s.p99) }
func cpu(s sample) float64      { return s.cpu.Seconds() }
func peak(s sample) float64     { return float64(s.peak) / mib }
func ratio(a, b sample) float64 { return a.rate / b.rate }
func added(a, b sample) float64 { return millis(a.p50 - b.p50) }

func millis(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// A goal is one promise about speed: a against b in one workload.
type goal struct {
	text, workload, a, b string
	f                    func(a, b sample) float64
	wanted               float64
	most                 bool // wanted is the most, else the least
}

// goals are the promises.
var goals = []goal{
	{"small POST, pass-through / direct", "small POST", pass, direct, ratio, .23, false},
	{"small POST, tunnel / direct", "small POST", tunnel, direct, ratio, .45, false},
	{"10 MB download, pass-through / direct", "10 MB download", pass, direct, ratio, .60, false},
	{"resumed connections, pass-through / direct", "resumed connections", pass, direct, ratio, .65, false},
	{"small POST, whole road / pass-through", "small POST", warm, pass, ratio, .6, false},
	{"small POST, whole road / goproxy", "small POST", warm, plain, ratio, 5, false},
	{"small POST, whole road / squid", "small POST", warm, squid, ratio, 1.3, false},
	{"small POST, whole road cold / pass-through", "small POST", cold, pass, ratio, .3, false},
	{"unloaded POST, ms that the whole road adds", "unloaded POST", warm, direct, added, .5, true},
	{"unloaded POST, ms that the whole road adds, cold", "unloaded POST", cold, direct, added, .9, true},
	{"event, ms that reading replies adds", "event stream", warm, uncopied, added, .3, true},
}

// A row is one line of the table.
type row struct {
	Workload string   `json:"workload"`
	Way      string   `json:"way"`
	Absent   string   `json:"absent,omitempty"`
	Unit     string   `json:"unit,omitempty"`
	Rate     float64  `json:"rate,omitempty"`
	OfDirect *float64 `json:"of_direct,omitempty"`
	P50      float64  `json:"p50_ms,omitempty"`
	P99      float64  `json:"p99_ms,omitempty"`
	CPU      *float64 `json:"cpu_s_per_1000,omitempty"`
	Peak     *float64 `json:"peak_mib,omitempty"`
}

// A verdict is a goal and what came of it.
type verdict struct {
	Goal     string  `json:"goal"`
	Measured float64 `json:"measured"`
	Wanted   float64 `json:"wanted"`
	Most     bool    `json:"at_most"`
	Met      bool    `json:"met"`
}

// A report is what is printed.
type report struct {
	Machine  string    `json:"machine"`
	Rounds   int       `json:"rounds"`
	Rows     []row     `json:"rows"`
	Verdicts []verdict `json:"goals"`
	Idle     float64   `json:"idle_mib,omitempty"`
}

func (r *result) report() report {
	out := report{Rounds: r.rounds, Machine: fmt.Sprintf("%d cores, %s, %s", runtime.NumCPU(), processor(), runtime.Version())}
	optional := func(v float64, ok bool) *float64 {
		if !ok || v == 0 {
			return nil
		}
		return &v
	}
	for _, l := range r.workloads {
		for _, name := range l.ways {
			one := row{Workload: l.name, Way: name, Unit: l.unit, Absent: r.absent[name]}
			if one.Absent == "" {
				one.Rate, _ = r.median(l.name, name, rate)
				one.P50, _ = r.median(l.name, name, p50)
				one.P99, _ = r.median(l.name, name, p99)
				one.CPU = optional(r.median(l.name, name, cpu))
				one.Peak = optional(r.median(l.name, name, peak))
				if !l.stream { // an event's rate is the origin's
					one.OfDirect = optional(r.pair(l.name, name, direct, ratio))
				}
			}
			out.Rows = append(out.Rows, one)
		}
	}
	for _, g := range goals {
		v, ok := r.pair(g.workload, g.a, g.b, g.f)
		if ok {
			out.Verdicts = append(out.Verdicts, verdict{g.text, v, g.wanted, g.most, g.most == (v <= g.wanted) || v == g.wanted})
		}
	}
	for _, f := range r.footprints {
		out.Verdicts = append(out.Verdicts, verdict{"MiB added by " + f.name, float64(f.added) / mib, float64(f.most) / mib, true, f.added <= f.most})
		out.Idle = float64(f.idle) / mib
	}
	return out
}

func (r *result) write(jsonFile string) error {
	all := r.report()
	if jsonFile != "" {
		text, err := json.MarshalIndent(all, "", "  ")
		if err != nil {
			return err
		}
		text = append(text, '\n')
		if jsonFile == "-" {
			_, err := os.Stdout.Write(text)
			return err
		}
		if err := os.WriteFile(jsonFile, text, 0o600); err != nil {
			return err
		}
	}
	return all.print()
}

func (r report) print() error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s; medians of %d interleaved rounds\n\n", r.Machine, r.Rounds)
	if len(r.Rows) > 0 {
		fmt.Fprintln(t, "workload\tway\trate\tof direct\tp50 ms\tp99 ms\tCPU s/1000\tpeak MiB")
	}
	number := func(format string, v *float64) string {
		if v == nil {
			return "-"
		}
		return fmt.Sprintf(format, *v)
	}
	for _, one := range r.Rows {
		if one.Absent != "" {
			fmt.Fprintf(t, "%s\t%s\t%s\n", one.Workload, one.Way, one.Absent)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f %s\t%s\t%.3f\t%.2f\t%s\t%s\n", one.Workload, one.Way, one.Rate, one.Unit,
			number("%.2f", one.OfDirect), one.P50, one.P99, number("%.3f", one.CPU), number("%.0f", one.Peak))
	}
	fmt.Fprintln(t, "\ngoal\tmeasured\twanted\t")
	for _, v := range r.Verdicts {
		sign, said := "≥", "met"
		if v.Most {
			sign = "≤"
		}
		if !v.Met {
			said = "MISSED"
		}
		fmt.Fprintf(t, "%s\t%.2f\t%s %g\t%s\n", v.Goal, v.Measured, sign, v.Wanted, said)
	}
	if r.Idle > 0 {
		fmt.Fprintf(t, "\nan idle sluice takes\t%.0f MiB\n", r.Idle)
	}
	return t.Flush()
}

// processor is the machine's, as the system names it.
func processor() string {
	raw, _ := os.ReadFile("/proc/cpuinfo") // its absence is no fault
	for line := range strings.Lines(string(raw)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

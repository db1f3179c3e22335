//go:build !race

package standard_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/layer"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// benignEnd are the errors with which a scan of a text made to be costly may end.
func benignEnd(err error) bool {
	return errors.Is(err, layer.ErrNested) || errors.Is(err, layer.ErrExpands) || errors.Is(err, classifiers.ErrTooMany)
}

// A meter measures the processor time of scans: what one thread computes, whatever else
// the machine does; without the collector, which runs between two texts, and in memory
// that the process has had before, for new pages cost more than most scans.
type meter struct {
	set *classifiers.Set
}

func newMeter(t testing.TB, set *classifiers.Set) meter {
	runtime.LockOSThread()
	percent := debug.SetGCPercent(-1)
	pages := make([]byte, garbage+garbage/2)
	for i := 0; i < len(pages); i += 4 << 10 {
		pages[i] = 1
	}
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		runtime.UnlockOSThread()
	})
	return meter{set}
}

// processor is the time that the thread has computed.
func processor(t testing.TB) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}

// cost is the least time of a few scans.
func (m meter) cost(t testing.TB, text string, runs int) time.Duration {
	var mem runtime.MemStats
	best := time.Hour
	for range runs {
		if runtime.ReadMemStats(&mem); mem.HeapAlloc > garbage {
			runtime.GC()
		}
		start := processor(t)
		_, err := m.set.Classify(context.Background(), []classifiers.Sample{{Text: text}})
		best = min(best, processor(t)-start)
		if err != nil && !benignEnd(err) {
			t.Fatalf("%.60q: %v", text, err)
		}
	}
	return best
}

const (
	garbage = 192 << 20 // after which there is a collection

	short   = 8 << 10
	long    = 128 << 10
	growth  = 3   // times that a byte of the long text may cost what one of the short text does
	dearest = 150 // times that it may cost what one of prose does
)

// A shape makes a text of about n bytes.
type shape func(n int) string

func repeated(unit string) shape {
	return func(n int) string { return strings.Repeat(unit, n/len(unit)+1) }
}

// costs are what a short and a long text of one shape cost.
type costs struct {
	name        string
	short, long time.Duration
}

// superlinear tells whether time grows more than the text: sixteen times the text is
// sixteen times the time, 256 times when it is quadratic.
func (c costs) superlinear() bool {
	return c.long > growth*(long/short)*c.short
}

func (c costs) String() string {
	return fmt.Sprintf("%6.2f MB/s, growth %4.2f: %.60q", long/c.long.Seconds()/1e6, float64(c.long)/float64(c.short)*short/long, c.name)
}

// measure repeats what looks superlinear: memory that is new to the process costs, too.
func (m meter) measure(t testing.TB, name string, text shape) costs {
	var c costs
	brief, full := text(short), text(long)
	for runs := 1; runs <= 8; runs *= 2 {
		c = costs{name, m.cost(t, brief, 3*runs), m.cost(t, full, runs)}
		if !c.superlinear() {
			break
		}
	}
	return c
}

// judge measures all shapes, and prints those that cost most.
func (m meter) judge(t *testing.T, names []string, shapes []shape) {
	prose := m.cost(t, repeated(paragraph)(long), 8)
	var all []costs
	for i, name := range names {
		c := m.measure(t, name, shapes[i])
		if c.superlinear() {
			t.Errorf("superlinear: %v", c)
		}
		if c.long > dearest*prose {
			t.Errorf("more than %d times the cost of prose: %v", dearest, c)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b costs) int { return int(b.long - a.long) })
	t.Logf("prose %.0f MB/s; the dearest of %d:", long/prose.Seconds()/1e6, len(all))
	for _, c := range all[:10] {
		t.Log(c)
	}
}

// fillers stand between anchors in texts that are made to be costly.
var fillers = []string{"", " ", "1", "a", "A1_", "\n", ": ", "=", "=\"", "' ", "-", ".", "@", "4111 1111 ", "\\", "://", "{", "</"}

// Time grows with the text only: for what the parsers and the layers read, and for the
// anchors of all families, one behind the other; SLUICE_COSTLY=all tries them all. It
// prints what costs most.
func TestTimeIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many megabytes")
	}
	units := slices.Clone(costly)
	anchors, err := standard.Anchors()
	if err != nil {
		t.Fatal(err)
	}
	step := len(anchors)/40 + 1
	if os.Getenv("SLUICE_COSTLY") == "all" {
		step = 1
	}
	for i := 0; i < len(anchors); i += step {
		units = append(units, anchors[i]+fillers[i/step%len(fillers)])
	}
	var shapes []shape
	for _, unit := range units {
		shapes = append(shapes, repeated(unit))
	}
	newMeter(t, newSet(t, standard.Options{MaxFindings: 1 << 30})).judge(t, units, shapes)
}

// A clean prompt takes no memory: what scans need is used again.
func TestCleanTakesNoMemory(t *testing.T) {
	set := newSet(t, standard.Options{})
	samples := []classifiers.Sample{{Text: clean[0], Role: "prompt"}}
	if n := testing.AllocsPerRun(200, func() {
		if _, err := set.Classify(context.Background(), samples); err != nil {
			t.Fatal(err)
		}
	}); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

// What is quadratic is seen.
func TestMeterSeesSquares(t *testing.T) {
	set, err := classifiers.New(classifiers.Options{}, square{})
	if err != nil {
		t.Fatal(err)
	}
	if c := newMeter(t, set).measure(t, "square", repeated("word 1 ")); !c.superlinear() {
		t.Errorf("%v is taken for linear", c)
	}
}

// square reads all that stands in front of each number of a block.
type square struct{}

func (square) Describe() classifiers.Description {
	return classifiers.Description{Family: "square", Entities: []string{"SQUARE"}, Version: "1"}
}

func (square) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	for _, r := range v.Digits {
		if strings.Contains(v.Text[:r.Start], "none") {
			return nil, errors.New("none is there")
		}
	}
	return found, nil
}

package proxy

import (
	"context"
	"errors"
	"runtime"
	runtimemetrics "runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The ladder of overload, by the share of limits.memory that is in use. A level
// is left again five hundredths below where it is reached.
const (
	levelCalm   = iota
	levelSpare  // 80 %: connections are not kept, no new tunnels and upgrades
	levelRefuse // 90 %: new requests are answered with 503
	levelShed   // 95 %: of the exchanges that are open the largest are cut; when there are none, tunnels
)

var levelAt = [...]float64{levelSpare: .80, levelRefuse: .90, levelShed: .95}

const (
	levelSlack   = .05
	pressureTick = 100 * time.Millisecond
	collectEvery = 10 // ticks, while there is pressure
)

// errShed is why the context of an exchange that was cut has ended.
var errShed = errors.New("shed under memory pressure")

// pressure watches how much memory is in use and says how far up the ladder the
// proxy is. It is safe for concurrent use.
type pressure struct {
	limit uint64 // bytes; 0: no ladder
	used  func() uint64
	level atomic.Int32

	mu   sync.Mutex
	open map[*Exchange]struct{}
	cut  map[*Exchange]time.Time // of those, the ones that were cut and have not ended yet, and when
	idle map[*tunnel]struct{}    // tunnels, which may be
}

// newPressure takes the bytes in use from used; nil asks the runtime.
func newPressure(limit int64, used func() uint64, r prometheus.Registerer) (*pressure, error) {
	if used == nil {
		used = memoryInUse
	}
	p := &pressure{limit: uint64(max(limit, 0)), used: used, open: map[*Exchange]struct{}{}, cut: map[*Exchange]time.Time{}, idle: map[*tunnel]struct{}{}}
	for _, c := range []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_overload_level",
			Help: "Step of the overload ladder: 0 calm, 1 keeps no connections and opens no tunnels, 2 refuses requests, 3 cuts the largest exchanges, then tunnels."},
			func() float64 { return float64(p.now()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_memory_limit_bytes",
			Help: "Memory that the overload ladder measures by; 0 without a limit."},
			func() float64 { return float64(p.limit) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_memory_used_bytes",
			Help: "Memory in use, without garbage: what the overload ladder measures."},
			func() float64 { return float64(p.used()) }),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// memoryInUse is what is in use without garbage: the heap that the last
// collection found alive, and all that is no heap. Counting garbage would be
// wrong, for the collector lets it grow up to the limit on purpose.
func memoryInUse() uint64 {
	samples := []runtimemetrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/released:bytes"}, {Name: "/gc/heap/live:bytes"},
	}
	runtimemetrics.Read(samples)
	rest := samples[0].Value.Uint64()
	for _, heap := range samples[1:5] {
		rest -= heap.Value.Uint64()
	}
	return rest + samples[5].Value.Uint64()
}

func (p *pressure) now() int { return int(p.level.Load()) }

// step takes a reading and returns the level that it makes.
func (p *pressure) step(used uint64) int {
	share, level := float64(used)/float64(p.limit), p.now()
	for level < levelShed && share >= levelAt[level+1] {
		level++
	}
	for level > levelCalm && share < levelAt[level]-levelSlack {
		level--
	}
	p.level.Store(int32(level))
	return level
}

// run follows the memory until ctx ends. keep says whether connections may be
// kept; it is called when that changes.
func (p *pressure) run(ctx context.Context, keep func(bool)) {
	if p.limit == 0 {
		return
	}
	tick := time.NewTicker(pressureTick)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		before := p.now()
		level := p.step(p.used())
		if (before == levelCalm) != (level == levelCalm) {
			keep(level == levelCalm)
		}
		if level == levelShed {
			p.shed()
		}
		if level > levelCalm && n%collectEvery == 0 {
			runtime.GC() // what is alive is only known then, and a quiet proxy does not collect by itself
		}
	}
}

// join makes an exchange one that may be cut, until part.
func (p *pressure) join(x *Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[x] = struct{}{}
}

func (p *pressure) part(x *Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, x)
	delete(p.cut, x)
}

// dig makes a tunnel one that may be closed, until what it returns is called.
func (p *pressure) dig(t *tunnel) (fill func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle[t] = struct{}{}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.idle, t)
	}
}

// shed cuts the exchange that holds the most bytes; of equal ones the oldest. When
// there is none it closes the tunnel over which nothing moved for longest: it holds
// little, but many do not.
func (p *pressure) shed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) == 0 {
		p.shedTunnel()
		return
	}
	var largest *Exchange
	var most int64
	for x := range p.open {
		if _, already := p.cut[x]; already {
			continue
		}
		if held := x.lease.size(); largest == nil || held > most || held == most && x.Start.Before(largest.Start) {
			largest, most = x, held
		}
	}
	if largest != nil {
		p.cut[largest] = time.Now()
	}
	for x, at := range p.cut { // again, where it has just set a deadline of its own
		x.abandon(at)
	}
}

func (p *pressure) shedTunnel() {
	var idlest *tunnel
	var longest time.Duration
	for t := range p.idle {
		if silent := t.silence(); idlest == nil || silent > longest {
			idlest, longest = t, silent
		}
	}
	if idlest != nil {
		delete(p.idle, idlest)
		idlest.stop(errShed)
	}
}

// abandon ends an exchange from outside: whatever it waits for, upstream, the
// client's body or a client that does not read, it waits no longer than a second
// after at. It must not be called after the exchange is complete.
func (x *Exchange) abandon(at time.Time) {
	x.cancel(errShed)
	_ = x.control.SetReadDeadline(at) // not supported after a hijack, where cancelling is enough
	_ = x.control.SetWriteDeadline(at.Add(time.Second))
}

// ended is the refusal for an exchange whose context has ended.
func ended(ctx context.Context, cause error) *refusal {
	if errors.Is(context.Cause(ctx), errShed) {
		return refuseFor("shed", cause)
	}
	return refuseFor("client_left", cause)
}

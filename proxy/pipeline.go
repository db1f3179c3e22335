package proxy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// Pipeline is the road. Every request takes it, whatever it came in by; the
// order of the stages is a security property, so it stands here as plain
// statements. A stage that fails refuses the exchange: nothing passes because
// something failed.
type Pipeline struct {
	current  atomic.Pointer[snapshot] // for exchanges that begin now
	budget   *budget
	metrics  *metrics
	people   *sessionMetrics
	pinned   *pinned
	crowd    *crowd
	pressure *pressure
	memory   *tenant.Memory // of what replies showed, over reloads
	inner    *connQueue     // where intercepted connections go
	via      string         // "1.1 sluice-<instance>", by which a loop is seen
}

func newPipeline(parts Parts) (*Pipeline, error) {
	p := &Pipeline{
		budget: newBudget(parts.Options.Limits.Inspecting),
		memory: tenant.NewMemory(),
		inner:  newConnQueue(),
		via:    "1.1 sluice-" + newID()[:16],
	}
	p.current.Store(newSnapshot(parts, nil))
	var err error
	if p.metrics, err = newMetrics(parts.Metrics, p.budget); err != nil {
		return nil, fmt.Errorf("proxy: metrics: %w", err)
	}
	if p.people, err = newSessionMetrics(parts.Metrics); err != nil {
		return nil, fmt.Errorf("proxy: metrics: %w", err)
	}
	if p.pinned, err = newPinned(); err != nil {
		return nil, fmt.Errorf("proxy: pinned: %w", err)
	}
	if p.crowd, err = newCrowd(func() Limits { return p.current.Load().Options.Limits }, parts.Metrics); err != nil {
		return nil, fmt.Errorf("proxy: metrics: %w", err)
	}
	if p.pressure, err = newPressure(parts.Options.Limits.Memory, parts.MemoryUsed, parts.Metrics); err != nil {
		return nil, fmt.Errorf("proxy: metrics: %w", err)
	}
	return p, nil
}

// RoundTrip takes one request down the road. Its error is always nil: a refusal
// is a response.
func (p *Pipeline) RoundTrip(r *http.Request) (resp *http.Response, _ error) {
	x := exchangeOf(r.Context())
	x.request = r
	defer func() { resp = p.record(x, resp, recover()) }() //nolint:bodyclose // 10 record: goproxy closes it

	if err := p.seat(x); err != nil { // 1 accept
		return p.refuse(x, err), nil
	}
	if err := p.identifyDestination(x); err != nil { // 2
		return p.refuse(x, err), nil
	}
	if err := p.identifyUser(x); err != nil { // 3
		return p.refuse(x, err), nil
	}
	if err := p.extract(x); err != nil { // 4
		return p.refuse(x, err), nil
	}
	if err := p.classify(x); err != nil { // 5
		return p.refuse(x, err), nil
	}
	if err := p.decide(x); err != nil { // 6
		return p.refuse(x, err), nil
	}
	if err := p.enforce(x); err != nil { // 7
		return p.refuse(x, err), nil
	}
	reply, err := p.forward(x) // 8
	if err != nil {
		return p.refuse(x, err), nil
	}
	reply, err = p.inspectResponse(x, reply) // 9
	if err != nil {
		return p.refuse(x, err), nil
	}
	return reply, nil
}

// Connect takes a CONNECT down the short road and then carries its connection,
// which the caller closes. An address without a name waits for the ClientHello:
// the server name in it is what is decided on.
func (p *Pipeline) Connect(x *Exchange, conn net.Conn) {
	defer func() { p.recordConnect(x, recover()) }() // 10 record

	if err := p.seat(x); err != nil { // 1 accept
		p.refuseConnect(x, conn, err)
		return
	}
	if err := p.identifyDestination(x); err != nil { // 2
		p.refuseConnect(x, conn, err)
		return
	}
	if err := p.identifyUser(x); err != nil { // 3
		p.refuseConnect(x, conn, err)
		return
	}
	if err := p.nameAddress(x, conn); err != nil { // 2, for an address
		p.refuseConnect(x, conn, err)
		return
	}
	if err := p.decide(x); err != nil { // 6
		p.refuseConnect(x, conn, err)
		return
	}
	if err := p.carry(x, conn); err != nil { // 7, 8
		p.refuseConnect(x, conn, err)
	}
}

// extract reads the content of a request, where policy wants it read. A stream
// of messages is decided at the headers, and then each message is.
func (p *Pipeline) extract(x *Exchange) error {
	defer since(time.Now(), &x.stages.extract)
	if err := p.admit(x); err != nil || x.mode != read {
		return err
	}
	return p.readContent(x)
}

// forward sends the request on and returns the reply's header.
func (p *Pipeline) forward(x *Exchange) (*http.Response, error) {
	defer since(time.Now(), &x.stages.forward)
	return x.parts.upstream.roundTrip(x, x.request)
}

// close lets go of idle upstream connections.
func (p *Pipeline) close() { p.current.Load().upstream.close() }

func since(start time.Time, d *time.Duration) { *d = time.Since(start) }

// recordWait bounds how long a decision waits for the record: a disk that hangs
// refuses exchanges, it does not collect them.
const recordWait = 5 * time.Second

// uncancelled is the context for what must be done although the client left.
func uncancelled(x *Exchange) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(x.request.Context()), recordWait)
}

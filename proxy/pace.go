package proxy

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// bodyStall is how long a client may send nothing in the middle of a body.
const bodyStall = time.Minute

// A pace holds a client to a least speed while its body is read: over the first
// grace it may wait as it likes, then it must have sent rate bytes for each
// second of it. Only the time that is spent waiting for the client counts, not
// what the proxy or the upstream takes. rate 0 asks for no speed, only that
// something comes within bodyStall.
type pace struct {
	control *http.ResponseController
	rate    int64
	grace   time.Duration
	waited  time.Duration
	got     int64
	armed   time.Time   // when the deadline was set
	until   time.Time   // the deadline
	late    atomic.Bool // the deadline has passed
	broken  atomic.Bool // the body was cut short or is malformed
}

func newPace(control *http.ResponseController, l Limits) *pace {
	return &pace{control: control, rate: l.BodyRate, grace: l.BodyGrace}
}

// left is how long the client may still let us wait.
func (p *pace) left() time.Duration {
	if p.rate == 0 {
		return bodyStall
	}
	earned := time.Duration(float64(p.got) / float64(p.rate) * float64(time.Second))
	return min(bodyStall, p.grace+earned-p.waited)
}

// read reads once from the client's body under the deadline that its pace so
// far allows. The deadline is not set anew for each read, which would cost more
// than the read.
func (p *pace) read(body io.Reader, b []byte) (int, error) {
	now := time.Now()
	if now.Sub(p.armed) > time.Second || p.until.Sub(now) < 2*time.Second {
		p.armed, p.until = now, now.Add(p.left())
		_ = p.control.SetReadDeadline(p.until) // supported by both servers
	}
	n, err := body.Read(b)
	p.waited += time.Since(now)
	p.got += int64(n)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, http.ErrBodyReadAfterClose) {
		p.broken.Store(true)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			p.late.Store(true)
		}
	}
	return n, err
}

// done takes the deadline away again: net/http goes on reading, to see the
// client leave, and that may take long.
func (p *pace) done() {
	if p.armed.IsZero() {
		return
	}
	p.armed = time.Time{}
	_ = p.control.SetReadDeadline(time.Time{})
}

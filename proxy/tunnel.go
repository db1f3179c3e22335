package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// errIdle says that neither side of a tunnel sent anything for limits.tunnel_idle.
var errIdle = errors.New("tunnel idle")

// A tunnel relays bytes between a client and an upstream without reading them.
// Between two *net.TCPConn the kernel moves the bytes (splice), so progress is
// only seen when a copy returns: each direction wakes at a quarter of idle, by
// its read deadline, to say whether anything moved.
type tunnel struct {
	client, upstream net.Conn
	first            func() ([]byte, error) // reads what the client says first, which is then sent on
	idle             time.Duration
	last             atomic.Int64 // when something last moved, Unix nanoseconds
	watch            *time.Timer
	sent, received   int64 // bytes to and from upstream; read after run
	once             sync.Once
	err              error
}

// run relays until both directions have ended, one has failed, or the tunnel
// was idle. It closes both connections.
func (t *tunnel) run() error {
	t.last.Store(time.Now().UnixNano())
	t.watch = time.AfterFunc(time.Hour, t.look)
	t.watch.Reset(t.idle / 4)
	spoken := make(chan struct{})
	go func() {
		defer close(spoken)
		t.sent = t.speak()
	}()
	t.received = t.pump(t.client, t.upstream)
	<-spoken
	t.watch.Stop()
	t.stop(nil)
	return t.err
}

// look stops the tunnel when nothing moves any more, whatever the copies wait
// for: a reader that stalls holds a write up for ever.
func (t *tunnel) look() {
	if time.Since(time.Unix(0, t.last.Load())) >= t.idle {
		t.stop(errIdle)
		return
	}
	t.watch.Reset(t.idle / 4)
}

// silence is for how long nothing has moved.
func (t *tunnel) silence() time.Duration {
	if d, ok := quiet(t.upstream); ok {
		return d
	}
	return time.Since(time.Unix(0, t.last.Load()))
}

// speak sends on what the client says: the first words once they are judged,
// then the rest.
func (t *tunnel) speak() int64 {
	words, err := t.first()
	if err == nil {
		_, err = t.upstream.Write(words)
	}
	if err != nil {
		t.stop(err)
		return 0
	}
	t.last.Store(time.Now().UnixNano())
	return int64(len(words)) + t.pump(t.upstream, t.client)
}

// pump copies one direction and passes its end on as a half close.
func (t *tunnel) pump(dst, src net.Conn) int64 {
	var total int64
	for {
		if err := src.SetReadDeadline(time.Now().Add(t.idle / 4)); err != nil {
			t.stop(err)
			return total
		}
		n, err := io.Copy(dst, src)
		total += n
		if n > 0 {
			t.last.Store(time.Now().UnixNano())
		}
		switch {
		case err == nil:
			if half, ok := dst.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
				t.stop(nil)
			}
			return total
		case !errors.Is(err, os.ErrDeadlineExceeded):
			t.stop(err)
			return total
		}
	}
}

// stop closes both connections once, which ends both copies; the first reason
// counts.
func (t *tunnel) stop(err error) {
	t.once.Do(func() {
		t.err = err
		_ = t.client.Close() // closing is all that is left to do with either
		_ = t.upstream.Close()
	})
}

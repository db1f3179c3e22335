package proxy

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// copyBuffers holds the 64 KiB buffers that replies are copied through.
var copyBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// responseWriter passes a reply on as it comes. goproxy flushes only event
// streams; this writer flushes after each read of any reply whose end is not
// yet reached, sends the header at once when the length is unknown (a client
// that waits for it before it speaks would wait for ever), and re-arms the
// write deadline, so that a reader that stopped reading is let go after idle.
type responseWriter struct {
	http.ResponseWriter
	control  *http.ResponseController
	idle     time.Duration
	armed    time.Time // when the write deadline was last set
	left     int64     // bytes still due by Content-Length; -1 when unknown
	hijacked net.Conn  // the client's connection after an upgrade
}

func newResponseWriter(w http.ResponseWriter, idle time.Duration) *responseWriter {
	return &responseWriter{ResponseWriter: w, control: http.NewResponseController(w), idle: idle, left: -1}
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader sends the header, at once when the length is unknown.
func (w *responseWriter) WriteHeader(status int) {
	w.arm()
	length := w.Header().Get("Content-Length")
	if n, err := strconv.ParseInt(length, 10, 64); err == nil {
		w.left = n
	}
	w.ResponseWriter.WriteHeader(status)
	if w.left < 0 && status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified {
		w.flush()
	}
}

// Write writes and, unless the reply is complete, flushes.
func (w *responseWriter) Write(p []byte) (int, error) {
	w.arm()
	n, err := w.ResponseWriter.Write(p)
	if w.left >= 0 {
		w.left -= int64(n)
	}
	if err == nil && w.left != 0 {
		w.flush()
	}
	return n, err
}

// Flush implements http.Flusher.
func (w *responseWriter) Flush() { w.flush() }

// ReadFrom copies src through a pooled buffer, flushing after each read. It is
// what io.Copy, and so goproxy, calls.
func (w *responseWriter) ReadFrom(src io.Reader) (int64, error) {
	buffer := copyBuffers.Get().(*[64 << 10]byte)
	defer copyBuffers.Put(buffer)
	var total int64
	for {
		n, err := src.Read(buffer[:])
		if n > 0 {
			written, werr := w.Write(buffer[:n])
			total += int64(written)
			if werr != nil {
				return total, werr
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// Hijack hands the connection over for an upgrade and remembers it, because
// goproxy does not close it when the relay ends.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.control.Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.hijacked = conn
	return conn, rw, nil
}

// close ends a hijacked connection; it does nothing for an ordinary reply.
func (w *responseWriter) close() {
	if w.hijacked != nil {
		_ = w.hijacked.Close() // the relay is over: there is nobody to tell
	}
}

func (w *responseWriter) flush() {
	if err := w.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		w.left = 0 // the client left: the next write returns the error
	}
}

// arm sets the write deadline, at most once a second: it is a system-wide timer.
func (w *responseWriter) arm() {
	now := time.Now()
	if now.Sub(w.armed) < time.Second {
		return
	}
	w.armed = now
	_ = w.control.SetWriteDeadline(now.Add(w.idle)) // not supported after a hijack, where goproxy owns the copy
}

// earlyHijacker gives a hijacked connection whose first bytes are those that
// the server had already buffered together with the CONNECT: a client may send
// its ClientHello in the same packet, and goproxy would drop it.
type earlyHijacker struct{ http.ResponseWriter }

func (w earlyHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if n := rw.Reader.Buffered(); n > 0 {
		early, err := rw.Peek(n)
		if err != nil {
			return nil, nil, errors.Join(err, conn.Close())
		}
		conn = &replayConn{Conn: conn, early: append([]byte(nil), early...)}
	}
	return conn, rw, nil
}

// replayConn is a connection whose early bytes are read first.
type replayConn struct {
	net.Conn
	early []byte
}

func (c *replayConn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

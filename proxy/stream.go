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

// copyBuffers holds the buffers that replies are copied through.
var copyBuffers = sync.Pool{New: func() any { return new([bulkSize]byte) }}

// responseWriter passes a reply on as it comes. goproxy flushes only event
// streams; this writer flushes after each read of any reply whose end is not
// yet reached, sends the header at once when the length is unknown (a client
// that waits for it before it speaks would wait for ever), and re-arms the
// write deadline, so that a reader that stopped reading is let go after idle.
type responseWriter struct {
	http.ResponseWriter
	control  *http.ResponseController
	client   *innerConn // the connection, where this writer alone writes to it; else nil
	idle     time.Duration
	left     int64                 // bytes still due by Content-Length; -1 when unknown
	last     func() bool           // whether a reply is its connection's last
	own      func(net.Conn) func() // takes over a hijacked connection, returns what lets it go
	spoiled  func() bool           // the request's body is broken: what follows it is no request
	missed   func()                // something could not be written
	closes   bool                  // the client was told that the connection ends
	hijacked net.Conn              // the client's connection after an upgrade
	release  func()
}

func newResponseWriter(w http.ResponseWriter, idle time.Duration) *responseWriter {
	return &responseWriter{ResponseWriter: w, control: http.NewResponseController(w), idle: idle, left: -1}
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader sends the header, at once when the length is unknown.
func (w *responseWriter) WriteHeader(status int) {
	if w.last != nil && w.last() && status >= 200 {
		w.Header().Set("Connection", "close") // net/http makes it a GOAWAY on HTTP/2
	}
	length := w.Header().Get("Content-Length")
	if n, err := strconv.ParseInt(length, 10, 64); err == nil {
		w.left = n
	}
	if w.left < 0 || status < 200 { // else it is written with what follows
		w.arm()
		defer w.disarm()
	}
	if w.spoiled != nil && w.spoiled() {
		w.closes = true
		w.Header().Set("Connection", "close")
	}
	w.ResponseWriter.WriteHeader(status)
	if w.left < 0 && status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified {
		w.flush()
	}
}

// Write writes and flushes: a client need not wait until a complete reply is recorded
// and logged. On HTTP/2 it does, because the end of the stream goes with what is
// written last.
func (w *responseWriter) Write(p []byte) (int, error) {
	w.arm()
	defer w.disarm()
	if w.client == nil || len(p) <= recordSize {
		return w.write(p)
	}
	w.client.cork.in()
	n, err := w.write(p)
	return n, errors.Join(err, w.client.cork.out(w.client.Conn))
}

func (w *responseWriter) write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	if w.left >= 0 {
		w.left -= int64(n)
	}
	if err == nil && (w.left != 0 || w.client != nil) {
		w.flush()
	}
	return n, err
}

// miss says that something did not reach the client.
func (w *responseWriter) miss() {
	if w.missed != nil {
		w.missed()
	}
}

// Flush implements http.Flusher.
func (w *responseWriter) Flush() { w.flush() }

// ReadFrom copies src through a pooled buffer, flushing after each read. It is
// what io.Copy, and so goproxy, calls.
func (w *responseWriter) ReadFrom(src io.Reader) (int64, error) {
	buffer := copyBuffers.Get().(*[bulkSize]byte)
	defer copyBuffers.Put(buffer)
	var total int64
	for {
		n, err := src.Read(buffer[:])
		if n > 0 {
			written, werr := w.Write(buffer[:n])
			total += int64(written)
			if werr != nil {
				w.miss()
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
// goproxy does not close it when the relay ends. Bytes that came with the request
// are read from the connection like all others.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := earlyHijacker{w.ResponseWriter}.Hijack()
	if err != nil {
		return nil, nil, err
	}
	w.hijacked = conn
	if w.own != nil {
		w.release = w.own(conn)
	}
	return conn, rw, nil
}

// close ends a hijacked connection; it does nothing for an ordinary reply.
func (w *responseWriter) close() {
	if w.hijacked != nil {
		_ = w.hijacked.Close() // the relay is over: there is nobody to tell
	}
	if w.release != nil {
		w.release()
	}
}

func (w *responseWriter) flush() {
	if err := w.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		w.left = 0 // the client left: the next write returns the error
		w.miss()
	}
}

// arm sets the write deadline; disarm takes it away again, for on HTTP/2 it
// resets a stream also while nobody writes, and an origin may be silent for long.
func (w *responseWriter) arm() {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.idle)) // not supported after a hijack, where goproxy owns the copy
}

func (w *responseWriter) disarm() { _ = w.control.SetWriteDeadline(time.Time{}) }

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
		rw = bufio.NewReadWriter(bufio.NewReader(conn), rw.Writer)
	}
	return conn, rw, nil
}

// replayConn is a connection whose early bytes are read first. It copies as the
// connection below it does, so that a tunnel can still splice.
type replayConn struct {
	net.Conn
	early []byte
}

func (c *replayConn) Read(p []byte) (int, error) {
	if len(c.early) > 0 {
		n := copy(p, c.early)
		if c.early = c.early[n:]; len(c.early) == 0 {
			c.early = nil
		}
		return n, nil
	}
	return c.Conn.Read(p)
}

// WriteTo implements io.WriterTo.
func (c *replayConn) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for len(c.early) > 0 {
		n, err := w.Write(c.early)
		c.early = c.early[n:]
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	n, err := io.Copy(w, c.Conn)
	return total + n, err
}

// ReadFrom implements io.ReaderFrom.
func (c *replayConn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// CloseWrite ends our side and leaves the other open.
func (c *replayConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

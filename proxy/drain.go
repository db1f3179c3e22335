package proxy

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// What is read of a refused HTTP/1.1 body after its answer, at most.
const (
	drainBytes = 64 << 20
	drainTime  = 10 * time.Second
)

// sending reports whether an HTTP/1.1 client is still sending a body that nobody
// will read. One that waits for 100 Continue has sent nothing.
func (x *Exchange) sending() bool {
	if x.request.ProtoMajor != 1 || x.incoming == nil || x.incoming == http.NoBody {
		return false
	}
	waits := x.request.Header.Get("Expect") != "" && x.bytesIn == 0
	return !x.whole && !waits
}

// answerEarly lets a refusal go out while the client still sends: net/http would
// read on before it answers.
func (x *Exchange) answerEarly() {
	if x.sending() {
		_ = x.control.EnableFullDuplex() // where it is not supported the answer comes later
	}
}

// drain reads on after a refusal was sent. Most clients stop when they see it;
// closing on one that does not would reset the connection, and it would never
// learn why it was refused.
func (x *Exchange) drain() {
	if x.failure == nil || !x.sending() {
		return
	}
	if x.control.Flush() != nil || x.control.SetReadDeadline(time.Now().Add(drainTime)) != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, x.incoming, drainBytes); err != nil && !errors.Is(err, io.EOF) {
		x.pace.broken.Store(true)
	}
}

package proxy_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// heap is the memory that is alive, in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC() // pools let go at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// ownHeap skips a test of memory where the race detector reads megabytes so slowly
// that deadlines pass.
func ownHeap(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("measured without the race detector")
	}
}

// settled waits until what is held does not change any more, and returns it.
func settled(t *testing.T, p *proxytest.Proxy, atLeast float64) int64 {
	t.Helper()
	held, since := -1.0, time.Now()
	waitFor(t, "held bytes", func() bool {
		if now := metric(t, p, "sluice_inspecting_bytes"); now != held {
			held, since = now, time.Now()
		}
		return held >= atLeast && time.Since(since) > 300*time.Millisecond
	})
	return int64(held)
}

const (
	heldSockets = 4
	heldSlack   = 4 << 20 // bytes of connections and of everything else
)

// largeMessage is a message of a service with an address in it.
var largeMessage = []byte(`{"text":"` + strings.Repeat("lorem ipsum dolor sit amet ", 8<<20/27) + `","more":"Write to jo.doe@example.org"}`)

func largeMessages(s *proxytest.Settings) {
	s.Policy = replyPacks
	s.Limits = func(l *proxy.Limits) { l.Message = 16 << 20 }
}

// TestHeldAnswers: what is held of the messages of a service for clients that do
// not read them counts, all of it and no more, and nothing is kept of them.
func TestHeldAnswers(t *testing.T) {
	ownHeap(t)
	p := sockets(t, largeMessages, nil)
	begin := make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		<-begin
		frame.Write(conn, frame.Message{Opcode: frame.Text, Payload: largeMessage}, false)
		io.Copy(io.Discard, rw)
		conn.Close()
	}))
	var readers []*bufio.Reader
	for range heldSockets {
		_, reader := upgraded(t, p)
		readers = append(readers, reader)
	}
	before := heap()
	close(begin)
	for _, reader := range readers {
		if _, err := reader.Peek(1); err != nil { // it is being written
			t.Fatal(err)
		}
	}
	held := settled(t, p, 0)
	if used := heap() - before; used > held+heldSlack || held > used+heldSlack {
		t.Errorf("%d MiB are used and %d MiB are said to be held", used>>20, held>>20)
	}
	want := bytes.Replace(largeMessage, []byte("jo.doe@example.org"), []byte("[EMAIL_ADDRESS]"), 1)
	for _, reader := range readers {
		if m, err := frame.NewReader(reader, false, 16<<20, nil).Next(); err != nil || !bytes.Equal(m.Payload, want) {
			t.Errorf("got %.100q, %v", m.Payload, err)
		}
	}
	if held := settled(t, p, 0); held != 0 {
		t.Errorf("%d bytes are still said to be held", held)
	}
	if used := heap() - before; used > heldSlack {
		t.Errorf("%d MiB are still held", used>>20)
	}
	runtime.KeepAlive(readers)
}

// TestHeldMessages: the same of what clients say to a service that does not read.
// What is replaced makes it larger.
func TestHeldMessages(t *testing.T) {
	ownHeap(t)
	p := sockets(t, func(s *proxytest.Settings) { s.Limits = func(l *proxy.Limits) { l.Message = 16 << 20 } }, nil)
	heard, let := make(chan struct{}, heldSockets), make(chan struct{})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		if _, err := rw.Peek(1); err == nil {
			heard <- struct{}{}
		}
		<-let
		io.Copy(io.Discard, rw)
		conn.Close()
	}))
	large := []byte(`{"text":"` + strings.Repeat("lorem ipsum dolor sit amet ", 8<<20/27) + `","more":"Charge 4111 1111 1111 1111"}`)
	var wire bytes.Buffer
	if err := frame.Write(&wire, frame.Message{Opcode: frame.Text, Payload: large}, true); err != nil {
		t.Fatal(err)
	}
	var conns []io.ReadWriter
	for range heldSockets {
		conn, _ := opened(t, p)
		conns = append(conns, conn)
	}
	release := sync.OnceFunc(func() { close(let) })
	defer release()
	before := heap()
	for _, conn := range conns {
		if _, err := conn.Write(wire.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	for range conns {
		<-heard // it is being written
	}
	held := settled(t, p, 0)
	if used := heap() - before; used > held+heldSlack || held > used+heldSlack {
		t.Errorf("%d MiB are used and %d MiB are said to be held", used>>20, held>>20)
	}
	release()
	if held := settled(t, p, 0); held != 0 {
		t.Errorf("%d bytes are still said to be held", held)
	}
	runtime.KeepAlive(conns)
	runtime.KeepAlive(wire)
}

// TestHeldRefusals: nothing counts as held any more when messages were refused, of
// sockets and of calls.
func TestHeldRefusals(t *testing.T) {
	var said heard
	p := served(t, nil, grpcService(t, &said))
	stream := callThrough(t, p)
	if err := stream.SendMsg(wrapperspb.String(key + strings.Repeat(" lorem", 100_000))); err != nil {
		t.Fatal(err)
	}
	var answer wrapperspb.StringValue
	if err := stream.RecvMsg(&answer); err == nil {
		t.Fatalf("the service said %.100q", answer.Value)
	}
	if held := settled(t, p, 0); held != 0 {
		t.Errorf("%d bytes are still said to be held after a call", held)
	}
	q := sockets(t, nil, echo(new([]string)))
	conn := dialSocket(t, q)
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(key+strings.Repeat(" lorem", 100_000))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); err == nil {
		t.Fatal("the message was echoed")
	}
	if held := settled(t, q, 0); held != 0 {
		t.Errorf("%d bytes are still said to be held after a message", held)
	}
}

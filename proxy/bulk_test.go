package proxy

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	mathrand "math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

// What comes through a bulkConn is what was sent, however it is cut into pieces, TLS
// or not; and where it says that a record is ready, reading does not wait.
func TestBulkConn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority, err := ca.Open(ca.Options{CertFile: filepath.Join(dir, "ca.pem"), KeyFile: filepath.Join(dir, "key.pem"), Make: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, secure := range []bool{true, false} {
		for seed := range uint64(8) {
			random := mathrand.New(mathrand.NewPCG(seed, 0)) //nolint:gosec // a test
			sent := make([]byte, 1<<20)
			_, _ = rand.Read(sent)
			near, far := connected(t)
			bulk := &bulkConn{Conn: near}
			var writer, reader net.Conn = far, bulk
			if secure {
				writer = tls.Server(far, authority.Config("a.example"))
				reader = tls.Client(bulk, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12 + uint16(seed%2)}) //nolint:gosec // a test
			}
			go func() {
				rest, chance := sent, mathrand.New(mathrand.NewPCG(seed, 1)) //nolint:gosec // a test
				for len(rest) > 0 {
					n, _ := writer.Write(rest[:min(len(rest), 1+chance.IntN(200_000))])
					rest = rest[n:]
				}
				_ = writer.Close()
			}()
			var got []byte
			ready := 0
			for {
				buffer := make([]byte, 1+random.IntN(bulkSize))
				n, err := reader.Read(buffer)
				for err == nil && secure && len(buffer)-n >= recordSize && bulk.ready() {
					ready++
					_ = bulk.SetReadDeadline(time.Now().Add(-time.Second)) // it must not come to that
					var more int
					more, err = reader.Read(buffer[n:])
					n += more
					_ = bulk.SetReadDeadline(time.Time{})
				}
				got = append(got, buffer[:n]...)
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, sent) {
				t.Fatalf("seed %d: %d bytes differ from the %d sent", seed, len(got), len(sent))
			}
			if bulk.buffer != nil {
				t.Error("a buffer is kept")
			}
			if secure && ready == 0 {
				t.Error("nothing was ready")
			}
		}
	}
}

// What a cork holds back comes whole and in order, and is not kept.
func TestCork(t *testing.T) {
	t.Parallel()
	near, far := connected(t)
	var c cork
	var want []byte
	write := func(b []byte) {
		want = append(want, b...)
		if n, err := c.write(near, b); n != len(b) || err != nil {
			t.Error(n, err)
		}
	}
	write([]byte("first,"))
	for range 3 {
		c.in()
		for range 7 {
			write(bytes.Repeat([]byte("x"), recordSize))
		}
		if err := c.out(near); err != nil {
			t.Error(err)
		}
		write([]byte("between,"))
	}
	c.in()
	if err := c.out(near); err != nil { // nothing
		t.Error(err)
	}
	_ = near.Close()
	got, err := io.ReadAll(far)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, want %d: %v", len(got), len(want), err)
	}
	c.in()
	write([]byte("late"))
	if c.out(near) == nil {
		t.Error("writing to a closed connection worked")
	}
}

// connected are the two ends of a TCP connection.
func connected(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	wait.Go(func() { far, err = l.Accept() })
	near, derr := net.Dial("tcp", l.Addr().String())
	wait.Wait()
	if err := errors.Join(err, derr, l.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
	})
	return near, far
}

package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// pipe returns both ends of a TCP connection on loopback.
func pipe(t testing.TB) (*net.TCPConn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialed, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialed.Close(); accepted.Close() })
	return dialed.(*net.TCPConn), accepted.(*net.TCPConn)
}

func silent() ([]byte, error) { return nil, nil }

// TestTunnelCarriesBothWays shows that bytes pass, that one side's end reaches
// the other while the way back stays open, and that both are counted.
func TestTunnelCarriesBothWays(t *testing.T) {
	client, near := pipe(t)
	far, server := pipe(t)
	tun := &tunnel{client: near, upstream: far, idle: time.Minute, first: func() ([]byte, error) {
		return []byte("hello "), nil
	}}
	done := make(chan error, 1)
	go func() { done <- tun.run() }()

	payload := bytes.Repeat([]byte("x"), 1<<20)
	go func() {
		client.Write(payload)
		client.CloseWrite()
	}()
	got, err := io.ReadAll(server)
	if err != nil || len(got) != len(payload)+6 || string(got[:6]) != "hello " {
		t.Fatalf("server got %d bytes, %v", len(got), err)
	}
	server.Write([]byte("answer"))
	server.Close()
	answer, err := io.ReadAll(client)
	if err != nil || string(answer) != "answer" {
		t.Fatalf("client got %q, %v", answer, err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if tun.sent != int64(len(payload)+6) || tun.received != 6 {
		t.Errorf("counted %d and %d", tun.sent, tun.received)
	}
}

// TestTunnelIdle shows that a tunnel with nothing to carry ends, and that one
// that carries in one direction only does not.
func TestTunnelIdle(t *testing.T) {
	client, near := pipe(t)
	far, server := pipe(t)
	tun := &tunnel{client: near, upstream: far, idle: 400 * time.Millisecond, first: silent}
	done := make(chan error, 1)
	start := time.Now()
	go func() { done <- tun.run() }()
	go io.Copy(io.Discard, client)
	for range 8 { // 800 ms of one byte at a time: never idle
		time.Sleep(100 * time.Millisecond)
		if _, err := server.Write([]byte("x")); err != nil {
			t.Fatalf("closed while in use: %v", err)
		}
	}
	if err := <-done; !errors.Is(err, errIdle) {
		t.Fatalf("ended with %v", err)
	}
	if time.Since(start) < 800*time.Millisecond+400*time.Millisecond-100*time.Millisecond {
		t.Errorf("ended after %s", time.Since(start))
	}
}

// TestTunnelFirstWordsRefused shows that nothing is sent when they are.
func TestTunnelFirstWordsRefused(t *testing.T) {
	_, near := pipe(t)
	far, server := pipe(t)
	said := refuseFor("sni_mismatch", nil)
	tun := &tunnel{client: near, upstream: far, idle: time.Minute, first: func() ([]byte, error) { return []byte("secret"), said }}
	if err := tun.run(); !errors.Is(err, said) {
		t.Fatalf("ended with %v", err)
	}
	if got, _ := io.ReadAll(server); len(got) > 0 {
		t.Errorf("upstream got %q", got)
	}
}

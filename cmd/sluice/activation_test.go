package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// handOver hands a socket over as a service manager does, under a descriptor of
// its own.
func handOver(t *testing.T, l net.Listener) []net.Listener {
	t.Helper()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Dup(int(file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	env := map[string]string{"LISTEN_PID": strconv.Itoa(os.Getpid()), "LISTEN_FDS": "1"}
	given, err := handedOver(func(name string) string { return env[name] }, fd)
	if err != nil || len(given) != 1 {
		t.Fatal(given, err)
	}
	return given
}

// TestSocketActivation stops sluice and starts it again on a socket that a service
// manager holds. A client that connects in between is not refused: it waits, and
// the next one answers.
func TestSocketActivation(t *testing.T) {
	held, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	config := fmt.Sprintf("listen: {proxy: %s, admin: 127.0.0.1:0}\n", held.Addr())
	dial := func() net.Conn {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", held.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	ask := func(conn net.Conn) {
		t.Helper()
		defer conn.Close()
		fmt.Fprintf(conn, "GET /proxy.pac HTTP/1.1\r\nHost: %s\r\n\r\n", held.Addr())
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), "FindProxyForURL") {
			t.Errorf("%d %v", resp.StatusCode, err)
		}
	}

	first := attend(t, config, handOver(t, held)...)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- first.proxy.Serve(ctx, first.listeners...) }()
	ask(dial())
	stop()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	between := dial() // nobody accepts, and nobody refuses
	second := attend(t, config, handOver(t, held)...)
	second.serve(t)
	ask(between)
}

func TestHandedOver(t *testing.T) {
	own := strconv.Itoa(os.Getpid())
	for what, env := range map[string]map[string]string{
		"nothing":         {},
		"another process": {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
	} {
		if given, err := handedOver(func(name string) string { return env[name] }, 1000); err != nil || len(given) > 0 {
			t.Errorf("%s: %v %v", what, given, err)
		}
	}
	for _, count := range []string{"", "x", "-1", "1000", "1"} {
		env := map[string]string{"LISTEN_PID": own, "LISTEN_FDS": count}
		if _, err := handedOver(func(name string) string { return env[name] }, 100000); err == nil {
			t.Errorf("LISTEN_FDS=%q is taken", count)
		}
	}
	for _, same := range [][2]string{{"127.0.0.1:80", "localhost:80"}, {"[::]:80", ":80"}, {"[::]:80", "0.0.0.0:80"}, {"[::ffff:10.0.0.1]:80", "10.0.0.1:80"}} {
		if !sameAddress(same[0], same[1]) {
			t.Errorf("%v are two", same)
		}
	}
	for _, other := range [][2]string{{"127.0.0.1:80", "127.0.0.1:81"}, {"127.0.0.1:80", "[::]:80"}, {"x", "x"}} {
		if sameAddress(other[0], other[1]) {
			t.Errorf("%v are one", other)
		}
	}

	// A socket that nothing names would take connections that nobody answers.
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := defaultConfig()
	c.Listen.Proxy, c.Listen.Admin = List{"127.0.0.1:0"}, "127.0.0.1:0"
	if _, _, err := listen(c, []net.Listener{l}); err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("a socket that nothing names: %v", err)
	}
}

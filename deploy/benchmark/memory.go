package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// A footprint is one measurement of memory: what a running sluice takes more at
// its peak than when it was idle.
type footprint struct {
	name      string
	truncated bool  // what is longer than limits.body is let through
	most      int64 // wanted, bytes
	under     func(ctx context.Context, s *site, r *running) error
}

const (
	mib      = 1 << 20
	large    = 100 * mib
	bodyMost = 16 * mib // limits.body, as shipped
)

// truncatedAllowed lets through what is longer than limits.body.
const truncatedAllowed = "data_files: [%s], "

func footprints(idle int) []footprint {
	return []footprint{
		{fmt.Sprintf("%d idle intercepted connections", idle), false, 64 * mib, func(ctx context.Context, s *site, r *running) error {
			return s.holdIdle(ctx, r.pass, idle)
		}},
		{fmt.Sprintf("%d idle tunnels", idle), false, 32 * mib, func(ctx context.Context, s *site, r *running) error {
			return s.holdIdle(ctx, r.tunnel, idle)
		}},
		{"100 MiB downloaded, passed through", false, 32 * mib, func(ctx context.Context, s *site, r *running) error {
			return get(large)(ctx, s.client(r.pass, 1, false), "https://"+tenantHost, 0)
		}},
		{"100 MiB uploaded, passed through", false, 32 * mib, func(ctx context.Context, s *site, r *running) error {
			return upload(ctx, s.client(r.pass, 1, false), tenantHost)
		}},
		{"100 MiB uploaded, prefix inspected and allowed", true, 3 * bodyMost, func(ctx context.Context, s *site, r *running) error {
			return upload(ctx, s.client(r.whole, 1, false), chatHost)
		}},
	}
}

// measure starts a sluice of its own, lets it answer once, and measures.
func (s *site) measure(ctx context.Context, i int, f footprint) (added, idle int64, err error) {
	rules := ""
	if f.truncated {
		table, err := s.write("truncated.yaml", "modes: {opaque.truncated: off}\n")
		if err != nil {
			return 0, 0, err
		}
		rules = fmt.Sprintf(truncatedAllowed, table)
	}
	r, err := s.startSluice(ctx, fmt.Sprintf("memory-%d", i), "", rules, "")
	if err != nil {
		return 0, 0, err
	}
	defer r.process.stop()
	for _, w := range []*way{r.tunnel, r.pass, r.whole} {
		c := s.client(w, 1, false)
		err = errors.Join(err, post(ctx, c, "https://"+w.host, 0))
		c.CloseIdleConnections()
	}
	if err != nil {
		return 0, 0, err
	}
	time.Sleep(time.Second) // idle: the collector of the start is done
	if idle, err = r.process.resident(); err != nil {
		return 0, 0, err
	}
	if err := r.process.mark(); err != nil {
		return 0, 0, err
	}
	if err := f.under(ctx, s, r); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", f.name, err)
	}
	peak, err := r.process.peak()
	return max(0, peak-idle), idle, err // it may have given memory back
}

// upload posts 100 MiB of a prompt that a proxy cannot know to be harmless before
// it has read it.
func upload(ctx context.Context, c *http.Client, host string) error {
	const begin, end = `{"model":"gpt-5","messages":[{"role":"user","content":"`, `"}]}`
	line := "The quick brown fox jumps over the lazy dog and runs into the wood. "
	middle := &repeated{text: line, left: large - len(begin) - len(end)}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+host+"/v1/chat/completions",
		io.MultiReader(strings.NewReader(begin), middle, strings.NewReader(end)))
	if err != nil {
		return err
	}
	r.ContentLength = large
	r.Header.Set("Content-Type", "application/json")
	return do(c, r, int64(len(reply)))
}

// repeated reads one text again and again.
type repeated struct {
	text     string
	at, left int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.left)], r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	r.left -= n
	return n, nil
}

// holdIdle opens connections, makes one request on each, and holds them for a second.
func (s *site) holdIdle(ctx context.Context, w *way, n int) error {
	conns := make([]net.Conn, n)
	defer func() {
		for _, c := range conns {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	config := &tls.Config{ServerName: w.host, RootCAs: w.roots, MinVersion: tls.VersionTLS12}
	for i := range conns {
		raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", w.proxy)
		if err != nil {
			return err
		}
		conns[i] = raw
		if err := openOne(raw, w.host, config); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	time.Sleep(time.Second)
	return nil
}

// openOne makes a CONNECT, a handshake and one request, and leaves the connection open.
func openOne(raw net.Conn, host string, config *tls.Config) error {
	if err := raw.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(raw, "CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n", host, host); err != nil {
		return err
	}
	for line := "-"; line != "\r" && line != ""; {
		var err error
		if line, err = firstLine(raw); err != nil {
			return err
		}
	}
	conn := tls.Client(raw, config)
	if _, err := fmt.Fprintf(conn, "GET /?bytes=1 HTTP/1.1\r\nHost: %s\r\n\r\n", host); err != nil {
		return err
	}
	answer := make([]byte, 4096)
	n, err := io.ReadAtLeast(conn, answer, len("HTTP/1.1 200"))
	if err == nil && !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200") {
		err = fmt.Errorf("answered %.12q", answer[:n])
	}
	return err
}

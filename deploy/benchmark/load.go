package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A sample is what one run of one way gave.
type sample struct {
	rate     float64 // requests, connections or MB a second
	p50, p99 time.Duration
	cpu      time.Duration // of the proxy, for a thousand requests or events
	peak     int64         // of the proxy's memory, bytes
}

// A workload is one kind of load. Its run is bounded in time and in requests.
type workload struct {
	name   string
	unit   string
	ways   []string
	conns  int
	length time.Duration
	most   int64 // requests
	resume bool
	size   float64 // MB of one reply, where the rate is in them
	send   func(ctx context.Context, c *http.Client, base string, n int64) error
	stream bool // events are what is counted
}

// prompts are 2 KB each and differ in a number, so that no text was seen before
// and all have one length.
var prompts atomic.Int64

func prompt() []byte {
	text := strings.Repeat("Please summarise the attached notes of the weekly planning meeting. ", 28)
	return fmt.Appendf(nil, `{"model":"gpt-5","messages":[{"role":"system","content":"You are helpful."},{"role":"user","content":"Note %012d. %s"}]}`,
		prompts.Add(1), text)
}

// post sends a prompt and reads the reply.
func post(ctx context.Context, c *http.Client, base string, _ int64) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/chat/completions", bytes.NewReader(prompt()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer sk-benchmark")
	return do(c, r, int64(len(reply)))
}

// get asks for so many bytes and reads them.
func get(bytes int64) func(context.Context, *http.Client, string, int64) error {
	return func(ctx context.Context, c *http.Client, base string, _ int64) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/download?bytes="+strconv.FormatInt(bytes, 10), nil)
		if err != nil {
			return err
		}
		return do(c, r, bytes)
	}
}

// do wants status 200 and so many bytes: a refusal must not pass for speed.
func do(c *http.Client, r *http.Request, want int64) error {
	resp, err := c.Do(r)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || n != want {
		return fmt.Errorf("status %d with %d bytes, want 200 with %d", resp.StatusCode, n, want)
	}
	return nil
}

// run measures one way under one load. The connections are made, and each used
// once, before the clock starts.
func (s *site) run(ctx context.Context, l *workload, w *way) (sample, error) {
	c := s.client(w, l.conns, l.resume)
	defer c.CloseIdleConnections()
	base := "https://" + w.host
	if _, err := together(l.conns, func() ([]time.Duration, error) { return nil, l.send(ctx, c, base, 0) }); err != nil {
		return sample{}, fmt.Errorf("warm up: %w", err)
	}
	var before time.Duration
	if w.process != nil {
		var err error
		if before, err = w.process.cpu(); err != nil {
			return sample{}, err
		}
		if err = w.process.mark(); err != nil {
			return sample{}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*l.length+time.Minute)
	defer cancel()
	begun := time.Now()
	var count atomic.Int64
	took, err := together(l.conns, func() ([]time.Duration, error) {
		if l.stream {
			return events(ctx, c, base)
		}
		var took []time.Duration
		for time.Since(begun) < l.length && count.Add(1) <= l.most {
			start := time.Now()
			if err := l.send(ctx, c, base, 0); err != nil {
				return nil, err
			}
			took = append(took, time.Since(start))
		}
		return took, nil
	})
	if err != nil {
		return sample{}, err
	}
	elapsed := time.Since(begun)
	if len(took) == 0 {
		return sample{}, errors.New("nothing was measured")
	}
	slices.Sort(took)
	out := sample{
		rate: float64(len(took)) / elapsed.Seconds(),
		p50:  took[len(took)/2],
		p99:  took[len(took)*99/100],
	}
	if l.size > 0 {
		out.rate *= l.size
	}
	if w.process != nil {
		after, cerr := w.process.cpu()
		peak, perr := w.process.peak()
		if err := errors.Join(cerr, perr); err != nil {
			return sample{}, err
		}
		out.cpu = (after - before) * 1000 / time.Duration(len(took))
		out.peak = peak
	}
	return out, nil
}

// together runs the same thing n times at once and joins what they measured.
func together(n int, each func() ([]time.Duration, error)) ([]time.Duration, error) {
	results := make([][]time.Duration, n)
	errs := make([]error, n)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { results[i], errs[i] = each() })
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return slices.Concat(results...), nil
}

// streamed is how many events one stream has.
const streamed = 200

// events reads one stream of a chat and measures, for each event, the time from
// the origin's write to our read.
func events(ctx context.Context, c *http.Client, base string) ([]time.Duration, error) {
	body := bytes.Replace(prompt(), []byte(`{"model"`), []byte(`{"stream":true,"model"`), 1)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/chat/completions?events="+strconv.Itoa(streamed), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	var took []time.Duration
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		_, mark, ok := bytes.Cut(lines.Bytes(), []byte(sentMark))
		if !ok {
			continue
		}
		sent, err := strconv.ParseInt(string(bytes.TrimSuffix(mark, []byte("}"))), 10, 64)
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(time.Unix(0, sent)))
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK || len(took) != streamed {
		return nil, fmt.Errorf("status %d with %d events, want %d", resp.StatusCode, len(took), streamed)
	}
	return took, nil
}

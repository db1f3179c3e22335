package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/proxy/audit"
)

func TestMain(m *testing.M) {
	if child := os.Getenv("SLUICE_AUDIT_CHILD"); child != "" {
		os.Exit(children[child]())
	}
	goleak.VerifyTestMain(m)
}

func open(t testing.TB, o audit.Options) *audit.Log {
	t.Helper()
	l, err := audit.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func temp(t testing.TB) string { return filepath.Join(t.TempDir(), "audit", "audit.jsonl") }

func decision(id string) *audit.Decision {
	return &audit.Decision{
		ID:          id,
		Time:        time.Date(2026, 3, 4, 5, 6, 7, 891_000_000, time.FixedZone("", 3600)),
		Client:      audit.Client{IP: "192.0.2.10"},
		Identity:    audit.Identity{Authenticated: true, Method: "bearer", Sub: "u-17", Email: "ann@example.com", Groups: []string{"finance"}},
		Destination: audit.Destination{Host: "chat.example.com", Port: 443, App: "examplechat", Role: "web", Sanction: "tolerated", Risk: 40},
		Tenant:      audit.Tenant{Header: "X-Example-Tenant", Observed: "corp", Match: "corporate"},
		Request:     audit.Request{Phase: "request", Method: "POST", Path: "/v1/chat", Bytes: 812, Kind: "prompt"},
		Content:     audit.Content{Format: "openai-chat", Model: "example-1", Inspected: true, Parts: 2},
		Findings:    []audit.Finding{{Family: "pci", Entity: "CREDIT_CARD", Count: 2, Confidence: 0.9, Offsets: [][3]int{{1, 4, 20}}}},
		Decision:    audit.Verdict{Action: "allow", Redact: []string{"CREDIT_CARD"}, Rules: []audit.Rule{{ID: "pci.few", Action: "redact", Mode: "enforce"}}},
	}
}

func completion(id string) *audit.Completion {
	return &audit.Completion{
		ID: id, Status: 200, Outcome: "forwarded", BytesIn: 812, BytesOut: 4096, Redactions: 2,
		Upstream: &audit.Upstream{Addr: "203.0.113.5:443", Proto: "HTTP/2.0"}, Timings: audit.Timings{Total: 12.3456},
	}
}

func id(i int) string { return fmt.Sprintf("%032x", i) }

func put(t testing.TB, l *audit.Log, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := l.Decision(context.Background(), decision(id(i))); err != nil {
			t.Fatal(err)
		}
		if err := l.Completion(completion(id(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := audit.Settle(l); err != nil {
		t.Fatal(err)
	}
}

func lines(t testing.TB, file string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := bytes.SplitAfter(data, []byte("\n"))
	return all[:len(all)-1] // what follows the last newline
}

func verify(t testing.TB, file string) audit.Report {
	t.Helper()
	r, err := audit.VerifyFile(file, audit.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecord(t *testing.T) {
	for _, sync := range []string{audit.SyncOS, audit.SyncGroup} {
		t.Run(sync, func(t *testing.T) {
			file := temp(t)
			l := open(t, audit.Options{File: file, Sync: sync})
			put(t, l, 0, 3)
			if err := l.Decision(t.Context(), decision(id(3))); err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			r := verify(t, file)
			if !r.Intact() || r.Records != 7 || r.Decisions != 4 || r.Completions != 3 || r.Torn != 0 || r.Orphans != 0 {
				t.Errorf("%+v", r)
			}
			if !cmp.Equal(r.Unfinished, []string{id(3)}) || r.UnfinishedTotal != 1 {
				t.Errorf("unfinished: %v", r.Unfinished)
			}
			info, _ := os.Stat(file)
			dir, _ := os.Stat(filepath.Dir(file))
			if info.Mode().Perm() != 0o600 || dir.Mode().Perm() != 0o700 || info.Size() != l.Size() {
				t.Errorf("%v %v %d %d", info.Mode(), dir.Mode(), info.Size(), l.Size())
			}
		})
	}
}

// What is read back is what was written.
func TestReadBack(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	d, c := decision(id(1)), completion(id(1))
	c.Time = d.Time
	if err := l.Decision(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.Completion(c), audit.Settle(l)); err != nil {
		t.Fatal(err)
	}
	got := lines(t, file)
	one, err := audit.Parse(got[0])
	if err != nil {
		t.Fatal(err)
	}
	two, err := audit.Parse(got[1])
	if err != nil {
		t.Fatal(err)
	}
	if one.Schema != "sluice.exchange.v1" || one.Record != "decision" || one.Seq != 1 || one.Prev != strings.Repeat("0", 64) {
		t.Errorf("%+v", one)
	}
	if two.Record != "completion" || two.Seq != 2 || two.Prev != one.Hash {
		t.Errorf("%+v", two)
	}
	d.Time = d.Time.UTC()
	c.Time = c.Time.UTC()
	c.Timings.Total = 12.346
	if diff := cmp.Diff(d, one.Decision); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(c, two.Completion); diff != "" {
		t.Error(diff)
	}
	if !bytes.Contains(got[0], []byte(`"time":"2026-03-04T04:06:07.891Z"`)) {
		t.Errorf("time is not UTC: %s", got[0])
	}
}

func TestContinues(t *testing.T) {
	file := temp(t)
	for i := range 4 {
		l := open(t, audit.Options{File: file})
		put(t, l, i, i+1)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if r := verify(t, file); !r.Intact() || r.Records != 8 || r.Gaps != 0 {
		t.Errorf("%+v", r)
	}
}

func TestOneWriter(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	if _, err := audit.Open(audit.Options{File: file}); !errors.Is(err, audit.ErrLocked) {
		t.Errorf("second writer: %v", err)
	}
	l.Close()
	open(t, audit.Options{File: file})
}

func TestTornTail(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	put(t, l, 0, 2)
	l.Close()
	whole, _ := os.ReadFile(file)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for _, cut := range []int{last + 1, last + 200, len(whole) - 1} {
		if err := os.WriteFile(file, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if r := verify(t, file); !r.Intact() || r.Torn != int64(cut-last) || r.Records != 3 {
			t.Errorf("before: %+v", r)
		}
		l := open(t, audit.Options{File: file})
		if got := l.Stats().TornBytes; got != int64(cut-last) {
			t.Errorf("torn %d", got)
		}
		if err := l.Healthy(); err != nil {
			t.Error(err)
		}
		put(t, l, 5, 6)
		l.Close()
		if r := verify(t, file); !r.Intact() || r.Records != 6 || r.Gaps != 1 {
			t.Errorf("after: %+v", r)
		}
		e, err := audit.Parse(lines(t, file)[3])
		if err != nil || e.Gap == nil || e.Gap.TornBytes != int64(cut-last) || e.Gap.Reason != "torn" {
			t.Errorf("gap: %+v %v", e.Gap, err)
		}
	}
	// A file that never got its first line whole, and one that a power cut zeroed.
	for _, begin := range [][]byte{whole[:100], whole[:5], make([]byte, 4096)} {
		if err := os.WriteFile(file, begin, 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, audit.Options{File: file})
		put(t, l, 0, 1)
		l.Close()
		if r := verify(t, file); !r.Intact() || r.Records != 3 {
			t.Errorf("%+v", r)
		}
	}
}

// Nothing is appended to, and nothing cut from, a file that is not ours.
func TestDamaged(t *testing.T) {
	for _, content := range []string{
		"some other file", "line\n", "{\"a\":1}\n", strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20) + "\n", "\n",
	} {
		file := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.Open(audit.Options{File: file}); !errors.Is(err, audit.ErrDamaged) {
			t.Errorf("%.20q: %v", content, err)
		}
		if now, _ := os.ReadFile(file); string(now) != content {
			t.Errorf("%.20q: file was changed", content)
		}
	}
	for _, name := range []string{"/dev/full", t.TempDir(), filepath.Join("/dev/null", "x")} {
		if _, err := audit.Open(audit.Options{File: name}); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Open(audit.Options{File: pipe}); err == nil {
		t.Error("a pipe was opened")
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []audit.Options{{OnFailure: "maybe"}, {Sync: "never"}} {
		o.File = temp(t)
		if _, err := audit.Open(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	l := open(t, audit.Options{File: temp(t)})
	if l.Decision(t.Context(), &audit.Decision{}) == nil || l.Completion(&audit.Completion{}) == nil {
		t.Error("a record without id was taken")
	}
}

// Whatever bytes come in, a line is one line of valid JSON, and not too long.
func TestHostileValues(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	evil := "\xff\xfe\n\r\x00\x1b[2J\u2028\u202e\"},{\"record\":\"decision\""
	d := decision(id(1))
	d.Request.Path = "/a" + evil + "?prompt=secret words#more secret words"
	d.Destination.Host, d.Identity.Email, d.Decision.Message = evil, evil, evil
	d.Findings[0].Confidence = math.NaN()
	d.Time = time.Date(123456, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := l.Decision(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	huge := strings.Repeat("\x01\xff", 1<<20)
	d = new(audit.Decision)
	fill(reflect.ValueOf(d).Elem(), huge)
	if err := l.Decision(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	c := new(audit.Completion)
	fill(reflect.ValueOf(c).Elem(), huge)
	c.Timings.Decide = math.Inf(1)
	if err := errors.Join(l.Completion(c), audit.Settle(l)); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, file); !r.Intact() || r.Records != 3 {
		t.Errorf("%+v", r)
	}
	for i, line := range lines(t, file) {
		if !json.Valid(line) || !utf8.Valid(line) || len(line) > audit.MaxLine {
			t.Errorf("line %d: %d bytes", i+1, len(line))
		}
		e, err := audit.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && (e.Decision == nil || !e.Decision.Cut) && (e.Completion == nil || !e.Completion.Cut) {
			t.Errorf("line %d does not say that it was cut", i+1)
		}
		if text := audit.Format(line); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x202e || r == 0x2028 || r == 0x7f }) {
			t.Errorf("line %d would steer a terminal: %q", i+1, text)
		}
	}
	all, _ := os.ReadFile(file)
	if bytes.Contains(all, []byte("secret words")) {
		t.Error("a query was recorded")
	}
	if len(d.Findings) != 5000 || len(d.Findings[1].Offsets) != 5000 || d.Request.Path != huge {
		t.Error("the caller's record was changed")
	}
}

// fill sets every text of a record to s and makes every list long.
func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Int, reflect.Int64:
		v.SetInt(math.MinInt64)
	case reflect.Uint16:
		v.SetUint(math.MaxUint16)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(math.Inf(1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), s)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 5000, 5000))
		fill(v.Index(0), s)
		for i := range v.Len() {
			v.Index(i).Set(v.Index(0))
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), s)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), s)
			}
		}
	}
}

func TestConcurrent(t *testing.T) {
	for _, mode := range []string{audit.SyncOS, audit.SyncGroup} {
		t.Run(mode, func(t *testing.T) {
			file := temp(t)
			l := open(t, audit.Options{File: file, Sync: mode})
			var wg sync.WaitGroup
			for i := range 16 {
				wg.Go(func() { put(t, l, i*100, i*100+40) })
			}
			wg.Wait()
			s := l.Stats()
			l.Close()
			if r := verify(t, file); !r.Intact() || r.Records != 16*80 || r.UnfinishedTotal != 0 || r.Orphans != 0 {
				t.Errorf("%+v", r)
			}
			if s.Records != 16*80 || (mode == audit.SyncGroup) != (s.Syncs > 0) || s.Syncs >= 16*40 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file, OnFailure: audit.Allow})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := 0
	for i := range 50 { // the queue is free: either answer is right, but not half a line
		if err := l.Decision(ctx, decision(id(i))); err == nil {
			n++
		} else if !errors.Is(err, context.Canceled) || errors.Is(err, audit.ErrUnwritable) {
			t.Fatal(err)
		}
	}
	if r := verify(t, file); !r.Intact() || r.Decisions != int64(n) || r.Torn != 0 {
		t.Errorf("%d: %+v", n, r)
	}
	if err := l.Healthy(); err != nil {
		t.Errorf("a client that left made the log ill: %v", err)
	}
}

func TestClosed(t *testing.T) {
	for _, mode := range []string{audit.SyncOS, audit.SyncGroup} {
		l := open(t, audit.Options{File: temp(t), Sync: mode})
		put(t, l, 0, 1)
		for range 2 {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := l.Decision(t.Context(), decision(id(1))); !errors.Is(err, audit.ErrUnwritable) {
			t.Error(err)
		}
		if err := l.Completion(completion(id(1))); !errors.Is(err, audit.ErrUnwritable) {
			t.Error(err)
		}
		if l.Healthy() == nil {
			t.Error("a closed log is healthy")
		}
	}
}

// A file that is removed, cut or added to by others refuses: the record would be
// lost, or its chain broken.
func TestChangedUnderneath(t *testing.T) {
	for name, change := range map[string]func(file string) error{
		"removed": os.Remove,
		"cut":     func(file string) error { return os.Truncate(file, 10) },
		"added to": func(file string) error {
			f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.WriteString("{}\n")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := temp(t)
			l := open(t, audit.Options{File: file})
			put(t, l, 0, 1)
			if err := change(file); err != nil {
				t.Fatal(err)
			}
			err := l.Decision(t.Context(), decision(id(1)))
			if !errors.Is(err, audit.ErrUnwritable) || audit.Reason(err) != "file_changed" {
				t.Error(err)
			}
		})
	}
}

// A completion is written before the decision that comes after it, by itself soon,
// and at the end.
func TestHeld(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	kinds := func() (kinds []string) {
		for _, line := range lines(t, file) {
			e, err := audit.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, e.Record)
		}
		return kinds
	}
	write := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 200 { // more than are held at once
		write(l.Completion(completion(id(i))))
	}
	write(l.Decision(t.Context(), decision(id(0))))
	if k := kinds(); len(k) != 201 || k[199] != "completion" || k[200] != "decision" {
		t.Fatalf("%d lines", len(k))
	}
	write(l.Completion(completion(id(0))))
	for deadline := time.Now().Add(10 * time.Second); len(kinds()) < 202; {
		if time.Now().After(deadline) {
			t.Fatal("a held completion is never written")
		}
		time.Sleep(time.Millisecond)
	}
	write(l.Completion(completion(id(1))))
	write(l.Close())
	if r := verify(t, file); !r.Intact() || r.Completions != 202 || r.Decisions != 1 {
		t.Errorf("%+v", r)
	}
}

// A held completion that cannot be written is told, and so is the decision after it.
func TestHeldIsLost(t *testing.T) {
	file := temp(t)
	var told atomic.Int64
	l := open(t, audit.Options{File: file, OnLost: func(string, error) { told.Add(1) }})
	put(t, l, 0, 1)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := l.Completion(completion(id(1))); err != nil && !errors.Is(err, audit.ErrUnwritable) {
		t.Fatal(err)
	}
	if err := l.Decision(t.Context(), decision(id(1))); !errors.Is(err, audit.ErrUnwritable) {
		t.Fatal(err)
	}
	if s := l.Stats(); s.LostCompletions != 1 || s.LostDecisions != 1 || told.Load() != 2 {
		t.Errorf("%+v, told %d", s, told.Load())
	}
	if l.Healthy() == nil {
		t.Error("healthy without a file")
	}
}

func BenchmarkDecision(b *testing.B) {
	for _, mode := range []string{audit.SyncOS, audit.SyncGroup} {
		b.Run(mode, func(b *testing.B) {
			l := open(b, audit.Options{File: temp(b), Sync: mode})
			d := decision(id(1))
			b.ReportAllocs()
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := l.Decision(context.Background(), d); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(l.Size())/float64(b.N), "bytes/record")
		})
	}
}

// Decisions that come while the file is busy are written together, in order, and one
// that gives up, the first or another, holds nobody up.
func TestTogether(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	release := audit.HoldTurn(l)
	var wg sync.WaitGroup
	const all = 200
	for i := range all {
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := i%50 == 0
		wg.Go(func() {
			defer cancel()
			if err := l.Decision(ctx, decision(id(i))); gaveUp != errors.Is(err, context.Canceled) || !gaveUp && err != nil {
				t.Error(err)
			}
		})
		for audit.WaitingNow(l) < int64(i+1)-int64((i+49)/50) {
			time.Sleep(time.Millisecond)
		}
		if gaveUp {
			cancel()
		}
	}
	release()
	wg.Wait()
	put(t, l, all, all+1)
	report := verify(t, file)
	if report.Decisions != all-all/50+1 || l.Stats().LostDecisions != 0 {
		t.Errorf("%+v", report)
	}
}

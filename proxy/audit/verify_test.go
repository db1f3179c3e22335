package audit_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sluice-proxy/sluice/proxy/audit"
)

// record writes n exchanges and returns the file's lines.
func record(t testing.TB, n int) [][]byte {
	t.Helper()
	file := temp(t)
	l := open(t, audit.Options{File: file})
	put(t, l, 0, n)
	l.Close()
	return lines(t, file)
}

func check(t testing.TB, all [][]byte, o audit.VerifyOptions) audit.Report {
	t.Helper()
	r, err := audit.Verify(iotest.HalfReader(bytes.NewReader(slices.Concat(all...))), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTampered(t *testing.T) {
	good := record(t, 4) // eight lines
	head := check(t, good, audit.VerifyOptions{}).Head
	edit := func(line []byte, from, to string) []byte {
		if !bytes.Contains(line, []byte(from)) {
			t.Fatalf("no %s to edit", from)
		}
		return bytes.Replace(line, []byte(from), []byte(to), 1)
	}
	for _, c := range []struct {
		name     string
		lines    func(l [][]byte) [][]byte
		firstBad int64
		bad      int64
		says     string
	}{
		{"nothing", func(l [][]byte) [][]byte { return l }, 0, 0, ""},
		{"edited", func(l [][]byte) [][]byte { l[2] = edit(l[2], `"allow"`, `"block"`); return l }, 3, 1, "changed"},
		{"first edited", func(l [][]byte) [][]byte { l[0] = edit(l[0], "ann@", "bob@"); return l }, 1, 1, "changed"},
		{"last edited", func(l [][]byte) [][]byte { l[7] = edit(l[7], `"status":200`, `"status":403`); return l }, 8, 1, "changed"},
		{"space added", func(l [][]byte) [][]byte { l[3] = append([]byte(" "), l[3]...); return l }, 4, 1, "changed"},
		{"removed", func(l [][]byte) [][]byte { return slices.Delete(l, 4, 5) }, 5, 1, "does not follow"},
		{"first removed", func(l [][]byte) [][]byte { return l[1:] }, 1, 1, "does not begin"},
		{"doubled", func(l [][]byte) [][]byte { return slices.Insert(l, 3, l[2]) }, 4, 1, "does not follow"},
		{"swapped", func(l [][]byte) [][]byte { l[2], l[3] = l[3], l[2]; return l }, 3, 3, "does not follow"},
		{"inserted", func(l [][]byte) [][]byte { return slices.Insert(l, 2, []byte("{\"record\":\"decision\"}\n")) }, 3, 1, "not a record"},
		{"empty line", func(l [][]byte) [][]byte { return slices.Insert(l, 2, []byte("\n")) }, 3, 1, "not a record"},
		{"long line", func(l [][]byte) [][]byte { return slices.Insert(l, 2, append(bytes.Repeat([]byte("x"), 1<<18), '\n')) }, 3, 1, "over"},
		{"long end", func(l [][]byte) [][]byte { return append(l, bytes.Repeat([]byte("x"), 1<<18)) }, 9, 1, "over"},
		{"of another chain", func(l [][]byte) [][]byte { return append(l, record(t, 1)...) }, 9, 1, "does not follow"},
		{"end cut off", func(l [][]byte) [][]byte { return l[:6] }, 0, 1, "head noted earlier"},
		{"emptied", func(l [][]byte) [][]byte { return nil }, 0, 1, "head noted earlier"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, c.lines(slices.Clone(good)), audit.VerifyOptions{Contains: head})
			if r.Intact() != (c.bad == 0) || r.FirstBad != c.firstBad || !strings.Contains(r.Problem, c.says) {
				t.Errorf("%+v", r)
			}
			if c.firstBad > 0 && c.bad > 0 && r.Bad > c.bad+1 { // the head may be gone besides
				t.Errorf("one change made %d bad lines", r.Bad)
			}
			if strings.Contains(r.Problem, "example.com") {
				t.Error("the problem quotes the line")
			}
		})
	}
}

func TestVerifyOptions(t *testing.T) {
	all := record(t, 3)
	head := check(t, all[:2], audit.VerifyOptions{}).Head
	if r := check(t, all[2:], audit.VerifyOptions{After: head}); !r.Intact() || r.Records != 4 {
		t.Errorf("%+v", r)
	}
	if r := check(t, all, audit.VerifyOptions{Contains: head}); !r.Intact() {
		t.Errorf("%+v", r)
	}
	for _, o := range []audit.VerifyOptions{{After: "x"}, {Contains: strings.Repeat("Z", 64)}} {
		if _, err := audit.Verify(bytes.NewReader(nil), o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	broken := errors.New("broken disk")
	if _, err := audit.Verify(iotest.ErrReader(broken), audit.VerifyOptions{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := audit.VerifyFile(temp(t), audit.VerifyOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestTail(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	put(t, l, 0, 50)
	all := lines(t, file)
	for _, n := range []int{0, 1, 7, 100, 1000} {
		var got [][]byte
		err := audit.Tail(t.Context(), file, n, false, func(line []byte) error {
			got = append(got, append(bytes.Clone(line), '\n'))
			return nil
		})
		want := all[max(0, len(all)-n):]
		if err != nil || string(slices.Concat(got...)) != string(slices.Concat(want...)) {
			t.Errorf("%d: %d lines, %v", n, len(got), err)
		}
	}
	stop := errors.New("stop")
	if err := audit.Tail(t.Context(), file, 2, true, func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// A tail that follows sees what comes, also in a file that takes the name.
func TestTailFollow(t *testing.T) {
	file := temp(t)
	l := open(t, audit.Options{File: file})
	put(t, l, 0, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	seen := make(chan string, 100)
	done := make(chan error, 1)
	go func() {
		done <- audit.Tail(ctx, file, 1, true, func(line []byte) error {
			seen <- audit.Format(line)
			return nil
		})
	}()
	expect := func(part string) {
		t.Helper()
		select {
		case got := <-seen:
			if !strings.Contains(got, part) {
				t.Errorf("%q without %q", got, part)
			}
		case <-ctx.Done():
			t.Fatal("nothing came")
		}
	}
	expect(id(1))
	put(t, l, 2, 3)
	expect(id(2))
	expect(id(2))
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	put(t, l, 3, 4)
	l.Close()
	put(t, open(t, audit.Options{File: file}), 4, 5)
	for _, i := range []int{3, 3, 4, 4} {
		expect(id(i))
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// written is the line of a decision.
func written(t *testing.T, d *audit.Decision) []byte {
	t.Helper()
	file := temp(t)
	if err := open(t, audit.Options{File: file}).Decision(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	line, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func TestFormat(t *testing.T) {
	all := record(t, 1)
	want := "2026-03-04T04:06:07.891Z  redact     ann@example.com  examplechat  POST chat.example.com/v1/chat  pci.few  [CREDIT_CARD×2]  " + id(0)
	if got := audit.Format(all[0]); got != want {
		t.Errorf("%s\n%s", got, want)
	}
	if got := audit.Format(all[1]); !strings.Contains(got, "  forwarded  200  in 812  out 4096  12.3 ms  "+id(0)) {
		t.Error(got)
	}
	shadow := []audit.Rule{{ID: "opaque.stream", Action: "block"}}
	for _, want := range []string{"  would block: opaque.stream  " + id(1), "  would block: opaque.stream, +1 more  " + id(1)} {
		d := decision(id(1))
		d.Decision.Shadow = shadow
		shadow = append(shadow, audit.Rule{ID: "pci.few", Action: "redact"})
		if got := audit.Format(written(t, d)); !strings.HasSuffix(got, want) {
			t.Errorf("%s\n%s", got, want)
		}
	}
	if got := audit.Format([]byte("secret words")); strings.Contains(got, "secret") {
		t.Error(got)
	}
}

func FuzzVerify(f *testing.F) {
	all := record(f, 2)
	f.Add(slices.Concat(all...))
	f.Add(slices.Concat(all[1:]...))
	f.Add([]byte("\n\n{}\n"))
	f.Add(all[0][:300])
	f.Add([]byte(`,"hash":"` + strings.Repeat("0", 64) + `"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := audit.Verify(bytes.NewReader(data), audit.VerifyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Intact() != (r.Bad == 0) {
			t.Errorf("%+v", r)
		}
		for line := range bytes.Lines(data) {
			audit.Format(line)
		}
	})
}

// What verifies can be continued, and verifies still; what cannot be continued is
// left as it is.
func FuzzOpen(f *testing.F) {
	all := record(f, 2)
	f.Add(slices.Concat(all...))
	f.Add(slices.Concat(all[:3]...))
	f.Add(append(bytes.Clone(all[0]), all[1][:99]...))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		before := verify(t, file)
		l, err := audit.Open(audit.Options{File: file})
		if err != nil {
			if now, _ := os.ReadFile(file); !bytes.Equal(now, data) {
				t.Error("changed what is not ours")
			}
			if before.Intact() && before.Records > 0 {
				t.Errorf("intact, and not opened: %v", err)
			}
			return
		}
		audit.SetSync(l, func(func() error) error { return nil })
		put(t, l, 0, 1)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if after := verify(t, file); before.Intact() && !after.Intact() || after.Torn != 0 {
			t.Errorf("%+v then %+v", before, after)
		}
	})
}

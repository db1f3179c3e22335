package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func bodyOf(t *testing.T, b io.Reader, length int64, l *lease, limit int64) (*body, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", b)
	r.ContentLength = length
	x := &Exchange{request: r, pace: &pace{control: http.NewResponseController(httptest.NewRecorder())}}
	return readBody(x, r, l, limit)
}

func TestReadBody(t *testing.T) {
	room := newBudget(1 << 20)
	for _, c := range []struct {
		name      string
		size      int
		length    int64 // what the header says; -1: chunked
		truncated bool
	}{
		{"empty", 0, -1, false}, {"small", 100, 100, false}, {"chunked", 100_000, -1, false},
		{"exactly the limit", 200_000, 200_000, false}, {"one more", 200_001, 200_001, true}, {"chunked, one more", 200_001, -1, true},
	} {
		l := &lease{budget: room}
		text := strings.Repeat("x", c.size)
		b, err := bodyOf(t, strings.NewReader(text), c.length, l, 200_000)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		whole := string(b.bytes)
		if b.rest != nil {
			rest, _ := io.ReadAll(b.rest)
			whole += string(rest)
		}
		if b.truncated != c.truncated || whole != text {
			t.Errorf("%s: truncated %v, %d bytes", c.name, b.truncated, len(whole))
		}
		if l.held < int64(len(b.bytes)) {
			t.Errorf("%s: holds %d for %d bytes", c.name, l.held, len(b.bytes))
		}
		l.end()
	}
	if !room.room.TryAcquire(1 << 20) {
		t.Error("room was not given back")
	}
}

func TestReadBodyCutShort(t *testing.T) {
	_, err := bodyOf(t, strings.NewReader("half"), 100, &lease{budget: newBudget(1 << 20)}, 1000)
	if asRefusal(err).reason != "body_cut_short" {
		t.Errorf("got %v", err)
	}
}

// TestBudgetIsNeverExceeded runs more bodies at once than there is room for.
func TestBudgetIsNeverExceeded(t *testing.T) {
	const limit, size = 4 << 20, 1 << 20
	room := newBudget(limit)
	var wait sync.WaitGroup
	var mu sync.Mutex
	held, most := int64(0), int64(0)
	for range 32 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			l := &lease{budget: room}
			if err := l.grow(context.Background(), size); err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			held += size
			most = max(most, held)
			mu.Unlock()
			mu.Lock()
			held -= size
			mu.Unlock()
			l.end()
			l.end() // twice does no harm
		}()
	}
	wait.Wait()
	if most > limit {
		t.Errorf("%d bytes were held of %d", most, limit)
	}
}

// TestBusy shows that waiting for room ends.
func TestBusy(t *testing.T) {
	room := newBudget(10)
	full := &lease{budget: room}
	if err := full.grow(context.Background(), 10); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (&lease{budget: room}).grow(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("client left: got %v", err)
	}
	full.end()
	if err := full.grow(context.Background(), 1); !errors.Is(err, errBusy) {
		t.Errorf("after the end: got %v", err)
	}
	if !room.room.TryAcquire(10) {
		t.Error("room leaked")
	}
}

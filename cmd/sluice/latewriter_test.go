package main

import (
	"errors"
	"io"
	"testing"
	"time"
)

// Lines are written in order and late, at once when asked, and again after an error.
func TestLateWriter(t *testing.T) {
	r, out := io.Pipe()
	defer r.Close()
	got := make(chan string)
	go func() {
		buffer := make([]byte, 2*logMost)
		for {
			n, err := r.Read(buffer)
			if err != nil {
				close(got)
				return
			}
			got <- string(buffer[:n])
		}
	}()
	w := &lateWriter{out: out}
	begun := time.Now()
	for _, line := range []string{"one\n", "two\n"} {
		if n, err := w.Write([]byte(line)); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
	}
	if lines := <-got; lines != "one\ntwo\n" || time.Since(begun) < logDelay {
		t.Errorf("%q after %s", lines, time.Since(begun))
	}
	w.Write([]byte("three\n"))
	go w.Sync()
	if lines := <-got; lines != "three\n" {
		t.Errorf("%q", lines)
	}
	go w.Write(make([]byte, logMost))
	if lines := <-got; len(lines) != logMost {
		t.Errorf("%d bytes", len(lines))
	}

	broken := &failing{}
	w = &lateWriter{out: broken}
	w.Write([]byte("lost\n"))
	if err := w.Sync(); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	broken.works = true
	w.Write([]byte("written\n"))
	if err := w.Sync(); err != nil || broken.got != "written\n" {
		t.Errorf("%q %v", broken.got, err)
	}
}

type failing struct {
	works bool
	got   string
}

func (f *failing) Write(p []byte) (int, error) {
	if !f.works {
		return 0, io.ErrClosedPipe
	}
	f.got += string(p)
	return len(p), nil
}

package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// pollEvery is how often a followed file is looked at.
const pollEvery = 200 * time.Millisecond

// Tail calls each with the last n complete lines of the file, oldest first, without
// their newlines; with follow also with those that come later, until ctx ends,
// which is no error. It goes on in a new file when the name is given to one. The
// line is valid until each returns; an error of each ends Tail.
func Tail(ctx context.Context, name string, n int, follow bool, each func(line []byte) error) error {
	if err := tail(ctx, name, n, follow, each); err != nil {
		return fmt.Errorf("audit: tail: %w", err)
	}
	return nil
}

func tail(ctx context.Context, name string, n int, follow bool, each func([]byte) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // whichever is open then
	at, err := lastLines(f, n)
	if err != nil {
		return err
	}
	for {
		if at, err = lines(ctx, f, at, each); err != nil || !follow || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollEvery):
		}
		info, err := f.Stat()
		if err != nil {
			return err
		}
		at = min(at, info.Size()) // a repair took lines back
		if now, err := os.Stat(name); err == nil && !os.SameFile(info, now) {
			// The old file is finished before the new one is begun.
			if _, err := lines(ctx, f, at, each); err != nil {
				return err
			}
			next, err := os.Open(name)
			if err != nil {
				continue // between the names
			}
			_ = f.Close()
			f, at = next, 0
		}
	}
}

// lines gives the complete lines from an offset on, and returns the offset after
// the last. A line that is too long for a record is passed over.
func lines(ctx context.Context, f *os.File, at int64, each func([]byte) error) (int64, error) {
	br := bufio.NewReaderSize(io.NewSectionReader(f, at, 1<<62-at), MaxLine)
	skip := false
	pending := int64(0)
	for ctx.Err() == nil {
		line, err := br.ReadSlice('\n')
		pending += int64(len(line))
		switch {
		case errors.Is(err, io.EOF):
			return at, nil
		case errors.Is(err, bufio.ErrBufferFull):
			skip = true
			continue
		case err != nil:
			return at, err
		}
		at += pending
		pending = 0
		if skip {
			skip = false
			continue
		}
		if err := each(line[:len(line)-1]); err != nil {
			return at, err
		}
	}
	return at, nil
}

// lastLines returns the offset where the last n complete lines begin.
func lastLines(f *os.File, n int) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	buf := make([]byte, 64<<10)
	seen := 0 // newlines, from the end
	for end := info.Size(); end > 0; {
		begin := max(0, end-int64(len(buf)))
		chunk := buf[:end-begin]
		if _, err := io.ReadFull(io.NewSectionReader(f, begin, int64(len(chunk))), chunk); err != nil {
			return 0, err
		}
		for i := bytes.LastIndexByte(chunk, '\n'); i >= 0; i = bytes.LastIndexByte(chunk[:i], '\n') {
			if seen++; seen > n {
				return begin + int64(i) + 1, nil
			}
		}
		end = begin
	}
	return 0, nil
}

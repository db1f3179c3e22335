package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// openFile opens the file for appending, alone.
func openFile(name string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	// Not blocking, so that a named pipe is refused below and not waited for.
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, err
	}
	if err := claim(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// claim checks and locks the file, and makes its name durable.
func claim(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("not a regular file")
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	d, err := os.Open(filepath.Dir(f.Name()))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lastMark finds the end of the last complete line, and how many bytes stand
// after it.
func lastMark(f *os.File) (end mark, torn int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return end, 0, err
	}
	end.seq = 1
	// An unfinished line (a gap's may stand before it) and the last complete one.
	const window = 3 * MaxLine
	from := max(0, info.Size()-window)
	tail := make([]byte, info.Size()-from)
	if _, err := io.ReadFull(io.NewSectionReader(f, from, int64(len(tail))), tail); err != nil {
		return end, 0, err
	}
	last := bytes.LastIndexByte(tail, '\n')
	if last < 0 {
		if from > 0 || !beginsLikeOurs(tail) {
			return end, 0, fmt.Errorf("%w: move it away and start again", ErrDamaged)
		}
		return end, int64(len(tail)), nil // nothing complete yet
	}
	begin := bytes.LastIndexByte(tail[:last], '\n') + 1
	if begin == 0 && from > 0 {
		return end, 0, fmt.Errorf("%w: line is over %d bytes", ErrDamaged, MaxLine)
	}
	e, err := parseEnd(tail[begin:last])
	if err != nil {
		return end, 0, fmt.Errorf("%w: last line %w; run `sluice audit verify`, move the file away and start again", ErrDamaged, err)
	}
	end.prev, _ = parseHash(e.Hash)
	end.seq = e.Seq + 1
	end.offset = from + int64(last) + 1
	return end, info.Size() - end.offset, nil
}

// beginsLikeOurs reports whether a file without a single complete line may be cut
// to nothing: it is the beginning of a record, or zeros that a power cut left.
func beginsLikeOurs(b []byte) bool {
	const begin = `{"schema":"` + Schema
	n := min(len(b), len(begin))
	return string(b[:n]) == begin[:n] || len(bytes.Trim(b, "\x00")) == 0
}

package audit

import (
	"syscall"
)

// append writes what the record has to say about gaps, what is held, and records of
// one kind, in one write. The caller holds turn.
func (l *Log) append(kind string, bodies ...[]byte) (err error) {
	if l.closed {
		return errClosed
	}
	held := l.held
	defer func() {
		clear(l.held)
		l.held = l.held[:0]
		if err != nil {
			for range held {
				l.lose(KindCompletion, err)
				l.tell(KindCompletion, err)
			}
		}
	}()
	if err := l.repair(); err != nil {
		return err
	}
	if err := l.unchanged(); err != nil {
		return err
	}
	next := l.end
	lines := l.lines[:0]
	gap := l.pendingGap()
	if gap != (Gap{}) {
		lines, next.prev = seal(lines, marshal(&gap), next.seq, next.prev)
		next.seq++
		next.gaps.add(gap)
	}
	for _, several := range [][][]byte{held, bodies} {
		for _, body := range several {
			lines, next.prev = seal(lines, body, next.seq, next.prev)
			next.seq++
		}
	}
	if cap(lines) <= mostKept {
		l.lines = lines
	}
	if len(lines) == 0 {
		return nil
	}
	if n, err := l.file.Write(lines); err != nil {
		l.torn = n > 0
		_ = l.repair() // else before the next line
		return err
	}
	next.completions += int64(len(held))
	switch kind {
	case KindDecision:
		next.decisions += int64(len(bodies))
	case KindCompletion:
		next.completions += int64(len(bodies))
	}
	next.offset += int64(len(lines))
	l.stats.records.Add(int64(next.seq - l.end.seq))
	l.stats.size.Store(next.offset)
	l.end = next
	l.gapWritten(gap)
	return nil
}

// repair cuts off what stands after the last line. The caller holds turn.
func (l *Log) repair() error {
	if !l.torn {
		return nil
	}
	if err := l.file.Truncate(l.end.offset); err != nil {
		return err
	}
	l.torn = false
	l.stats.size.Store(l.end.offset)
	return nil
}

// unchanged refuses to write into a file that has no name any more, or that does
// not end where we left it: the record would be lost, or the chain broken.
func (l *Log) unchanged() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != l.end.offset {
		return errChanged
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Nlink == 0 {
		return errChanged
	}
	return nil
}

package audit

// SetSync puts a failing disk between the log and its file.
func SetSync(l *Log, f func(sync func() error) error) {
	sync := l.fsync
	l.fsync = func() error { return f(sync) }
}

// HoldTurn is a write that does not return.
func HoldTurn(l *Log) (release func()) {
	l.turn <- struct{}{}
	return func() { <-l.turn }
}

// WaitingNow is how many records are queued.
func WaitingNow(l *Log) int64 { return l.waiting.Load() }

// Settle writes what is held.
func Settle(l *Log) error {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	return l.append(KindGap)
}

// Marshal is a record as it is written.
func Marshal(record any) []byte { return append(marshal(record), '}') }

package content

import (
	"bytes"
	"errors"
)

// ErrEventTooLarge ends an EventReader: an event passed the limit.
var ErrEventTooLarge = errors.New("event too large")

// maxEvent is the default size limit of one event.
const maxEvent = 4 << 20

// Event is one event of an event stream.
type Event struct {
	Type string // of the event field; empty means message
	Data []byte // lines joined by \n; valid until the next call
	ID   string // the last id that was set
}

// EventReader reads text/event-stream as it comes, by the rules of the HTML
// Standard section 9.2: lines end in LF, CR or CRLF, a byte order mark at the
// start is dropped, comments are skipped, an event without data is none. What is
// read does not depend on how the stream is cut. It serves one goroutine.
type EventReader struct {
	limit  int
	line   []byte
	event  Event
	data   bool // a data field was seen
	begun  bool // the first line is over
	cr     bool // the last byte was CR
	failed error
	count  int
}

// NewEventReader reads events of up to 4 MiB.
func NewEventReader() *EventReader { return &EventReader{limit: maxEvent} }

// NewEventReaderSize reads events of up to limit bytes.
func NewEventReaderSize(limit int) *EventReader { return &EventReader{limit: limit} }

// Write takes the next bytes and calls emit for each event that they complete.
// After an error, which is ErrEventTooLarge or emit's own, every call returns it.
func (e *EventReader) Write(p []byte, emit func(Event) error) error {
	for len(p) > 0 && e.failed == nil {
		if e.cr && p[0] == '\n' {
			p, e.cr = p[1:], false
			continue
		}
		e.cr = false
		n := bytes.IndexAny(p, "\r\n")
		piece := p
		if n >= 0 {
			piece = p[:n]
		}
		if len(e.line)+len(piece)+len(e.event.Data) > e.limit {
			e.failed = ErrEventTooLarge
			e.line, e.event.Data = nil, nil
			break
		}
		if n < 0 {
			e.line = append(e.line, piece...)
			break
		}
		e.cr = p[n] == '\r'
		p = p[n+1:]
		if len(e.line) > 0 {
			e.line = append(e.line, piece...)
			piece = e.line
		}
		e.failed = e.endLine(piece, emit)
		e.line = e.line[:0]
	}
	return e.failed
}

// Count takes the next bytes and returns how many events they complete. Past an
// event that is too large it counts nothing more.
func (e *EventReader) Count(p []byte) int {
	before := e.count
	if err := e.Write(p, func(Event) error { return nil }); err != nil {
		return e.count - before
	}
	return e.count - before
}

// Pending reports whether bytes of an event that has no end yet are held. The
// standard drops such an event at the end of the stream.
func (e *EventReader) Pending() bool {
	return len(e.line) > 0 || e.data
}

// endLine handles a whole line.
func (e *EventReader) endLine(line []byte, emit func(Event) error) error {
	if !e.begun {
		e.begun = true
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	if len(line) == 0 {
		return e.dispatch(emit)
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "data":
		if e.data {
			e.event.Data = append(e.event.Data, '\n')
		}
		e.event.Data = append(e.event.Data, value...)
		e.data = true
	case "event":
		e.event.Type = string(value)
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			e.event.ID = string(value)
		}
	}
	return nil
}

// dispatch ends an event.
func (e *EventReader) dispatch(emit func(Event) error) error {
	had := e.data
	event := e.event
	e.event.Type, e.data = "", false
	e.event.Data = e.event.Data[:0]
	if !had {
		return nil
	}
	e.count++
	return emit(event)
}

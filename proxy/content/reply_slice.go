package content

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/frame"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// topic is one of several event streams in one reply.
type topic struct {
	state replyState // before the unfinished event
	event slicedEvent
	cuts  int   // strings that stand for themselves and were cut
	used  int64 // Reply.events when it came last
}

// slicedEvent is an event that comes in slices. Each slice is read when it comes,
// for the client may show it: the event is read anew as far as it has come, and
// what earlier slices brought is left out. A string that goes on in the next slice
// is a text that comes in pieces, whatever it is otherwise.
type slicedEvent struct {
	text   string // as far as it has come
	whole  bool   // its end has come
	base   int    // where it begins in the slice; negative: in an earlier one
	read   int    // bytes of it of which the strings have been read
	broken bool   // its data is no JSON
	begun  string // channel of the string that goes on after the last slice; empty: none was made
	work   int    // bytes that were read more than once

	open  int // where the string that goes on after this slice begins; -1: none does
	tail  int // where the text ends, without an escape that goes on
	links []link
}

// link is a part whose string begins in an earlier slice or goes on in the next.
type link struct {
	part      int
	start     int    // of the string
	name      string // of the channel; empty: it would stand for itself
	continues bool   // the channel of slicedEvent.begun
	open      bool   // it goes on in the next slice
	fixed     bool   // some of it stands in earlier slices
}

// maxRework is how many bytes may be read again because an event comes in ever
// more slices: 64 KiB in pieces of 32 bytes.
const maxRework = 64 << 20

// topic is the topic of a name. Those that came last are remembered.
func (r *Reply) topic(name string) (*topic, error) {
	t := r.topics[name]
	if t == nil {
		if len(r.topics) >= maxChannels {
			oldest := ""
			for name, t := range r.topics {
				if t.event.text == "" && (oldest == "" || t.used < r.topics[oldest].used) {
					oldest = name
				}
			}
			if r.topics[oldest] == nil {
				return nil, fmt.Errorf("read slices: too many unfinished events: %w", frame.ErrTooBig)
			}
			delete(r.topics, oldest)
		}
		if r.topics == nil {
			r.topics = map[string]*topic{}
		}
		t = &topic{}
		r.topics[name] = t
	}
	t.used = r.events
	return t, nil
}

// slice reads the next slice of a topic's event stream, the text of the part that
// is rec.inner.
func (rec *record) slice(t *topic, slice string) {
	e, r := &t.event, rec.reply
	r.sliced -= len(e.text)
	text, seen := []byte(e.text+slice), len(e.text)
	if e.work += seen; e.work > maxRework {
		rec.fail(fmt.Errorf("read slices: event in too many: %w", frame.ErrTooBig))
		return
	}
	rec.sliced = e
	for at := 0; at < len(text) && rec.err == nil; {
		end := endOfEvent(text[at:], 0)
		e.whole = end >= 0
		if !e.whole {
			end = len(text) - at
		}
		e.text, e.base = string(text[at:at+end]), at-seen
		r.state = t.state
		if !rec.event(t) { // the stream has begun anew
			text, seen = []byte(slice), 0
			*e = slicedEvent{}
			continue
		}
		if e.whole {
			t.state = r.state
			*e = slicedEvent{}
		}
		at += end
	}
	if r.sliced += len(e.text); r.sliced > rec.lim.record() {
		rec.fail(fmt.Errorf("read slices: unfinished events: %w", frame.ErrTooBig))
	}
}

// event reads an event as far as it has come. It reports false when the slice
// is none that continues it.
func (rec *record) event(t *topic) bool {
	e := rec.sliced
	data, values, others := e.lines()
	e.open, e.tail, e.links = -1, len(e.text), e.links[:0]
	switch trimmed := strings.TrimSpace(data); {
	case trimmed == "":
	case trimmed == "[DONE]":
		rec.unit.ends = append(rec.unit.ends, scope{topic: rec.topic})
	case !e.broken:
		doc, err := scanJSON(data, false, !e.whole, rec.lim.reserve)
		if err == nil {
			if last := lastString(&doc); last >= 0 && !e.whole && int(doc.Nodes[last].End) == len(data) {
				e.goesOn(int(doc.Nodes[last].Start))
			}
			rec.doc = doc
			rec.pushedData()
			break
		}
		if !errors.Is(err, ErrMalformed) {
			rec.fail(err)
			return true
		}
		if e.base < 0 && slices.ContainsFunc(eventFields, func(f string) bool { return strings.HasPrefix(e.text[-e.base:], f) }) {
			return false
		}
		e.broken = true
	}
	if e.broken {
		others = append(values, others...)
	}
	for _, at := range others {
		rec.pieceOfEvent(at)
	}
	rec.link(t)
	return true
}

// lastString is the last node of a document where it is a string, else -1. Behind
// a key stands a null where the document ends before the value.
func lastString(d *jsondoc.Document) int {
	last := len(d.Nodes) - 1
	if last > 0 && d.Nodes[last].Kind == 'n' && d.Nodes[last].Start == d.Nodes[last].End {
		last--
	}
	if last < 0 || d.Nodes[last].Kind != '"' {
		return -1
	}
	return last
}

// lines are the data of an event, in its place among blanks, and where the values
// of data are and the lines that are no fields of an event: the rest of one whose
// beginning did not come.
func (e *slicedEvent) lines() (data string, values, others []span) {
	blank := bytes.Repeat([]byte{' '}, len(e.text))
	at := 0
	for line := range eventLines([]byte(e.text)) {
		body := strings.TrimRight(line, "\r\n")
		end := at + len(body)
		copy(blank[end:], line[len(body):])
		switch name, value := eventField(line); name {
		case "data":
			values = append(values, span{end - len(value), end})
			copy(blank[end-len(value):], value)
		case "event", "id", "retry", "":
		default:
			begins := func(f string) bool { return strings.HasPrefix(f, body) }
			if e.whole || len(body) < len(line) || !slices.ContainsFunc(eventFields, begins) {
				others = append(others, span{at, end})
			}
		}
		at += len(line)
	}
	return string(blank), values, others
}

// goesOn says that the string or line that begins at start goes on in the next
// slice.
func (e *slicedEvent) goesOn(start int) {
	e.open = start
	e.tail = start + codec.WholeEscapes(e.text[start:])
}

// pieceOfEvent reads what is no JSON: a piece of some, which continues what was so,
// too.
func (rec *record) pieceOfEvent(at span) {
	e := rec.sliced
	if at.end == len(e.text) && !e.whole {
		e.goesOn(at.start)
	}
	before := len(rec.parts)
	rec.add(RoleReply, rec.decode(codec.JSON, e.text[at.start:at.end]), rec.at(uint32(at.start), uint32(at.end), codec.JSON))
	for i := before; i < len(rec.parts); i++ {
		rec.unit.runs = append(rec.unit.runs, rec.extend("cut", RoleReply, i, rec.parts[i].Text))
	}
}

// addSliced makes parts of what the slice brought of a text. An escape that began
// in an earlier slice is read here, and cannot be rewritten: half of it is gone.
func (r *reading) addSliced(role Role, text string, l loc) {
	e := r.sliced
	start, end, seen := int(l.start), int(l.end), max(0, -e.base)
	switch {
	case l.parent == fromHeader:
		r.put(role, text, l)
		return
	case end <= seen:
		return
	case start >= seen && end < len(e.text) || e.whole && start >= seen:
		r.put(role, text, l.shift(e.base))
		return
	case l.codec != codec.JSON: // a number or base64 cannot be put together again
		r.put(role, text, loc{parent: fromHeader})
		return
	}
	k := link{start: start, continues: start < e.read && e.begun != "", open: start == e.open}
	if k.open {
		end = e.tail
	}
	from := start
	if k.continues {
		from = e.read
	}
	if next := from; from < seen {
		for next < min(seen, end) {
			_, n := codec.JSON.Unit(e.text[next:end])
			next += n
		}
		if next < seen {
			return // all of it is the beginning of an escape
		}
		fixed := k
		fixed.part, fixed.fixed = len(r.parts), true
		l.start, l.end = uint32(seen), uint32(next)
		r.put(role, r.decode(codec.JSON, e.text[from:next]), l.shift(e.base))
		e.links = append(e.links, fixed)
		from = next
	}
	if from < end {
		k.part = len(r.parts)
		l.start, l.end = uint32(from), uint32(end)
		r.put(role, r.decode(codec.JSON, e.text[from:end]), l.shift(e.base))
		e.links = append(e.links, k)
	}
}

// shift moves a place by a number of bytes.
func (l loc) shift(by int) loc {
	l.start, l.end = uint32(int(l.start)+by), uint32(int(l.end)+by)
	return l
}

// follow names the channel of a part whose own name would be another.
func (e *slicedEvent) follow(part int, name string) string {
	for i := range e.links {
		if k := &e.links[i]; k.part == part {
			if k.continues {
				name = e.begun
			}
			k.name = name
		}
	}
	return name
}

// cutName begins the names of channels of strings that would stand for themselves.
const cutName = "cut "

// link makes runs of the parts that go on over slices and have none, and notes
// what goes on after this one.
func (rec *record) link(t *topic) {
	e, begun := rec.sliced, ""
	if e.open >= 0 && e.open < -e.base {
		begun = e.begun
	}
	for i := range e.links {
		k := &e.links[i]
		at := slices.IndexFunc(rec.unit.runs, func(x run) bool { return x.part == k.part })
		if at < 0 {
			at = len(rec.unit.runs)
			if i == 0 || e.links[i-1].start != k.start {
				t.cuts++
			}
			part := rec.parts[k.part]
			rec.unit.runs = append(rec.unit.runs, rec.extend(cutName+strconv.Itoa(t.cuts), part.Role, k.part, part.Text))
		}
		rec.unit.runs[at].fixed = k.fixed
		rec.unit.runs[at].closes = !k.open && strings.HasPrefix(k.name, cutName)
		if k.open {
			begun = k.name
		}
	}
	slices.SortFunc(rec.unit.runs, func(a, b run) int { return a.part - b.part })
	e.begun, e.read = begun, e.tail
}

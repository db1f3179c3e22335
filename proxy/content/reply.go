package content

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Asked is what a reply answers, as the request's [Extract] said it.
type Asked struct {
	Format    string // Extract.Format
	Kind      Kind
	Streaming bool
	Stream    *Stream // of messages that the reply answers with its own; nil: none
}

// A Reply reads a reply as it comes and passes it on piece by piece. What comes
// in is cut into records (events, lines, chunks of text); a record has texts
// that stand for themselves and texts that continue those of earlier records,
// which are joined into channels, so that a value cut over many records is one
// text. The bytes of a record that no edit touches are passed on as they came.
//
// The caller's loop: [Reply.Write] takes bytes and returns the parts that they
// brought; [Reply.Release] takes edits in those parts and the places from which
// text is held, and returns what may go on. It serves one goroutine.
type Reply struct {
	// Opaque lists what cannot be read of the reply by its nature: image, audio,
	// file, binary.
	Opaque []string
	// Document says that the reply is one JSON text; Whole that it is known to be
	// no stream.
	Document, Whole bool

	format   *Format
	framing  framing
	lim      Limits
	pending  []byte  // bytes that make no whole record yet
	queue    []*unit // records that have not been passed on, in order
	channels map[string]*channel
	parts    []Part
	places   []place
	grown    []*channel
	state    replyState // the format's own
	topics   map[string]*topic
	sliced   int   // bytes of unfinished events in topics
	whole    int   // bytes of channels' whole texts
	read     int   // parts
	edited   int   // places that were replaced
	events   int64 // records with text in them
	released int64 // records
	begins   byte  // the first byte that was released and is no white space
	ends     byte  // the last one
}

// place is where a part of the last Write stands.
type place struct {
	channel *channel // nil: a text that stands for itself
	unit    *unit
	part    int // of the unit
}

// maxChannels is how many channels are remembered although nothing of them is held.
const maxChannels = 256

// mostPending is how much memory is kept for the next record, in bytes.
const mostPending = 64 << 10

// OpenReply prepares to read a reply. It is nil when the reply is none that is
// read: one without a body, the program and style of a page, what answers the
// background calls of an app or a sign-in.
func OpenReply(h *Head, asked Asked, status int, header http.Header, lim Limits) *Reply {
	if h.Role == "auth" || asked.Kind == KindSignIn {
		return nil
	}
	r := &Reply{lim: lim, channels: map[string]*channel{}}
	for i := range formats {
		if formats[i].Name == asked.Format {
			r.format = &formats[i]
		}
	}
	if asked.Stream != nil {
		r.openMessages(asked.Stream, header)
		return r
	}
	if h.Method == http.MethodHead || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified {
		return nil
	}
	ctype, param := mediaType(header.Get("Content-Type"))
	streams := ctype == "text/event-stream"
	if asked.Kind == KindOther && !streams && (HasFormat(h.Wire) || !isData(ctype)) {
		return nil
	}
	switch {
	case isAsset(ctype):
		return nil
	case slices.Contains(protobufTypes, ctype) && (ctype == protobufTypes[0] || header.Get("Content-Length") != ""): // no stream
		r.framing, r.Whole = &protobufFraming{lim}, true
		return r
	case r.format != nil && r.format.Reply != nil && r.format.Reply.framing != nil:
		r.framing = r.format.Reply.framing(header, lim)
	}
	switch {
	case r.framing != nil:
	case streams:
		r.framing = &eventFraming{limit: lim.record()}
	case isJSONType(ctype), isTextType(ctype), ctype == "":
		r.framing = &guessedFraming{label: param["charset"], limit: lim.record()}
	default:
		name := opaqueName(ctype)
		if name == "file" {
			name = "binary"
		}
		r.Opaque = []string{name}
	}
	r.Document = ctype == "application/json" || strings.HasSuffix(ctype, "+json") && ctype != "application/stream+json"
	r.Whole = r.Document && r.format != nil && !asked.Streaming
	return r
}

// UnreadReply is a reply that is not read, and why.
func UnreadReply(opaque string) *Reply { return &Reply{Opaque: []string{opaque}} }

// Reads reports whether the reply's text is read.
func (r *Reply) Reads() bool { return r.framing != nil }

// Parts is how many parts have been read so far.
func (r *Reply) Parts() int { return r.read }

// Edits is how many places were replaced in what was released.
func (r *Reply) Edits() int { return r.edited }

// Events is how many records with text have come.
func (r *Reply) Events() int64 { return r.events }

// Holds reports whether records are held that would go on if nothing followed.
func (r *Reply) Holds() bool { return len(r.queue) > 0 }

// Progress is a number that grows with what is released and with the texts for
// whose ends the first held record waits. Other texts of the stream may go on and
// on meanwhile.
func (r *Reply) Progress() int64 {
	progress := r.released
	if len(r.queue) > 0 {
		for _, x := range r.queue[0].runs {
			if x.end > x.channel.hold {
				progress += x.channel.end()
			}
		}
	}
	return progress
}

// Continues reports whether a part of the last call belongs to a channel, so that
// what follows may go on from it.
func (r *Reply) Continues(part int) bool { return r.places[part].channel != nil }

// Ended reports whether the stream says that the text of a part is complete.
func (r *Reply) Ended(part int) bool {
	c := r.places[part].channel
	return c == nil || c.ended
}

// Size is how many bytes are held.
func (r *Reply) Size() int {
	size := cap(r.pending) + r.sliced + r.whole
	for _, u := range r.queue {
		size += 2 * len(u.raw)
	}
	return size
}

// Write takes the next bytes and returns the parts that they brought: texts that
// stand for themselves, and for each channel that grew the end of its text. last
// says that nothing follows. The parts hold until the next call.
func (r *Reply) Write(p []byte, last bool) ([]Part, error) {
	r.begin()
	r.pending = append(r.pending, p...)
	done := 0
	for done < len(r.pending) || last {
		u, n, err := r.framing.next(r.pending[done:], last)
		if err != nil {
			return nil, fmt.Errorf("read reply: %w", err)
		}
		if n == 0 {
			break
		}
		done += n
		if err := r.lim.reserve(2 * int64(n)); err != nil { // its bytes and its text
			return nil, fmt.Errorf("read reply: %w", err)
		}
		if err := r.take(u); err != nil {
			return nil, fmt.Errorf("read reply: %w", err)
		}
	}
	switch {
	case done == len(r.pending) && done > mostPending:
		r.pending = nil
	case done > 0:
		r.pending = append(r.pending[:0], r.pending[done:]...)
	}
	if last {
		r.wake()
	}
	r.offer()
	return r.parts, nil
}

// Held returns, as Write does, the channels of which text is held.
func (r *Reply) Held() []Part {
	r.begin()
	r.wake()
	r.offer()
	return r.parts
}

func (r *Reply) begin() {
	r.parts, r.places, r.grown = r.parts[:0], r.places[:0], r.grown[:0]
}

// offer makes a part of each channel that grew.
func (r *Reply) offer() {
	for _, c := range r.grown {
		c.grew = false
		r.parts = append(r.parts, Part{Text: string(c.window), Role: c.role})
		r.places = append(r.places, place{channel: c})
	}
}

// take reads a record and puts it at the end of the queue.
func (r *Reply) take(u *unit) error {
	r.queue = append(r.queue, u)
	if u.m == nil {
		return nil
	}
	if !u.loose {
		r.events++
	}
	rec := newRecord(r, u)
	if err := rec.read(); err != nil {
		return err
	}
	if len(u.ends) > 0 {
		r.endTexts(u.ends)
	}
	r.read += len(u.m.Parts)
	for _, name := range u.m.Opaque {
		if !slices.Contains(r.Opaque, name) {
			r.Opaque = append(r.Opaque, name)
		}
	}
	runs, outer := u.runs, u.outer()
	for i, part := range u.m.Parts {
		if len(runs) > 0 && runs[0].part == i {
			if !runs[0].again {
				runs[0].channel.grow(r, part.Text)
			}
			if runs[0].closes {
				runs[0].channel.ended = true
			}
			runs = runs[1:]
			continue
		}
		if outer[int32(i)] {
			continue
		}
		r.parts = append(r.parts, part)
		r.places = append(r.places, place{unit: u, part: i})
	}
	return nil
}

// CanEdit reports whether an edit of a part can be made.
func (r *Reply) CanEdit(part int) bool {
	at := r.places[part]
	if at.channel != nil {
		return at.channel.role != RoleOther
	}
	return at.unit.m.CanRewrite(at.part)
}

// Release makes edits in the parts of the last call and returns the records that
// may go on. From hold[i] on the text of part i is held; of a part that belongs to
// no channel the whole record is, for good. No holds release everything. Edits of a channel that were made before
// stay as far as their text is passed on. The parts are let go.
func (r *Reply) Release(edits []Edit, hold []int) ([][]byte, error) {
	for i, at := range r.places {
		own := func(yield func(Edit) bool) {
			for _, e := range edits {
				if e.Part == i && !yield(e) {
					return
				}
			}
		}
		if at.channel == nil {
			for e := range own {
				e.Part = at.part
				at.unit.edits = append(at.unit.edits, e)
			}
			at.unit.bars = i < len(hold) && hold[i] < len(r.parts[i].Text)
			continue
		}
		c := at.channel
		c.edits = slices.DeleteFunc(c.edits, func(e channelEdit) bool { return !e.put && e.start >= c.hold })
		for e := range own {
			c.edit(channelEdit{start: c.base + int64(e.Start), end: c.base + int64(e.End), text: e.Text})
		}
		c.hold = c.end()
		if i < len(hold) {
			c.hold = c.base + int64(hold[i])
		}
	}
	var out [][]byte
	for len(r.queue) > 0 {
		u := r.queue[0]
		if !u.free() && !r.cut(u) {
			break
		}
		raw, err := r.seal(u)
		if err != nil {
			return nil, fmt.Errorf("edit reply: %w", err)
		}
		if len(raw) > 0 {
			out = append(out, raw)
			r.passing(raw)
		}
		if r.format != nil && r.format.Reply != nil && r.format.Reply.passed != nil {
			r.format.Reply.passed(r, u)
		}
		r.queue[0] = nil // the array keeps nothing of it
		r.queue = r.queue[1:]
		r.released++
	}
	for _, at := range r.places {
		if at.channel != nil {
			at.channel.trim()
		}
	}
	if len(r.channels) > maxChannels { // an origin that gives every record another name
		for name, c := range r.channels {
			if c.hold == c.end() {
				r.whole -= len(c.whole)
				delete(r.channels, name)
			}
		}
	}
	clear(r.parts)
	clear(r.places)
	r.begin()
	return out, nil
}

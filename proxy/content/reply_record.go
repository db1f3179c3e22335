package content

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// replyFormat tells what is special about a format's replies. All its fields may
// be nil: any stream of JSON is read without it.
type replyFormat struct {
	// framing cuts a reply that the media type alone does not tell how to cut.
	framing func(header map[string][]string, lim Limits) framing
	// lines says that a stream is lines of JSON.
	lines bool
	// arrays says that a stream may be one JSON array.
	arrays bool
	// read reads the document of a record and reports whether it did: which of its
	// strings continue earlier ones (record.join) and which stand for themselves
	// (record.whole). What it does not do is done by the generic reader.
	read func(rec *record) bool
	// passed sees each record that goes on to the client.
	passed func(r *Reply, u *unit)
	// end is how a stream ends in the format's dialect with a notice in it.
	end func(r *Reply, n Notice) []byte
}

// replyState is what a format keeps of a stream.
type replyState struct {
	path, op string // of patches, the last ones
	message  int    // which message of the stream the patches belong to
	begun    bool   // the stream's first record was passed on
	block    int    // the block of content that is open on the client's side, and its kind
	open     string
	ids      map[string]string // whatever the end of the stream has to repeat
}

// record is one run of reading a record.
type record struct {
	*reading
	reply *Reply
	unit  *unit
	topic string // of several streams in one
	path  []byte
}

func newRecord(r *Reply, u *unit) *record {
	return &record{reading: &reading{m: u.m, h: &Head{}, lim: r.lim, inner: inner{part: fromBody}}, reply: r, unit: u}
}

// read finds the parts of a record and those of them that continue a channel.
func (rec *record) read() error {
	u := rec.unit
	if u.loose {
		u.runs = append(u.runs, rec.extend("text", RoleReply, 0, u.m.Parts[0].Text))
		return nil
	}
	if u.protobuf != noProtobuf {
		if err := rec.readProtobuf(); err != nil {
			return err
		}
		u.m.Parts, u.m.locs = rec.parts, rec.locs
		return nil
	}
	text := u.m.plain.Text
	switch trimmed := strings.TrimLeft(text, " \t\r\n\x1e"); {
	case trimmed == "" || trimmed == "[DONE]":
		return nil
	case trimmed[0] == '{', trimmed[0] == '[', trimmed[0] == '"':
		doc, err := scanJSON(text, false, false, rec.lim.reserve)
		if err == nil {
			rec.doc, u.doc = doc, doc
			rec.document()
			break
		}
		if !errors.Is(err, ErrMalformed) {
			return err
		}
		rec.joinSpan("data")
	default:
		rec.joinSpan("data")
	}
	if rec.err != nil {
		return rec.err
	}
	u.m.Parts, u.m.locs = rec.parts, rec.locs
	return nil
}

// endings are how the types of events end that say of a text that it is complete,
// in all the dialects that have such events.
var endings = []string{"done", "stop", "end", "complete", "completed", "finish", "finished"}

// endsReply reports whether a document says that the text before it is complete.
func endsReply(d *jsondoc.Document) bool {
	for _, name := range []string{"type", "event"} {
		if at := d.Field(0, name); at >= 0 && d.Nodes[at].Kind == '"' {
			text := d.Name(at)
			lower := strings.ToLower(text)
			if slices.ContainsFunc(endings, func(end string) bool {
				n := len(lower) - len(end)
				return len(lower) == len(text) && strings.HasSuffix(lower, end) && (n == 0 || text[n] != lower[n] || lower[n-1] < 'a' || lower[n-1] > 'z')
			}) {
				return true
			}
		}
	}
	return false
}

// scope are texts of a stream: those of a topic, or of an item in it.
type scope struct{ topic, item string }

func (s scope) has(channel string) bool {
	return strings.HasPrefix(channel, s.topic) && strings.Contains(channel, s.item)
}

// endings notes of which texts the document says that they are complete.
func (rec *record) endings() {
	if !endsReply(&rec.doc) {
		return
	}
	s := scope{topic: rec.topic}
	if at := rec.doc.Field(0, "item_id"); at >= 0 && rec.doc.Nodes[at].Kind == '"' {
		s.item = "=" + rec.doc.Text[rec.doc.Nodes[at].Start:rec.doc.Nodes[at].End]
	}
	rec.unit.ends = append(rec.unit.ends, s)
}

// document reads a JSON document.
func (rec *record) document() {
	rec.endings()
	f := rec.reply.format
	if f != nil && f.Reply != nil && f.Reply.read != nil && f.Reply.read(rec) {
		return
	}
	rec.walkReply(0)
}

// extend says that a part continues a channel.
func (rec *record) extend(name string, role Role, part int, text string) run {
	if rec.sliced != nil {
		name = rec.sliced.follow(part, name)
	}
	c := rec.reply.channel(rec.topic+name, role)
	start := c.end()
	for _, x := range rec.unit.runs { // of this record, not in the window yet
		if x.channel == c {
			start = x.end
		}
	}
	return run{part: part, channel: c, start: start, end: start + int64(len(text))}
}

// join makes a string of the document a part that continues the channel of a
// name.
func (rec *record) join(name string, role Role, n int) {
	before := len(rec.parts)
	rec.str(role, n)
	for i := before; i < len(rec.parts); i++ {
		rec.unit.runs = append(rec.unit.runs, rec.extend(name, role, i, rec.parts[i].Text))
	}
}

// grows adds a text that stands in the payload at l and repeats what the channel of
// a name had before it goes on, as services do that send the whole text with each
// record. What is repeated is a part of its own, in which the channel's edits are
// made again. A text that does not go on from the last one begins a channel anew.
func (rec *record) grows(name string, role Role, text string, l loc) {
	c := rec.reply.channel(name, role)
	if !strings.HasPrefix(text, c.whole) {
		rec.reply.channels[name+"#"+strconv.Itoa(len(rec.reply.channels))] = c
		delete(rec.reply.channels, name)
		c = rec.reply.channel(name, role)
	}
	known := len(c.whole)
	c.whole = strings.Clone(text)
	rec.reply.whole += len(text) - known
	at := []codec.Change{{Start: known, End: known}}
	l.codec.Ranges(rec.m.plain.Text[l.start:l.end], at)
	old, added := l, l
	old.end = l.start + uint32(at[0].Start)
	added.start = old.end
	if known > 0 {
		rec.unit.runs = append(rec.unit.runs, run{part: len(rec.parts), channel: c, end: int64(known), again: true})
		rec.add(role, text[:known], old)
	}
	if known < len(text) {
		rec.unit.runs = append(rec.unit.runs, run{part: len(rec.parts), channel: c, start: int64(known), end: int64(len(text))})
		rec.add(role, text[known:], added)
	}
}

// joinSpan makes the whole payload a part that continues a channel.
func (rec *record) joinSpan(name string) {
	rec.addSpan(RoleReply, 0, len(rec.m.plain.Text))
	if len(rec.parts) == 1 {
		rec.unit.runs = append(rec.unit.runs, rec.extend(name, RoleReply, 0, rec.parts[0].Text))
	}
}

// whole makes every string of a subtree a part that stands for itself.
func (rec *record) whole(n int) { rec.walk(RoleReply, n) }

// continued are the names under which services put text that comes in pieces. A
// string that only looks so costs nothing but the context of its neighbours.
var continued = map[string]bool{
	"delta": true, "text": true, "content": true, "token": true, "chunk": true, "answer": true, "response": true, "completion": true,
	"message": true, "msg": true, "output": true, "output_text": true, "outputText": true, "generation": true, "generated_text": true,
	"partial_json": true, "arguments": true, "input": true, "reasoning": true, "reasoning_content": true, "thinking": true, "refusal": true,
	"transcript": true, "snippet": true, "value": true, "v": true, "t": true, "data": true, "writeAtCursor": true, "youChatToken": true,
}

// counters are the names of fields that tell several texts of one stream apart.
var counters = []string{"index", "output_index", "content_index", "summary_index", "contentBlockIndex", "item_id", "type", "event"}

// walkReply reads a subtree of any shape: strings under the names that streams
// use continue the earlier ones at the same place, all others stand for
// themselves.
func (rec *record) walkReply(n int) { rec.value(n, "") }

func (rec *record) value(n int, key string) {
	v := &rec.doc.Nodes[n]
	kept := len(rec.path)
	switch v.Kind {
	case '{':
		rec.count(n)
		for k, value := range rec.doc.Fields(n) {
			rec.key(RoleReply, k)
			at := len(rec.path)
			name := rec.doc.Name(k)
			rec.path = append(append(rec.path, '.'), name...)
			rec.value(value, name)
			rec.path = rec.path[:at]
		}
	case '[':
		i := 0
		for item := range rec.doc.Items(n) {
			at := len(rec.path)
			if !rec.counted(item) {
				rec.path = strconv.AppendInt(append(rec.path, '#'), int64(i), 10)
			}
			rec.value(item, key)
			rec.path = rec.path[:at]
			i++
		}
	case '"':
		if continued[key] || n == 0 && rec.unit.event == "" { // a stream of strings
			if v.End-v.Start > 5 && rec.doc.Text[v.Start] == 'd' && rec.dataURL(n) {
				break
			}
			rec.join(string(rec.path), RoleReply, n)
			break
		}
		rec.whole(n)
	default:
		rec.whole(n)
	}
	rec.path = rec.path[:kept]
}

// count puts the counters of an object into the path.
func (rec *record) count(n int) {
	for _, name := range counters {
		at := rec.doc.Field(n, name)
		if at < 0 {
			continue
		}
		v := &rec.doc.Nodes[at]
		if text := rec.doc.Text[v.Start:v.End]; v.Kind == '0' || v.Kind == '"' && len(text) <= 64 {
			rec.path = append(append(rec.path, '='), text...)
		}
	}
}

// counted reports whether an object of an array says itself which one it is.
func (rec *record) counted(n int) bool {
	return rec.doc.Nodes[n].Kind == '{' && rec.doc.Field(n, "index") >= 0
}

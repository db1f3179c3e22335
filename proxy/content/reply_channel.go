package content

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"unicode/utf8"
)

// channel is one text that comes in pieces.
type channel struct {
	role   Role
	window []byte // the end of the text: what is held, and context before it
	base   int64  // where the window begins
	hold   int64  // what stands before may be passed on
	passed int64  // what stands before was passed on: its record may wait for another channel
	edits  []channelEdit
	grew   bool
	ended  bool   // the stream said so, and nothing has come since
	whole  string // all of the text, where each record repeats it
	last   string // the last piece of it, where it may be a name
}

// maxName bounds the name of a channel, in bytes; of a longer one its hash is kept.
const maxName = 512

// channelEdit replaces a range of a channel's text. Its text is put where the
// first byte of the range that is still here stands.
type channelEdit struct {
	start, end int64
	text       string
	put        bool
}

// replyContext is how much of a channel's text that was passed on is kept to
// read what follows, in bytes.
const replyContext = 1 << 10

// channel is the channel of a name.
func (r *Reply) channel(name string, role Role) *channel {
	if len(name) > maxName { // keys are the service's to choose
		sum := sha256.Sum256([]byte(name))
		name = string(sum[:])
	}
	c := r.channels[name]
	if c == nil {
		c = &channel{role: role}
		r.channels[name] = c
	}
	return c
}

func (c *channel) end() int64 { return c.base + int64(len(c.window)) }

func (c *channel) grow(r *Reply, text string) {
	c.window = append(c.window, text...)
	c.ended = false
	if !c.grew {
		c.grew = true
		r.grown = append(r.grown, c)
	}
}

// wake takes a channel of which text is held for grown.
func (c *channel) wake(r *Reply) {
	if c.hold < c.end() && !c.grew {
		c.grew = true
		r.grown = append(r.grown, c)
	}
}

// wake does so with every channel.
func (r *Reply) wake() {
	for _, c := range r.channels {
		c.wake(r)
	}
}

// endTexts notes which texts are complete. What is held of them is looked at again.
func (r *Reply) endTexts(ends []scope) {
	for name, c := range r.channels {
		if slices.ContainsFunc(ends, func(s scope) bool { return s.has(name) }) {
			c.ended = true
			c.wake(r)
		}
	}
}

// edit adds an edit and takes in those that it overlaps: a value that went on.
func (c *channel) edit(e channelEdit) {
	c.edits = slices.DeleteFunc(c.edits, func(o channelEdit) bool {
		if e.start >= o.end || o.start >= e.end {
			return false
		}
		e.start, e.end = min(o.start, e.start), max(o.end, e.end)
		if o.put {
			e.put, e.text = true, o.text
		}
		return true
	})
	c.edits = append(c.edits, e)
}

// trim drops what is no context any more.
func (c *channel) trim() {
	drop := int(c.hold-c.base) - replyContext
	for _, e := range c.edits { // a value that goes on is seen from its beginning
		if e.end >= c.hold {
			drop = min(drop, int(e.start-c.base))
		}
	}
	if drop = max(drop, len(c.window)-maxWindow); drop < replyContext {
		return // not worth the copy
	}
	for drop > 0 && drop < len(c.window) && !utf8.RuneStart(c.window[drop]) {
		drop--
	}
	c.base += int64(drop)
	if rest := c.window[drop:]; cap(c.window) > 2*maxWindow {
		c.window = bytes.Clone(rest)
	} else {
		c.window = append(c.window[:0], rest...)
	}
	if c.whole == "" {
		c.edits = slices.DeleteFunc(c.edits, func(e channelEdit) bool { return e.end <= c.base && e.end <= c.passed })
	}
}

// maxWindow bounds a channel's window: a value longer than this is seen in parts.
const maxWindow = 64 << 10

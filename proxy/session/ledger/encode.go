package ledger

import (
	"encoding/binary"
	"slices"
)

// The encoding of a record, version 1. Numbers are unsigned varints unless said
// otherwise; times are how long before the record's newest they were; counts stand
// before what is counted.
//
//	version    byte, 1
//	flags      byte, bit 0: moved
//	seal of the one it took in, newest time in seconds
//	days       day before the newest, prompts, bytes
//	hours      hour before the newest, coached, blocked
//	names      length, bytes
//	lists      entity, app, family (indexes of names)
//	           values: sum (8 bytes, little endian), time
//	           cells: 64 × steps from the register before + rank, time
//	exchanges  id (8 bytes), time
//	permits    flags (bit 0: as it is, bit 1: holding), rule (a name), prompt (16 bytes), from, until (seconds since 1970)
//	tails      app, conversation (names), time, length, bytes
const version = 1

const maxNames = 3*maxLists + maxPermits + 2*maxTails

const (
	flagMoved   = 1
	flagAsIs    = 1
	flagHolding = 2
)

// encode appends the encoding.
func (r *record) encode(b []byte) []byte {
	names := names{list: make([]string, 0, 32), index: make([]uint64, 0, 3*len(r.lists)+len(r.permits)+2*len(r.tails))}
	for i := range r.lists {
		l := &r.lists[i]
		names.add(l.entity)
		names.add(l.app)
		names.add(l.family)
	}
	for _, p := range r.permits {
		names.add(p.Rule)
	}
	for _, t := range r.tails {
		names.add(t.App)
		names.add(t.Conversation)
	}

	b = slices.Grow(b, r.room()+names.size)
	flags := byte(0)
	if r.moved {
		flags |= flagMoved
	}
	b = append(b, version, flags)
	b = number(b, r.took)
	b = number(b, uint64(r.at))
	b = number(b, uint64(len(r.days)))
	for _, d := range r.days {
		b = number(number(number(b, uint64(r.at/day-d.day)), d.prompts), d.bytes)
	}
	b = number(b, uint64(len(r.hours)))
	for _, h := range r.hours {
		b = number(number(number(b, uint64(r.at/hour-h.hour)), h.coached), h.blocked)
	}
	b = number(b, uint64(len(names.list)))
	for _, name := range names.list {
		b = append(number(b, uint64(len(name))), name...)
	}
	b = number(b, uint64(len(r.lists)))
	for i := range r.lists {
		l := &r.lists[i]
		b = number(b, names.next())
		b = number(b, names.next())
		b = number(b, names.next())
		b = number(b, uint64(len(l.values)))
		for _, v := range l.values {
			b = binary.LittleEndian.AppendUint64(b, v.sum)
			b = number(b, uint64(r.at-v.at))
		}
		b = number(b, uint64(len(l.older)))
		register := uint16(0)
		for _, c := range l.older {
			b = number(b, uint64(c.register-register)<<6|uint64(c.rank))
			b = number(b, uint64(r.at-c.at))
			register = c.register
		}
	}
	b = number(b, uint64(len(r.recents)))
	for _, e := range r.recents {
		b = binary.LittleEndian.AppendUint64(b, e.id)
		b = number(b, uint64(r.at-e.at))
	}
	b = number(b, uint64(len(r.permits)))
	for _, p := range r.permits {
		flags := byte(0)
		if p.AsIs {
			flags |= flagAsIs
		}
		if p.Holding {
			flags |= flagHolding
		}
		b = number(append(b, flags), names.next())
		b = append(b, p.Prompt[:]...)
		b = number(b, uint64(p.from))
		b = number(b, uint64(seconds(p.Until)))
	}
	b = number(b, uint64(len(r.tails)))
	for _, t := range r.tails {
		b = number(b, names.next())
		b = number(b, names.next())
		b = number(b, uint64(r.at-seconds(t.At)))
		b = append(number(b, uint64(len(t.Text))), t.Text...)
	}
	return b
}

func number(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

// room is about how long the encoding is, without its names.
func (r *record) room() int {
	n := 64 + 12*(len(r.days)+len(r.hours)+len(r.recents)) + 32*len(r.permits)
	for i := range r.lists {
		n += 8 + 11*len(r.lists[i].values) + 5*len(r.lists[i].older)
	}
	for _, t := range r.tails {
		n += 12 + len(t.Text)
	}
	return n
}

// names are those of a record, each once. There are few, and no map is as quick.
type names struct {
	list  []string
	index []uint64 // of what was added, in that order
	size  int      // of their encoding
}

func (n *names) add(name string) {
	i := slices.Index(n.list, name)
	if i < 0 {
		i = len(n.list)
		n.list = append(n.list, name)
		n.size += len(name) + 2
	}
	n.index = append(n.index, uint64(i))
}

// next is the index of the name that was added next.
func (n *names) next() uint64 {
	i := n.index[0]
	n.index = n.index[1:]
	return i
}

package ledger

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"
)

// decode reads a record. What it accepts holds every bound and order that a record
// has; all else is ErrRecord.
func decode(data []byte) (*record, error) {
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrRecord)
	}
	if data[0] != version {
		return nil, fmt.Errorf("%w: it has version %d, and this proxy reads %d", ErrRecord, data[0], version)
	}
	in := &reader{rest: data[1:]}
	r := &record{moved: in.flags(flagMoved) != 0, took: in.number(math.MaxUint64)}
	r.at = uint32(in.number(math.MaxUint32))

	r.days = make([]dayCount, in.length(maxDays))
	for i := range r.days {
		r.days[i] = dayCount{in.before(r.at / day), in.number(maxCount), in.number(maxCount)}
		in.check(i == 0 || r.days[i-1].day < r.days[i].day)
	}
	r.hours = make([]hourCount, in.length(maxHours))
	for i := range r.hours {
		r.hours[i] = hourCount{in.before(r.at / hour), in.number(maxCount), in.number(maxCount)}
		in.check(i == 0 || r.hours[i-1].hour < r.hours[i].hour)
	}
	in.readNames()
	r.lists = make([]list, in.length(maxLists))
	for i := range r.lists {
		l := &r.lists[i]
		l.entity, l.app, l.family = in.name(), in.name(), in.name()
		l.values, l.older = in.values(r.at), in.cells(r.at)
		in.check(i == 0 || cmp.Or(strings.Compare(r.lists[i-1].entity, l.entity), strings.Compare(r.lists[i-1].app, l.app)) < 0)
	}
	r.recents = make([]recent, in.length(maxRecents))
	for i := range r.recents {
		r.recents[i] = recent{in.fixed(), in.before(r.at)}
	}
	r.permits = make([]granted, in.length(maxPermits))
	for i := range r.permits {
		r.permits[i] = in.permit()
	}
	r.tails = make([]Tail, in.length(maxTails))
	for i := range r.tails {
		r.tails[i] = Tail{App: in.name(), Conversation: in.name(), At: date(in.before(r.at)), Text: string(in.bytes(in.length(maxTail)))}
	}
	in.check(len(in.rest) == 0)
	if in.broken {
		return nil, fmt.Errorf("%w: its encoding is broken", ErrRecord)
	}
	return r, nil
}

func date(at uint32) time.Time { return time.Unix(int64(at), 0) }

// A reader takes an encoding apart. Once something is broken all that it gives is
// zero.
type reader struct {
	rest   []byte
	broken bool
	names  []string
}

func (in *reader) check(ok bool) {
	if !ok {
		in.broken, in.rest = true, nil
	}
}

func (in *reader) number(most uint64) uint64 {
	n, size := binary.Uvarint(in.rest)
	if size <= 0 || n > most {
		in.check(false)
		return 0
	}
	in.rest = in.rest[size:]
	return n
}

// length is of a sequence whose members take at least a byte each.
func (in *reader) length(most int) int {
	return int(in.number(uint64(min(most, len(in.rest)))))
}

// before is a time, or a day or hour, that is told from a later one.
func (in *reader) before(base uint32) uint32 { return base - uint32(in.number(uint64(base))) }

func (in *reader) bytes(n int) []byte {
	if n > len(in.rest) {
		in.check(false)
		return nil
	}
	b := in.rest[:n]
	in.rest = in.rest[n:]
	return b
}

func (in *reader) fixed() uint64 {
	b := in.bytes(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (in *reader) flags(known byte) byte {
	b := in.bytes(1)
	if b == nil {
		return 0
	}
	in.check(b[0]&^known == 0)
	return b[0]
}

func (in *reader) readNames() {
	in.names = make([]string, in.length(maxNames))
	for i := range in.names {
		in.names[i] = string(in.bytes(in.length(maxName)))
	}
}

func (in *reader) name() string {
	i := in.number(maxNames)
	if i >= uint64(len(in.names)) {
		in.check(false)
		return ""
	}
	return in.names[i]
}

func (in *reader) values(at uint32) []seen {
	values := make([]seen, in.length(maxValues))
	for i := range values {
		values[i] = seen{in.fixed(), in.before(at)}
		in.check(i == 0 || values[i-1].sum < values[i].sum)
	}
	return values
}

func (in *reader) cells(at uint32) []cell {
	n := in.length(slots * maxCells)
	if n == 0 {
		return nil
	}
	cells := make([]cell, n)
	register, inRegister := uint64(0), 0
	for i := range cells {
		step := in.number((slots-1)<<6 | maxRank)
		register += step >> 6
		c := cell{at: in.before(at), register: uint16(register), rank: uint8(step & (1<<6 - 1))}
		in.check(register < slots && c.rank >= 1 && c.rank <= maxRank)
		if inRegister++; i == 0 || step>>6 > 0 {
			inRegister = 1
		} else {
			in.check(inRegister <= maxCells && cells[i-1].rank < c.rank && cells[i-1].at > c.at)
		}
		cells[i] = c
	}
	return cells
}

func (in *reader) permit() granted {
	flags := in.flags(flagAsIs | flagHolding)
	p := granted{Permit: Permit{Rule: in.name(), AsIs: flags&flagAsIs != 0, Holding: flags&flagHolding != 0}}
	copy(p.Prompt[:], in.bytes(len(p.Prompt)))
	p.from = uint32(in.number(math.MaxUint32))
	p.Until = date(uint32(in.number(math.MaxUint32)))
	return p
}

package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// standing is what the store has of a subject: the record, and what has to be known
// of each key to write it.
type standing struct {
	record  *record // never nil
	version [maxSecrets]uint64
	seal    [maxSecrets]uint64
	found   [maxSecrets]*record
	home    int // the key that it is to be written under
}

// load reads what stands under the keys of a subject. The keys are not read at one
// time: where what was read does not fit together, it is read until nobody has written
// in between.
func (l *Ledger) load(ctx context.Context, key keys) (standing, error) {
	var last [maxSecrets]uint64
	for {
		var s standing
		for i := range l.boxes {
			value, err := l.store.Get(ctx, key[i])
			if err != nil {
				return s, err
			}
			if err := l.note(&s, key, i, value); err != nil {
				return s, err
			}
		}
		apart, err := s.choose(len(l.boxes))
		if err != nil || !apart || s.version == last {
			return s, err
		}
		last = s.version
	}
}

// note takes in what stands under one of the keys.
func (l *Ledger) note(s *standing, key keys, i int, value session.Value) error {
	s.version[i], s.seal[i], s.found[i] = value.Version, 0, nil
	if value.Version == 0 {
		return nil
	}
	name, seal := key[i], sealOf(value.Data)
	if k, ok := l.known.Get(name); ok && k.seal == seal {
		s.seal[i], s.found[i] = seal, k.record
		return nil
	}
	plain, err := l.boxes[i].Open(name, value.Data)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrRecord, name, err)
	}
	r, err := decode(plain)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.seal[i], s.found[i] = seal, r
	l.know(name, value.Data, r)
	return nil
}

// choose makes the record of what was found, and says where it belongs: under the
// first key; but if it lives nowhere, because its move was cut off or goes on just
// now, where it was moved to, so that whoever writes first ends the move. It also
// says whether what was found was apart: two of which none contains the other.
func (s *standing) choose(secrets int) (apart bool, err error) {
	first, second := s.found[0], s.found[1]
	s.home = 0
	switch {
	case first == nil && second == nil:
		s.record = &record{}
		return false, nil
	case secrets == 1 && first.moved:
		return false, fmt.Errorf("%w: it has moved to the key of a newer secret, which this proxy does not have", ErrRecord)
	case second == nil:
		s.record = first
	case first == nil:
		s.record = second
	case first.took == s.seal[1]:
		s.record = first
	case second.took == s.seal[0]:
		s.record = second
	default: // a proxy with one secret alone began it anew
		s.record, apart = first.merged(second), true
	}
	if (first == nil || first.moved) && (second == nil || second.moved) {
		if s.record == first || apart && s.seal[0] > s.seal[1] {
			s.home = 1
		}
	}
	if s.record.moved {
		here := *s.record
		here.moved = false
		s.record = &here
	}
	return apart, nil
}

// put writes the record that is to stand instead. If that fails with ErrConflict,
// what stands there is loaded; if it fails otherwise, it is not known whether it was
// written.
//
// A move takes two writings: what stands under the other key is marked as moved, and
// keeps all that it holds; then the record is written here, with the seal of what it
// took in. Each is a compare-and-swap, so the record never lives under both.
func (l *Ledger) put(ctx context.Context, key keys, s *standing, next *record) error {
	if len(l.boxes) > 1 {
		other := 1 - s.home
		if r := s.found[other]; r != nil && !r.moved {
			moved := *r
			moved.moved = true
			if err := l.write(ctx, key, s, other, &moved); err != nil {
				return err
			}
		}
		if s.found[other] != nil {
			took := *next
			took.took = s.seal[other]
			next = &took
		}
	}
	if err := l.write(ctx, key, s, s.home, next); err != nil {
		return err
	}
	s.record = next
	return nil
}

func (l *Ledger) write(ctx context.Context, key keys, s *standing, i int, r *record) error {
	plain := l.plain.Get().(*[]byte)
	*plain = r.encode((*plain)[:0])
	data := l.boxes[i].Seal(key[i], *plain)
	l.plain.Put(plain)
	value, err := l.store.Put(ctx, key[i], s.version[i], data, lifetime)
	switch {
	case err == nil:
		s.version[i], s.seal[i], s.found[i] = value.Version, sealOf(data), r
		l.know(key[i], data, r)
		return nil
	case !errors.Is(err, ErrConflict):
		return err
	case len(l.boxes) > 1: // the other may have changed too
		fresh, loading := l.load(ctx, key)
		if loading != nil {
			return loading
		}
		*s = fresh
		return err
	}
	if noting := l.note(s, key, i, value); noting != nil {
		return noting
	}
	if _, choosing := s.choose(len(l.boxes)); choosing != nil {
		return choosing
	}
	return err
}

func (l *Ledger) know(key string, sealed []byte, r *record) {
	if len(sealed) > maxKnownBytes {
		l.known.Remove(key)
		return
	}
	l.known.Add(key, known{sealOf(sealed), r})
}

// sealOf tells sealed data apart by its end, which authenticates it.
func sealOf(sealed []byte) uint64 {
	if len(sealed) < 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(sealed[len(sealed)-8:])
}

// merged adds up two records that know nothing of each other.
func (r *record) merged(o *record) *record {
	m := *r
	m.at = max(r.at, o.at)
	m.days, m.hours, m.lists = slices.Clone(r.days), slices.Clone(r.hours), slices.Clone(r.lists)
	for _, d := range o.days {
		m.countDay(d)
	}
	for _, h := range o.hours {
		m.countHour(h)
	}
	w := &writing{record: &m, own: make([]bool, len(m.lists))}
	for _, l := range o.lists {
		w.absorb(l)
	}
	m.recents = last(append(slices.Clone(r.recents), o.recents...), maxRecents)
	m.permits = last(append(slices.Clone(r.permits), o.permits...), maxPermits)
	m.tails = last(append(slices.Clone(r.tails), o.tails...), maxTails)
	return &m
}

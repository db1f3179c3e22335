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
}

// load reads what stands under the keys of a subject.
func (l *Ledger) load(ctx context.Context, key keys) (standing, error) {
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
	return s, s.choose(len(l.boxes))
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

// choose makes the record of what was found.
func (s *standing) choose(secrets int) error {
	var live, moved *record
	var seal uint64
	for i, r := range s.found {
		switch {
		case r == nil:
		case !r.moved && live == nil:
			live = r
		case !r.moved: // a proxy with one secret alone began it anew
			live = live.merged(r)
		case secrets == 1:
			return fmt.Errorf("%w: it has moved to the key of a newer secret, which this proxy does not have", ErrRecord)
		case moved == nil || r.serial > moved.serial:
			moved, seal = r, s.seal[i]
		}
	}
	switch {
	case live == nil && moved == nil:
		s.record = &record{}
	case live == nil: // its move was cut off, and it is complete
		arrived := *moved
		arrived.moved = false
		s.record = &arrived
	case moved != nil && live.took != seal: // the same, and another was written meanwhile
		s.record = live.merged(moved)
	default:
		s.record = live
	}
	return nil
}

// put writes the record that is to stand instead. If that fails with ErrConflict,
// what stands there is loaded; if it fails otherwise, it is not known whether it was
// written.
func (l *Ledger) put(ctx context.Context, key keys, s *standing, next *record) error {
	for i := 1; i < len(l.boxes); i++ { // first take away what stands under the other
		if r := s.found[i]; r != nil && !r.moved {
			moved := *s.record
			moved.moved = true
			moved.serial++
			if err := l.write(ctx, key, s, i, &moved); err != nil {
				return err
			}
		}
		if s.found[i] != nil {
			took := *next
			took.took, took.serial = s.seal[i], max(next.serial, s.found[i].serial+1)
			next = &took
		}
	}
	if err := l.write(ctx, key, s, 0, next); err != nil {
		return err
	}
	s.record = next
	return nil
}

func (l *Ledger) write(ctx context.Context, key keys, s *standing, i int, r *record) error {
	data := l.boxes[i].Seal(key[i], r.encode())
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
	if choosing := s.choose(len(l.boxes)); choosing != nil {
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
	m.serial, m.at = max(r.serial, o.serial), max(r.at, o.at)
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

package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"
)

// Bounds of a record. The package's doc says what happens at each.
const (
	maxValues  = 128 // of a list, exact
	maxPairs   = 64  // lists of an entity at an app
	maxLists   = maxPairs + 32 + 1
	maxDays    = 32
	maxHours   = 26
	maxRecents = 64
	maxPermits = 64
	maxTails   = 4
	maxTail    = 256 // bytes
	maxName    = 255 // bytes of a name: of an app (a host has up to 253), entity, family, rule or conversation
)

// Rest is the app, and the entity, of what found no list of its own.
const Rest = "*"

const (
	hour = 60 * 60
	day  = 24 * hour

	// lifetime of a record, and the longest window.
	lifetime = 30 * 24 * time.Hour
)

// A record is all that is kept of a subject. It is never changed: what is done to
// it makes another, which shares what is the same.
type record struct {
	took    uint64 // the seal of the one under another key that it contains
	at      uint32 // the newest time in it; all times are seconds since 1970
	moved   bool   // it lives on under the key of another secret
	days    []dayCount
	hours   []hourCount
	lists   []list // by entity, then app
	recents []recent
	permits []granted
	tails   []Tail
}

type dayCount struct {
	day            uint32
	prompts, bytes uint64
}

type hourCount struct {
	hour             uint32
	coached, blocked uint64
}

// recent is an exchange that was written.
type recent struct {
	id uint64
	at uint32
}

// seconds rounds up, so that nothing leaves a window early.
func seconds(t time.Time) uint32 {
	s := t.Unix()
	if t.Nanosecond() > 0 {
		s++
	}
	return uint32(min(max(s, 0), math.MaxUint32))
}

// since is when a window began that ends now.
func since(now time.Time, length time.Duration) uint32 { return seconds(now.Add(-length)) }

func exchangeID(exchange string) uint64 {
	sum := sha256.Sum256([]byte(exchange))
	return binary.LittleEndian.Uint64(sum[:])
}

func (r *record) has(id uint64) bool {
	return slices.ContainsFunc(r.recents, func(e recent) bool { return e.id == id })
}

// with is the record after an exchange. What is counted once for an exchange is left
// out if the record has it; values are a set, and go in whatever was written before.
// It is the same record if there is nothing to write.
func (r *record) with(e Entry, now time.Time) (*record, error) {
	id := exchangeID(e.Exchange)
	again := r.has(id)
	if again && r.covers(e.App, e.Values) {
		return r, nil
	}
	next := r.next(now)
	if !again {
		if err := next.spend(e.Used, now); err != nil {
			return nil, err
		}
		next.count(e, now)
		next.recents = append(slices.Clone(next.recents), recent{id, seconds(now)})
		if e.Tail != nil {
			next.tails = append(slices.Clone(next.tails), e.Tail.bounded(now))
		}
	}
	next.expose(e.App, e.Values, seconds(now))
	next.prune(now)
	return next, nil
}

// next is a copy to be changed, of which no slice may be written to.
func (r *record) next(now time.Time) *record {
	next := *r
	next.at = max(r.at, seconds(now))
	return &next
}

func (r *record) count(e Entry, now time.Time) {
	at := seconds(now)
	if e.Prompts > 0 || e.Bytes > 0 {
		r.days = slices.Clone(r.days)
		r.countDay(dayCount{at / day, uint64(e.Prompts), uint64(e.Bytes)})
	}
	if e.Coached > 0 || e.Blocked > 0 {
		r.hours = slices.Clone(r.hours)
		r.countHour(hourCount{at / hour, uint64(e.Coached), uint64(e.Blocked)})
	}
}

func (r *record) countDay(d dayCount) {
	i, found := slices.BinarySearchFunc(r.days, d.day, func(d dayCount, day uint32) int { return cmp.Compare(d.day, day) })
	if !found {
		r.days = slices.Insert(r.days, i, d)
		return
	}
	r.days[i].prompts = plus(r.days[i].prompts, d.prompts)
	r.days[i].bytes = plus(r.days[i].bytes, d.bytes)
}

func (r *record) countHour(h hourCount) {
	i, found := slices.BinarySearchFunc(r.hours, h.hour, func(h hourCount, hour uint32) int { return cmp.Compare(h.hour, hour) })
	if !found {
		r.hours = slices.Insert(r.hours, i, h)
		return
	}
	r.hours[i].coached = plus(r.hours[i].coached, h.coached)
	r.hours[i].blocked = plus(r.hours[i].blocked, h.blocked)
}

// maxCount is the most that a day or hour counts to, so that a window's sum fits.
const maxCount = math.MaxInt64 >> 8

func plus(a, b uint64) uint64 { return min(min(a, maxCount)+min(b, maxCount), maxCount) }

// expose adds values to the lists of an app.
func (r *record) expose(app string, values []Value, at uint32) {
	if len(values) == 0 {
		return
	}
	w := &writing{record: r}
	r.lists = slices.Clone(r.lists)
	w.own = make([]bool, len(r.lists), len(r.lists)+len(values))
	for _, v := range values {
		w.rehash(v)
		l := w.list(v.Entity, app)
		if l.family == "" || weight(l.entity, v.Family) > weight(l.entity, l.family) {
			l.family = v.Family
		}
		l.add(v.Sum[0], at)
	}
}

// writing is a record whose slice of lists may be written to.
type writing struct {
	*record
	own []bool // lists whose slices may be
}

// list is the one for an entity at an app, to be written to.
func (w *writing) list(entity, app string) *list {
	i, found := w.place(entity, app)
	if !found {
		name := w.named(entity, app)
		if i, found = w.place(name.entity, name.app); !found {
			w.lists = slices.Insert(w.lists, i, name)
			w.own = slices.Insert(w.own, i, true)
		}
	}
	return w.owned(i)
}

func (w *writing) owned(i int) *list {
	l := &w.lists[i]
	if !w.own[i] {
		l.values, l.older, w.own[i] = slices.Clone(l.values), slices.Clone(l.older), true
	}
	return l
}

// rehash lets a value that is known by the hash of the secret before be known by
// today's, in all lists of its entity, so that it counts once over all apps.
func (w *writing) rehash(v Value) {
	if v.Sum[1] == 0 {
		return
	}
	for i := range w.lists {
		if entity := w.lists[i].entity; entity != v.Entity && entity != Rest {
			continue
		}
		if at, found := w.lists[i].find(v.Sum[1]); found {
			l := w.owned(i)
			before := l.values[at]
			l.values = slices.Delete(l.values, at, at+1)
			l.add(v.Sum[0], before.at)
		}
	}
}

// absorb adds a list of another record.
func (w *writing) absorb(other list) {
	l := w.list(other.entity, other.app)
	if l.family == "" || weight(l.entity, other.family) > weight(l.entity, l.family) {
		l.family = other.family
	}
	for _, v := range other.values {
		l.add(v.sum, v.at)
	}
	for _, c := range other.older {
		l.older = noted(l.older, c)
	}
}

func (r *record) place(entity, app string) (int, bool) {
	return slices.BinarySearchFunc(r.lists, entity, func(l list, entity string) int {
		return cmp.Or(strings.Compare(l.entity, entity), strings.Compare(l.app, app))
	})
}

// named is the empty list for what has none yet.
func (r *record) named(entity, app string) list {
	if len(r.lists) < maxPairs {
		return list{entity: entity, app: app}
	}
	if _, found := r.place(entity, Rest); found || len(r.lists) < maxLists-1 {
		return list{entity: entity, app: Rest}
	}
	return list{entity: Rest, app: Rest}
}

// covers says whether all values are in the lists of the app.
func (r *record) covers(app string, values []Value) bool {
	for _, v := range values {
		i, found := r.place(v.Entity, app)
		if !found {
			return false
		}
		if _, found = r.lists[i].find(v.Sum[0]); !found {
			return false
		}
	}
	return true
}

// exposed says whether a value is known to have left, to whatever app.
func (r *record) exposed(v Value) bool {
	for i := range r.lists {
		l := &r.lists[i]
		if l.entity != v.Entity {
			continue
		}
		if _, found := l.find(v.Sum[0]); found {
			return true
		}
		if v.Sum[1] != 0 {
			if _, found := l.find(v.Sum[1]); found {
				return true
			}
		}
	}
	return false
}

// prune forgets what no window reaches any more, and holds the bounds.
func (r *record) prune(now time.Time) {
	first, yesterday := since(now, lifetime), since(now, 24*time.Hour)
	if slices.ContainsFunc(r.lists, func(l list) bool { return l.stale(first) }) {
		lists := make([]list, 0, len(r.lists))
		for _, l := range r.lists {
			if l = l.pruned(first); len(l.values)+len(l.older) > 0 {
				lists = append(lists, l)
			}
		}
		r.lists = lists
	}
	r.days = without(r.days, func(d dayCount) bool { return d.day < first/day })
	for len(r.days) > maxDays { // a clock has jumped: the oldest counts as the next
		first := r.days[0]
		first.day = r.days[1].day
		r.days = slices.Clone(r.days[1:])
		r.countDay(first)
	}
	r.hours = without(r.hours, func(h hourCount) bool { return h.hour < yesterday/hour })
	for len(r.hours) > maxHours {
		first := r.hours[0]
		first.hour = r.hours[1].hour
		r.hours = slices.Clone(r.hours[1:])
		r.countHour(first)
	}
	r.recents = without(r.recents, func(e recent) bool { return e.at < yesterday })
	r.recents = last(r.recents, maxRecents)
	r.permits = without(r.permits, func(p granted) bool { return !p.Until.After(now) })
	r.tails = without(r.tails, func(t Tail) bool { return seconds(t.At) < yesterday })
	r.tails = last(r.tails, maxTails)
}

// without is s without those that are to go; s itself if none is.
func without[T any](s []T, goes func(T) bool) []T {
	if !slices.ContainsFunc(s, goes) {
		return s
	}
	return slices.DeleteFunc(slices.Clone(s), goes)
}

func last[T any](s []T, n int) []T { return s[max(0, len(s)-n):] }

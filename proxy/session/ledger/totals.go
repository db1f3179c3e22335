package ledger

import (
	"slices"
	"time"
)

// Totals are what a subject has exposed. Values are counted once each however often
// they left.
type Totals struct {
	Prompts    int   // of the last 30 days
	Bytes      int64 // of those prompts
	Coached24h int   // exchanges that were coached in the last 24 hours
	Blocked24h int   // and that were blocked

	// LeakScore is from 0 to 100: 100p/(p+100), rounded down, where p is the sum over
	// entities of the weight of the family, for each value of the last 24 hours, and
	// of a quarter of it for each older one. The weights: secret 20; phi, pci, exact
	// and fingerprint 10; marking, custom and what is not named here 5; pii and code
	// 2; keyword 1; injection 0, and 0 too a passage of source code (SOURCE_CODE),
	// which is what work consists of: each edit of one is another. So five secrets,
	// ten cards or fifty addresses in a day are 50.
	LeakScore int

	// Exposure is by entity. A value that left to several apps counts once.
	Exposure map[string]Windows
	// Apps is by app, then entity.
	Apps map[string]map[string]Windows

	// Local says that the store is not available: these are the totals that this
	// process knew last, and what has left through it since. Others are missing.
	Local bool
}

// Windows count different values over the last hour, 24 hours and 30 days.
type Windows struct{ H1, H24, D30 int }

func weight(entity, family string) int {
	if entity == "SOURCE_CODE" {
		return 0
	}
	switch family {
	case "secret":
		return 20
	case "phi", "pci", "exact", "fingerprint":
		return 10
	case "pii", "code":
		return 2
	case "keyword":
		return 1
	case "injection":
		return 0
	}
	return 5
}

func (r *record) totals(now time.Time) Totals {
	t := Totals{Exposure: make(map[string]Windows, 8), Apps: make(map[string]map[string]Windows, 4)}
	starts := [3]uint32{since(now, time.Hour), since(now, 24*time.Hour), since(now, lifetime)}
	for _, d := range r.days {
		if d.day >= starts[2]/day {
			t.Prompts += int(d.prompts)
			t.Bytes += int64(d.bytes)
		}
	}
	for _, h := range r.hours {
		if h.hour >= starts[1]/hour {
			t.Coached24h += int(h.coached)
			t.Blocked24h += int(h.blocked)
		}
	}
	points := 0 // in quarters
	all, spare := make([]seen, 0, maxValues), make([]seen, 0, maxValues)
	for i := 0; i < len(r.lists); {
		entity, from, heaviest := r.lists[i].entity, i, 0
		var w Windows
		for all = all[:0]; i < len(r.lists) && r.lists[i].entity == entity; i++ {
			l := &r.lists[i]
			if w = windows(r.lists[i:i+1], l.values, starts); w.D30 > 0 {
				if t.Apps[l.app] == nil {
					t.Apps[l.app] = make(map[string]Windows, 8)
				}
				t.Apps[l.app][entity] = w
			}
			all, spare = united(slices.Grow(spare[:0], len(all)+len(l.values)), all, l.values), all
			heaviest = max(heaviest, weight(entity, l.family))
		}
		if i > from+1 {
			w = windows(r.lists[from:i], all, starts)
		}
		if w.D30 > 0 {
			t.Exposure[entity] = w
			points += heaviest * (w.D30 + 3*w.H24)
		}
	}
	t.LeakScore = 100 * points / (points + 400)
	return t
}

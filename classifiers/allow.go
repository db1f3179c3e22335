package classifiers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// Allowed says what may be there although it is found: one value of an entity, or all
// of them, at some destinations or at all.
type Allowed struct {
	Entity       string
	Hash         string   // of the value: AllowHash; empty: every value
	Destinations []string // ids of apps; none: everywhere
}

// An Allowance leaves out findings that may be there. It never changes; a nil one
// allows nothing. It is applied to what a Set found, not in it, so that what is
// remembered of a text holds for all destinations.
type Allowance struct {
	key      [32]byte
	entities map[string][]Allowed
}

// NewAllowance makes one of its entries; key is that of their hashes.
func NewAllowance(key [32]byte, entries []Allowed) *Allowance {
	a := &Allowance{key: key, entities: map[string][]Allowed{}}
	for _, e := range entries {
		a.entities[e.Entity] = append(a.entities[e.Entity], e)
	}
	return a
}

// AllowHash is what stands for a value in Allowed.Hash: 32 hexadecimal digits of a
// keyed hash of the entity and the value, which is that of Finding.Value.
func AllowHash(key [32]byte, entity, value string) string {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte("sluice allow\x00" + strconv.Itoa(len(entity)) + ":" + entity + value))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// AtLeast returns the findings of that confidence or more, in new memory when one has
// less. Passages of injection stay, whose confidence is a score for rules to judge.
func AtLeast(found []Finding, confidence float64) []Finding {
	less := func(f Finding) bool { return f.Confidence < confidence && f.Family != Injection }
	if !slices.ContainsFunc(found, less) {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), less)
}

// Keep returns the findings that are not allowed at the destination, in new memory
// when one is. What is disguised, and what is cut over samples, is allowed by its
// entity only: nobody writes a harmless value so.
func (a *Allowance) Keep(found []Finding, samples []Sample, destination string) []Finding {
	if a == nil || len(a.entities) == 0 {
		return found
	}
	for i := range found {
		if a.allows(found[i], samples, destination) {
			kept := slices.Clone(found[:i])
			for _, f := range found[i+1:] {
				if !a.allows(f, samples, destination) {
					kept = append(kept, f)
				}
			}
			return kept
		}
	}
	return found
}

func (a *Allowance) allows(f Finding, samples []Sample, destination string) bool {
	hash := ""
	for _, e := range a.entities[f.Entity] {
		if len(e.Destinations) > 0 && !slices.Contains(e.Destinations, destination) {
			continue
		}
		if e.Hash == "" {
			return true
		}
		if f.Hidden != 0 || f.Split != 0 {
			continue
		}
		if hash == "" {
			hash = AllowHash(a.key, f.Entity, f.Value(samples[f.Sample].Text))
		}
		if e.Hash == hash {
			return true
		}
	}
	return false
}

package classifiers

import (
	"context"
	"sort"
	"strings"
	"unicode/utf8"
)

// reach is how far a value that is cut over samples is followed into a long sample on
// either side of the cut.
const reach = 1024

// piece is a part of a sample inside a seam.
type piece struct {
	sample, from int // text of the sample from this offset
	at           int // stands at this offset of the seam
}

// seam is the text around one or more borders between samples: short samples
// whole, of long ones the reach next to the border. So the seams of a call are
// never longer than its samples.
type seam struct {
	text        strings.Builder
	pieces      []piece
	left, right bool // cut off from more text of a sample on that side
}

// split looks for values that are cut over neighbouring samples of one role and
// adds them to all, one finding for each piece. A value that was found whole in
// one sample keeps its finding, and nothing that touches it is added. The seams
// are texts of their own to the cache; no sample's entry holds what needs a
// neighbour.
func (s *Set) split(ctx context.Context, samples []Sample, all []Finding) ([]Finding, error) {
	whole, number := all[:len(all):len(all)], 0
	add := func(sm *seam, role string) error {
		if len(sm.pieces) < 2 {
			return nil
		}
		text := sm.text.String()
		found, err := s.one(ctx, Sample{Text: text, Role: role})
		if err != nil {
			return err
		}
		for _, f := range found {
			if f.Grade < Whole || s.wide(f) ||
				sm.left && f.Start == 0 || sm.right && f.End == len(text) {
				continue
			}
			parts := sm.cut(f)
			if len(parts) < 2 || s.touches(whole, parts) {
				continue
			}
			number++
			for _, p := range parts {
				p.Split = number
				all = append(all, p)
			}
			if len(all) > s.max {
				return ErrTooMany
			}
		}
		return nil
	}
	for i := 0; i < len(samples); {
		role, sm := samples[i].Role, &seam{}
		if samples[i].Apart || i+1 == len(samples) || samples[i+1].Role != role || samples[i+1].Apart {
			i++
			continue
		}
		for ; i < len(samples) && samples[i].Role == role && !samples[i].Apart; i++ {
			text := samples[i].Text
			if len(text) <= 2*reach {
				sm.add(i, 0, text)
				continue
			}
			head, tail := reach, len(text)-reach
			for !utf8.RuneStart(text[head]) && head > reach-utf8.UTFMax {
				head--
			}
			for !utf8.RuneStart(text[tail]) && tail < len(text)-reach+utf8.UTFMax {
				tail++
			}
			sm.add(i, 0, text[:head])
			sm.right = true
			if err := add(sm, role); err != nil {
				return nil, err
			}
			sm = &seam{left: true}
			sm.add(i, tail, text[tail:])
		}
		if err := add(sm, role); err != nil {
			return nil, err
		}
	}
	if number > 0 {
		sort.SliceStable(all, func(i, j int) bool { return compareFindings(all[i], all[j]) < 0 })
	}
	return all, nil
}

// add puts text of a sample at the end of the seam.
func (sm *seam) add(sample, from int, text string) {
	if text == "" {
		return
	}
	sm.pieces = append(sm.pieces, piece{sample, from, sm.text.Len()})
	sm.text.WriteString(text)
}

// cut maps a finding in the seam to findings in the samples.
func (sm *seam) cut(f Finding) []Finding {
	first := sort.Search(len(sm.pieces), func(i int) bool { return sm.pieces[i].at > f.Start }) - 1
	var parts []Finding
	for i := first; i < len(sm.pieces) && sm.pieces[i].at < f.End; i++ {
		p, end := sm.pieces[i], sm.text.Len()
		if i+1 < len(sm.pieces) {
			end = sm.pieces[i+1].at
		}
		g := f
		g.Sample = p.sample
		g.Start = p.from + max(f.Start, p.at) - p.at
		g.End = p.from + min(f.End, end) - p.at
		parts = append(parts, g)
	}
	return parts
}

// touches tells whether a part overlaps one of the sorted findings of values.
func (s *Set) touches(sorted, parts []Finding) bool {
	for _, p := range parts {
		i := sort.Search(len(sorted), func(i int) bool {
			f := sorted[i]
			return f.Sample > p.Sample || f.Sample == p.Sample && f.Start >= p.End
		})
		for i--; i >= 0 && sorted[i].Sample == p.Sample; i-- {
			if sorted[i].End > p.Start && !s.wide(sorted[i]) {
				return true
			}
		}
	}
	return false
}

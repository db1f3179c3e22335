package injection

import "github.com/sluice-proxy/sluice/classifiers"

// MaxPassage is how many words a passage has at most.
const MaxPassage = 400

// few is how many words speak for one kind by chance.
const few = 4

// A Passage is a run of words that speaks for an injection.
type Passage struct {
	First, Last int // places of words
	Sum         int32
	Score       int32            // Sum, and up to half of what the main kind has of it
	Kinds       [Kinds + 1]int32 // what each kind has of the score, and what says nothing of it
}

// A scan goes along the words once and adds up what their features weigh, less the
// drift. A passage begins where the sum leaves zero and ends at its highest point,
// when the sum has fallen from there by Drop or back to zero (the maximum-sum segment
// of J. Bentley, ended as local alignments are: Altschul et al., 1990, the X-drop).
// A feature counts once in a passage, so that repeating it does not help.
type scan struct {
	seen [1 << 9]mark
	turn uint32 // of the passage
}

type mark struct{ feature, turn uint32 }

// Passages calls report for each passage of the words of text that reaches m.Threshold.
// It reads the words that are near triggers: a clean text has few, and costs little.
func (m *Model) Passages(text string, words []classifiers.Word, report func(Passage)) {
	var s scan
	for at := 0; at < len(words); {
		first, end := m.stretch(text, words, at)
		if first == end {
			return
		}
		s.passages(m, text, words[:end], first, report)
		at = end
	}
}

// stretch is the first run of words from place at on that are near triggers.
func (m *Model) stretch(text string, words []classifiers.Word, at int) (first, end int) {
	if m.Reach == 0 {
		return at, len(words)
	}
	reach := int(m.Reach)
	for i := at; i < len(words) && (end == 0 || i < end+reach); i++ {
		if !isTrigger(text, words, i) {
			continue
		}
		if end == 0 {
			first = max(at, i-reach)
		}
		end = min(len(words), i+reach+1)
	}
	return first, end
}

// passages calls report for each passage of words, from the one at place from on, that
// reaches m.Threshold.
func (s *scan) passages(m *Model, text string, words []classifiers.Word, from int, report func(Passage)) {
	r := Reader{Text: text, Words: words}
	var features [MaxFeatures]uint32
	var best, now Passage
	var sum int32
	begin := func(at int) {
		s.turn++
		sum, now, best = 0, Passage{First: at}, Passage{First: at}
	}
	begin(from)
	for i := from; i < len(words); i++ {
		sum -= m.Drift
		for _, f := range features[:r.Features(i, &features)] {
			w := m.slot(f).Weight
			if w.Value == 0 {
				continue
			}
			at := &s.seen[f>>4%uint32(len(s.seen))]
			if *at == (mark{f, s.turn}) {
				continue
			}
			*at = mark{f, s.turn}
			sum += int32(w.Value)
			if w.Value > 0 {
				now.Kinds[w.Kind] += int32(w.Value)
			}
		}
		if sum > best.Sum {
			best = Passage{First: now.First, Last: i, Sum: sum, Kinds: now.Kinds}
		}
		if sum <= 0 || sum < best.Sum-m.Drop || i-now.First >= MaxPassage {
			best.report(m, report)
			begin(i + 1)
		}
	}
	best.report(m, report)
}

// report calls report for a passage that reaches m.Threshold. What speaks for one kind
// counts more than what speaks for several, as a long prompt of many rules does; but two
// or three words are never of several.
func (p Passage) report(m *Model, report func(Passage)) {
	if p.Sum == 0 {
		return
	}
	words := int32(min(p.Last-p.First+1, few))
	if p.Score = p.Sum + p.Kinds[p.Kind()]*words/(2*few); p.Score >= m.Threshold {
		report(p)
	}
}

// Kind is what most of the score speaks for.
func (p *Passage) Kind() Kind {
	k := Jailbreak
	for i := range Kinds {
		if p.Kinds[i] > p.Kinds[k] {
			k = i
		}
	}
	return k
}

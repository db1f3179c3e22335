package main

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sluice-proxy/sluice/classifiers/injection"
)

// options are what training can be told.
type options struct {
	seed     uint64
	epochs   int
	groups   int     // a feature must occur in so many groups
	rare     float64 // groups in which a feature must occur to be learned at .7 of the rate
	drift    float64 // what each word of a passage costs
	drop     float64 // a passage ends where it has lost that much
	margin   float64 // the score at which a passage is as likely one as not
	gap      float64 // how far from the margin both sides are pushed
	rate     float64
	decay    float64 // L2
	sparse   float64 // L1
	negative float64 // weight of a negative
	own      float64 // weight of a text that is made of a pattern
	reach    int     // Model.Reach
	dropout  float64 // share of the features that a step leaves out
}

// heaviest is the largest weight: no feature alone makes an injection.
const heaviest = 3.5

// A learner learns weights by gradient descent (AdaGrad: Duchi, Hazan and Singer, 2011)
// on the logistic loss of each text's best passage, as the scan would find it: which
// part of a text is the injection need not be said (multiple-instance learning).
type learner struct {
	options
	ids     map[uint32]int32 // of features that are learned
	names   []uint32
	rates   []float64 // of each feature
	weights []float64
	history []float64
	mean    []float64
	seen    []int32 // the turn in which a feature counted last
	turn    int32
	salt    uint32 // chooses the features that are left out now
}

// learn makes a learner of documents.
func learn(all []*document, o options) *learner {
	l := &learner{options: o, ids: map[uint32]int32{}}
	l.choose(all)
	n := len(l.names)
	l.weights, l.history, l.mean, l.seen = make([]float64, n), make([]float64, n), make([]float64, n), make([]int32, n)
	rows := make([][][]int32, len(all))
	weight := make([]float64, len(all))
	size := map[int]float64{}
	for _, d := range all {
		size[d.group]++
	}
	for i, d := range all {
		rows[i] = l.row(d)
		weight[i] = d.weight / math.Sqrt(size[d.group])
		if d.Expand > 0 {
			weight[i] *= o.own
		}
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(o.seed, 1))
	averaged := 0.0
	for epoch := range o.epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			l.salt = random.Uint32()
			l.step(all[i], rows[i], weight[i])
		}
		if epoch >= o.epochs/2 {
			averaged++
			for j, w := range l.weights {
				l.mean[j] += (w - l.mean[j]) / averaged
			}
		}
	}
	l.weights, l.dropout = l.mean, 0
	return l
}

// choose chooses the features that are in enough groups. AdaGrad takes the largest steps
// for what is rare, which is rare in other texts too: those are made smaller.
func (l *learner) choose(all []*document) {
	type seen struct{ last, groups int }
	count := map[uint32]*seen{}
	byGroup := slices.Clone(all)
	slices.SortStableFunc(byGroup, func(a, b *document) int { return cmp.Compare(a.group, b.group) })
	for _, d := range byGroup {
		for _, row := range d.features {
			for _, f := range row {
				s := count[f]
				if s == nil {
					s = &seen{last: -1}
					count[f] = s
				}
				if s.last != d.group {
					s.last = d.group
					s.groups++
				}
			}
		}
	}
	for f, s := range count {
		if s.groups >= l.groups {
			l.names = append(l.names, f)
		}
	}
	slices.Sort(l.names)
	for i, f := range l.names {
		l.ids[f] = int32(i)
		n := float64(count[f].groups)
		l.rates = append(l.rates, l.rate*math.Sqrt(n/(n+l.rare)))
	}
}

// row is the learned features of each word.
func (l *learner) row(d *document) [][]int32 {
	out := make([][]int32, len(d.features))
	for i, fs := range d.features {
		for _, f := range fs {
			if id, ok := l.ids[f]; ok {
				out[i] = append(out[i], id)
			}
		}
	}
	return out
}

type passage struct {
	first, last int
	score       float64
}

// passages finds what the scan of package injection finds, from at on up to end.
func (l *learner) passages(row [][]int32, at, end int, report func(passage)) {
	best := passage{first: at}
	var sum float64
	scale := 1 / (1 - l.dropout)
	l.turn++
	for i := at; i < end; i++ {
		sum -= l.drift
		for _, id := range row[i] {
			if w := l.weights[id]; w != 0 && l.seen[id] != l.turn {
				l.seen[id] = l.turn
				if l.drops(id) {
					continue
				}
				sum += w * scale
			}
		}
		if sum > best.score {
			best.last, best.score = i, sum
		}
		if sum <= 0 || sum < best.score-l.drop || i-best.first >= injection.MaxPassage {
			if best.score > 0 {
				report(best)
			}
			sum, best = 0, passage{first: i + 1}
			l.turn++
		}
	}
	if best.score > 0 {
		report(best)
	}
}

// best is the best passage.
func (l *learner) best(row [][]int32, at, end int) passage {
	top := passage{first: at, last: min(end, at+injection.MaxPassage) - 1}
	l.passages(row, at, end, func(p passage) {
		if p.score > top.score {
			top = p
		}
	})
	return top
}

func (l *learner) step(d *document, row [][]int32, weight float64) {
	if d.positive {
		p := l.best(row, d.lo, d.hi)
		l.update(row, p, weight*(1-sigmoid(p.score-l.margin-l.gap)))
		return
	}
	var all []passage
	l.passages(row, 0, len(row), func(p passage) { all = append(all, p) })
	for _, p := range all {
		if g := sigmoid(p.score - l.margin + l.gap); g > 1e-4 {
			l.update(row, p, -weight*l.negative*g)
		}
	}
}

// update moves the weights of a passage along the gradient.
func (l *learner) update(row [][]int32, p passage, gradient float64) {
	l.turn++
	for i := p.first; i <= p.last; i++ {
		for _, id := range row[i] {
			if l.seen[id] == l.turn {
				continue
			}
			l.seen[id] = l.turn
			if l.drops(id) {
				continue
			}
			g := gradient - l.decay*l.weights[id]
			l.history[id] += g * g
			slow := 1 / math.Sqrt(l.history[id]+1e-8)
			w := l.weights[id] + l.rates[id]*slow*g
			shrink := l.rate * slow * l.sparse
			switch {
			case w > shrink:
				w -= shrink
			case w < -shrink:
				w += shrink
			default:
				w = 0
			}
			l.weights[id] = min(max(w, -heaviest), heaviest)
		}
	}
}

// drops tells whether a feature is left out of this step: with others left out each
// time, what tells an injection is spread over many of its words (Wager, Wang and Liang,
// "Dropout training as adaptive regularization", 2013).
func (l *learner) drops(id int32) bool {
	h := (uint32(id) ^ l.salt) * 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	h ^= h >> 16
	return float64(h) < l.dropout*(1<<32)
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

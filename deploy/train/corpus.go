package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/injection"
)

// A record is a line of a corpus.
type record struct {
	Text   string  `json:"text"`
	Source string  `json:"source"`
	Kind   string  `json:"kind"`
	Group  string  `json:"group"`
	Weight float64 `json:"weight"` // 0: 1
	Expand int     `json:"expand"` // how many texts to make of {a|b} in it; 0: it is a text
	Define string  `json:"define"` // the text is what {@name} stands for in later patterns
	Spans  []span  `json:"spans"`
	Meta   struct {
		Kind string `json:"kind"`
	} `json:"meta"`
}

type span struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Type  string `json:"type"`
}

// A document is a text to learn from.
type document struct {
	record
	words    []classifiers.Word
	features [][]uint32 // of each word
	positive bool
	lo, hi   int // words that the injection is among
	kind     injection.Kind
	knows    bool // kind
	group    int
	weight   float64
	file     string
}

// read reads the corpora. A record is positive when it has a span of a type that
// begins with INJECTION.
func read(files []string, seed uint64) ([]*document, error) {
	var all []*document
	for _, name := range files {
		records, err := readFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		slots := map[string]string{}
		for i, r := range records {
			if r.Define != "" {
				slots[r.Define] = "{" + r.Text + "}"
				continue
			}
			r.Source = cmp.Or(r.Source, name)
			if r.Expand == 0 {
				all = append(all, newDocument(name, r))
				continue
			}
			r.Group = cmp.Or(r.Group, fmt.Sprintf("%s:%d", name, i+1))
			positive := len(r.Spans) > 0 || r.Kind != ""
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			seen := map[string]bool{}
			for range r.Expand {
				e := r
				if e.Text, err = expand(r.Text, slots, random); err != nil {
					return nil, fmt.Errorf("%s: line %d: %w", name, i+1, err)
				}
				if seen[e.Text] {
					continue
				}
				seen[e.Text] = true
				e.Weight = cmp.Or(r.Weight, 1)
				if positive {
					e.Spans = []span{{0, len(e.Text), "INJECTION"}}
				}
				all = append(all, newDocument(name, e))
			}
		}
	}
	return all, nil
}

func readFile(name string) ([]record, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return nil, err
		}
	}
	var all []record
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		var r record
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, r)
	}
	return all, lines.Err()
}

// expand chooses one of the alternatives of each {a|b|c}, which may stand in each other,
// and puts those of a slot for its {@name}.
func expand(text string, slots map[string]string, random *rand.Rand) (string, error) {
	for {
		end := strings.IndexByte(text, '}')
		if end < 0 {
			lines := strings.Split(text, "\n")
			for i, line := range lines {
				lines[i] = strings.Join(strings.Fields(line), " ")
			}
			return strings.Join(lines, "\n"), nil
		}
		begin := strings.LastIndexByte(text[:end], '{')
		if begin < 0 {
			return "", errors.New("a } without a {")
		}
		choices := strings.Split(text[begin+1:end], "|")
		choice := choices[random.IntN(len(choices))]
		if name, ok := strings.CutPrefix(choice, "@"); ok {
			if choice, ok = slots[name]; !ok {
				return "", fmt.Errorf("nothing is defined as %q", name)
			}
		}
		text = text[:begin] + choice + text[end+1:]
	}
}

func newDocument(file string, r record) *document {
	d := &document{record: r, weight: cmp.Or(r.Weight, 1), file: file}
	d.words = classifiers.AppendWords(nil, r.Text, 0, len(r.Text))
	reader := injection.Reader{Text: r.Text, Words: d.words}
	var out [injection.MaxFeatures]uint32
	for i := range d.words {
		n := reader.Features(i, &out)
		d.features = append(d.features, slices.Clone(out[:n]))
	}
	for _, s := range r.Spans {
		if strings.HasPrefix(s.Type, "INJECTION") && s.Start < s.End {
			d.positive = true
			d.lo = slices.IndexFunc(d.words, func(w classifiers.Word) bool { return w.End > s.Start })
			d.hi = len(d.words)
			if n := slices.IndexFunc(d.words, func(w classifiers.Word) bool { return w.Start >= s.End }); n >= 0 {
				d.hi = n
			}
			d.lo = max(d.lo, 0)
			break
		}
	}
	kind := cmp.Or(r.Kind, r.Meta.Kind)
	for k := range injection.Kinds {
		if strings.HasPrefix(kind, k.String()) {
			d.kind, d.knows = k, true
		}
	}
	return d
}

const (
	shingle = 4  // words
	sketch  = 48 // of a text: its smallest shingles
)

// group gives texts that are near copies of each other, and those of one Group, one
// number, so that they are learned from together or judged together.
func group(all []*document, alike float64) int {
	parent := make([]int, len(all))
	for i := range parent {
		parent[i] = i
	}
	var root func(int) int
	root = func(i int) int {
		if parent[i] != i {
			parent[i] = root(parent[i])
		}
		return parent[i]
	}
	names := map[string]int{}
	holders := map[uint64][]int{}
	sizes := make([]int, len(all))
	for i, d := range all {
		if d.Group != "" {
			if j, ok := names[d.Group]; ok {
				parent[root(i)] = root(j)
			}
			names[d.Group] = i
		}
		mine := sketchOf(d)
		sizes[i] = len(mine)
		shared := map[int]int{}
		for _, h := range mine {
			for _, j := range holders[h] {
				shared[j]++
			}
			if len(holders[h]) < 50 {
				holders[h] = append(holders[h], i)
			}
		}
		for j, n := range shared {
			if float64(n) >= alike*float64(max(min(sizes[i], sizes[j]), 1)) {
				parent[root(i)] = root(j)
			}
		}
	}
	numbers := map[int]int{}
	for i, d := range all {
		r := root(i)
		if _, ok := numbers[r]; !ok {
			numbers[r] = len(numbers)
		}
		d.group = numbers[r]
	}
	return len(numbers)
}

func sketchOf(d *document) []uint64 {
	var hashes []uint64
	for i := 0; i == 0 || i+shingle <= len(d.words); i++ {
		h := fnv.New64a()
		for _, w := range d.words[i:min(i+shingle, len(d.words))] {
			fmt.Fprintf(h, "%x ", w.Hash)
		}
		hashes = append(hashes, h.Sum64())
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	return hashes[:min(len(hashes), sketch)]
}

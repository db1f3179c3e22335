package custom

import (
	"context"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// A Keyword is a list of words and phrases.
type Keyword struct {
	Name       string   `yaml:"name"`
	Entity     string   `yaml:"entity"`
	Words      []string `yaml:"words"`
	File       string   `yaml:"file"`       // more of them, one a line
	Case       string   `yaml:"case"`       // any (default), or exact: as it stands in the list
	Stem       string   `yaml:"stem"`       // the language whose inflections count too; none (default)
	Near       Near     `yaml:"near"`       // words of which one must stand near
	Count      int      `yaml:"count"`      // found at least so often in a text (in each 64 KB of it); 0: once
	Confidence float64  `yaml:"confidence"` // 0: 0.8

	near *classifiers.Words
}

const (
	maxPhrase   = 12 // words
	maxKeywords = 200_000
)

func (c *checker) keyword(k *Keyword, path []any) {
	c.named(path, k.Name, k.Entity)
	in := func(key string) []any { return append(slices.Clip(path), key) }
	if k.File != "" {
		k.Words = append(slices.Clip(k.Words), c.lines(in("file"), k.File)...)
	}
	if len(k.Words) == 0 || len(k.Words) > maxKeywords {
		c.fail(path, "wants words, or a file of them: 1 to %d", maxKeywords)
	}
	for i, word := range k.Words {
		parts := classifiers.SplitWords(word)
		switch {
		case utf8.RuneCountInString(strings.TrimSpace(word)) < 2:
			c.fail(append(in("words"), i), "%q is shorter than two characters", word)
		case len(parts) > maxPhrase:
			c.fail(append(in("words"), i), "has more than %d words", maxPhrase)
		}
	}
	if k.Case != "" && k.Case != "any" && k.Case != "exact" {
		c.fail(in("case"), "%q is none of any, exact", k.Case)
	}
	if _, ok := stems[k.Stem]; !ok {
		c.fail(in("stem"), "%q is none of none, english, french, german, spanish", k.Stem)
	}
	if k.Count < 0 {
		c.fail(in("count"), "%d is less than 1", k.Count)
	}
	c.near(in("near"), &k.Near, &k.near)
	c.confidence(in("confidence"), &k.Confidence)
}

// Keywords is the keyword family.
type Keywords struct {
	about   classifiers.Description
	lists   []Keyword
	phrases []phrase
	last    map[uint32][]int32 // groups by a form of their last word
	maybe   []uint64           // bits of the hashes in last: most words of a text are in none
	groups  []group
	literal []int // the phrase of an anchor
}

// A group is the phrases of words that end with the same one: of a list of companies
// most end with one of three.
type group struct {
	lengths uint16 // how many words they have: one bit each
	phrases map[begin][]int32
}

// begin is what the phrases of a group are told apart by: how many words they have, and
// a form of the first.
type begin struct {
	words int
	first uint32
}

// A phrase is one entry of a list.
type phrase struct {
	list  int
	forms [][]string // of each word what counts as it; none: the phrase is looked for as it stands
	text  string
}

// NewKeywords returns the family of lists that were read from a File.
func NewKeywords(lists []Keyword) *Keywords {
	c := &Keywords{lists: lists, last: map[uint32][]int32{}}
	c.about = classifiers.Description{Family: classifiers.Keyword, Words: true, Version: classifiers.Fingerprint("1", lists)}
	groups := map[uint32]int32{} // by the last word
	for i, k := range lists {
		if !slices.Contains(c.about.Entities, k.Entity) {
			c.about.Entities = append(c.about.Entities, k.Entity)
		}
		for _, word := range k.Words {
			c.add(i, strings.TrimSpace(word), groups)
		}
	}
	size := 64
	for size < 16*len(c.last) {
		size *= 2
	}
	c.maybe = make([]uint64, size/64)
	for hash := range c.last {
		c.maybe[c.slot(hash)] |= 1 << (hash & 63)
	}
	return c
}

func (c *Keywords) slot(hash uint32) uint32 { return hash >> 6 & uint32(len(c.maybe)-1) }

// add makes the phrase of an entry: of words where it has nothing else but what may
// stand between words, else a string to look for.
func (c *Keywords) add(list int, text string, groups map[uint32]int32) {
	k := &c.lists[list]
	p := phrase{list: list, text: text}
	words := classifiers.SplitWords(text)
	at := 0
	for _, w := range words {
		if !parts(text[at:w.Start]) {
			words = nil
			break
		}
		at = w.End
	}
	if len(words) == 0 || at < len(text) {
		forms := []string{text}
		if k.Case != "exact" {
			forms = append(forms, strings.ToLower(text), strings.ToUpper(text)) // anchors know the case of ASCII only
		}
		slices.Sort(forms)
		for _, form := range slices.Compact(forms) {
			c.about.Anchors = append(c.about.Anchors, form)
			c.literal = append(c.literal, len(c.phrases))
		}
		c.phrases = append(c.phrases, p)
		return
	}
	for _, w := range words {
		p.forms = append(p.forms, forms(k, text[w.Start:w.End]))
	}
	end := words[len(words)-1]
	base := classifiers.HashWord(text[end.Start:end.End])
	n, ok := groups[base]
	if !ok {
		n = int32(len(c.groups))
		groups[base] = n
		c.groups = append(c.groups, group{phrases: map[begin][]int32{}})
	}
	for _, form := range p.forms[len(words)-1] {
		if hash := classifiers.HashWord(form); !slices.Contains(c.last[hash], n) {
			c.last[hash] = append(c.last[hash], n)
		}
	}
	g := &c.groups[n]
	g.lengths |= 1 << len(words)
	for _, form := range p.forms[0] {
		at := begin{len(words), classifiers.HashWord(form)}
		if all := g.phrases[at]; len(all) == 0 || all[len(all)-1] != int32(len(c.phrases)) { // cases are one
			g.phrases[at] = append(all, int32(len(c.phrases)))
		}
	}
	c.phrases = append(c.phrases, p)
}

// forms are what counts as a word of a list.
func forms(k *Keyword, word string) []string {
	all := append([]string{word}, stems[k.Stem](strings.ToLower(word))...)
	if k.Case == "exact" {
		capital := strings.ToLower(word) != word
		for i := 1; i < len(all) && capital; i++ { // inflections keep how the word begins
			if rest, ok := strings.CutPrefix(all[i], strings.ToLower(word)); ok {
				all[i] = word + rest
			} else {
				r, size := utf8.DecodeRuneInString(all[i])
				all[i] = string(unicode.ToUpper(r)) + all[i][size:]
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// parts tells what may stand between the words of a phrase.
func parts(gap string) bool {
	if len(gap) > 4 {
		return false
	}
	for _, r := range gap {
		if !unicode.IsSpace(r) && !strings.ContainsRune("-‐‑–_'’", r) {
			return false
		}
	}
	return true
}

// Describe implements classifiers.Classifier.
func (c *Keywords) Describe() classifiers.Description { return c.about }

// Classify implements classifiers.Classifier.
func (c *Keywords) Classify(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	from := len(found)
	for i, w := range v.Words {
		if w.Start < v.Lo || c.maybe[c.slot(w.Hash)]&(1<<(w.Hash&63)) == 0 {
			continue
		}
		for _, n := range c.last[w.Hash] {
			g := &c.groups[n]
			for lengths := g.lengths; lengths != 0; lengths &= lengths - 1 {
				words := bits.TrailingZeros16(lengths)
				if words > i+1 {
					break
				}
				for _, m := range g.phrases[begin{words, v.Words[i+1-words].Hash}] {
					p := &c.phrases[m]
					if start, ok := c.match(v, p, i); ok {
						found = c.report(v, p, start, w.End, found)
					}
				}
			}
		}
	}
	for _, h := range v.Hits {
		p := &c.phrases[c.literal[h.Anchor]]
		said := v.Text[h.Start:h.End]
		if c.lists[p.list].Case == "exact" && said != p.text || !whole(v.Text, h.Start, h.End) {
			continue
		}
		found = c.report(v, p, h.Start, h.End, found)
	}
	return c.often(v, found, from), nil
}

// match looks whether a phrase ends with the i-th word, and where it begins.
func (c *Keywords) match(v *classifiers.View, p *phrase, i int) (start int, ok bool) {
	words := v.Words[i+1-len(p.forms) : i+1]
	exact := c.lists[p.list].Case == "exact"
	for n, w := range words {
		said := v.Text[w.Start:w.End]
		if n > 0 && !parts(v.Text[words[n-1].End:w.Start]) {
			return 0, false
		}
		if !slices.ContainsFunc(p.forms[n], func(form string) bool { return said == form || !exact && strings.EqualFold(said, form) }) {
			return 0, false
		}
	}
	return words[0].Start, true
}

// whole tells whether what was looked for as it stands is no part of a longer word or
// number.
func whole(text string, start, end int) bool {
	joins := func(r rune) bool { return r < 0x2E80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	first, _ := utf8.DecodeRuneInString(text[start:])
	last, _ := utf8.DecodeLastRuneInString(text[:end])
	after, _ := utf8.DecodeRuneInString(text[end:])
	cut := joins(before) && joins(first) || joins(last) && joins(after)
	return !cut
}

func (c *Keywords) report(v *classifiers.View, p *phrase, start, end int, found []classifiers.Finding) []classifiers.Finding {
	k := &c.lists[p.list]
	if k.near != nil && !k.near.Near(v.Text, start, end, k.Near.Within, k.Near.Within) {
		v.Drop(k.Name, start, end, "none of the words is near")
		return found
	}
	v.Keep(k.Name, start, end, "stands in the list")
	return append(found, classifiers.Finding{Entity: k.Entity, Rule: k.Name, Confidence: k.Confidence, Start: start, End: end})
}

// often takes away what was found less often than its list asks for.
func (c *Keywords) often(v *classifiers.View, found []classifiers.Finding, from int) []classifiers.Finding {
	for i := range c.lists {
		k := &c.lists[i]
		if k.Count < 2 {
			continue
		}
		n := 0
		for _, f := range found[from:] {
			if f.Rule == k.Name {
				n++
			}
		}
		if n == 0 || n >= k.Count {
			continue
		}
		kept := found[:from]
		for _, f := range found[from:] {
			if f.Rule != k.Name {
				kept = append(kept, f)
				continue
			}
			v.Drop(k.Name, f.Start, f.End, "not found often enough")
		}
		found = kept
	}
	return found
}

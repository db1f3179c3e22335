package injection

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
)

// A Kind is what a passage tries to do.
type Kind uint8

// The kinds; their names are those of the rules.
const (
	Jailbreak  Kind = iota // makes the model play somebody without limits
	Override               // takes back instructions
	Extraction             // asks for what the model must not tell
	Indirect               // speaks to the model out of content that it reads
	Kinds                  // how many there are; of a feature: that of any
)

// String is the name of the rule.
func (k Kind) String() string {
	return [...]string{"jailbreak", "override", "extraction", "indirect"}[min(k, Kinds-1)]
}

// A Weight is what one feature says.
type Weight struct {
	Kind  Kind // what it speaks for, Kinds: for any
	Value int8 // how much; not 0
}

const (
	// slots is how many places there are for features, a power of two.
	slots = 1 << 18
	// maxFeatures leaves enough of them empty, where the search for a feature ends.
	maxFeatures = slots / 2
)

// A Model is a linear model over the features of words: how much each speaks for a
// passage. Weights, Drift, Drop and Threshold are in one unit.
type Model struct {
	Reach     int32   // words that are read around each that gives an order; 0: all are read
	Drift     int32   // what each word of a passage costs
	Drop      int32   // a passage ends where it has lost that much
	Threshold int32   // a passage with that much is reported
	Slope     float64 // Confidence is 1 / (1 + exp(-(Slope·score + Offset)))
	Offset    float64

	slots []slot // by hash: open addressing
	known int
}

// A slot holds a feature, and is its line in a file. That of weight 0 is empty.
type slot struct {
	Feature uint32
	Weight
}

// NewModel returns a Model without features.
func NewModel() *Model { return &Model{slots: make([]slot, slots)} }

// Set gives a feature its weight. It fails when there are too many features, and when
// the weight says nothing.
func (m *Model) Set(feature uint32, w Weight) error {
	s := m.slot(feature)
	switch {
	case w.Value == 0 || w.Kind > Kinds:
		return errors.New("injection: a weight out of range")
	case s.Value == 0 && m.known == maxFeatures:
		return errors.New("injection: too many features")
	case s.Value == 0:
		m.known++
	}
	*s = slot{feature, w}
	return nil
}

// Features is how many have a weight.
func (m *Model) Features() int { return m.known }

// slot is the one of a feature, or where it would stand.
func (m *Model) slot(feature uint32) *slot {
	for at := feature % slots; ; at = (at + 1) % slots {
		if s := &m.slots[at]; s.Feature == feature || s.Value == 0 {
			return s
		}
	}
}

// A file of weights is a header, the parameters and the slots that are used, as
// little-endian numbers. Its version changes with what Features and the scan say.
const (
	magic   = "sluice injection\x00"
	version = 4
)

type header struct {
	Version  uint32
	Features uint32 // fingerprint of Features
	Sum      uint32 // CRC-32 (IEEE) of what follows
}

type parameters struct {
	Reach, Drift, Drop, Threshold int32
	Slope, Offset                 float64
	Known                         uint32
}

// MarshalBinary writes the file of weights.
func (m *Model) MarshalBinary() ([]byte, error) {
	var all []slot
	for _, s := range m.slots {
		if s.Value != 0 {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b slot) int { return cmp.Compare(a.Feature, b.Feature) })
	body := &bytes.Buffer{}
	p := parameters{m.Reach, m.Drift, m.Drop, m.Threshold, m.Slope, m.Offset, uint32(len(all))}
	if err := errors.Join(binary.Write(body, binary.LittleEndian, p), binary.Write(body, binary.LittleEndian, all)); err != nil {
		return nil, fmt.Errorf("injection: write weights: %w", err)
	}
	out := bytes.NewBufferString(magic)
	h := header{version, fingerprint(), crc32.ChecksumIEEE(body.Bytes())}
	if err := binary.Write(out, binary.LittleEndian, h); err != nil {
		return nil, fmt.Errorf("injection: write weights: %w", err)
	}
	return append(out.Bytes(), body.Bytes()...), nil
}

// UnmarshalBinary reads a file of weights. It fails on one that is not whole, and on
// one that was made for other features.
func (m *Model) UnmarshalBinary(file []byte) error {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok {
		return errors.New("injection: no file of weights")
	}
	var h header
	n, err := binary.Decode(rest, binary.LittleEndian, &h)
	if err != nil {
		return errors.New("injection: weights: the file is cut")
	}
	rest = rest[n:]
	switch {
	case h.Version != version:
		return fmt.Errorf("injection: weights: version %d, want %d", h.Version, version)
	case h.Features != fingerprint():
		return errors.New("injection: weights: made for other features")
	case h.Sum != crc32.ChecksumIEEE(rest):
		return errors.New("injection: weights: the checksum is wrong")
	}
	var p parameters
	if n, err = binary.Decode(rest, binary.LittleEndian, &p); err != nil {
		return errors.New("injection: weights: the file is cut")
	}
	rest = rest[n:]
	size := binary.Size(slot{})
	if uint64(len(rest)) != uint64(p.Known)*uint64(size) {
		return errors.New("injection: weights: the file is cut")
	}
	if p.Reach < 0 || p.Drift <= 0 || p.Drop <= 0 || p.Threshold <= 0 || math.IsNaN(p.Slope) || math.IsNaN(p.Offset) {
		return errors.New("injection: weights: parameters out of range")
	}
	*m = *NewModel()
	m.Reach, m.Drift, m.Drop, m.Threshold, m.Slope, m.Offset = p.Reach, p.Drift, p.Drop, p.Threshold, p.Slope, p.Offset
	for ; len(rest) > 0; rest = rest[size:] {
		w := Weight{Kind(rest[4]), int8(rest[5])}
		if err := m.Set(binary.LittleEndian.Uint32(rest), w); err != nil {
			return err
		}
	}
	return nil
}

// Confidence is the share of passages with this score that are true ones.
func (m *Model) Confidence(score int32) float64 {
	return min(max(1/(1+math.Exp(-(m.Slope*float64(score)+m.Offset))), 0.01), 0.99)
}

package injection

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
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

// A Slot holds one feature of a Model. The zero Slot holds none.
type Slot struct {
	Check  uint16 // upper bits of the feature's hash
	Kind   Kind
	Weight int8
}

// slots is how many there are; the lower bits of a feature's hash are its place.
const slots = 1 << 16

// SlotOf is where a feature stands in Model.Slots, and its Slot.Check.
func SlotOf(feature uint32) (place int, check uint16) {
	return int(feature & (slots - 1)), uint16(feature>>16) | 1 // never the zero Slot
}

// A Model is a linear model over the features of words: how much each speaks for a
// passage. Weights, Drift, Drop and Threshold are in one unit.
type Model struct {
	Slots     []Slot
	Reach     int32   // words that are read around each that gives an order; 0: all are read
	Drift     int32   // what each word of a passage costs
	Drop      int32   // a passage ends where it has lost that much
	Threshold int32   // a passage with that much is reported
	Slope     float64 // Confidence is 1 / (1 + exp(-(Slope·score + Offset)))
	Offset    float64
}

// NewModel returns a Model without features.
func NewModel() *Model { return &Model{Slots: make([]Slot, slots)} }

// A file of weights is a header, the parameters and the slots that are used, as
// little-endian numbers. Its version changes with what Features and the scan say.
const (
	magic   = "sluice injection\x00"
	version = 2
)

type header struct {
	Version  uint32
	Features uint32 // fingerprint of Features
	Sum      uint32 // CRC-32 (IEEE) of what follows
}

type parameters struct {
	Reach, Drift, Drop, Threshold int32
	Slope, Offset                 float64
	Used                          uint32
}

type used struct {
	Place  uint16
	Check  uint16
	Kind   Kind
	Weight int8
}

// MarshalBinary writes the file of weights.
func (m *Model) MarshalBinary() ([]byte, error) {
	var all []used
	for i, s := range m.Slots {
		if s != (Slot{}) {
			all = append(all, used{uint16(i), s.Check, s.Kind, s.Weight})
		}
	}
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
	const size = 6
	if uint64(len(rest)) != uint64(p.Used)*size {
		return errors.New("injection: weights: the file is cut")
	}
	if p.Reach < 0 || p.Drift <= 0 || p.Drop <= 0 || p.Threshold <= 0 || math.IsNaN(p.Slope) || math.IsNaN(p.Offset) {
		return errors.New("injection: weights: parameters out of range")
	}
	*m = *NewModel()
	m.Reach, m.Drift, m.Drop, m.Threshold, m.Slope, m.Offset = p.Reach, p.Drift, p.Drop, p.Threshold, p.Slope, p.Offset
	for ; len(rest) > 0; rest = rest[size:] {
		s := Slot{binary.LittleEndian.Uint16(rest[2:]), Kind(rest[4]), int8(rest[5])}
		if s.Kind > Kinds {
			return errors.New("injection: weights: a kind out of range")
		}
		m.Slots[binary.LittleEndian.Uint16(rest)] = s
	}
	return nil
}

// Confidence is the share of passages with this score that are true ones.
func (m *Model) Confidence(score int32) float64 {
	return min(max(1/(1+math.Exp(-(m.Slope*float64(score)+m.Offset))), 0.01), 0.99)
}

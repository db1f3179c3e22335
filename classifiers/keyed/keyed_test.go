package keyed

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestSum checks the vectors of the reference implementation: the key 00 01 … 0f and
// texts 00 01 ….
func TestSum(t *testing.T) {
	k := &Key{k0: 0x0706050403020100, k1: 0x0f0e0d0c0b0a0908}
	text := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
	for n, want := range map[int]uint64{0: 0x726fdb47dd0e0e31, 1: 0x74f839c593dc67fd, 8: 0x93f5f5799a932462, 15: 0xa129ca6149be45e5} {
		if got := k.Sum(text[:n]); got != want {
			t.Errorf("%d bytes: %x, want %x", n, got, want)
		}
	}
	if got, want := k.Sum64(0x0706050403020100), k.Sum(text[:8]); got != want {
		t.Errorf("Sum64 %x, Sum %x", got, want)
	}
	if got, want := k.Sum32(0x03020100), k.Sum(text[:4]); got != want {
		t.Errorf("Sum32 %x, Sum %x", got, want)
	}
	if a, b := NewKey([32]byte{1}), NewKey([32]byte{2}); a.ID() == b.ID() || a.Sum(text) == b.Sum(text) {
		t.Error("two secrets make one key")
	}
}

func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	want := map[uint64][]uint32{}
	var pairs []Pair
	for range 5000 {
		hash := r.Uint64()
		for range 1 + r.IntN(3) {
			n := r.Uint32N(100)
			if !slices.Contains(want[hash], n) {
				want[hash] = append(want[hash], n)
			}
			pairs = append(pairs, Pair{hash, n})
		}
	}
	table, err := ReadTable(MakeTable(pairs))
	if err != nil {
		t.Fatal(err)
	}
	for hash, numbers := range want {
		slices.Sort(numbers)
		var got []uint32
		found := table.Find(hash)
		for i := range found.Len() {
			got = append(got, found.At(i))
		}
		if !slices.Equal(got, numbers) {
			t.Fatalf("%x: %v, want %v", hash, got, numbers)
		}
		for n := range uint32(100) {
			if found.Has(n) != slices.Contains(numbers, n) {
				t.Fatalf("%x has %d: %v", hash, n, found.Has(n))
			}
		}
		if table.Find(hash^1).Len() != 0 {
			t.Fatalf("%x is not there and found", hash^1)
		}
	}
	if empty, err := ReadTable(MakeTable(nil)); err != nil || empty.Len() != 0 || empty.Find(5).Len() != 0 {
		t.Errorf("empty: %v", err)
	}
}

func written(t testing.TB, k *Key) []byte {
	t.Helper()
	var out bytes.Buffer
	table := MakeTable([]Pair{{1 << 40, 7}, {1 << 41, 8}})
	if err := k.Write(&out, &File{Kind: Rows, Version: 1, About: map[string]int{"rows": 2}, Sections: [][]byte{table}}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFile(t *testing.T) {
	k := NewKey([32]byte{1})
	data := written(t, k)
	var about map[string]int
	f, err := k.Parse(data, Rows, 1, &about)
	if err != nil || about["rows"] != 2 || len(f.Sections) != 1 {
		t.Fatalf("%v, %v, %v", f, about, err)
	}
	other := NewKey([32]byte{2})
	for why, parse := range map[string]func() (*File, error){
		"was made with the key " + k.ID(): func() (*File, error) { return other.Parse(data, Rows, 1, &about) },
		"is an index of values, not":      func() (*File, error) { return k.Parse(data, Documents, 1, &about) },
		"has version 1, and this":         func() (*File, error) { return k.Parse(data, Rows, 2, &about) },
		"only the beginning":              func() (*File, error) { return k.Parse(data[:30], Rows, 1, &about) },
		"its checksum is wrong":           func() (*File, error) { return k.Parse(data[:len(data)-1], Rows, 1, &about) },
	} {
		if _, err := parse(); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("want %q, got %v", why, err)
		}
	}
	for i := range data {
		broken := bytes.Clone(data)
		broken[i] ^= 1
		if _, err := k.Parse(broken, Rows, 1, &about); err == nil {
			t.Errorf("byte %d changed, and nobody saw it", i)
		}
	}
}

// FuzzFile reads anything as a file, as one with a right checksum, and as a table.
func FuzzFile(f *testing.F) {
	k := NewKey([32]byte{1})
	f.Add(written(f, k))
	f.Add(MakeTable([]Pair{{1, 2}, {1 << 63, 3}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		var about any
		_, _ = k.Parse(data, Rows, 1, &about)
		if len(data) > headBytes {
			var out bytes.Buffer
			if err := k.Write(&out, &File{Kind: Rows, Version: 1, Sections: [][]byte{data[headBytes:]}}); err != nil {
				t.Fatal(err)
			}
			if _, err := k.Parse(out.Bytes(), Rows, 1, &about); err != nil {
				t.Fatal(err)
			}
		}
		if table, err := ReadTable(data); err == nil {
			for _, hash := range []uint64{0, 1, 1 << 33, 1 << 63, ^uint64(0)} {
				found := table.Find(hash)
				for i := range found.Len() {
					found.Has(found.At(i))
				}
			}
		}
	})
}

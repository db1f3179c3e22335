package classifiers

import (
	"fmt"
	"testing"
)

// TestWordTable: what is put into a table is what it says, however far it had to grow
// and whatever shares a place; of other words it says nothing.
func TestWordTable(t *testing.T) {
	for _, room := range []int{0, 3, 5000} {
		table := NewWordTable[int](room)
		for i := range 3000 {
			*table.At(HashWord(fmt.Sprint("word", i))) += i
			*table.At(uint32(i+1) << 16) = -i // all of them want the same place
		}
		for i := range 3000 {
			if n := table.Of(HashWord(fmt.Sprint("word", i))); n != i {
				t.Fatalf("room %d: %d of word %d", room, n, i)
			}
			if n := table.Of(uint32(i+1) << 16); n != -i {
				t.Fatalf("room %d: %d of clash %d", room, n, i)
			}
			if n := table.Of(HashWord(fmt.Sprint("other", i))); n != 0 {
				t.Fatalf("room %d: %d of another word", room, n)
			}
		}
		if len(table.hashes) < spare*table.words {
			t.Errorf("room %d: %d places for %d words", room, len(table.hashes), table.words)
		}
	}
}

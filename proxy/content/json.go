package content

import (
	"iter"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// maxDepth bounds the nesting of JSON.
const maxDepth = 512

// minDigits is the length from which a number is text.
const minDigits = 8

// node is one value or key of a JSON text, in the order of the text.
type node struct {
	start, end uint32 // strings: between the quotes; containers: with brackets
	next       uint32 // index of the node after this subtree
	kind       byte   // { [ " 0 t f n
	flags      uint8
}

const (
	flagKey     = 1 << iota // an object's key; the next node is its value
	flagEscaped             // a string that differs from its decoded text
	flagNumbers             // an array with numbers that are not nodes
	flagLong                // a number that is text
)

// document is a scanned JSON text (RFC 8259). Short numbers and literals in
// arrays have no node: nothing reads them, and arrays of them are long.
type document struct {
	text  string
	nodes []node
}

// fields are the keys and values of an object, each once for each time that it
// stands there; nothing when n is no object.
func (d *document) fields(n int) iter.Seq2[int, int] {
	return func(yield func(key, value int) bool) {
		if d.nodes[n].kind != '{' {
			return
		}
		for k := n + 1; k < int(d.nodes[n].next); k = int(d.nodes[k+1].next) {
			if !yield(k, k+1) {
				return
			}
		}
	}
}

// items are the values of an array.
func (d *document) items(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if d.nodes[n].kind != '[' {
			return
		}
		for v := n + 1; v < int(d.nodes[n].next); v = int(d.nodes[v].next) {
			if !yield(v) {
				return
			}
		}
	}
}

// places are the values of an array that have nodes, each with its place. Short
// numbers and literals have a place but no node, so the commas are counted.
func (d *document) places(n int) iter.Seq2[int, int] {
	return func(yield func(place, value int) bool) {
		place, at := 0, d.nodes[n].start
		for v := range d.items(n) {
			place += strings.Count(d.text[at:d.nodes[v].start], ",")
			if !yield(place, v) {
				return
			}
			at = d.nodes[v].end
		}
	}
}

// name is the decoded text of a key, or of any string.
func (d *document) name(n int) string {
	v := d.nodes[n]
	raw := d.text[v.start:v.end]
	if v.flags&flagEscaped != 0 {
		return codec.JSON.Decode(raw)
	}
	return raw
}

// str is the decoded text of a string, and whether n is one.
func (d *document) str(n int) (string, bool) {
	if d.nodes[n].kind != '"' {
		return "", false
	}
	return d.name(n), true
}

// field is the last value of a key in an object, -1 when there is none.
func (d *document) field(n int, name string) int {
	found := -1
	for k, v := range d.fields(n) {
		if d.name(k) == name {
			found = v
		}
	}
	return found
}

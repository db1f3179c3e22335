package jsondoc

import (
	"iter"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// maxDepth bounds the nesting of JSON.
const maxDepth = 512

// MinDigits is the length from which a number is text.
const MinDigits = 8

// A Node is one value or key of a JSON text. Offsets are in bytes of the text.
type Node struct {
	Start, End uint32 // strings: between the quotes; containers: with brackets
	Next       uint32 // index of the node after this subtree
	Kind       byte   // { [ " 0 t f n
	flags      uint8
}

const (
	flagKey = 1 << iota
	flagEscaped
	flagNumbers
	flagLong
)

// IsKey reports whether a node is an object's key; the next one is its value.
func (n *Node) IsKey() bool { return n.flags&flagKey != 0 }

// Escaped reports whether a string differs from its decoded text.
func (n *Node) Escaped() bool { return n.flags&flagEscaped != 0 }

// HasNumbers reports whether an array has numbers that are not nodes.
func (n *Node) HasNumbers() bool { return n.flags&flagNumbers != 0 }

// Long reports whether a number has [MinDigits] digits and more.
func (n *Node) Long() bool { return n.flags&flagLong != 0 }

// IsContainer reports whether a node is an object or array.
func (n *Node) IsContainer() bool { return n.Kind == '{' || n.Kind == '[' }

// A Document is a scanned JSON text (RFC 8259), or several, its nodes in the order
// of the text. A node is named by its index. Short numbers and literals in arrays
// have no node: nothing reads them, and arrays of them are long.
type Document struct {
	Text  string
	Nodes []Node
}

// Fields are the keys and values of an object, each once for each time that it
// stands there; nothing when n is no object.
func (d *Document) Fields(n int) iter.Seq2[int, int] {
	return func(yield func(key, value int) bool) {
		if d.Nodes[n].Kind != '{' {
			return
		}
		for k := n + 1; k < int(d.Nodes[n].Next); k = int(d.Nodes[k+1].Next) {
			if !yield(k, k+1) {
				return
			}
		}
	}
}

// Items are the values of an array.
func (d *Document) Items(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if d.Nodes[n].Kind != '[' {
			return
		}
		for v := n + 1; v < int(d.Nodes[n].Next); v = int(d.Nodes[v].Next) {
			if !yield(v) {
				return
			}
		}
	}
}

// Places are the values of an array that have nodes, each with its place. Short
// numbers and literals have a place but no node, so the commas are counted.
func (d *Document) Places(n int) iter.Seq2[int, int] {
	return func(yield func(place, value int) bool) {
		place, at := 0, d.Nodes[n].Start
		for v := range d.Items(n) {
			place += strings.Count(d.Text[at:d.Nodes[v].Start], ",")
			if !yield(place, v) {
				return
			}
			at = d.Nodes[v].End
		}
	}
}

// Name is the decoded text of a key, or of any string.
func (d *Document) Name(n int) string {
	v := d.Nodes[n]
	raw := d.Text[v.Start:v.End]
	if v.flags&flagEscaped != 0 {
		return codec.JSON.Decode(raw)
	}
	return raw
}

// Str is the decoded text of a string, and whether n is one.
func (d *Document) Str(n int) (string, bool) {
	if d.Nodes[n].Kind != '"' {
		return "", false
	}
	return d.Name(n), true
}

// Field is the last value of a key in an object, -1 when there is none.
func (d *Document) Field(n int, name string) int {
	found := -1
	for k, v := range d.Fields(n) {
		if d.Name(k) == name {
			found = v
		}
	}
	return found
}

package policy

import (
	"fmt"
	"slices"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/open-policy-agent/opa/v1/ast"
)

// node is one object of the input's skeleton, built once from the fields.
type node struct {
	name   *ast.Term
	fields []field     // leaves of this object
	names  []*ast.Term // their names
	groups []*node
	memo   []field // all leaves of a group whose encoding is kept; nil for the others
	paths  string  // of memo: groups of the same name may have different leaves
}

// memoGroups say who asks and where it goes: a few values each, sent again and again.
var memoGroups = []string{"identity", "agent", "tenant", "destination"}

// newSkeleton returns the skeleton of an input with these fields.
func newSkeleton(fields []field) *node {
	root := &node{}
	for _, f := range fields {
		at := root
		path := strings.Split(f.path, ".")
		for _, name := range path[:len(path)-1] {
			at = at.group(name)
		}
		at.fields = append(at.fields, f)
		at.names = append(at.names, ast.StringTerm(path[len(path)-1]))
	}
	for _, f := range fields {
		top, _, _ := strings.Cut(f.path, ".")
		if slices.Contains(memoGroups, top) {
			g := root.group(top)
			g.memo = append(g.memo, f)
			g.paths += f.path + " "
		}
	}
	return root
}

func (n *node) group(name string) *node {
	for _, g := range n.groups {
		if g.name.Value.Compare(ast.String(name)) == 0 {
			return g
		}
	}
	g := &node{name: ast.StringTerm(name)}
	n.groups = append(n.groups, g)
	return g
}

// encoder writes the input as OPA sees it, with every field of a skeleton present. It keeps what many inputs have in common,
// by exact values; terms are never changed once made. It is safe for concurrent use.
type encoder struct {
	groups   *lru.Cache[cacheKey, *ast.Term] // memo groups
	entities *lru.Cache[Entity, *ast.Term]
}

// memoSize bounds each of an encoder's caches, in entries of about a kilobyte.
const memoSize = 1024

func newEncoder() (*encoder, error) {
	groups, err := lru.New[cacheKey, *ast.Term](memoSize)
	if err != nil {
		return nil, err
	}
	entities, err := lru.New[Entity, *ast.Term](memoSize)
	return &encoder{groups, entities}, err
}

func (e *encoder) encode(skeleton *node, in *Input) (ast.Value, error) {
	input, err := e.object(skeleton, in, e.terms())
	if err != nil {
		return nil, err
	}
	return input.Value, nil
}

func (e *encoder) terms() *terms { return &terms{entities: e.entities} }

func (e *encoder) object(n *node, in *Input, t *terms) (*ast.Term, error) {
	items := make([][2]*ast.Term, 0, len(n.fields)+len(n.groups))
	for i, f := range n.fields {
		value, err := t.field(f.at(in))
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrInput, f.path, err)
		}
		items = append(items, ast.Item(n.names[i], value))
	}
	for _, g := range n.groups {
		value, err := e.group(g, in, t)
		if err != nil {
			return nil, err
		}
		items = append(items, ast.Item(g.name, value))
	}
	return t.object(items...), nil
}

func (e *encoder) group(n *node, in *Input, t *terms) (*ast.Term, error) {
	if n.memo == nil {
		return e.object(n, in, t)
	}
	key, err := newCacheKey("", n.paths, n.memo, in)
	if err != nil {
		return nil, err
	}
	if kept, ok := e.groups.Get(key); ok {
		return kept, nil
	}
	made, err := e.object(n, in, e.terms())
	if err == nil {
		e.groups.Add(key, made)
	}
	return made, err
}

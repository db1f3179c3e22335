package policy

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// node is one object of the input's skeleton, built once from the fields.
type node struct {
	name   *ast.Term
	fields []field // leaves of this object
	names  []*ast.Term
	groups []*node
}

var skeleton = newSkeleton(fields)

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

// encode returns the input as OPA sees it, with every field present.
func encode(in *Input) (ast.Value, error) {
	return skeleton.encode(in)
}

func (n *node) encode(in *Input) (ast.Value, error) {
	items := make([][2]*ast.Term, 0, 24)
	for i, f := range n.fields {
		t, err := term(f.at(in))
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrInput, f.path, err)
		}
		items = append(items, [2]*ast.Term{n.names[i], t})
	}
	for _, g := range n.groups {
		v, err := g.encode(in)
		if err != nil {
			return nil, err
		}
		items = append(items, [2]*ast.Term{g.name, {Value: v}})
	}
	return ast.NewObject(items...), nil
}

// term converts what a field's at points to.
func term(at any) (*ast.Term, error) {
	switch v := at.(type) {
	case *string:
		return ast.InternedTerm(*v), nil
	case *bool:
		return ast.InternedTerm(*v), nil
	case *int:
		return ast.InternedTerm(*v), nil
	case *int64:
		return ast.InternedTerm(*v), nil
	case *float64:
		return number(*v)
	case *[]string:
		return arrayTerm(*v, func(s string) *ast.Term { return ast.InternedTerm(s) }), nil
	case *[]Label:
		return arrayTerm(*v, labelTerm), nil
	case *[]File:
		return arrayTerm(*v, fileTerm), nil
	case *map[string]Entity:
		return mapTerm(*v, entityTerm)
	case *map[string]Family:
		return mapTerm(*v, func(f Family) (*ast.Term, error) {
			return ast.ObjectTerm([2]*ast.Term{keyCount, ast.InternedTerm(f.Count)}), nil
		})
	case *map[string]Exposure:
		return mapTerm(*v, exposureTerm)
	case *map[string]float64:
		return mapTerm(*v, number)
	case *map[string]any:
		return claimsTerm(*v)
	default:
		return nil, fmt.Errorf("no encoding for %T", at)
	}
}

var (
	keyCount      = ast.StringTerm("count")
	keyConfidence = ast.StringTerm("confidence")
	keyFamily     = ast.StringTerm("family")
	keyH1         = ast.StringTerm("h1")
	keyH24        = ast.StringTerm("h24")
	keyD30        = ast.StringTerm("d30")
	keyID         = ast.StringTerm("id")
	keyName       = ast.StringTerm("name")
	keyRank       = ast.StringTerm("rank")
	keyType       = ast.StringTerm("type")
	keyBytes      = ast.StringTerm("bytes")
	keyEncrypted  = ast.StringTerm("encrypted")
)

func entityTerm(e Entity) (*ast.Term, error) {
	confidence, err := number(e.Confidence)
	return ast.ObjectTerm(
		[2]*ast.Term{keyCount, ast.InternedTerm(e.Count)},
		[2]*ast.Term{keyConfidence, confidence},
		[2]*ast.Term{keyFamily, ast.InternedTerm(e.Family)},
	), err
}

func exposureTerm(e Exposure) (*ast.Term, error) {
	return ast.ObjectTerm(
		[2]*ast.Term{keyH1, ast.InternedTerm(e.H1)},
		[2]*ast.Term{keyH24, ast.InternedTerm(e.H24)},
		[2]*ast.Term{keyD30, ast.InternedTerm(e.D30)},
	), nil
}

func labelTerm(l Label) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyID, ast.InternedTerm(l.ID)},
		[2]*ast.Term{keyName, ast.InternedTerm(l.Name)},
		[2]*ast.Term{keyRank, ast.InternedTerm(l.Rank)},
	)
}

func fileTerm(f File) *ast.Term {
	return ast.ObjectTerm(
		[2]*ast.Term{keyName, ast.InternedTerm(f.Name)},
		[2]*ast.Term{keyType, ast.InternedTerm(f.Type)},
		[2]*ast.Term{keyBytes, ast.InternedTerm(f.Bytes)},
		[2]*ast.Term{keyEncrypted, ast.InternedTerm(f.Encrypted)},
	)
}

func arrayTerm[E any](list []E, one func(E) *ast.Term) *ast.Term {
	if len(list) == 0 {
		return ast.InternedEmptyArray
	}
	terms := make([]*ast.Term, len(list))
	for i, e := range list {
		terms[i] = one(e)
	}
	return ast.ArrayTerm(terms...)
}

func mapTerm[E any](m map[string]E, one func(E) (*ast.Term, error)) (*ast.Term, error) {
	if len(m) == 0 {
		return ast.InternedEmptyObject, nil
	}
	items := make([][2]*ast.Term, 0, len(m))
	for name, e := range m {
		t, err := one(e)
		if err != nil {
			return nil, err
		}
		items = append(items, [2]*ast.Term{ast.InternedTerm(name), t})
	}
	return ast.ObjectTerm(items...), nil
}

// number refuses NaN and infinities, which compare with nothing.
func number(f float64) (*ast.Term, error) {
	if f-f != 0 {
		return nil, fmt.Errorf("number is not finite")
	}
	return ast.FloatNumberTerm(f), nil
}

// claimsTerm goes through JSON: claims come from tokens, so JSON is what they are, and any other Go value is refused.
func claimsTerm(claims map[string]any) (*ast.Term, error) {
	if len(claims) == 0 {
		return ast.InternedEmptyObject, nil
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("not JSON")
	}
	v, err := ast.ValueFromReader(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("not JSON")
	}
	return ast.NewTerm(v), nil
}

package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/open-policy-agent/opa/v1/ast"
)

// terms makes OPA terms. It takes them from blocks, because an input has a few hundred and each would be an allocation.
type terms struct {
	free     []ast.Term
	entities *lru.Cache[Entity, *ast.Term]
}

func (t *terms) of(v ast.Value) *ast.Term {
	if len(t.free) == 0 {
		t.free = make([]ast.Term, 64)
	}
	term := &t.free[0]
	t.free = t.free[1:]
	term.Value = v
	return term
}

// field converts what a field's at points to.
func (t *terms) field(at any) (*ast.Term, error) {
	switch v := at.(type) {
	case *string:
		return t.text(*v), nil
	case *bool:
		return ast.InternedTerm(*v), nil
	case *int:
		return t.integer(int64(*v)), nil
	case *int64:
		return t.integer(*v), nil
	case *float64:
		return t.number(*v)
	case *[]string:
		return array(t, *v, (*terms).text), nil
	case *[]Label:
		return array(t, *v, (*terms).label), nil
	case *[]File:
		return array(t, *v, (*terms).file), nil
	case *map[string]Entity:
		return object(t, *v, (*terms).entity)
	case *map[string]Family:
		return object(t, *v, (*terms).family)
	case *map[string]Exposure:
		return object(t, *v, (*terms).exposure)
	case *map[string]float64:
		return object(t, *v, (*terms).number)
	case *map[string]any:
		return object(t, *v, (*terms).json)
	default:
		return nil, fmt.Errorf("no encoding for %T", at)
	}
}

func (t *terms) text(s string) *ast.Term {
	if ast.HasInternedValue(s) {
		return ast.InternedTerm(s)
	}
	return t.of(ast.String(s))
}

func (t *terms) integer(i int64) *ast.Term {
	if ast.HasInternedValue(i) {
		return ast.InternedTerm(i)
	}
	return t.of(ast.Number(strconv.FormatInt(i, 10)))
}

// number refuses NaN and infinities, which compare with nothing.
func (t *terms) number(f float64) (*ast.Term, error) {
	if f-f != 0 {
		return nil, errors.New("not a finite number")
	}
	if i := int64(f); float64(i) == f {
		return t.integer(i), nil
	}
	return t.of(ast.Number(strconv.FormatFloat(f, 'g', -1, 64))), nil
}

// json converts what came out of a JSON decoder. Claims come from tokens, so anything else is refused.
func (t *terms) json(value any) (*ast.Term, error) {
	switch v := value.(type) {
	case nil:
		return ast.InternedNullTerm, nil
	case bool:
		return ast.InternedTerm(v), nil
	case string:
		return t.text(v), nil
	case float64:
		return t.number(v)
	case json.Number:
		return t.of(ast.Number(v)), nil
	case map[string]any:
		return object(t, v, (*terms).json)
	case []any:
		list := make([]*ast.Term, len(v))
		for i, one := range v {
			var err error
			if list[i], err = t.json(one); err != nil {
				return nil, err
			}
		}
		return t.of(ast.NewArray(list...)), nil
	default:
		return nil, fmt.Errorf("%T is not JSON", value)
	}
}

var (
	keyBytes      = ast.StringTerm("bytes")
	keyConfidence = ast.StringTerm("confidence")
	keyCount      = ast.StringTerm("count")
	keyD30        = ast.StringTerm("d30")
	keyEncrypted  = ast.StringTerm("encrypted")
	keyFamily     = ast.StringTerm("family")
	keyH1         = ast.StringTerm("h1")
	keyH24        = ast.StringTerm("h24")
	keyID         = ast.StringTerm("id")
	keyName       = ast.StringTerm("name")
	keyRank       = ast.StringTerm("rank")
	keyType       = ast.StringTerm("type")
)

// entity keeps its terms: counts are small, confidences and families few.
func (t *terms) entity(e Entity) (*ast.Term, error) {
	if kept, ok := t.entities.Get(e); ok {
		return kept, nil
	}
	confidence, err := t.number(e.Confidence)
	if err != nil {
		return nil, err
	}
	made := ast.ObjectTerm(
		ast.Item(keyCount, t.integer(int64(e.Count))), ast.Item(keyConfidence, confidence), ast.Item(keyFamily, t.text(e.Family)),
	)
	t.entities.Add(e, made)
	return made, nil
}

func (t *terms) family(f Family) (*ast.Term, error) {
	return t.object(ast.Item(keyCount, t.integer(int64(f.Count)))), nil
}

func (t *terms) exposure(e Exposure) (*ast.Term, error) {
	return t.object(
		ast.Item(keyH1, t.integer(int64(e.H1))), ast.Item(keyH24, t.integer(int64(e.H24))), ast.Item(keyD30, t.integer(int64(e.D30))),
	), nil
}

func (t *terms) label(l Label) *ast.Term {
	return t.object(ast.Item(keyID, t.text(l.ID)), ast.Item(keyName, t.text(l.Name)), ast.Item(keyRank, t.integer(int64(l.Rank))))
}

func (t *terms) file(f File) *ast.Term {
	return t.object(
		ast.Item(keyName, t.text(f.Name)), ast.Item(keyType, t.text(f.Type)),
		ast.Item(keyBytes, t.integer(f.Bytes)), ast.Item(keyEncrypted, ast.InternedTerm(f.Encrypted)),
	)
}

func (t *terms) object(items ...[2]*ast.Term) *ast.Term { return t.of(ast.NewObject(items...)) }

func object[E any](t *terms, m map[string]E, one func(*terms, E) (*ast.Term, error)) (*ast.Term, error) {
	if len(m) == 0 {
		return ast.InternedEmptyObject, nil
	}
	items := make([][2]*ast.Term, 0, len(m))
	for name, e := range m {
		value, err := one(t, e)
		if err != nil {
			return nil, err
		}
		items = append(items, ast.Item(t.text(name), value))
	}
	return t.object(items...), nil
}

func array[E any](t *terms, list []E, one func(*terms, E) *ast.Term) *ast.Term {
	if len(list) == 0 {
		return ast.InternedEmptyArray
	}
	items := make([]*ast.Term, len(list))
	for i, e := range list {
		items[i] = one(t, e)
	}
	return t.of(ast.NewArray(items...))
}

package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// cacheKey stands for a revision, a phase and the exact values of some fields: a SHA-256 over an encoding in which every
// value has its length before it, so that no two lists of values have the same text.
type cacheKey [sha256.Size]byte

func newCacheKey(revision, phase string, reads []field, in *Input) (cacheKey, error) {
	b := make([]byte, 0, 128+24*len(reads))
	b = appendString(b, revision)
	b = appendString(b, phase)
	for _, f := range reads {
		var err error
		if b, err = appendKey(b, f.at(in)); err != nil {
			return cacheKey{}, fmt.Errorf("%w: %s: %w", ErrInput, f.path, err)
		}
	}
	return sha256.Sum256(b), nil
}

// appendKey writes what a field's at points to. The cases are those of term.
func appendKey(b []byte, at any) ([]byte, error) {
	switch v := at.(type) {
	case *string:
		return appendString(b, *v), nil
	case *bool:
		return appendBool(b, *v), nil
	case *int:
		return binary.AppendVarint(b, int64(*v)), nil
	case *int64:
		return binary.AppendVarint(b, *v), nil
	case *float64:
		return appendFloat(b, *v), nil
	case *[]string:
		return appendList(b, *v, appendString), nil
	case *[]Label:
		return appendList(b, *v, func(b []byte, l Label) []byte {
			return binary.AppendVarint(appendString(appendString(b, l.ID), l.Name), int64(l.Rank))
		}), nil
	case *[]File:
		return appendList(b, *v, func(b []byte, f File) []byte {
			return appendBool(binary.AppendVarint(appendString(appendString(b, f.Name), f.Type), f.Bytes), f.Encrypted)
		}), nil
	case *map[string]Entity:
		return appendMap(b, *v, func(b []byte, e Entity) []byte {
			return appendString(appendFloat(binary.AppendVarint(b, int64(e.Count)), e.Confidence), e.Family)
		}), nil
	case *map[string]Family:
		return appendMap(b, *v, func(b []byte, f Family) []byte { return binary.AppendVarint(b, int64(f.Count)) }), nil
	case *map[string]Exposure:
		return appendMap(b, *v, func(b []byte, e Exposure) []byte {
			return binary.AppendVarint(binary.AppendVarint(binary.AppendVarint(b, int64(e.H1)), int64(e.H24)), int64(e.D30))
		}), nil
	case *map[string]float64:
		return appendMap(b, *v, appendFloat), nil
	case *map[string]any:
		return appendJSON(b, *v)
	default:
		return nil, fmt.Errorf("no encoding for %T", at)
	}
}

// appendJSON writes what came out of a JSON decoder, each value after a letter for its type.
func appendJSON(b []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, 'n'), nil
	case bool:
		return appendBool(append(b, 'b'), v), nil
	case string:
		return appendString(append(b, 's'), v), nil
	case float64:
		return appendFloat(append(b, 'f'), v), nil
	case json.Number:
		return appendString(append(b, 'd'), string(v)), nil
	case map[string]any:
		b = binary.AppendUvarint(append(b, 'o'), uint64(len(v)))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			var err error
			if b, err = appendJSON(appendString(b, name), v[name]); err != nil {
				return nil, err
			}
		}
		return b, nil
	case []any:
		b = binary.AppendUvarint(append(b, 'a'), uint64(len(v)))
		for _, one := range v {
			var err error
			if b, err = appendJSON(b, one); err != nil {
				return nil, err
			}
		}
		return b, nil
	default:
		return nil, fmt.Errorf("%T is not JSON", value)
	}
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

func appendList[E any](b []byte, list []E, one func([]byte, E) []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, e := range list {
		b = one(b, e)
	}
	return b
}

func appendMap[E any](b []byte, m map[string]E, one func([]byte, E) []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(m)))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		b = one(appendString(b, name), m[name])
	}
	return b
}

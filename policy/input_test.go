package policy

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
)

// filled returns an input in which every field differs from its zero, by walking the struct.
func filled() *Input {
	in := new(Input)
	n := 0
	fill(reflect.ValueOf(in).Elem(), &n)
	return in
}

func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) + 1<<40)
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.25)
	case reflect.Interface:
		v.Set(reflect.ValueOf([]any{"x", true, nil, 1.5, json.Number("2"), map[string]any{"k": "v"}}))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, n)
			fill(value, n)
			v.SetMapIndex(key, value)
		}
	default:
		panic(v.Kind())
	}
}

func encoded(t testing.TB, in *Input) any {
	t.Helper()
	e, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	v, err := e.encode(newSkeleton(fields), in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ast.JSON(v)
	if err != nil {
		t.Fatal(err)
	}
	return roundTrip(t, got)
}

func roundTrip(t testing.TB, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The table of fields agrees with the struct: what Rego sees is what JSON would say.
func TestEncodeIsTheJSON(t *testing.T) {
	if diff := cmp.Diff(roundTrip(t, filled()), encoded(t, filled())); diff != "" {
		t.Error(diff)
	}
}

// Of an empty input every field is there, with the right type and never null.
func TestEncodeOmitsNothing(t *testing.T) {
	var compare func(path string, full, empty any)
	compare = func(path string, full, empty any) {
		if reflect.TypeOf(full) != reflect.TypeOf(empty) {
			t.Errorf("%s is %T, not %T", path, empty, full)
		}
		if isField(path) {
			return
		}
		for name, value := range full.(map[string]any) {
			got, ok := empty.(map[string]any)[name]
			if !ok {
				t.Errorf("%s.%s is missing", path, name)
				continue
			}
			compare(strings.TrimPrefix(path+"."+name, "."), value, got)
		}
	}
	compare("", encoded(t, filled()), encoded(t, new(Input)))
}

func isField(path string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.path == path })
}

// The schema and the blank input for Rego tests have exactly the fields of the table.
func TestSchemaAndBlankHaveTheFields(t *testing.T) {
	var want []string
	for _, f := range fields {
		want = append(want, f.path)
	}
	slices.Sort(want)

	var schema map[string]any
	text, _ := fs.ReadFile(packs, "schemas/input.json")
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	var got []string
	var walk func(prefix string, schema map[string]any)
	walk = func(prefix string, schema map[string]any) {
		properties, ok := schema["properties"].(map[string]any)
		if !ok {
			got = append(got, strings.TrimSuffix(prefix, "."))
			return
		}
		if schema["additionalProperties"] != false || len(schema["required"].([]any)) != len(properties) {
			t.Errorf("%s is not closed", prefix)
		}
		for name, p := range properties {
			walk(prefix+name+".", p.(map[string]any))
		}
	}
	walk("", schema)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	module, _ := fs.ReadFile(packs, "lib/testing.rego")
	_, literal, ok := strings.Cut(string(module), "blank := ")
	if !ok {
		t.Fatal("no blank input")
	}
	blank, err := ast.JSON(ast.MustParseTerm(literal).Value)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encoded(t, NewInput(PhaseRequest)), roundTrip(t, blank)); diff != "" {
		t.Error(diff)
	}
}

// Whatever changes in an input changes the key, and the encoding even when the encoder knows the one before.
func TestEveryChangeChangesTheKey(t *testing.T) {
	e, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	base := filled()
	baseKey, baseValue := key(t, base), value(t, e, base)
	if key(t, filled()) != baseKey || value(t, e, filled()).Compare(baseValue) != 0 {
		t.Fatal("equal inputs differ")
	}
	changes := 0
	for _, f := range fields {
		for i := range 3 {
			in := filled()
			if !change(reflect.ValueOf(f.at(in)).Elem(), i) {
				continue
			}
			changes++
			if key(t, in) == baseKey {
				t.Errorf("%s, change %d: the key is the same", f.path, i)
			}
			if value(t, e, in).Compare(baseValue) == 0 {
				t.Errorf("%s, change %d: the encoding is the same", f.path, i)
			}
		}
	}
	if changes < len(fields) {
		t.Errorf("%d changes", changes)
	}
}

// change makes the i-th kind of change, and reports whether there is one.
func change(v reflect.Value, i int) bool {
	switch v.Kind() {
	case reflect.Slice:
		switch i {
		case 0:
			v.SetLen(1)
		case 1:
			v.Set(reflect.Zero(v.Type()))
		default:
			return change(v.Index(1), 0)
		}
	case reflect.Map:
		name := v.MapKeys()[0]
		switch i {
		case 0:
			v.SetMapIndex(name, reflect.Value{})
		case 1:
			v.SetMapIndex(reflect.ValueOf("another"), v.MapIndex(name))
		default:
			v.SetMapIndex(name, reflect.Zero(v.Type().Elem()))
			if v.Type().Elem().Kind() == reflect.Interface {
				v.SetMapIndex(name, reflect.ValueOf("x"))
			}
		}
	case reflect.Struct:
		return change(v.Field(0), 0)
	default:
		if i > 0 {
			return false
		}
		v.Set(reflect.Zero(v.Type()))
	}
	return true
}

func key(t *testing.T, in *Input) cacheKey {
	t.Helper()
	k, err := newCacheKey("r", "p", fields, in)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A group of fewer fields, of another snapshot or phase, is never taken for one that was kept.
func TestEncoderTellsSkeletonsApart(t *testing.T) {
	e, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	in := new(Input)
	in.Destination.App, in.Destination.Name, in.Destination.Vendor = "same", "same", "same"
	for _, paths := range [][]string{
		{"destination.app", "destination.name"}, {"destination.app", "destination.vendor"}, {"destination.app"},
	} {
		var some []field
		want := map[string]any{}
		for _, f := range fields {
			if slices.Contains(paths, f.path) {
				some = append(some, f)
				want[strings.TrimPrefix(f.path, "destination.")] = "same"
			}
		}
		v, err := e.encode(newSkeleton(some), in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ast.JSON(v)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]any{"destination": want}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func value(t *testing.T, e *encoder, in *Input) ast.Value {
	t.Helper()
	v, err := e.encode(newSkeleton(fields), in)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Values that would run together without their lengths.
func TestKeyKeepsValuesApart(t *testing.T) {
	a, b := filled(), filled()
	a.Request.Method, a.Request.Host = "GE", "Thost"
	b.Request.Method, b.Request.Host = "GET", "host"
	c, d := filled(), filled()
	c.Identity.Groups, d.Identity.Groups = []string{"a", "b"}, []string{"a,b"}
	if key(t, a) == key(t, b) || key(t, c) == key(t, d) {
		t.Error("two inputs have one key")
	}
	one, _ := newCacheKey("r", "p", nil, a)
	two, _ := newCacheKey("rp", "", nil, a)
	if one == two {
		t.Error("two revisions have one key")
	}
}

func TestEncodeRefusesWhatIsNotJSON(t *testing.T) {
	e, err := newEncoder()
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Input){
		"a struct in the claims": func(in *Input) { in.Identity.Claims = map[string]any{"x": struct{}{}} },
		"NaN":                    func(in *Input) { in.Session.LeakScore = math.NaN() },
		"infinity":               func(in *Input) { in.Content.Scores = map[string]float64{"x": math.Inf(1)} },
		"NaN confidence":         func(in *Input) { in.Content.Entities = map[string]Entity{"X": {Confidence: math.NaN()}} },
	} {
		in := filled()
		spoil(in)
		if _, err := e.encode(newSkeleton(fields), in); err == nil {
			t.Errorf("%s was encoded", name)
		}
	}
}

func TestReferenceIsComplete(t *testing.T) {
	text, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw any
	var in Input
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(raw, encoded(t, &in)); diff != "" {
		t.Error(diff)
	}
	if err := in.validate(); err != nil {
		t.Error(err)
	}
}

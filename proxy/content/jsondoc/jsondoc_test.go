package jsondoc_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

func free(int64) error { return nil }

func TestDocument(t *testing.T) {
	d, err := jsondoc.Scan(`{"a":[1,"x",true,{"b":null},12345678],"\u0061":"\ud83c\udf27"}`, jsondoc.Options{Reserve: free})
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := d.Str(d.Field(0, "a")); !ok || text != "🌧" {
		t.Errorf("the last value of a key that comes twice: %q", text)
	}
	list := -1
	for _, v := range d.Fields(0) {
		list = v
		break
	}
	var places []int
	for place, v := range d.Places(list) {
		places = append(places, place)
		if long := d.Nodes[v].Long(); long != (place == 4) {
			t.Errorf("place %d: long %v", place, long)
		}
	}
	if want := []int{1, 3, 4}; !slices.Equal(places, want) || !d.Nodes[list].HasNumbers() {
		t.Errorf("places %v, not %v", places, want)
	}
}

func TestManyTexts(t *testing.T) {
	const texts = "\x1e{\"a\":1}\n\x1e[]\n2\n"
	d, err := jsondoc.Scan(texts, jsondoc.Options{Many: true, Reserve: free})
	if err != nil || len(d.Nodes) != 5 {
		t.Errorf("%d nodes, %v", len(d.Nodes), err)
	}
	var syntax *jsondoc.SyntaxError
	if _, err := jsondoc.Scan(texts, jsondoc.Options{Reserve: free}); !errors.As(err, &syntax) || syntax.At != 0 {
		t.Errorf("one text: %v", err)
	}
	if d, err = jsondoc.Scan(texts, jsondoc.Options{From: 1, Many: true, Reserve: free}); err != nil || d.Nodes[0].Start != 1 {
		t.Errorf("from the second byte: %v", err)
	}
}

func TestReserve(t *testing.T) {
	full := errors.New("full")
	if _, err := jsondoc.Scan("[]", jsondoc.Options{Reserve: func(int64) error { return full }}); !errors.Is(err, full) {
		t.Error(err)
	}
	if _, err := jsondoc.Fit("[]", nil, func(int64) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
}

// seeds are texts that some readers of JSON take and others do not.
var seeds = []string{
	`{"a":[1,2.5e3,-0,true,null,"\ud83c\udf27\u0000"],"a":{}}`, "[\"\xff\"]", ` 1 `, `{"a":"\ud800\u0041"}`, `{"a":1,}`, `{'a':1}`, `[01]`, `[1.]`, `[+1]`, `[NaN]`, `"\x41"`,
	"\"\n\"", `{}{}`, `[1 2]`, `// c`, "", `{"a"`, `[123456789,"x\\"]`,
}

// FuzzScan compares the scanner with another reader: what is JSON, and which
// strings stand in it. Every beginning of a text is read when its end may be
// missing.
func FuzzScan(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := jsondoc.Scan(text, jsondoc.Options{Reserve: free})
		var syntax *jsondoc.SyntaxError
		if errors.As(err, &syntax) && syntax.What == "nested too deep" {
			return
		}
		if valid := json.Valid([]byte(text)); valid != (err == nil) {
			t.Fatalf("valid %v, error %v", valid, err)
		}
		if err != nil {
			return
		}
		var want, got []string
		decoder := json.NewDecoder(strings.NewReader(text))
		for token, err := decoder.Token(); err == nil; token, err = decoder.Token() {
			if s, ok := token.(string); ok {
				want = append(want, s)
			}
		}
		for n := range d.Nodes {
			if s, ok := d.Str(n); ok {
				got = append(got, s)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("strings %q, not %q", got, want)
		}
		for n := range min(len(text), 200) {
			if _, err := jsondoc.Scan(text[:n], jsondoc.Options{Truncated: true, Reserve: free}); err != nil {
				t.Fatalf("cut at %d: %v", n, err)
			}
		}
	})
}

// FuzzFit: JSON in which a part of one string or number was changed is JSON.
func FuzzFit(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, uint(7), uint(3), "\"}\n")
	}
	f.Fuzz(func(t *testing.T, text string, start, size uint, with string) {
		d, err := jsondoc.Scan(text, jsondoc.Options{Reserve: free})
		if err != nil || !utf8.ValidString(with) {
			return
		}
		for _, n := range d.Nodes {
			if length := uint(n.End - n.Start); n.Kind == '"' || n.Kind == '0' {
				from := start % (length + 1)
				to := from + size%(length-from+1)
				if from == to {
					continue
				}
				changes, err := jsondoc.Fit(text, []codec.Change{{Start: int(n.Start) + int(from), End: int(n.Start) + int(to), Text: with}}, free)
				if err != nil {
					t.Fatal(err)
				}
				if got := codec.Splice(text, changes); !json.Valid([]byte(got)) {
					t.Fatalf("%q became %q", text, got)
				}
			}
		}
	})
}

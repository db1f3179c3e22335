package audit_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/audit"
)

// Lines are byte for byte what encoding/json makes of the tags of the records.
func TestEncoding(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	for range 3000 {
		for _, one := range []struct {
			kind   string
			record any
		}{
			{audit.KindDecision, new(audit.Decision)}, {audit.KindCompletion, new(audit.Completion)}, {audit.KindGap, new(audit.Gap)},
		} {
			populate(random, reflect.ValueOf(one.record).Elem())
			if d, ok := one.record.(*audit.Decision); ok && d.Findings == nil {
				d.Findings = []audit.Finding{} // as the log has it
			}
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(one.record); err != nil {
				t.Fatal(err)
			}
			want := `{"schema":"` + audit.Schema + `","record":"` + one.kind + `",` + strings.TrimSuffix(b.String()[1:], "\n")
			if diff := cmp.Diff(want, string(audit.Marshal(one.record))); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

// populate puts something, or nothing, into every field.
func populate(random *rand.Rand, v reflect.Value) {
	texts := []string{"plain", "with \"quotes\" and \\", "new\nline\ttab\b\f\r\x00\x1f\x7f", "<b>&amp;</b>", "ünï ☃ 𝄞", "bad \xff\xc3 utf-8", "\u2028\u2029", "\ufffd"}
	numbers := []float64{0, 1, .5, -.25, 1e-6, 9.99e-7, 1e20, 1e21, 12345.678, math.SmallestNonzeroFloat64, math.MaxFloat64}
	if random.IntN(3) == 0 {
		v.SetZero()
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[random.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(random.Int64() >> random.IntN(64) * (1 - 2*random.Int64N(2)))
	case reflect.Uint16:
		v.SetUint(random.Uint64N(1 << 16))
	case reflect.Float64:
		v.SetFloat(numbers[random.IntN(len(numbers))])
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		populate(random, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), random.IntN(3), 4))
		for i := range v.Len() {
			populate(random, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			populate(random, v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(random.Int64N(1<<33), random.Int64N(2)*random.Int64N(1e9)).UTC()))
			return
		}
		for i := range v.NumField() {
			populate(random, v.Field(i))
		}
	default:
		panic(v.Kind())
	}
}

func BenchmarkEncoding(b *testing.B) {
	b.ReportAllocs()
	d := decision(id(1))
	for b.Loop() {
		audit.Marshal(d)
	}
}

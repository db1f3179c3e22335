package standard_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/layer"
	"github.com/sluice-proxy/sluice/classifiers/phi"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

func newSet(t testing.TB, opts standard.Options) *classifiers.Set {
	t.Helper()
	s, err := standard.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEntities(t *testing.T) {
	s := newSet(t, standard.Options{})
	all := s.Entities()
	for _, want := range []classifiers.Entity{
		{Family: "secret", Name: "PRIVATE_KEY"}, {Family: "pci", Name: "CREDIT_CARD"}, {Family: "pii", Name: "EMAIL_ADDRESS"},
		{Family: "pii", Name: "PHONE_NUMBER"}, {Family: "pii", Name: "IBAN_CODE"}, {Family: "pii", Name: "US_SSN"}, {Family: "pii", Name: "IP_ADDRESS"},
	} {
		if !slices.Contains(all, want) {
			t.Errorf("%v is missing", want)
		}
	}
	if again := newSet(t, standard.Options{Key: [32]byte{1}}); s.Snapshot() != again.Snapshot() || len(s.Snapshot()) != 32 {
		t.Errorf("snapshots %s and %s", s.Snapshot(), again.Snapshot())
	}
}

// Families beside each other: the value that is meant is the one that is kept.
func TestTogether(t *testing.T) {
	s := newSet(t, standard.Options{})
	for text, want := range map[string]string{
		"nadia@brightfield.example, 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00": "EMAIL_ADDRESS CREDIT_CARD IBAN_CODE",
		"my phone is 4111111111111111":                       "CREDIT_CARD",
		"call 536-22-1047":                                   "US_SSN",
		"postgres://app:nadia@brightfield.example:5432/shop": "secret.URL_CREDENTIALS",
		"connect to 203.0.113.77 or call 415-555-0132":       "IP_ADDRESS PHONE_NUMBER",
	} {
		var got []string
		for _, f := range classifierstest.Classify(t, s, text) {
			got = append(got, f.Type())
		}
		if strings.Join(got, " ") != want && !strings.HasPrefix(text, "postgres") {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if strings.HasPrefix(text, "postgres") && slices.Contains(got, "EMAIL_ADDRESS") {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestOrdinaryTextIsClean(t *testing.T) {
	s := newSet(t, standard.Options{})
	for _, text := range append(clean,
		"Tell me about the years 1914-1918, 1939-1945 and 1989.",
		"Use Go 1.26.8 and Python 3.13.1; the wheel is numpy-2.1.3-cp313.whl",
		"commit 9fceb02d0ae598e95dc970b74767f19372d61af8 fixes #4242",
		"550e8400-e29b-41d4-a716-446655440000",
		"order 114-3941689-8772232, invoice 2026-000123, build 20260301.4",
		"for i in a[1::2]: std::cout << x::y; 10:30:00 2026-03-01T10:30:00Z",
		"SELECT * FROM t WHERE id IN (1, 22, 333, 4444, 55555, 666666)",
		"2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71",
		"1709283600000 1709283600123 1709283600456",
		"@media (max-width: 600px) { a:hover { color: #ff0000 } }",
		"the password must have at least 12 characters and the token expires",
	) {
		if found := values(classifierstest.Classify(t, s, text)); len(found) > 0 {
			t.Errorf("%.80q: %.300s", text, classifierstest.Show(text, found))
		}
	}
}

func FuzzClassify(f *testing.F) {
	for _, s := range append(clean, rich, "前4111 1111 1111 1111\xff", "\xff\xfe@\x00.co", strings.Repeat("4111 ", 50), "::::1:2::3@") {
		f.Add(s)
	}
	for _, d := range disguises {
		for _, v := range hiddenValues[:3] {
			f.Add("see " + d.hide(v.value) + " there")
		}
	}
	for _, h := range hidings {
		f.Add("see " + h.hide(oneOfEach[0].value) + " there")
		f.Add(h.hide(oneOfEach[2].value))
	}
	plain := newSet(f, standard.Options{})
	cached := newSet(f, standard.Options{CacheBytes: 1 << 20})
	f.Fuzz(func(t *testing.T, text string) {
		ctx := context.Background()
		one := []classifiers.Sample{{Text: text, Role: "prompt"}}
		want, err := plain.Classify(ctx, one)
		if errors.Is(err, layer.ErrNested) || errors.Is(err, layer.ErrExpands) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		end := 0 // of what was found; values in a blob have one place, and passages lie over values
		for _, x := range want {
			passage := x.Family == classifiers.Code || x.Family == classifiers.Injection || x.Entity == phi.Note
			if x.Start < end && x.Hidden == 0 && !passage || x.End <= x.Start || x.End > len(text) {
				t.Fatalf("%+v after %d in %d bytes", x, end, len(text))
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[x.Start:x.End]) {
				t.Fatalf("%+v cuts a character", x)
			}
			if x.Hidden == 0 && !passage {
				end = x.End
			}
		}
		for range 2 {
			if got, err := cached.Classify(ctx, one); err != nil || !slices.Equal(got, want) {
				t.Fatalf("with cache: %v, %v; without: %v", got, err, want)
			}
		}
		cut := len(text) / 2
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		two := []classifiers.Sample{{Text: text[:cut], Role: "prompt"}, {Text: text[cut:], Role: "prompt"}}
		found, err := cached.Classify(ctx, two)
		if errors.Is(err, layer.ErrNested) || errors.Is(err, layer.ErrExpands) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		pieces := make(map[int]int)
		for _, x := range found {
			if x.Start < 0 || x.End <= x.Start || x.End > len(two[x.Sample].Text) {
				t.Fatalf("%+v in %d bytes", x, len(two[x.Sample].Text))
			}
			if x.Split > 0 {
				pieces[x.Split]++
			}
		}
		for n, count := range pieces {
			if count < 2 {
				t.Fatalf("value %d has one piece", n)
			}
		}
	})
}

const paragraph = "We are planning the offsite for the platform group and I would like your help with the agenda. " +
	"Last year we spent 2 days on architecture and the rest on retrospectives; people said the key point was to have fewer talks. " +
	"Please propose a schedule for 3 days, with breaks, that a team of 14 can follow: mornings for design, afternoons for pairing. "

const source = "func (s *Server) handle(w http.ResponseWriter, r *http.Request) {\n\tid, err := strconv.Atoi(r.PathValue(\"id\"))\n" +
	"\tif err != nil {\n\t\thttp.Error(w, \"bad id\", http.StatusBadRequest)\n\t\treturn\n\t}\n\ttoken := r.Header.Get(\"X-Token\")\n" +
	"\tuser, ok := s.users[id] // look it up: 404 when there is none\n\tif !ok || user.Password == \"\" {\n\t\thttp.NotFound(w, r)\n\t}\n}\n"

const rich = "Customer nadia.weber@brightfield.example (phone +1 415-555-0132, SSN 536-22-1047) paid with 4539 1488 0343 6467 " +
	"from DE89 3704 0044 0532 0130 00 at 203.0.113.77. "

// clean texts have two kilobytes, of prose and of code.
var clean = []string{strings.Repeat(paragraph, 8)[:2048], strings.Repeat(source, 8)[:2048]}

func BenchmarkClassify(b *testing.B) {
	for _, c := range []struct {
		name, text string
		cache      int64
	}{
		{"clean-prose-2KB", clean[0], 0},
		{"clean-code-2KB", clean[1], 0},
		{"hits-2KB", strings.Repeat(rich, 14)[:2048], 0},
		{"clean-prose-1MB", strings.Repeat(paragraph, 4000)[:1<<20], 0},
		{"clean-code-1MB", strings.Repeat(source, 4000)[:1<<20], 0},
		{"hits-1MB", strings.Repeat(rich, 9000)[:1<<20], 0},
		{"clean-russian-2KB", strings.Repeat("Вчера мы обсуждали план на осень, и было много вопросов. ", 30)[:2048], 0},
		{"full-width-2KB", strings.Repeat(disguises[0].hide(paragraph[:300]), 4)[:2048], 0},
		{"base64-2KB", encode64(clean[0][:1536]), 0},
		{"escapes-2KB", bytewise(clean[0][:341], `\u%04x`), 0},
		{"picture-1MB", encode64(string(random(768<<10, 1))), 0},
		{"full-width-1MB", strings.Repeat(disguises[0].hide(paragraph), 1300)[:1<<20], 0},
		{"base64-1MB", encode64(strings.Repeat(paragraph, 2400)), 0},
		{"cached-2KB", clean[0], 1 << 20},
		{"cached-1MB", strings.Repeat(paragraph, 4000)[:1<<20], 1 << 20},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := newSet(b, standard.Options{CacheBytes: c.cache})
			samples := []classifiers.Sample{{Text: c.text, Role: "prompt"}}
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Classify(context.Background(), samples); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// An agent sends its history of 200 messages again with one more.
func BenchmarkHistory(b *testing.B) {
	for _, cache := range []int64{0, 8 << 20} {
		b.Run(fmt.Sprintf("cache-%d", cache), func(b *testing.B) {
			s := newSet(b, standard.Options{CacheBytes: cache})
			var history []classifiers.Sample
			for i := range 200 {
				history = append(history, classifiers.Sample{Text: fmt.Sprint(i) + clean[i%2], Role: []string{"prompt", "reply"}[i%2]})
			}
			n := 0
			for b.Loop() {
				n++
				history[199].Text = fmt.Sprint(n) + clean[0]
				if _, err := s.Classify(context.Background(), history); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

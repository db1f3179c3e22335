package presidio_test

import (
	"cmp"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/presidio"
	"github.com/sluice-proxy/sluice/classifiers/presidio/presidiotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// names are what the test's analyzer finds.
func names() *presidiotest.Analyzer {
	return &presidiotest.Analyzer{Words: map[string]string{
		"Nadia Weber": "PERSON", "Weber": "PERSON", "Żaneta 𝄞": "PERSON", "Köln": "LOCATION", "weekly": "DATE_TIME", "\ufffd\ufffd": "LOCATION", "PERSON_x7k2": "PERSON",
	}}
}

func serve(t testing.TB, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

func options(server *httptest.Server) presidio.Options {
	return presidio.Options{
		URL: server.URL + "/analyze", Language: "en", Entities: []string{"PERSON", "LOCATION"}, Threshold: .5, Roles: []string{"prompt"},
		Timeout: 5 * time.Second, MaxBatch: 16, MaxCalls: 4, Failures: 3, Pause: 50 * time.Millisecond,
	}
}

// newClient makes a client of the server, for the length of the test.
func newClient(t testing.TB, server *httptest.Server, change func(*presidio.Options)) *presidio.Client {
	t.Helper()
	o := options(server)
	if change != nil {
		change(&o)
	}
	c, err := presidio.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// quiet is a family that finds nothing.
type quiet struct{}

func (quiet) Describe() classifiers.Description {
	return classifiers.Description{Family: "quiet", Entities: []string{"NONE"}, Version: "1"}
}

func (quiet) Classify(_ context.Context, _ *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	return found, nil
}

func samples(texts ...string) []classifiers.Sample {
	var all []classifiers.Sample
	for _, text := range texts {
		all = append(all, classifiers.Sample{Text: text, Role: "prompt"})
	}
	return all
}

// show is what was found in each text.
func show(all []classifiers.Sample, found [][]classifiers.Finding) string {
	var out []string
	for i, list := range found {
		slices.SortFunc(list, func(a, b classifiers.Finding) int { return cmp.Or(a.Start-b.Start, b.End-a.End) })
		for _, f := range list {
			out = append(out, fmt.Sprintf("%d:%s:%s:%v:%s", i, f.Entity, f.Rule, f.Confidence, all[i].Text[f.Start:f.End]))
		}
	}
	return strings.Join(out, " ")
}

// TestAnalyze shows what is asked and how places lead back: they count code points,
// whatever stands before them.
func TestAnalyze(t *testing.T) {
	fake := names()
	server := serve(t, fake)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := samples(
		"Nadia Weber", "nothing weekly", " \n\t", "", "𝄞𝄞 é<&>\u2028 Żaneta 𝄞 lives in Köln.",
		"bad \xff\xfe bytes \xe2\x82 and Köln", "[PERSON_x7k2] asked, [PERSON] PERSON_x7k2",
	)
	const want = "0:PERSON:presidio.person:0.85:Nadia Weber 0:PERSON:presidio.person:0.85:Weber " +
		"4:PERSON:presidio.person:0.85:Żaneta 𝄞 4:LOCATION:presidio.location:0.85:Köln " +
		"5:LOCATION:presidio.location:0.85:\xff\xfe 5:LOCATION:presidio.location:0.85:\xe2\x82 5:LOCATION:presidio.location:0.85:Köln " +
		"6:PERSON:presidio.person:0.85:PERSON_x7k2"
	for _, c := range []struct{ batch, calls int }{{16, 1}, {2, 3}, {1, 5}} {
		client := newClient(t, server, func(o *presidio.Options) { o.MaxBatch, o.TokenFile = c.batch, token })
		found, err := client.Analyze(t.Context(), all)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != len(all) {
			t.Fatalf("%d answers", len(found))
		}
		if got := show(all, found); got != want {
			t.Errorf("found\n%s\nwant\n%s", got, want)
		}
		if f := found[6]; len(f) != 1 || f[0].Start != strings.LastIndex(all[6].Text, "PERSON") {
			t.Errorf("placeholders are names: %v", f)
		}
		asked := fake.Asked()
		if len(asked) != c.calls {
			t.Errorf("%d calls for batches of %d", len(asked), c.batch)
		}
		for _, a := range asked {
			if a.Language != "en" || a.Threshold != .5 || !slices.Equal(a.Entities, []string{"LOCATION", "PERSON"}) ||
				a.Single != (c.batch == 1) || len(a.Texts) > c.batch || a.Header.Get("Authorization") != "Bearer s3cret" {
				t.Errorf("asked %+v", a)
			}
		}
	}
}

// TestLongText shows that a long text is asked for in pieces and no value is lost or cut
// at their edges.
func TestLongText(t *testing.T) {
	fake := &presidiotest.Analyzer{Words: map[string]string{"Nadia Weber": "PERSON", "Köln": "LOCATION"}}
	client := newClient(t, serve(t, fake), nil)
	for name, unit := range map[string]string{
		"words": "and then Nadia Weber came to Köln again ", "no white space": "NadiaWeber,Köln,", "wide": "那天晚上Köln他们",
		"not UTF-8": "\x82\x82\x82\x82\x82Köln\x82", "bytes alone": "\x82",
	} {
		for _, filler := range []string{"", "x", "xy", "xyz 𝄞"} {
			text := filler + strings.Repeat(unit, 40_000/len(unit))
			set, err := classifiers.New(classifiers.Options{Remote: client}, quiet{})
			if err != nil {
				t.Fatal(err)
			}
			found, err := set.Classify(t.Context(), samples(text))
			if err != nil {
				t.Fatal(name, err)
			}
			want := strings.Count(text, "Nadia Weber") + strings.Count(text, "Köln")
			whole := 0
			for _, f := range found {
				if value := text[f.Start:f.End]; value == "Nadia Weber" || value == "Köln" {
					whole++
				}
			}
			if whole != want || len(found) != want {
				t.Errorf("%s: %d of %d whole, %d found", name, whole, want, len(found))
			}
			for _, a := range fake.Asked() {
				size := 0
				for _, piece := range a.Texts {
					size += len(strings.ReplaceAll(piece, "\ufffd", "?"))
				}
				if size > 64<<10 || len(a.Texts) > 16 {
					t.Errorf("%s: a call of %d bytes in %d texts", name, size, len(a.Texts))
				}
			}
		}
	}
}

// TestPlaces shows that every text's findings lie in it, whatever is in it, and that
// the findings of a text do not change when they are remembered.
func TestPlaces(t *testing.T) {
	client := newClient(t, serve(t, names()), nil)
	set, err := classifiers.New(classifiers.Options{Remote: client}, quiet{})
	if err != nil {
		t.Fatal(err)
	}
	cached, err := classifiers.New(classifiers.Options{Remote: client, CacheBytes: 1 << 20}, quiet{})
	if err != nil {
		t.Fatal(err)
	}
	seeds := []string{"Nadia Weber in Köln", "Żaneta 𝄞 \xff\xfe", "[PERSON_x7k2]"}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	for i := range 300 {
		text := classifierstest.Mutate(random, seeds[i%len(seeds)], seeds)
		first, err := set.Classify(t.Context(), samples(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for range 2 {
			again, err := cached.Classify(t.Context(), samples(text))
			if err != nil || !slices.Equal(first, again) {
				t.Fatalf("%q: %v, then %v; %v", text, first, again, err)
			}
		}
	}
}

// TestNewRefuses goes through options that are wrong.
func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	good := options(&httptest.Server{URL: "http://127.0.0.1:1"})
	for want, change := range map[string]func(*presidio.Options){
		"url: is not":                    func(o *presidio.Options) { o.URL = "ftp://a/analyze" },
		"url: is not an http":            func(o *presidio.Options) { o.URL = "https://user:pass@a/analyze" },
		"url: wants the path":            func(o *presidio.Options) { o.URL = "http://127.0.0.1:5002" },
		"language:":                      func(o *presidio.Options) { o.Language = "" },
		"entities: wants":                func(o *presidio.Options) { o.Entities = nil },
		"entities[1]: \"person\" is not": func(o *presidio.Options) { o.Entities = []string{"PERSON", "person"} },
		"threshold: 1.5":                 func(o *presidio.Options) { o.Threshold = 1.5 },
		"max_batch: 0":                   func(o *presidio.Options) { o.MaxBatch = 0 },
		"max_calls: 0":                   func(o *presidio.Options) { o.MaxCalls = 0 },
		"failures: 0":                    func(o *presidio.Options) { o.Failures = 0 },
		"timeout: ":                      func(o *presidio.Options) { o.Timeout = 0 },
		"pause: ":                        func(o *presidio.Options) { o.Pause = 0 },
		"ca_file: open":                  func(o *presidio.Options) { o.CAFile = filepath.Join(dir, "none") },
		"holds no certificate":           func(o *presidio.Options) { o.CAFile = file("ca", "nothing", 0o600) },
		"token_file: stat":               func(o *presidio.Options) { o.TokenFile = filepath.Join(dir, "none") },
		"can be read by others":          func(o *presidio.Options) { o.TokenFile = file("open", "s3cret", 0o644) },
		"holds no token":                 func(o *presidio.Options) { o.TokenFile = file("two", "a\nb", 0o600) },
		"token_file: would be sent":      func(o *presidio.Options) { o.URL, o.TokenFile = "http://a.example/analyze", file("ok", "a", 0o600) },
		"is not a regular file":          func(o *presidio.Options) { o.TokenFile = dir },
		"holds more than a token":        func(o *presidio.Options) { o.TokenFile = file("long", strings.Repeat("a", 17<<10), 0o600) },
	} {
		o := good
		change(&o)
		if _, err := presidio.New(o); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	all := presidio.Options{URL: "x"}
	if _, err := presidio.New(all); err == nil || strings.Count(err.Error(), "\n") < 6 {
		t.Errorf("not all that is wrong is told: %v", err)
	}
}

// TestTLS shows that only the given roots are trusted, and that an answer that points
// elsewhere is not followed.
func TestTLS(t *testing.T) {
	fake := names()
	server := httptest.NewUnstartedServer(fake)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell who does not trust it
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	trusting := newClient(t, server, func(o *presidio.Options) { o.CAFile = ca })
	if err := trusting.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	if err := newClient(t, server, nil).Probe(t.Context()); err == nil {
		t.Error("a certificate of nobody's is trusted")
	}
	fake.Asked()
	elsewhere := serve(t, http.RedirectHandler(server.URL, http.StatusTemporaryRedirect))
	if err := newClient(t, elsewhere, func(o *presidio.Options) { o.CAFile = ca }).Probe(t.Context()); err == nil || len(fake.Asked()) > 0 {
		t.Errorf("followed: %v", err)
	}
}

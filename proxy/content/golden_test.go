package content_test

import (
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/destination"
)

var update = flag.Bool("update", false, "write what was read and rewritten into the golden files")

// planted is the value that the golden files redact.
const planted = "4000 0000 0000 0002"

// A goldenCase is one exchange of a file in testdata/formats: a request as it
// comes, what is read out of it, and the request with the planted number
// redacted. In a request the line "Wire:" or "Role:" stands for what a catalogue
// file would say of the host; without it the embedded catalogue does. ␀ is a zero
// byte.
type goldenCase struct {
	name string
	file *txtar.Archive
	head *content.Head
	body string
}

func goldenCases(tb testing.TB, pattern string) []goldenCase {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "formats", pattern+".txtar"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no golden files %s: %v", pattern, err)
	}
	catalogue, err := destination.NewCatalogue(destination.CatalogueOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	var cases []goldenCase
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		for _, f := range archive.Files {
			if kind, name, _ := strings.Cut(f.Name, ": "); kind == "request" {
				c := goldenCase{name: strings.TrimSuffix(filepath.Base(path), ".txtar") + "/" + name, file: archive}
				c.parse(tb, catalogue, string(f.Data))
				cases = append(cases, c)
			}
		}
	}
	return cases
}

func (c *goldenCase) parse(tb testing.TB, catalogue *destination.Catalogue, text string) {
	tb.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	method, address, _ := strings.Cut(lines[0], " ")
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	c.head = &content.Head{Method: method, Host: u.Host, Path: u.EscapedPath(), RawQuery: u.RawQuery, Header: http.Header{}}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Wire":
			c.head.Wire = value
		case "Role":
			c.head.Role = value
		default:
			c.head.Header.Add(name, value)
		}
	}
	if c.head.Wire == "" {
		match, ok := destination.Choose(catalogue.Candidates(u.Host), c.head.Path, func(wire string) bool { return content.Matches(wire, c.head) })
		if !ok {
			tb.Fatalf("%s: the catalogue does not know %s", c.name, u.Host)
		}
		c.head.Wire, c.head.Role = match.App.Wire, match.Role
	}
	c.body = strings.ReplaceAll(strings.TrimSuffix(body, "\n"), "␀", "\x00")
}

// check compares a section that follows the case's own with what came.
func (c *goldenCase) check(t *testing.T, kind, name, got string) {
	t.Helper()
	file := c.section(kind, name)
	if *update {
		file.Data = []byte(got)
	}
	if diff := cmp.Diff(string(file.Data), got); diff != "" {
		t.Errorf("%s: want -, got +\n%s", name, diff)
	}
}

func writeGolden(t *testing.T, path string, archive *txtar.Archive) {
	t.Helper()
	if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
		t.Fatal(err)
	}
}

// section is a section that follows the case's own, a new one if there is none.
func (c *goldenCase) section(kind, name string) *txtar.File {
	_, own, _ := strings.Cut(c.name, "/")
	at := slices.IndexFunc(c.file.Files, func(f txtar.File) bool { return f.Name == kind+": "+own }) + 1
	for i := at; i < len(c.file.Files) && !strings.HasPrefix(c.file.Files[i].Name, kind+": "); i++ {
		if c.file.Files[i].Name == name {
			return &c.file.Files[i]
		}
	}
	c.file.Files = slices.Insert(c.file.Files, at, txtar.File{Name: name})
	return &c.file.Files[at]
}

// rewritten redacts the planted number and shows what came of it.
func (c *goldenCase) rewritten(t *testing.T, m *content.Message) string {
	t.Helper()
	locked := false
	for i, p := range m.Parts {
		locked = locked || p.Role != content.RoleOther && strings.Contains(p.Text, planted) && !m.CanRewrite(i)
	}
	w, n := redact(t, m, planted, "[CARD]")
	again, err := w.Reread(content.Limits{})
	if err != nil {
		t.Fatalf("the edited request cannot be read: %v\n%s", err, w.Body)
	}
	for i, p := range again.Parts {
		if strings.Contains(p.Text, planted) && again.CanRewrite(i) {
			t.Errorf("left in %q", p.Text)
		}
	}
	text := strings.ReplaceAll(string(w.Body), "\x00", "␀") + "\n"
	switch {
	case locked:
		return "nothing: a place cannot be rewritten\n"
	case n == 0:
		return "nothing: no number in a place of content\n"
	case w.RawQuery != c.head.RawQuery:
		return "?" + w.RawQuery + "\n" + text
	}
	return text
}

// TestFormats: the golden files. Rewriting nothing changes nothing.
func TestFormats(t *testing.T) {
	for _, c := range goldenCases(t, "*") {
		t.Run(c.name, func(t *testing.T) {
			m := mustRead(t, c.head, c.body)
			same, err := m.Rewrite(nil)
			if err != nil || string(same.Body) != c.body || same.RawQuery != c.head.RawQuery || same.Remove != nil {
				t.Error("no edits changed something", err)
			}
			rewritten := c.rewritten(t, m)
			for _, s := range []struct{ name, got string }{{"rewritten", rewritten}, {"extract", show(m)}} {
				c.check(t, "request", s.name, s.got)
			}
			if *update {
				path, _, _ := strings.Cut(c.name, "/")
				writeGolden(t, filepath.Join("testdata", "formats", path+".txtar"), c.file)
			}
		})
	}
}

// fuzzFormat fuzzes a format with its golden requests as seeds.
func fuzzFormat(f *testing.F, pattern string) {
	var heads []*content.Head
	for i, c := range goldenCases(f, pattern) {
		heads = append(heads, c.head)
		for _, escaped := range []string{planted, url.QueryEscape(planted), url.PathEscape(planted)} {
			c.body = strings.ReplaceAll(c.body, escaped, "%s")
		}
		for style := range uint8(3) {
			f.Add([]byte(c.body), uint8(i), style)
		}
	}
	fuzzRewrite(f, heads...)
}

func FuzzMore(f *testing.F)          { fuzzFormat(f, "openai-*") }
func FuzzAzure(f *testing.F)         { fuzzFormat(f, "azure-openai") }
func FuzzBedrock(f *testing.F)       { fuzzFormat(f, "bedrock") }
func FuzzClaudeWeb(f *testing.F)     { fuzzFormat(f, "claude-web") }
func FuzzCohere(f *testing.F)        { fuzzFormat(f, "cohere") }
func FuzzCopilot(f *testing.F)       { fuzzFormat(f, "github-copilot") }
func FuzzDeepSeekWeb(f *testing.F)   { fuzzFormat(f, "deepseek-web") }
func FuzzGemini(f *testing.F)        { fuzzFormat(f, "gemini-api") }
func FuzzGeminiWeb(f *testing.F)     { fuzzFormat(f, "gemini-web") }
func FuzzLeChat(f *testing.F)        { fuzzFormat(f, "mistral-lechat") }
func FuzzMistral(f *testing.F)       { fuzzFormat(f, "mistral") }
func FuzzOllama(f *testing.F)        { fuzzFormat(f, "ollama") }
func FuzzPerplexityWeb(f *testing.F) { fuzzFormat(f, "perplexity-web") }

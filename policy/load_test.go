package policy_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

func defaults(t testing.TB) *policy.Snapshot {
	t.Helper()
	return load(t, policy.Source{Embedded: rego.FS})
}

func load(t testing.TB, src policy.Source) *policy.Snapshot {
	t.Helper()
	s, err := policy.Load(context.Background(), src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func engine(t testing.TB, s *policy.Snapshot, o policy.Options) *policy.Engine {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second // a busy machine is not what these tests are about
	}
	e, err := policy.NewEngine(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// custom is a policy directory with the default tables, silent packs for each phase, and the given files over them; an
// empty text removes a file.
func custom(t testing.TB, files map[string]string) policy.Source {
	t.Helper()
	dir := fstest.MapFS{
		"connect/quiet.rego":  {Data: []byte("package sluice.connect.quiet\n")},
		"request/quiet.rego":  {Data: []byte("package sluice.request.quiet\n")},
		"response/quiet.rego": {Data: []byte("package sluice.response.quiet\n")},
	}
	tables, err := fs.Glob(rego.FS, "data/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range tables {
		body, err := fs.ReadFile(rego.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		dir[name] = &fstest.MapFile{Data: body}
	}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
		if text == "" {
			delete(dir, name)
		}
	}
	return policy.Source{Embedded: rego.FS, Dir: dir}
}

// pack is a request pack "p" with one rule "p.r" of the given action and body; line 6 is its head.
func pack(action, body string) string {
	return `package sluice.request.p

# METADATA
# title: A rule
# labels: {rule: p.r}
# custom: {severity: low, remediation: Do something else.}
verdict contains {"id": "p.r", "action": "` + action + `"} if {
	` + body + `
}
`
}

func request(files string) map[string]string { return map[string]string{"request/p.rego": files} }

func TestDefaultsLoad(t *testing.T) {
	s := defaults(t)
	if n := len(s.Rules()); n < 23 {
		t.Errorf("%d rules", n)
	}
	for _, r := range s.Rules() {
		if r.Mode != policy.ModeEnforce || r.Title == "" || r.Severity == "" || r.Remediation == "" {
			t.Errorf("%+v", r)
		}
	}
	if again := defaults(t); again.Revision() != s.Revision() || len(s.Revision()) != 16 {
		t.Error("the revision is not that of the content")
	}
}

// Everything that is refused, with the file and the line that the message names.
func TestLoadRefuses(t *testing.T) {
	good := pack("block", "input.request.port == 1")
	replace := func(before, after string) map[string]string {
		return request(strings.Replace(good, before, after, 1))
	}
	cases := []struct {
		name, want string
		files      map[string]string
	}{
		{"a syntax error", "request/p.rego:8: ", replace("input.request.port == 1", "input.request.port = = 1")},
		{"an undefined variable", "request/p.rego:8: ", replace("input.request.port", "port")},
		{"an unused variable, by strict mode", "request/p.rego:8: ", replace("input.request.port == 1", "x := input.request.port")},
		{"an unused import, by strict mode", "request/p.rego:2: ", replace("p\n", "p\nimport data.sluice.lib")},
		{"a misspelt field, by the schema", "request/p.rego:8: ", replace("port", "prot")},
		{"a wrong type, by the schema", "request/p.rego:8: ", replace("port == 1", `port == "1"`)},
		{"a removed builtin", "request/p.rego:8: ", replace("input.request.port == 1", `http.send({"url": "https://example.com", "method": "GET"}).status_code == 200`)},
		{"the clock", "request/p.rego:8: ", replace("input.request.port == 1", `time.now_ns() > 1`)},
		{"the environment", "request/p.rego:8: ", replace("input.request.port == 1", `opa.runtime().env.HOME`)},
		{"an unknown action", "request/p.rego:7: rule \"p.r\": the action is one of", replace(`"block"`, `"blok"`)},
		{"a computed action", "request/p.rego:7: rule \"p.r\": the action is one of", replace(`"block"`, `input.request.kind`)},
		{"an action of another phase", "request/p.rego:7: rule \"p.r\": tunnel is not an action of phase request", replace(`"block"`, `"tunnel"`)},
		{"a computed id", "request/p.rego:7: the id of a verdict is a constant", replace(`"id": "p.r"`, `"id": input.request.kind`)},
		{"no id", "request/p.rego:7: the id of a verdict is a constant", replace(`"id": "p.r", `, ``)},
		{"an unknown key", `request/p.rego:7: a verdict of phase request has no key "actions"`, replace(`"block"`, `"block", "actions": 1`)},
		{"redact without a set", "request/p.rego:7: rule \"p.r\": action redact names what", replace(`"block"`, `"redact"`)},
		{"an unknown style", "request/p.rego:7: rule \"p.r\": the style is one of", replace(`"block"`, `"block", "style": "blur"`)},
		{"a computed verdict", "request/p.rego:7: the verdict is written in the head", replace(`{"id": "p.r", "action": "block"}`, `object.union({"id": "p.r"}, {"action": "block"})`)},
		{"a verdict that is no set", "request/p.rego:7: verdict is a set", replace(`verdict contains {`, `verdict := {`)},
		{"a label of another rule", "request/p.rego:7: rule \"p.r\": the metadata says labels: {rule: p.q}", replace("rule: p.r", "rule: p.q")},
		{"no metadata", "request/p.rego:4: rule \"p.r\": no METADATA", replace("# METADATA\n# title: A rule\n# labels: {rule: p.r}\n", "")},
		{"no title", "request/p.rego:6: rule \"p.r\": the metadata has no title", replace("# title: A rule\n", "")},
		{"an unknown severity", "request/p.rego:7: rule \"p.r\": custom.severity is one of", replace("severity: low", "severity: loud")},
		{"no remediation", "request/p.rego:7: rule \"p.r\": custom.remediation", replace(", remediation: Do something else.", "")},
		{"one id twice", "request/p.rego:7: rule \"p.r\" stands in request/o.rego:7 already",
			map[string]string{"request/p.rego": good, "request/o.rego": strings.Replace(good, "request.p", "request.o", 1)}},
		{"a package of another file", "request/p.rego:1: the package of this file is sluice.request.p", replace("request.p", "request.q")},
		{"a package of another phase", "request/p.rego:1: the package of this file is sluice.request.p", replace("request.p", "response.p")},
		{"an unknown phase", "requests: is not read", map[string]string{"requests/p.rego": good}},
		{"a stray module", "p.rego: is not read", map[string]string{"p.rego": good}},
		{"a pack with a wrong ending", "request/p.rego.txt: only .rego files belong in request/", map[string]string{"request/p.rego.txt": good}},
		{"a pack too deep", "request/sub: only .rego files belong in request/", map[string]string{"request/sub/p.rego": good}},
		{"a table in YAML", "data/limits.yaml: only .json files belong in data/", map[string]string{"data/limits.yaml": "a: 1"}},
		{"a phase without a pack", "response: no pack stands here", map[string]string{"response/quiet.rego": ""}},
		{"a table that is not there", `request/p.rego:8: data.sluice.partners.x: there is no table "partners"`, replace("input.request.port == 1", "data.sluice.partners.x == 1")},
		{"data outside sluice", "request/p.rego:8: data.x.y: everything stands under data.sluice", replace("input.request.port == 1", "data.x.y == 1")},
		{"a table that lib needs", `there is no table "limits"`, map[string]string{"data/limits.json": ""}},
		{"a broken table", "data/limits.json:2: is not JSON", map[string]string{"data/limits.json": "{\n \"entities\": }"}},
		{"a table of the wrong shape", "data/limits.json: table limits: entities: _default is required", map[string]string{"data/limits.json": `{"entities": {}, "apps": {}, "departments": {}}`}},
		{"a count in words", "data/limits.json: table limits: entities._default.bulk: Invalid type", map[string]string{"data/limits.json": `{"entities": {"_default": {"redact": 1, "bulk": "ten"}}, "apps": {}, "departments": {}}`}},
		{"a table that hides a package", `data/lib.json: "lib" cannot be the name of a table`, map[string]string{"data/lib.json": "{}"}},
		{"an unknown mode", "data/modes.json: ", map[string]string{"request/p.rego": good, "data/modes.json": `{"p.r": "shadows"}`}},
		{"a mode of no rule", `data/modes.json: there is no rule "p.x"`, map[string]string{"request/p.rego": good, "data/modes.json": `{"p.x": "shadow"}`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := policy.Load(context.Background(), custom(t, c.files))
			var problems policy.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("loaded: %v", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %s\nwant %s", err, c.want)
			}
		})
	}
	if _, err := policy.Load(context.Background(), custom(t, request(good))); err != nil {
		t.Errorf("the good pack: %v", err)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := policy.Load(context.Background(), custom(t, map[string]string{
		"request/p.rego":      pack("blok", "input.request.port == 1"),
		"connect/q.rego":      "package sluice.connect.x\n",
		"response/quiet.rego": "",
		"data/lib.json":       "[]",
	}))
	for _, want := range []string{"request/p.rego:7", "connect/q.rego:1", "response:", "data/lib.json"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not among the problems: %v", want, err)
		}
	}
}

func TestDataFiles(t *testing.T) {
	with := func(files ...string) policy.Source {
		src := policy.Source{Embedded: rego.FS}
		for _, f := range files {
			src.Data = append(src.Data, policy.DataFile{Name: "corp.json", JSON: []byte(f)})
		}
		return src
	}
	in := reference(t)
	in.Content.Entities = map[string]policy.Entity{"EMAIL_ADDRESS": {Count: 5, Confidence: 1, Family: "pii"}}
	in.Content.Families = map[string]policy.Family{"pii": {Count: 5}}
	in.Session.ExposureAfter = nil // the rows are about one request here
	for _, c := range []struct {
		name string
		data []string
		want policy.Action
	}{
		{"the default row", nil, policy.ActionAllow},
		{"a row of the app", []string{`{"limits": {"apps": {"chatgpt": {"EMAIL_ADDRESS": {"redact": 5, "bulk": 9}}}}}`}, policy.ActionRedact},
		{"a row of the department", []string{`{"limits": {"departments": {"payments": {"EMAIL_ADDRESS": {"redact": 5, "bulk": 5}}}}}`}, policy.ActionBlock},
		{"the app before the department", []string{
			`{"limits": {"departments": {"payments": {"EMAIL_ADDRESS": {"redact": 5, "bulk": 5}}}}}`,
			`{"limits": {"apps": {"chatgpt": {"EMAIL_ADDRESS": {"redact": 6, "bulk": 9}}}}}`}, policy.ActionAllow},
		{"the last file", []string{
			`{"limits": {"entities": {"EMAIL_ADDRESS": {"redact": 1}}}}`,
			`{"limits": {"entities": {"EMAIL_ADDRESS": {"bulk": 5}}}}`,
			`{"limits": {"entities": {"EMAIL_ADDRESS": {"bulk": 50}}}}`}, policy.ActionRedact},
		{"another entity is left alone", []string{`{"limits": {"entities": {"PHONE_NUMBER": {"redact": 1}}}}`}, policy.ActionAllow},
		{"a setting", []string{`{"settings": {"departments": {"payments": {"max_risk": 10}}}}`}, policy.ActionBlock},
		{"a rule in shadow", []string{`{"settings": {"_default": {"max_risk": 10}}, "modes": {"apps.risk": "shadow"}}`}, policy.ActionAllow},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := load(t, with(c.data...))
			d, err := engine(t, s, policy.Options{}).Decide(context.Background(), in, policy.Circumstances{})
			if err != nil || d.Action != c.want {
				t.Errorf("%s %v %v", d.Action, d.Rules, err)
			}
			if len(c.data) > 0 && s.Revision() == defaults(t).Revision() {
				t.Error("the revision does not tell the data")
			}
		})
	}
	for name, c := range map[string]struct{ data, want string }{
		"an unknown table":  {`{"limit": {}}`, `corp.json: there is no table "limit"`},
		"not an object":     {`[]`, "corp.json: a data file is an object of tables"},
		"a list as a table": {`{"limits": []}`, `corp.json: table "limits" is an object`},
		"not JSON":          {"{\n\n x", "corp.json:3: is not JSON"},
		"two values":        {`{} {}`, "corp.json: holds more than one JSON value"},
		"a bad row":         {`{"limits": {"apps": {"x": {"EMAIL_ADDRESS": {"redact": 1}}}}}`, "bulk is required"},
		"a bad setting":     {`{"settings": {"_default": {"max_risk": "high"}}}`, "max_risk: Invalid type"},
		"a misspelt key":    {`{"settings": {"apps": {"x": {"allow_websockets": true}}}}`, "allow_websockets"},
	} {
		_, err := policy.Load(context.Background(), with(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListsReplace(t *testing.T) {
	src := custom(t, map[string]string{
		"data/names.json": `{"list": ["a", "b"]}`,
		"request/p.rego":  pack("block", `input.request.method in data.sluice.names.list`),
	})
	src.Data = []policy.DataFile{{Name: "d", JSON: []byte(`{"names": {"list": ["c"]}}`)}}
	e := engine(t, load(t, src), policy.Options{})
	for method, want := range map[string]policy.Action{"a": policy.ActionAllow, "c": policy.ActionBlock} {
		in := policy.NewInput(policy.PhaseRequest)
		in.Request.Method = method
		if d, err := e.Decide(context.Background(), in, policy.Circumstances{}); err != nil || d.Action != want {
			t.Errorf("%s: %s %v", method, d.Action, err)
		}
	}
}

func TestLibAndSchemasComeFromTheBinary(t *testing.T) {
	for _, name := range []string{"lib/lib.rego", "schemas/input.json"} {
		_, err := policy.Load(context.Background(), custom(t, map[string]string{name: "x"}))
		if err == nil || !strings.Contains(err.Error(), "is not read") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLeftoversAreIgnored(t *testing.T) {
	load(t, custom(t, map[string]string{
		"README.md": "x", ".git/config": "x", "request/.p.rego.swp": "x", "request/p.rego~": "x", "data/#limits.json#": "x", "LICENSE": "x",
	}))
}

func TestOversizedFileIsRefused(t *testing.T) {
	_, err := policy.Load(context.Background(), custom(t, request("package sluice.request.p\n#"+strings.Repeat("x", 1<<20))))
	if err == nil || !strings.Contains(err.Error(), "request/p.rego: cannot be read: larger than") {
		t.Errorf("%v", err)
	}
}

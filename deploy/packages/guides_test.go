package packages

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// registered are the names of the metrics that the code registers.
func registered(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	name := regexp.MustCompile(`^sluice_[a-z_]+$`)
	for _, dir := range []string{"cmd", "proxy", "policy", "classifiers"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					if s, err := strconv.Unquote(l.Value); err == nil && name.MatchString(s) {
						names[s] = true
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(names) < 10 {
		t.Fatalf("only %d metrics were found", len(names))
	}
	return names
}

// The dashboard asks for metrics that there are.
func TestDashboard(t *testing.T) {
	var board struct {
		Title  string
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	raw := text(t, "grafana/sluice.json")
	if err := json.Unmarshal([]byte(raw), &board); err != nil {
		t.Fatal(err)
	}
	names := registered(t)
	ids := map[int]bool{}
	asked := 0
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%s: id %d, place %+v", p.Title, p.ID, p.GridPos)
		}
		ids[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("%s asks nothing", p.Title)
		}
		for _, target := range p.Targets {
			if strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") {
				t.Errorf("%s: %s", p.Title, target.Expr)
			}
		}
	}
	for _, used := range regexp.MustCompile(`sluice_[a-z_]+`).FindAllString(raw, -1) {
		asked++
		series := used
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			series = strings.TrimSuffix(series, suffix)
		}
		if !names[used] && !names[series] {
			t.Errorf("no metric %s", used)
		}
	}
	if asked < 20 {
		t.Errorf("%d metrics", asked)
	}
}

// The profile for macOS is a property list with both payloads; base64 where data is.
func TestProfile(t *testing.T) {
	raw := text(t, "rollout/sluice.mobileconfig")
	d := xml.NewDecoder(strings.NewReader(raw))
	var element, key string
	values := map[string][]string{}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			element = tok.Name.Local
			switch element {
			case "plist", "dict", "key", "string", "integer", "array", "data", "true", "false":
			default:
				t.Errorf("element %s", element)
			}
		case xml.CharData:
			said := strings.TrimSpace(string(tok))
			switch {
			case said == "":
			case element == "key":
				key = said
			default:
				values[key] = append(values[key], said)
				if _, err := base64.StdEncoding.DecodeString(said); element == "data" && err != nil {
					t.Errorf("%s: %v", key, err)
				}
			}
		}
	}
	for key, want := range map[string]string{
		"PayloadType": "com.apple.security.root com.apple.proxy.http.global Configuration",
		"ProxyPACURL": "http://PROXY:8080/proxy.pac",
		"ProxyType":   "Auto",
	} {
		for _, w := range strings.Fields(want) {
			if !strings.Contains(" "+strings.Join(values[key], " ")+" ", " "+w+" ") {
				t.Errorf("%s is %v, want %s", key, values[key], w)
			}
		}
	}
	seen := map[string]bool{}
	for _, id := range values["PayloadUUID"] {
		if seen[id] {
			t.Errorf("%s stands twice", id)
		}
		seen[id] = true
	}
}

// The policies of the browsers are JSON, with the settings that matter.
func TestBrowserPolicies(t *testing.T) {
	var chrome struct {
		ProxySettings struct {
			ProxyMode, ProxyPacURL string
			ProxyPacMandatory      bool
		}
		QuicAllowed *bool
	}
	if err := json.Unmarshal([]byte(text(t, "rollout/chrome.json")), &chrome); err != nil {
		t.Fatal(err)
	}
	if chrome.ProxySettings.ProxyMode != "pac_script" || !chrome.ProxySettings.ProxyPacMandatory || chrome.QuicAllowed == nil || *chrome.QuicAllowed {
		t.Errorf("%+v", chrome)
	}
	var firefox struct {
		Policies struct {
			Certificates struct{ ImportEnterpriseRoots bool }
			Proxy        struct {
				Mode, AutoConfigURL string
				Locked              bool
			}
		}
	}
	if err := json.Unmarshal([]byte(text(t, "rollout/policies.json")), &firefox); err != nil {
		t.Fatal(err)
	}
	if p := firefox.Policies; !p.Certificates.ImportEnterpriseRoots || p.Proxy.Mode != "autoConfig" || !p.Proxy.Locked {
		t.Errorf("%+v", p)
	}
}

// Every link of a guide leads to a file, and every guide is linked to.
func TestGuidesAreLinked(t *testing.T) {
	linked := map[string]bool{"README.md": true}
	files, err := os.ReadDir("../rollout")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".md") {
			continue
		}
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(text(t, "rollout/"+f.Name()), -1) {
			if _, err := os.Stat(filepath.Join("../rollout", link[1])); err != nil {
				t.Errorf("%s: %v", f.Name(), err)
			}
			linked[link[1]] = true
		}
	}
	for _, f := range files {
		if !linked[f.Name()] {
			t.Errorf("nothing leads to %s", f.Name())
		}
	}
}

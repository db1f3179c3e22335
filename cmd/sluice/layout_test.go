package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sluice-proxy/sluice"

// floors is the house: a package imports only lower floors. A pattern ending in
// /* stands for every package below that has no line of its own.
var floors = map[string]int{
	"policy":                    0,
	"rego":                      0,
	"classifiers":               2,
	"classifiers/keyed":         0,
	"classifiers/pii/national":  0,
	"classifiers/pii/people":    3,
	"classifiers/secrets/ascii": 0,
	"classifiers/secrets/*":     1,
	"classifiers/shape":         0,
	"classifiers/layer":         1,
	"proxy/destination":         0,
	"proxy/content/codec":       0,
	"proxy/content/coding":      0,
	"proxy/content/frame":       0,
	"proxy/access":              0,
	"proxy/audit":               0,
	"proxy/ca":                  0,
	"proxy/identity":            0,
	"proxy/listener":            0,
	"proxy/session":             0,
	"proxy/session/*":           1,
	"proxy/identity/*":          1,
	"classifiers/*":             4,
	"proxy/content/jsondoc":     1,
	"proxy/dial":                1,
	"proxy/tenant":              1,
	"classifiers/standard":      5,
	"proxy/content":             2,
	"proxy":                     3,
	"proxy/portal":              3,
	"proxy/admin":               3,
	"cmd/sluice":                6,
	"proxy/proxytest":           6,

	"classifiers/presidio/presidiotest": 0,
}

// homes names the one package that may import a vendor. What is not listed here
// or in anyone may not be imported at all.
var homes = map[string]string{
	"github.com/open-policy-agent/opa": "policy",
	"github.com/elazarl/goproxy":       "proxy",
	"github.com/pires/go-proxyproto":   "proxy",
	"github.com/coreos/go-oidc/v3":     "proxy/identity",
	"golang.org/x/oauth2":              "proxy/identity",
	"github.com/redis/go-redis/v9":     "proxy/session",
	"github.com/sony/gobreaker/v2":     "classifiers/presidio",
	"github.com/spf13/cobra":           "cmd/sluice",
	"go.yaml.in/yaml/v3":               "cmd/sluice",

	"google.golang.org/protobuf/encoding/protowire": "proxy/content/frame",
}

// guests are the other packages that may import a vendor which has a home.
var guests = map[string][]string{"go.yaml.in/yaml/v3": {"classifiers/custom"}}

var anyone = []string{
	"go.uber.org/zap",
	"github.com/hashicorp/golang-lru/v2",
	"github.com/prometheus/client_golang",
	"golang.org/x",
	"github.com/klauspost/compress",
	"github.com/andybalholm/brotli",
}

// TestFloors proves the table by reading every file: go list would answer from
// a cache.
func TestFloors(t *testing.T) {
	root := filepath.Join("..", "..")
	packages := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != root {
				return filepath.SkipDir // a module of its own
			}
			if entry.Name() == "testdata" || entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && name != root {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		home := path.Dir(rel)
		packages[home] = true
		external := strings.HasSuffix(file.Name.Name, "_test")
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if problem := judgeImport(home, imported, strings.HasSuffix(rel, "_test.go"), external); problem != "" {
				t.Errorf("%s imports %s: %s", rel, imported, problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for home := range packages {
		if _, ok := floorOf(home); !ok {
			t.Errorf("package %s has no floor", home)
		}
	}
	if len(packages) < 10 {
		t.Errorf("only %d packages were read", len(packages))
	}
}

// judgeImport says what is wrong with an import, or nothing.
func judgeImport(home, imported string, test, external bool) string {
	if own, ok := strings.CutPrefix(imported, module+"/"); ok {
		from, known := floorOf(home)
		to, exists := floorOf(own)
		switch {
		case !exists:
			return "a package without a floor"
		case external && test:
			return ""
		case known && to >= from:
			return "not a lower floor"
		}
		return ""
	}
	if !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
		return "" // the standard library
	}
	if vendor, at := homeOf(imported); at != "" {
		if at != home && !slices.Contains(guests[vendor], home) {
			return vendor + " lives in " + at
		}
		return ""
	}
	if test || slices.ContainsFunc(anyone, func(prefix string) bool { return within(imported, prefix) }) {
		return ""
	}
	return "a vendor without a home"
}

func floorOf(home string) (int, bool) {
	if floor, ok := floors[home]; ok {
		return floor, true
	}
	floor, ok := floors[path.Dir(home)+"/*"]
	return floor, ok
}

func homeOf(imported string) (vendor, home string) {
	for vendor, home := range homes {
		if within(imported, vendor) {
			return vendor, home
		}
	}
	return "", ""
}

func within(imported, prefix string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}

// TestJudgeImport keeps the proof itself honest.
func TestJudgeImport(t *testing.T) {
	for _, c := range []struct {
		home, imported string
		test, external bool
		ok             bool
	}{
		{"proxy", module + "/policy", false, false, true},
		{"policy", module + "/proxy", false, false, false},
		{"proxy", module + "/proxy/portal", false, false, false},
		{"proxy", module + "/proxy/proxytest", true, true, true},
		{"proxy", module + "/proxy/proxytest", true, false, false},
		{"proxy", module + "/nowhere", false, false, false},
		{"proxy/content", "github.com/elazarl/goproxy", false, false, false},
		{"proxy", "github.com/elazarl/goproxy", false, false, true},
		{"proxy", "github.com/elazarl/goproxyext", false, false, false},
		{"proxy", "go.uber.org/zap", false, false, true},
		{"proxy", "github.com/google/go-cmp/cmp", false, false, false},
		{"proxy", "github.com/google/go-cmp/cmp", true, false, true},
	} {
		problem := judgeImport(c.home, c.imported, c.test, c.external)
		if (problem == "") != c.ok {
			t.Errorf("%s importing %s: got %q", c.home, c.imported, problem)
		}
	}
}

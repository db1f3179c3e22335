package standard_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestStated holds what findings of the built-in families state to what was measured:
// confidence and grade come from a classifiers.Sure, and each of those stands in a table
// of its package, with the counts it was measured from or as an estimate, and with what
// says how. An injection states the score of its model, which the trainer calibrates.
func TestStated(t *testing.T) {
	tables := 0
	for _, family := range []string{"secrets", "pii", "pci", "phi", "sourcecode", "markings"} {
		err := filepath.WalkDir(filepath.Join("..", family), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			if err != nil {
				return err
			}
			said := false // by a comment in front
			for _, d := range file.Decls {
				table, ok := d.(*ast.GenDecl)
				ok = ok && table.Tok == token.VAR
				said = said || ok && (strings.Contains(table.Doc.Text(), "deploy/score") || strings.Contains(table.Doc.Text(), "labels"))
				ast.Inspect(d, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.CompositeLit:
						if f, is := n.Type.(*ast.SelectorExpr); is && f.Sel.Name == "Finding" && !fromSure(n) {
							t.Errorf("%s: a finding whose confidence and grade are not those of a Sure", set.Position(n.Pos()))
						}
					case *ast.CallExpr:
						if f, is := n.Fun.(*ast.SelectorExpr); is && (f.Sel.Name == "Measured" || f.Sel.Name == "Estimated") {
							if tables++; !ok || !said {
								t.Errorf("%s: %s outside a table that says how it was measured", set.Position(n.Pos()), f.Sel.Name)
							}
						}
					}
					return true
				})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if tables < 30 {
		t.Errorf("%d groups of rules, want all", tables)
	}
}

// fromSure tells whether a literal takes both from a variable: sure.Confidence.
func fromSure(finding *ast.CompositeLit) bool {
	taken := map[string]bool{}
	for _, e := range finding.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			key, _ := kv.Key.(*ast.Ident)
			value, _ := kv.Value.(*ast.SelectorExpr)
			if key != nil && value != nil && value.Sel.Name == key.Name {
				taken[key.Name] = true
			}
		}
	}
	return taken["Confidence"] && taken["Grade"]
}

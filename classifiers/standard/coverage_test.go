package standard_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/pii/national"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

var update = flag.Bool("update", false, "write the README's table of coverage")

// TestCoverage holds the README's table to what is found.
func TestCoverage(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- coverage -->\n", "<!-- /coverage -->"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(data), begin)
	old, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("README has no place for the table")
	}
	want := coverage(newSet(t, standard.Options{}))
	switch {
	case old == want:
	case *update:
		if err := os.WriteFile(file, []byte(head+begin+want+end+tail), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Error("README is behind: go test ./classifiers/standard -run TestCoverage -update")
	}
}

// coverage writes the entities of each family, and those of countries apart.
func coverage(set *classifiers.Set) string {
	byCountry, proof := map[string][]string{}, map[string]string{}
	var countries []string
	for _, c := range national.Coverage() {
		proof[c.Entity] = c.Validator
		if c.Country == "" {
			continue
		}
		if byCountry[c.Country] == nil {
			countries = append(countries, c.Country)
		}
		byCountry[c.Country] = append(byCountry[c.Country], fmt.Sprintf("%s (%s)", c.Entity, c.Validator))
	}
	national := map[string]bool{}
	for _, c := range countries {
		for _, e := range byCountry[c] {
			name, _, _ := strings.Cut(e, " ")
			national[name] = true
		}
	}
	families, names := []string{}, map[string][]string{}
	for _, e := range set.Entities() {
		if national[e.Name] {
			continue
		}
		if names[e.Family] == nil {
			families = append(families, e.Family)
		}
		name := e.Name
		if p := proof[name]; p != "" {
			name += " (" + p + ")"
		}
		names[e.Family] = append(names[e.Family], name)
	}
	var b strings.Builder
	b.WriteString("\n| family | entities |\n|---|---|\n")
	for _, f := range families {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f, strings.Join(names[f], ", "))
	}
	fmt.Fprintf(&b, "\n%d countries:\n\n| country | entities of `pii` |\n|---|---|\n", len(countries))
	for _, c := range countries {
		fmt.Fprintf(&b, "| %s | %s |\n", c, strings.Join(byCountry[c], ", "))
	}
	return b.String() + "\n"
}

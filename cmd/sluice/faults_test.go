package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFaultTable shows that each line of the README's fault table, and of the
// lessons of other proxies, names tests, and that there are such tests.
func TestFaultTable(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	tests := map[string]bool{}
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		source, err := os.ReadFile(name)
		for _, match := range declared.FindAllSubmatch(source, -1) {
			tests[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	for _, table := range []struct {
		file, title string
		least       int
	}{{"../../README.md", "## What is promised, under which fault", 30}, {"../../proxy/LESSONS.md", "# Lessons of other proxies", 25}} {
		text, err := os.ReadFile(table.file)
		if err != nil {
			t.Fatal(err)
		}
		_, section, found := strings.Cut(string(text), table.title+"\n")
		if !found {
			t.Fatalf("no table in %s", table.file)
		}
		section, _, _ = strings.Cut(section, "\n## ")
		lines := -1 // the head
		for line := range strings.Lines(section) {
			if !strings.HasPrefix(line, "| ") {
				continue
			}
			if lines++; lines == 0 {
				continue
			}
			columns := strings.Split(line, "|")
			shown := named.FindAllStringSubmatch(columns[len(columns)-2], -1)
			if len(shown) == 0 {
				t.Errorf("no test is named for %s", columns[1])
			}
			for _, name := range shown {
				if !tests[name[1]] {
					t.Errorf("there is no %s, which is named for %s", name[1], columns[1])
				}
			}
		}
		if lines < table.least {
			t.Errorf("the table of %s has only %d lines", table.file, lines)
		}
	}
}

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFaultTable shows that each line of the README's fault table names tests,
// and that there are such tests.
func TestFaultTable(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "## What is promised, under which fault")
	if !found {
		t.Fatal("no fault table in the README")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	tests := map[string]bool{}
	err = filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
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
	named, lines := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`"), 0
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| fault") {
			continue
		}
		lines++
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
	if lines < 30 {
		t.Errorf("the table has only %d lines", lines)
	}
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/proxy/admin"
)

// TestOwnDataReload shows that a hangup puts a changed classifiers.yaml in force whole,
// that one with a mistake changes nothing and is told, and that one which changes only
// what is allowed keeps the Set, with what it remembers.
func TestOwnDataReload(t *testing.T) {
	own := filepath.Join(t.TempDir(), "classifiers.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(own, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("keywords: [{name: projects, entity: PROJECT_NAME, words: [Blue Heron]}]\n")
	r := attend(t, anyPorts+"}\nclassifiers: {file: "+own+"}\n")
	finds := func(text string) bool {
		t.Helper()
		parts := r.proxy.Parts()
		samples := []classifiers.Sample{{Text: text}}
		found, err := parts.Classifiers.Classify(context.Background(), samples)
		if err != nil {
			t.Fatal(err)
		}
		return len(parts.Allowance.Keep(found, samples, "openai-api")) > 0
	}
	again := func(what string, ok func(admin.Status) bool) {
		t.Helper()
		before := r.status().Loaded
		r.hangup <- syscall.SIGHUP
		r.reaches(t, what, func(s admin.Status) bool { return ok(s) && (s.ReloadError != "" || s.Loaded.After(before)) })
	}
	fine := func(s admin.Status) bool { return s.ReloadError == "" }
	if !finds("about blue heron") || finds("about kestrel") {
		t.Fatal("the first file is not in force")
	}
	set := r.proxy.Parts().Classifiers

	write("keywords: [{name: projects, entity: PROJECT_NAME, words: [Kestrel], case: loud}]\nallow: {entities: [{entity: PROJECT_NAME}]}\n")
	again("broken", func(s admin.Status) bool {
		return strings.Contains(s.ReloadError, "classifiers.yaml:1: keywords[0].case")
	})
	if !finds("about blue heron") || finds("about kestrel") || r.proxy.Parts().Classifiers != set {
		t.Error("a broken file changed something")
	}

	write("keywords: [{name: projects, entity: PROJECT_NAME, words: [Blue Heron]}]\nallow: {entities: [{entity: PROJECT_NAME, destinations: [openai-api]}]}\n")
	again("allowed", fine)
	if finds("about blue heron") {
		t.Error("it is not allowed")
	}
	if r.proxy.Parts().Classifiers != set {
		t.Error("the same rules are another Set")
	}

	write("keywords: [{name: projects, entity: PROJECT_NAME, words: [Kestrel]}]\n")
	again("changed", fine)
	if finds("about blue heron") || !finds("about kestrel") {
		t.Error("the changed file is not in force")
	}
	if err := os.Remove(own); err != nil {
		t.Fatal(err)
	}
	again("gone", func(s admin.Status) bool { return strings.Contains(s.ReloadError, "classifiers.file: open") })
	if !finds("about kestrel") {
		t.Error("a file that is gone changed something")
	}
}

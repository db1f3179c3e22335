package sourcecode_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/sourcecode"
)

func examples(t testing.TB, name string) []txtar.File {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return txtar.Parse(data).Files
}

// Each example is found as a whole and bears its language.
func TestLanguages(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, sourcecode.New(sourcecode.Options{}))
	for _, f := range examples(t, "code.txtar") {
		text := strings.TrimSpace(string(f.Data))
		found := classifierstest.Classify(t, set, "Please review this for me.\n\n"+text+"\n\nWhat would you change about it, and why?")
		if len(found) != 1 || found[0].Entity != sourcecode.Source {
			t.Errorf("%s: %s", f.Name, classifierstest.Show(text, found))
			continue
		}
		if got, want := found[0].Type(), "CODE."+f.Name; got != want {
			t.Errorf("%s: found as %s", want, got)
		}
		if n := found[0].End - found[0].Start; n < len(text)*2/3 || n > len(text)+2 {
			t.Errorf("%s: %d of %d bytes", f.Name, n, len(text))
		}
	}
}

// What only speaks of code is none.
func TestProse(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, sourcecode.New(sourcecode.Options{}))
	for _, f := range examples(t, "prose.txtar") {
		text := string(f.Data)
		if found := classifierstest.Classify(t, set, text); len(found) > 0 {
			t.Errorf("%s: %s", f.Name, classifierstest.Show(text, found))
		}
	}
}

func TestProprietary(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, sourcecode.New(sourcecode.Options{Internal: []string{"com.brightfield", "@brightfield/"}}))
	for text, want := range map[string]string{
		"// Copyright (c) 2024 Brightfield AG. All rights reserved.\n// Proprietary and confidential.\n": "header Proprietary and confidential",
		"/* This file is part of Mill. Unauthorized copying is strictly prohibited. */":                  "header Unauthorized copying",
		"It is a trade secret how the cake is made.":                                                     "",
		"import com.brightfield.billing.Invoice;":                                                        "internal com.brightfield.billing.Invoice",
		"import x from '@brightfield/ui/button'":                                                         "internal @brightfield/ui/button",
		"org.telecom.brightfields":                                                                       "",
	} {
		got := ""
		for _, f := range classifierstest.Classify(t, set, text) {
			if f.Entity == sourcecode.Proprietary {
				got += f.Rule + " " + text[f.Start:f.End]
			}
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestContract(t *testing.T) {
	var seeds []string
	for _, f := range examples(t, "code.txtar") {
		seeds = append(seeds, strings.TrimSpace(string(f.Data)))
	}
	classifierstest.Contract(t, sourcecode.New(sourcecode.Options{}), seeds)
}

// What was made small has one line, which may be cut anywhere.
func TestMinified(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, sourcecode.New(sourcecode.Options{}))
	text := strings.Repeat(`function a(b){for(var c=0;c<b.length;c++)if(b[c]==="é")return!0;return!1}var d=a(e.f("x"));`, 80)
	found := classifierstest.Classify(t, set, text)
	if len(found) != 1 || found[0].End-found[0].Start < len(text)*9/10 {
		t.Errorf("%d findings in %d bytes: %s", len(found), len(text), classifierstest.Show("", nil))
	}
}

func BenchmarkClassify(b *testing.B) {
	set := classifierstest.NewSet(b, classifiers.Options{}, sourcecode.New(sourcecode.Options{}))
	for _, name := range []string{"prose", "code"} {
		text := ""
		for _, f := range examples(b, name+".txtar") {
			text += string(f.Data)
		}
		text = strings.Repeat(text, 1+2048/len(text))[:2048]
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				classifierstest.Classify(b, set, text)
			}
		})
	}
}

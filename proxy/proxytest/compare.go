package proxytest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// compare checks header lines and body against what is wanted.
func compare(t *testing.T, where string, want message, header http.Header, body string) {
	t.Helper()
	wanted := http.Header{}
	for _, h := range want.header {
		wanted.Add(h[0], h[1])
	}
	for name, values := range wanted {
		got := header[name]
		switch {
		case values[0] == "-" && len(got) > 0:
			t.Errorf("%s: %s is there: %q", where, name, got)
		case values[0] != "-" && !slices.Equal(got, values):
			t.Errorf("%s: %s is %q, want %q", where, name, got, values)
		}
	}
	if !want.bare && !matches(want.body, body) {
		t.Errorf("%s: body is\n%s\nwant\n%s", where, body, want.body)
	}
}

// matches compares text with a pattern in which … stands for anything.
func matches(pattern, text string) bool {
	pieces := strings.Split(pattern, "…")
	if !strings.HasPrefix(text, pieces[0]) {
		return false
	}
	text = text[len(pieces[0]):]
	if len(pieces) == 1 {
		return text == "" || text == "\n"
	}
	for _, piece := range pieces[1 : len(pieces)-1] {
		i := strings.Index(text, piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	end := pieces[len(pieces)-1]
	return strings.HasSuffix(text, end) || strings.HasSuffix(text, end+"\n")
}

// missingRecord looks for each wanted line, in order, among the lines written, and
// returns the first that is not there.
func missingRecord(t *testing.T, want string, lines []string) string {
	t.Helper()
	next := 0
	for wanted := range strings.Lines(want) {
		wanted = strings.TrimSpace(wanted)
		if wanted == "" {
			continue
		}
		var w any
		if err := json.Unmarshal([]byte(wanted), &w); err != nil {
			t.Fatalf("record line %s: %v", wanted, err)
		}
		found := false
		for ; next < len(lines) && !found; next++ {
			var g any
			if err := json.Unmarshal([]byte(lines[next]), &g); err != nil {
				t.Fatalf("written line %s: %v", lines[next], err)
			}
			found = subset(w, g)
		}
		if !found {
			return wanted
		}
	}
	return ""
}

// subset reports whether everything in want stands in got too.
func subset(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return false
		}
		for key, value := range w {
			have, ok := g[key]
			if value == nil && !ok { // null: must not be there
				continue
			}
			if !ok || !subset(value, have) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !subset(w[i], g[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(want, got)
}

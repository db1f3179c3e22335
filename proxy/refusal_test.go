package proxy

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// unseen are the refusals that no transcript can show, and why.
var unseen = map[string]string{
	"audit_error":      "what cannot be recorded has no reason in the record; refused_record.txtar shows what the client gets",
	"redaction_failed": "no request is known whose values can be found and decided on, and then not replaced; content's TestBadEdits holds that such edits fail",
	"client_left":      "nobody is there to be told",
}

// TestRefusalsHaveTranscripts holds that each refusal that a client is told of stands
// in a transcript, with its title as the client gets it: what people read there was
// read by us. A reply that was broken off has no place for one.
func TestRefusalsHaveTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	recorded := regexp.MustCompile(`"(?:reason|error)":"([a-z_]+)"`)
	shown, said := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var told string // of the exchange
		for _, f := range archive.Files {
			switch f.Name {
			case "request":
				told = ""
			case "client", "got":
				told += string(f.Data)
			case "record":
				for _, found := range recorded.FindAllSubmatch(f.Data, -1) {
					reason := string(found[1])
					shown[reason] = true
					said[reason] = said[reason] || strings.Contains(told, refusals[reason].title) || strings.Contains(told, "(broken off)")
				}
			}
		}
	}
	for reason, say := range refusals {
		redirect := say.status >= 300 && say.status < 400
		switch {
		case say.status == 0: // an end that has no answer
		case unseen[reason] != "":
			if shown[reason] {
				t.Errorf("%s stands in a transcript, and in unseen", reason)
			}
		case !shown[reason]:
			t.Errorf("%s has no transcript", reason)
		case !said[reason] && !redirect && reason != "policy": // where the rule has the word
			t.Errorf("no transcript has what the client is told of %s: %s", reason, say.title)
		}
	}
}

// Package presidiotest is a server for tests that speaks the analyze call of a
// Microsoft Presidio analyzer and finds given words. It is no Presidio: it shows what
// our side does with what one answers.
package presidiotest

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"
)

// Result is one finding as the analyzer answers it; Start and End count code points.
type Result struct {
	Entity      string  `json:"entity_type"`
	Start       int     `json:"start"`
	End         int     `json:"end"`
	Score       float64 `json:"score"`
	Explanation any     `json:"analysis_explanation"`
}

// Request is what it was asked.
type Request struct {
	Texts     []string
	Single    bool // a string was sent, not a list
	Language  string
	Threshold float64
	Entities  []string
	Header    http.Header
}

// An Analyzer is the server's handler. Its fields are set before it is used.
type Analyzer struct {
	Words map[string]string                                 // what each is
	Fault func(w http.ResponseWriter, r *http.Request) bool // answers instead when it returns true; nil: none

	mu    sync.Mutex
	asked []Request
}

// Asked returns what it was asked since it was called last.
func (a *Analyzer) Asked() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	defer func() { a.asked = nil }()
	return a.asked
}

// ServeHTTP implements http.Handler.
func (a *Analyzer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Text      json.RawMessage `json:"text"`
		Language  string          `json:"language"`
		Threshold float64         `json:"score_threshold"`
		Entities  []string        `json:"entities"`
	}
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&ask) != nil {
		http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest)
		return
	}
	got := Request{Language: ask.Language, Threshold: ask.Threshold, Entities: ask.Entities, Header: r.Header}
	if json.Unmarshal(ask.Text, &got.Texts) != nil {
		got.Texts, got.Single = make([]string, 1), true
		if json.Unmarshal(ask.Text, &got.Texts[0]) != nil {
			http.Error(w, `{"error":"no text"}`, http.StatusBadRequest)
			return
		}
	}
	a.mu.Lock()
	a.asked = append(a.asked, got)
	a.mu.Unlock()
	if a.Fault != nil && a.Fault(w, r) {
		return
	}
	answers := make([][]Result, len(got.Texts))
	for i, text := range got.Texts {
		answers[i] = a.find(text)
	}
	w.Header().Set("Content-Type", "application/json")
	var answer any = answers
	if got.Single {
		answer = answers[0]
	}
	_ = json.NewEncoder(w).Encode(answer) // whoever asked may have left
}

func (a *Analyzer) find(text string) []Result {
	found := []Result{}
	for word, entity := range a.Words {
		for at := 0; ; at += len(word) {
			i := strings.Index(text[at:], word)
			if i < 0 {
				break
			}
			at += i
			start := utf8.RuneCountInString(text[:at])
			found = append(found, Result{Entity: entity, Start: start, End: start + utf8.RuneCountInString(word), Score: .85})
		}
	}
	return found
}

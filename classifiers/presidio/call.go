package presidio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/sluice-proxy/sluice/classifiers"
)

var (
	// errLeft is that whoever wanted the answer does not wait for it any more.
	errLeft = errors.New("not waited for")
	// errMalformed is that an answer is not what it should be.
	errMalformed = errors.New("malformed answer")
	// errStatus is that the analyzer refused.
	errStatus = errors.New("refused")
)

const (
	// An answer may have answerFactor bytes for each byte asked about, and
	// answerBytes in any case. One finding has about a hundred.
	answerFactor = 64
	answerBytes  = 256 << 10
)

// request is the body of a call.
type request struct {
	Text      any      `json:"text"` // string or []string
	Language  string   `json:"language"`
	Threshold float64  `json:"score_threshold"`
	Entities  []string `json:"entities"`
}

// result is one thing that the analyzer found. What is missing is nil.
type result struct {
	Entity *string  `json:"entity_type"`
	Start  *int     `json:"start"`
	End    *int     `json:"end"`
	Score  *float64 `json:"score"`
}

// call asks for the pieces when there is a slot, unless the breaker is open. There is
// one list for each piece.
func (c *Client) call(ctx context.Context, token string, pieces []piece) (answers [][]result, err error) {
	defer func() {
		if p := recover(); p != nil { // in a goroutine of ours, where it would end the process
			err = fmt.Errorf("panic with a %T", p)
		}
	}()
	if c.breaker.State() == gobreaker.StateOpen { // nobody need wait in line for that
		c.o.Metrics.called(gobreaker.ErrOpenState, 0)
		return nil, gobreaker.ErrOpenState
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", errLeft, ctx.Err())
	}
	start := time.Now()
	answers, err = c.breaker.Execute(func() ([][]result, error) {
		limited, cancel := context.WithTimeout(ctx, c.o.Timeout)
		defer cancel()
		got, failed := c.post(limited, token, pieces)
		if failed != nil && ctx.Err() != nil {
			failed = fmt.Errorf("%w: %w", errLeft, ctx.Err())
		}
		return got, failed
	})
	c.o.Metrics.called(err, time.Since(start))
	return answers, err
}

// post makes one call. What is wrong with places and scores, findings tells.
func (c *Client) post(ctx context.Context, token string, pieces []piece) ([][]result, error) {
	texts, size := make([]string, len(pieces)), 0
	for i, p := range pieces {
		texts[i] = p.text
		size += len(p.text)
	}
	ask := request{texts, c.o.Language, c.o.Threshold, c.o.Entities}
	if c.o.MaxBatch == 1 {
		ask.Text = texts[0]
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(ask); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.o.URL, &body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address, which the configuration has
		}
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // read only
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: it answers %d", errStatus, resp.StatusCode)
	}
	limit := int64(answerBytes + answerFactor*size)
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: longer than %d bytes", errMalformed, limit)
	}
	answers, err := decode(data, c.o.MaxBatch == 1)
	if err == nil && len(answers) != len(pieces) {
		err = fmt.Errorf("%w: %d lists for %d texts", errMalformed, len(answers), len(pieces))
	}
	if err != nil {
		return nil, err
	}
	for i := range answers {
		if err := judge(answers[i], len(offsets(pieces[i].text))-1); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// decode reads an answer; that to a single text is its list alone. Errors of the
// decoder quote the answer, and so are not passed on.
func decode(data []byte, single bool) ([][]result, error) {
	var answers [][]result
	var err error
	if single {
		answers = make([][]result, 1)
		err = json.Unmarshal(data, &answers[0])
	} else {
		err = json.Unmarshal(data, &answers)
	}
	if err != nil || slices.ContainsFunc(answers, func(list []result) bool { return list == nil }) {
		return nil, fmt.Errorf("%w: not lists of findings in JSON", errMalformed)
	}
	return answers, nil
}

// judge says what is wrong with the findings in a text of so many code points.
func judge(list []result, points int) error {
	for _, r := range list {
		switch {
		case r.Entity == nil || r.Start == nil || r.End == nil || r.Score == nil:
			return fmt.Errorf("%w: a finding without entity_type, start, end or score", errMalformed)
		case *r.Start < 0 || *r.End <= *r.Start || *r.End > points:
			return fmt.Errorf("%w: a place outside the text", errMalformed)
		case !(*r.Score >= 0 && *r.Score <= 1):
			return fmt.Errorf("%w: a score outside 0 to 1", errMalformed)
		}
	}
	return nil
}

// findings appends what was found in a piece of text and was asked for.
func (c *Client) findings(found []classifiers.Finding, text string, p piece, list []result) []classifiers.Finding {
	if len(list) == 0 {
		return found
	}
	at := offsets(p.text)
	for _, r := range list {
		f := classifiers.Finding{
			Entity: *r.Entity, Rule: name + "." + strings.ToLower(*r.Entity), Confidence: *r.Score,
			Start: p.at + at[*r.Start], End: p.at + at[*r.End],
		}
		if f.Confidence > 0 && f.Confidence >= c.o.Threshold && slices.Contains(c.o.Entities, f.Entity) && !placeholder(text, f.Start, f.End) {
			found = append(found, f)
		}
	}
	return found
}

// A placeholder is what the proxy puts in place of a value, and comes back in the
// history of a chat. A name in it is none: [PERSON_x7k2], [PERSON].
var placeholderForm = regexp.MustCompile(`^\[[A-Z][A-Z0-9_]*(_[a-z2-7]{4})?\]`)

const longestPlaceholder = 80

// placeholder tells whether text[start:end] lies in one.
func placeholder(text string, start, end int) bool {
	from := max(0, start-longestPlaceholder)
	i := strings.LastIndexByte(text[from:start+1], '[')
	if i < 0 {
		return false
	}
	from += i
	form := placeholderForm.FindString(text[from:min(len(text), from+longestPlaceholder)])
	return from+len(form) >= end
}

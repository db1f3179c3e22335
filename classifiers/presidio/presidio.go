// Package presidio asks a Microsoft Presidio analyzer, or what answers as it does,
// what it finds in texts: POST {"text", "language", "score_threshold", "entities"}
// gives [{"entity_type", "start", "end", "score"}], or a list of such lists for a list
// of texts (presidio-analyzer/app.py and docs/api-docs/api-docs.yml in
// github.com/microsoft/presidio; lists since its pull request 1806 of December 2025).
//
// Decisions that stand here:
//
//   - The texts go to the configured address and nowhere else: no proxy of the
//     environment, no redirect.
//   - An answer is believed whole or not at all. Places outside the text, scores
//     outside 0 to 1, a missing field, one list too few are errors: what an engine in
//     disorder leaves out cannot be told from what is not there.
//   - Its places count Unicode code points, ours bytes. A byte that is not UTF-8 is
//     U+FFFD in JSON, and so one code point there and here.
//   - Long texts are cut at white space into pieces that overlap, and pieces are asked
//     for in calls of bounded size, so that one call's deadline fits all texts.
//   - A breaker stops asking an engine that failed several times in a row, so that its
//     deadline is not waited for by every prompt; after a pause one call tries it. A
//     client that leaves says nothing about the engine.
//   - Errors quote neither texts nor answers.
package presidio

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sony/gobreaker/v2"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/sluice-proxy/sluice/classifiers"
)

// name is that of the Remote, and begins the names of its rules.
const name = "presidio"

// patience is how many deadlines of one call the texts of one prompt may take.
const patience = 5

// Options are what a Client is made of. All but CAFile, TokenFile, Metrics and Log are
// needed.
type Options struct {
	URL       string        // of the analyze call, http or https
	Language  string        // of the texts, as the analyzer names it: "en"
	Entities  []string      // asked for; others in an answer are left out
	Threshold float64       // scores below are left out, 0 to 1
	Roles     []string      // whose texts are sent
	Timeout   time.Duration // of one call; what belongs to one prompt may take five times that
	MaxBatch  int           // texts in one call; 1: the text is sent as a string, not as a list of one
	MaxCalls  int           // at a time
	Failures  int           // calls that fail one after the other before it is not asked
	Pause     time.Duration // for so long
	CAFile    string        // roots that are trusted, PEM; "": the system's
	TokenFile string        // a bearer token, read for each prompt, so that whoever renews it only writes it; "": none
	Metrics   *Metrics      // outlives the Client; nil: nobody counts
	Log       *zap.Logger   // is told when the breaker opens and closes; nil: nobody
}

// A Client is a classifiers.Remote. It never changes, starts nothing that outlives a
// call, and needs no closing.
type Client struct {
	o       Options
	about   classifiers.Description
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[[][]result]
	slots   chan struct{}
}

var (
	entityName   = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)
	languageName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,15}$`)
)

// New returns a Client. It reads the files, but does not reach for the analyzer. It
// reports everything that is wrong at once; errors begin with the name of the option
// as the configuration has it.
func New(o Options) (*Client, error) {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	u, err := url.Parse(o.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.User != nil, u.Fragment != "":
		wrong("url: is not an http or https URL without user and fragment")
	case u.Path == "" || u.Path == "/":
		wrong("url: wants the path of the call too, such as %s://%s/analyze", u.Scheme, u.Host)
	case u.Scheme == "http" && o.TokenFile != "" && !loopback(u.Hostname()):
		wrong("token_file: would be sent in the clear; use https")
	}
	if !languageName.MatchString(o.Language) {
		wrong("language: %q is not a language such as en", o.Language)
	}
	if len(o.Entities) == 0 {
		wrong("entities: wants at least one")
	}
	for i, e := range o.Entities {
		if !entityName.MatchString(e) {
			wrong("entities[%d]: %q is not a name such as PERSON", i, e)
		}
	}
	if !(o.Threshold >= 0 && o.Threshold <= 1) {
		wrong("threshold: %v is not within 0 and 1", o.Threshold)
	}
	for key, n := range map[string]int{"max_batch": o.MaxBatch, "max_calls": o.MaxCalls, "failures": o.Failures} {
		if n < 1 {
			wrong("%s: %d is less than 1", key, n)
		}
	}
	for key, d := range map[string]time.Duration{"timeout": o.Timeout, "pause": o.Pause} {
		if d <= 0 {
			wrong("%s: is not more than 0", key)
		}
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		secure.RootCAs = x509.NewCertPool()
		if err != nil {
			wrong("ca_file: %w", err)
		} else if !secure.RootCAs.AppendCertsFromPEM(pem) {
			wrong("ca_file: %s holds no certificate", o.CAFile)
		}
	}
	if _, err := readToken(o.TokenFile); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	o.Entities = slices.Compact(slices.Sorted(slices.Values(o.Entities)))
	if o.Metrics == nil {
		o.Metrics = NewMetrics()
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	c := &Client{
		o: o, slots: make(chan struct{}, o.MaxCalls),
		about: classifiers.Description{
			Family: name, Entities: o.Entities,
			Version: classifiers.Fingerprint("1", o.URL, o.Language, o.Entities, o.Threshold),
		},
		http: &http.Client{
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext:     (&net.Dialer{Timeout: o.Timeout}).DialContext,
				TLSClientConfig: secure, ForceAttemptHTTP2: true, TLSHandshakeTimeout: o.Timeout,
				MaxIdleConnsPerHost: o.MaxCalls, IdleConnTimeout: 30 * time.Second, DisableCompression: true,
			},
		},
	}
	c.breaker = gobreaker.NewCircuitBreaker[[][]result](gobreaker.Settings{
		Name: name, MaxRequests: 1, Timeout: o.Pause,
		ReadyToTrip:   func(n gobreaker.Counts) bool { return int64(n.ConsecutiveFailures) >= int64(o.Failures) },
		IsExcluded:    func(err error) bool { return errors.Is(err, errLeft) },
		OnStateChange: c.changed,
	})
	o.Metrics.state(gobreaker.StateClosed)
	return c, nil
}

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// changed is told what became of the breaker.
func (c *Client) changed(_ string, _, to gobreaker.State) {
	c.o.Metrics.state(to)
	switch to {
	case gobreaker.StateOpen:
		c.o.Log.Warn("presidio fails and is not asked for a while", zap.String("url", c.o.URL), zap.Duration("pause", c.o.Pause))
	case gobreaker.StateClosed:
		c.o.Log.Info("presidio answers again", zap.String("url", c.o.URL))
	}
}

// Describe implements classifiers.Remote.
func (c *Client) Describe() classifiers.Description { return c.about }

// Wants implements classifiers.Remote.
func (c *Client) Wants(role string) bool { return slices.Contains(c.o.Roles, role) }

// Analyze implements classifiers.Remote.
func (c *Client) Analyze(ctx context.Context, samples []classifiers.Sample) ([][]classifiers.Finding, error) {
	found, err := c.analyze(ctx, samples)
	c.o.Metrics.scanned(ctx, err)
	return found, err
}

func (c *Client) analyze(ctx context.Context, samples []classifiers.Sample) ([][]classifiers.Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, patience*c.o.Timeout)
	defer cancel()
	token, err := readToken(c.o.TokenFile)
	if err != nil {
		return nil, err
	}
	var pieces []piece
	for i := range samples {
		pieces = cut(pieces, i, samples[i].Text)
	}
	batches := batch(pieces, c.o.MaxBatch)
	answers := make([][][]result, len(batches))
	calls, callCtx := errgroup.WithContext(ctx)
	calls.SetLimit(c.o.MaxCalls)
	for n, b := range batches {
		calls.Go(func() (err error) {
			answers[n], err = c.call(callCtx, token, b)
			return err
		})
	}
	if err := calls.Wait(); err != nil {
		return nil, err
	}
	found := make([][]classifiers.Finding, len(samples))
	for n, b := range batches {
		for k, p := range b {
			found[p.sample] = c.findings(found[p.sample], samples[p.sample].Text, p, answers[n][k])
		}
	}
	return found, nil
}

// Probe asks for a text that nobody wrote, past the breaker, and says what is wrong.
func (c *Client) Probe(ctx context.Context) error {
	token, err := readToken(c.o.TokenFile)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	_, err = c.post(ctx, token, []piece{{text: "My name is John Smith and I live in London."}})
	return err
}

// maxToken bounds the file of the token.
const maxToken = 16 << 10

// readToken reads a file with one token, which others may not read.
func readToken(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return "", fmt.Errorf("token_file: %w", err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("token_file: %s is not a regular file", file)
	case info.Mode().Perm()&0o007 != 0:
		return "", fmt.Errorf("token_file: %s can be read by others; run: chmod o= %s", file, file)
	case info.Size() > maxToken:
		return "", fmt.Errorf("token_file: %s holds more than a token", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("token_file: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("token_file: %s holds no token: one line of visible ASCII characters", file)
	}
	return token, nil
}

package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Bounds of tokens and secrets.
const (
	maxSecret    = 16 << 10 // bytes of a file with one
	renewBefore  = time.Minute
	withoutEnd   = 5 * time.Minute // that a token is used which does not say for how long
	longestToken = 24 * time.Hour
)

// tokens are by which the directory knows the proxy.
type tokens struct {
	client                     *http.Client
	url, id, secretFile, scope string
	file                       string // instead of them
	now                        func() time.Time
	turn                       chan struct{} // held by the one caller that gets a token; what follows is its
	token                      string
	until                      time.Time
}

func newTokens(o Options, client *http.Client) (*tokens, error) {
	t := &tokens{
		client: client, url: o.TokenURL, id: o.ClientID, secretFile: o.SecretFile, scope: o.Scope, file: o.TokenFile, now: o.Now,
		turn: make(chan struct{}, 1),
	}
	if t.file != "" {
		if t.url != "" || t.id != "" || t.secretFile != "" || t.scope != "" {
			return nil, errors.New("token_file: stands in for token_url, client_id, client_secret_file and scope: not beside them")
		}
		_, err := readSecret("token_file", t.file)
		return t, err
	}
	var errs []error
	if u, err := url.Parse(t.url); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		errs = append(errs, errors.New("token_url: is not an https URL without user and fragment"))
	}
	if t.id == "" {
		errs = append(errs, errors.New("client_id: is missing"))
	}
	if t.secretFile == "" {
		errs = append(errs, errors.New("client_secret_file: is missing"))
	} else if _, err := readSecret("client_secret_file", t.secretFile); err != nil {
		errs = append(errs, err)
	}
	return t, errors.Join(errs...)
}

// get returns a token that is good for a while.
func (t *tokens) get(ctx context.Context) (string, error) {
	if t.file != "" {
		return readSecret("token_file", t.file)
	}
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return "", fmt.Errorf("token: %w", ctx.Err())
	}
	defer func() { <-t.turn }()
	if t.token != "" && t.now().Before(t.until) {
		return t.token, nil
	}
	token, lasts, err := t.grant(ctx)
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	t.token, t.until = token, t.now().Add(lasts)
	return token, nil
}

// drop forgets a token that is not taken, and reports whether there may be another.
func (t *tokens) drop(token string) bool {
	if t.file != "" {
		return false
	}
	t.turn <- struct{}{} // held for as long as a grant takes, which has an end
	defer func() { <-t.turn }()
	if t.token == token {
		t.token = ""
	}
	return true
}

// grant gets a token by the client's own credentials (RFC 6749 sections 4.4 and
// 2.3.1: the id and the secret are form-encoded before they are the user and the
// password).
func (t *tokens) grant(ctx context.Context) (token string, lasts time.Duration, err error) {
	secret, err := readSecret("client_secret_file", t.secretFile)
	if err != nil {
		return "", 0, err
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if t.scope != "" {
		form.Set("scope", t.scope)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, errors.New("the token URL makes no request")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(t.id), url.QueryEscape(secret))
	text, err := exchange(t.client, req)
	var failed *failure
	switch {
	case errors.Is(err, errToken):
		return "", 0, errors.New("the client id or its secret is not accepted")
	case errors.As(err, &failed):
		return "", 0, &failure{text: failed.text, after: failed.after} // about the proxy, not about a person
	case err != nil:
		return "", 0, err
	}
	var got struct {
		Token string          `json:"access_token"`
		Kind  string          `json:"token_type"`
		Lasts json.RawMessage `json:"expires_in"` // some send a string
	}
	if json.Unmarshal(text, &got) != nil || !visible(got.Token) || !strings.EqualFold(got.Kind, "Bearer") {
		return "", 0, errors.New("the answer holds no bearer token")
	}
	lasts = withoutEnd
	if seconds, err := strconv.ParseInt(strings.Trim(string(got.Lasts), `"`), 10, 32); err == nil {
		lasts = min(time.Duration(seconds)*time.Second, longestToken)
	}
	return got.Token, lasts - renewBefore, nil
}

// readSecret reads a file with one secret, which others may not read.
func readSecret(key, name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	defer func() { _ = file.Close() }() // read only
	info, err := file.Stat()
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", key, err)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: %s is not a regular file", key, name)
	case info.Mode().Perm()&0o007 != 0:
		return "", fmt.Errorf("%s: %s can be read by others; run: chmod o= %s", key, name, name)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	secret := strings.TrimSpace(string(text))
	if err != nil || !visible(secret) {
		return "", fmt.Errorf("%s: %s holds no secret: one line of visible ASCII characters", key, name)
	}
	return secret, nil
}

// visible holds for what may stand in a header.
func visible(s string) bool {
	return s != "" && len(s) <= maxSecret && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

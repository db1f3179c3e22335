package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// Bounds of one person's groups. Entra ends at 2,000 memberships for most that it
// does; each group is part of every decision about the person.
const (
	maxGroups  = 4096
	maxPages   = 64
	maxPage    = 1 << 20 // bytes
	maxGroupID = 512     // bytes
	maxNext    = 8 << 10 // bytes of a link to the next page
)

// A failure is why a question had no answer. It holds nothing of what was answered.
type failure struct {
	text     string
	personal bool          // it says something about the person alone
	after    time.Duration // that the directory wants to be left alone
}

func (f *failure) Error() string { return f.text }

// errToken is that the directory does not take the token.
var errToken = errors.New("the directory does not take our token")

// ask asks for all pages. A token that is not taken is renewed once.
func (d *Directory) ask(ctx context.Context, id *identity.Identity) ([]string, error) {
	if name := missing(d.endpoint, id); name != "" {
		return nil, &failure{text: "the token does not tell " + name, personal: true}
	}
	token, err := d.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := d.all(ctx, fill(d.endpoint, id), token)
	if errors.Is(err, errToken) && d.tokens.drop(token) {
		if token, err = d.tokens.get(ctx); err != nil {
			return nil, err
		}
		groups, err = d.all(ctx, fill(d.endpoint, id), token)
	}
	return groups, err
}

// all follows the pages, as far as they stay with the directory.
func (d *Directory) all(ctx context.Context, address, token string) ([]string, error) {
	groups := []string{}
	body := actionBody(address)
	for range maxPages {
		page, err := d.page(ctx, address, token, body)
		if err != nil {
			return nil, err
		}
		for _, raw := range page.Value {
			id, ok := groupID(raw)
			if !ok {
				return nil, errors.New("the answer is no list of groups")
			}
			groups = append(groups, id)
		}
		if len(groups) > maxGroups {
			return nil, &failure{text: fmt.Sprintf("more than %d groups", maxGroups), personal: true}
		}
		if page.Next == "" {
			return groups, nil
		}
		next, err := url.Parse(page.Next)
		if err != nil || len(page.Next) > maxNext || next.User != nil || next.Scheme+"://"+next.Host != d.host {
			return nil, errors.New("the next page is elsewhere")
		}
		address, body = page.Next, ""
	}
	return nil, &failure{text: fmt.Sprintf("more than %d pages", maxPages), personal: true}
}

// actionBody is what an action of Microsoft Graph wants ("user: getMemberObjects",
// "getMemberGroups"); anything else is a plain GET, as is a next page.
func actionBody(address string) string {
	path, _, _ := strings.Cut(address, "?")
	if strings.HasSuffix(path, "/getMemberObjects") || strings.HasSuffix(path, "/getMemberGroups") {
		return `{"securityEnabledOnly":true}`
	}
	return ""
}

// A page is an answer of OData (version 4, JSON format section 4.5.5).
type page struct {
	Value []json.RawMessage `json:"value"`
	Next  string            `json:"@odata.nextLink"`
}

func (d *Directory) page(ctx context.Context, address, token, body string) (*page, error) {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, errors.New("the endpoint makes no URL with this person")
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	text, err := exchange(d.client, req)
	if err != nil {
		return nil, err
	}
	var p page
	if json.Unmarshal(text, &p) != nil || p.Value == nil {
		return nil, errors.New("the answer is no list of groups")
	}
	return &p, nil
}

// groupID reads an id, or an object that has one.
func groupID(raw json.RawMessage) (id string, ok bool) {
	if json.Unmarshal(raw, &id) != nil {
		var group struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(raw, &group) != nil {
			return "", false
		}
		id = group.ID
	}
	return id, id != "" && len(id) <= maxGroupID
}

// exchange returns the body of a good answer of bounded size.
func exchange(client *http.Client, req *http.Request) ([]byte, error) {
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		var inURL *url.Error // which tells the person's address too
		if errors.As(err, &inURL) {
			err = inURL.Err
		}
		return nil, fmt.Errorf("not reached: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing is lost when closing a reader fails
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return nil, errToken
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusGone, resp.StatusCode == http.StatusBadRequest:
		return nil, &failure{text: fmt.Sprintf("answered %d", resp.StatusCode), personal: true}
	case resp.StatusCode != http.StatusOK:
		return nil, &failure{text: fmt.Sprintf("answered %d", resp.StatusCode), after: retryAfter(resp.Header)}
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxPage+1))
	if err != nil {
		return nil, errors.New("the answer broke off")
	}
	if len(text) > maxPage {
		return nil, fmt.Errorf("the answer is over %d bytes", maxPage)
	}
	return text, nil
}

// retryAfter reads the seconds of Retry-After (RFC 9110 section 10.2.3); a date is
// not looked at.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// newClient returns a client with the transport of the given one. It follows no
// redirects, which would take the token along, and takes no proxy from the
// environment.
func newClient(given *http.Client) *http.Client {
	var transport http.RoundTripper = &http.Transport{
		ForceAttemptHTTP2: true, MaxIdleConns: 8, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
	}
	if given != nil && given.Transport != nil {
		transport = given.Transport
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

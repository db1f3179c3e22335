package proxy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/content/coding"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// An app gives its page the address of an upload or of a socket on another site, where
// no cookie of ours is sent. Whom the reply was for is remembered with the address:
// who asks there, from the same client, is that person.

const (
	mostHandOut    = 256 << 10 // bytes of a reply that is looked through
	mostAddresses  = 32        // of one reply
	longestAddress = 8 << 10
)

// handOut looks through a reply in JSON to somebody who signed in with a browser, if it
// was not asked for as a stream, which Gemini's page gets as JSON. It is read whole
// before any of it goes on: the client asks as soon as it has the address. A longer one
// is not looked through.
func (p *Pipeline) handOut(x *Exchange, resp *http.Response, body io.ReadCloser) io.ReadCloser {
	if x.signIn == "" || x.input != nil && x.input.Request.Streaming { // the message is forgotten by now
		return body
	}
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if x.request.Method == http.MethodHead || resp.ContentLength > mostHandOut || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return body
	}
	return &handedOut{x: x, body: body, coding: resp.Header}
}

// handedOut is the body of such a reply.
type handedOut struct {
	x      *Exchange
	body   io.ReadCloser
	coding http.Header
	looked bool
	buffer bytes.Buffer
	err    error // after buffer
}

func (b *handedOut) Read(p []byte) (int, error) {
	if !b.looked {
		b.looked = true
		_, b.err = b.buffer.ReadFrom(io.LimitReader(b.body, mostHandOut+1))
		if b.err == nil && b.buffer.Len() <= mostHandOut {
			b.err = io.EOF
			b.remember()
		}
	}
	if b.buffer.Len() > 0 {
		return b.buffer.Read(p)
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.body.Read(p)
}

func (b *handedOut) Close() error { return b.body.Close() }

// remember notes the addresses on other sites. One that cannot be noted costs its
// holder a sign-in, not the reply.
func (b *handedOut) remember() {
	x := b.x
	text := b.buffer.String()
	if name, err := coding.Of(b.coding); err != nil {
		return
	} else if name != "" {
		lim := coding.Limits{Expanded: 4 * mostHandOut, Ratio: x.parts.Options.Limits.Ratio}
		if text, err = coding.Expand(name, b.buffer.Bytes(), lim, false); err != nil {
			return
		}
	}
	for _, address := range addressesIn(text, mostAddresses) {
		u, err := url.Parse(address)
		if err != nil || signin.SameSite(u.Host, hostHeader(x)) || !slices.ContainsFunc(x.parts.Catalogue.Candidates(strings.ToLower(u.Hostname())), asksForWho) {
			continue
		}
		err = x.parts.SignIn.Remember(x.context(), address, x.signIn, x.Identity)
		if errors.Is(err, signin.ErrTooMany) {
			return
		}
		if err != nil {
			x.parts.Log.Warn("not remembered whom an address was given to", zap.String("id", x.ID), zap.Error(err))
			return
		}
	}
}

// asksForWho reports whether it matters who asks there. Pictures and programs of a page
// are many.
func asksForWho(m destination.Match) bool { return m.Role != "asset" && m.Role != "auth" }

// addressesIn finds the strings of a JSON text that are https or wss addresses.
func addressesIn(text string, most int) []string {
	var found []string
	for len(found) < most {
		at := strings.IndexByte(text, '"')
		if at < 0 {
			break
		}
		text = text[at+1:]
		if !strings.HasPrefix(text, "https:") && !strings.HasPrefix(text, "wss:") {
			continue
		}
		end := 0
		for end < len(text) && text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(text) || end > longestAddress {
			continue
		}
		var address string
		if json.Unmarshal([]byte(`"`+text[:end]+`"`), &address) == nil {
			found = append(found, address)
		}
		text = text[end+1:]
	}
	return found
}

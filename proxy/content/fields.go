package content

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// A headField is a value of the head that is read as a part.
type headField struct {
	name string
	at   int // which of the values of that name
}

// minField is the length from which a value can hold something: seven digits of
// a telephone number.
const minField = 7

// unread are the fields that are not looked at: the credentials that the
// provider itself needs, and those that frame the message, which accept and open
// judge.
var unread = set("Authorization Cookie X-Api-Key Api-Key X-Goog-Api-Key Xi-Api-Key Ocp-Apim-Subscription-Key X-Functions-Key " +
	"Host Connection Content-Length Content-Type Content-Encoding Transfer-Encoding Accept-Encoding Te Trailer Upgrade Expect Via " +
	"Proxy-Authorization Proxy-Connection Keep-Alive Http2-Settings Sec-Websocket-Key Sec-Websocket-Accept Sec-Websocket-Version Sec-Websocket-Extensions")

// standard are the fields whose meaning and grammar a standard fixes (RFC 9110,
// Fetch, client hints) and those of tracing and of proxies. Programs write them,
// not people, and addresses, versions and long numbers are usual there. They have
// RoleOther.
var standard = set("Accept Accept-Charset Accept-Language Access-Control-Request-Headers Access-Control-Request-Method Alt-Used " +
	"Cache-Control Content-Digest Content-Language Content-Md5 Content-Range Date Device-Memory Digest Dnt Downlink Dpr " +
	"Forwarded From If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Last-Event-Id Max-Forwards Origin Pragma Priority " +
	"Range Referer Repr-Digest Rtt Save-Data Signature Signature-Input Upgrade-Insecure-Requests User-Agent Viewport-Width Width " +
	"X-Real-Ip X-Requested-With Cf-Connecting-Ip True-Client-Ip " +
	"Traceparent Tracestate Baggage B3 Sentry-Trace Uber-Trace-Id X-Amzn-Trace-Id X-Cloud-Trace-Context")

// families of standard fields, by what they begin with.
var standardFamilies = []string{"Sec-", "X-Forwarded-", "X-Datadog-", "X-B3-"}

// credentials are words in the name of a field that holds a credential for the
// service, such as X-Csrf-Token. Such a field has RoleOther: what may not leave
// at all is found, and the person's session goes on.
var credentials = set("Auth Authorization Authentication Token Tokens Cookie Csrf Xsrf Csrftoken Xsrftoken Session Sessionid Signature Secret " +
	"Credential Credentials Key Apikey Jwt Sso Password Nonce Proof Challenge Attestation")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		out[word] = true
	}
	return out
}

// roleOf is the role of a header field of a request that brings content. MCP
// copies the arguments of a tool call into fields of its own
// (modelcontextprotocol.io, Streamable HTTP: Mcp-Param-*, Mcp-Name).
func roleOf(name, value string) Role {
	switch {
	case strings.HasPrefix(name, "Mcp-"):
		return RolePrompt
	case standard[name], strings.HasPrefix(value, "eyJ") && strings.Count(value, ".") == 2: // a JWT alone (RFC 7519)
		return RoleOther
	}
	for _, family := range standardFamilies {
		if strings.HasPrefix(name, family) {
			return RoleOther
		}
	}
	for word := range strings.SplitSeq(name, "-") {
		if credentials[word] {
			return RoleOther
		}
	}
	return RolePrompt
}

// readHead reads the values of header fields and the path. On requests that bring
// content, values of fields that no standard fixes are content, and can be
// rewritten; so is a segment of the path in which a sentence stands, but that
// cannot be rewritten. All else has RoleOther.
func (r *reading) readHead() {
	r.old = false
	brings := r.m.Kind == KindPrompt || r.m.Kind == KindUpload || r.m.Kind == KindTool
	r.readPath(brings)
	for _, name := range slices.Sorted(maps.Keys(r.h.Header)) {
		if unread[name] {
			continue
		}
		for at, value := range r.h.Header[name] {
			if len(value) < minField || plainWord(value) {
				continue
			}
			role := roleOf(name, value)
			if role == RoleOther && tame(value) {
				continue
			}
			if !brings {
				role = RoleOther
			}
			c := codec.Plain
			if !utf8.ValidString(value) {
				c = codec.Lossy
			}
			r.apart(role, r.decode(c, value), loc{end: uint32(len(value)), parent: int32(fromField - len(r.m.fields)), codec: c})
			r.m.fields = append(r.m.fields, headField{name, at})
		}
	}
}

// readPath reads the path, as it is meant. Ordinary segments are words and ids,
// which are numbers often enough; a sentence has spaces.
func (r *reading) readPath(brings bool) {
	whole, ids := unescapePath(r.h.Path), false
	for segment := range strings.SplitSeq(whole, "/") {
		ids = ids || len(segment) > minField && !plainWord(segment)
		if brings && len(segment) >= minField && strings.ContainsAny(segment, " +") {
			r.apart(RolePrompt, strings.ReplaceAll(segment, "+", " "), loc{parent: fromHeader})
		}
	}
	if ids {
		r.apart(RoleOther, whole, loc{parent: fromHeader})
	}
}

// tame reports whether a value is made of words and small numbers, as media types,
// languages and origins are. It cannot hold what matters in a field that is not
// content.
func tame(value string) bool {
	run, letters, digits := 0, 0, 0
	for i := range len(value) {
		switch c := value[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		case c-'0' <= 9:
			digits++
		case strings.IndexByte(" /;,*+=.-_:()\"", c) >= 0:
			run, letters, digits = 0, 0, 0
			continue
		default:
			return false
		}
		if run++; run > 40 || digits > 3 || digits > 0 && letters > 0 && run > 5 {
			return false
		}
	}
	return true
}

func unescapePath(path string) string {
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	return strings.ToValidUTF8(path, "\uFFFD")
}

// apart adds a part that is no neighbour of the parts beside it.
func (r *reading) apart(role Role, text string, l loc) {
	n := len(r.parts)
	r.add(role, text, l)
	if len(r.parts) > n {
		r.parts[n].Apart = true
	}
}

// valueOf is the value of the head that a part's place speaks of.
func (m *Message) valueOf(parent int32) (headField, string) {
	f := m.fields[fromField-parent]
	return f, m.head.Header[f.name][f.at]
}

package proxy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
)

// enforce is stage 7: what was decided is done to the request. A refusal has
// been made by decide; here the head and the body are rewritten.
func (p *Pipeline) enforce(x *Exchange) error {
	r := x.request
	if x.mode == read {
		if err := p.redact(x); err != nil {
			return err
		}
		limitEncodings(r.Header)
	} else if err := x.unread(); err != nil {
		return err
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header["User-Agent"] = nil // none is none: net/http would name itself
	}
	for name, value := range x.Decision.Headers {
		r.Header.Set(name, value)
	}
	if r.URL.Scheme == "https" {
		x.parts.Tenants.Apply(x.Target.Host, r.Header)
	}
	if x.upgrade {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", "websocket")
	}
	r.Header.Del("Alt-Used")
	r.Header.Add("Via", p.via)
	r.URL.Host = x.Target.Authority()
	r.Host = hostHeader(x)
	return nil
}

// redact replaces what the decision names and puts the request's body in place.
// Of a stream the query is rewritten here, its messages when they come.
func (p *Pipeline) redact(x *Exchange) error {
	rewritten, err := p.rewritten(x)
	if err != nil {
		return err
	}
	if x.redactions > 0 {
		rewritten.Apply(x.request)
	}
	switch {
	case x.body != nil:
		x.request.Header.Del("Expect") // the body is here already
		x.request.Trailer = nil        // nobody has read it
		return x.send(rewritten.Body)
	case x.upgrade:
		x.request.Header.Del("Sec-Websocket-Extensions") // so that the frames can be read
	case x.stream != nil && x.stream.Readable():
		p.openCall(x)
		return nil
	}
	return x.unread()
}

// rewritten is the message with what the decision names replaced. What is left is
// read again: a value that is still there blocks the message.
func (p *Pipeline) rewritten(x *Exchange) (*content.Rewritten, error) {
	edits := redactions(x, x.Decision, x.message.Parts, x.findings)
	rewritten, err := x.message.Rewrite(edits)
	if errors.Is(err, errBusy) { // the values could be replaced: there was no room to
		return nil, refuseFor("busy", err)
	}
	if err != nil {
		return nil, refuseFor("redaction_failed", err)
	}
	if len(edits) > 0 {
		err = p.nothingLeft(x, rewritten)
	}
	x.redactions = len(edits)
	return rewritten, err
}

// redactions are the findings that a decision names, in content, as placeholders.
// Those of one part overlap only where several stand in one blob, which is
// replaced once.
func redactions(x *Exchange, d policy.Decision, parts []content.Part, found []classifiers.Finding) []content.Edit {
	var edits []content.Edit
	for _, f := range found {
		part := parts[f.Sample]
		if part.Role == content.RoleOther || !slices.Contains(d.Redact, f.Entity) {
			continue
		}
		if n := len(edits); n > 0 && edits[n-1].Part == f.Sample && f.Start < edits[n-1].End {
			edits[n-1].End = max(edits[n-1].End, f.End)
			continue
		}
		value := part.Text[f.Start:f.End]
		if f.Hidden == 0 {
			value = f.Normal(value)
		}
		edits = append(edits, content.Edit{Part: f.Sample, Start: f.Start, End: f.End, Text: placeholder(x, d.Style, f.Entity, value)})
	}
	return edits
}

// nothingLeft reads a rewritten request as its receiver would and refuses it
// when an entity that had to go is still found. Nobody outside is asked again: a model
// that reads placeholders as names would refuse what it had redacted.
func (p *Pipeline) nothingLeft(x *Exchange, rewritten *content.Rewritten) error {
	again, err := rewritten.Reread(p.contentLimits(x))
	if errors.Is(err, errBusy) {
		return refuseFor("busy", err)
	}
	if err != nil {
		return refuseFor("redaction_failed", err)
	}
	samples := samplesOf(again)
	for i := range samples {
		samples[i].Local = true
	}
	findings, err := x.find(samples)
	if err != nil {
		return refuseFor("inspection_failed", err)
	}
	for _, f := range findings {
		if again.Parts[f.Sample].Role != content.RoleOther && slices.Contains(x.Decision.Redact, f.Entity) {
			return refuseFor("redaction_leftover", errors.New(f.Entity))
		}
	}
	return nil
}

// placeholder is what stands for a value: [EMAIL_ADDRESS_x7k2]. The suffix is a
// keyed hash of person, app, entity and value in its one form, so that it stays
// the same over turns and replicas and says nothing about the value; mask has no
// suffix.
func placeholder(x *Exchange, style, entity, value string) string {
	if style == "mask" {
		return "[" + entity + "]"
	}
	person := x.Identity.Issuer + " " + x.Identity.Sub
	if !x.Identity.Authenticated {
		person = x.Client.String()
	}
	mac := hmac.New(sha256.New, x.parts.Options.Key[:])
	for _, field := range []string{person, x.app(), entity, value} {
		mac.Write([]byte(strconv.Itoa(len(field))))
		mac.Write([]byte{':'})
		mac.Write([]byte(field))
	}
	return "[" + entity + "_" + suffixEncoding.EncodeToString(mac.Sum(nil))[:4] + "]"
}

// suffixEncoding is lower-case base32 without padding.
var suffixEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// readable are the content codings that a reply can be read in.
var readable = []string{"gzip", "br", "zstd", "deflate", "identity"}

// limitEncodings keeps in Accept-Encoding what can be decoded, and in its like for
// messages. Without the first any coding would be welcome (RFC 9110 section
// 12.5.3), so it is set; without the others there is none.
func limitEncodings(h http.Header) {
	h["Accept-Encoding"] = limitedTo(readable, h["Accept-Encoding"])
	for _, name := range []string{"Grpc-Accept-Encoding", "Connect-Accept-Encoding"} {
		if lines, ok := h[name]; ok {
			h[name] = limitedTo(readable, lines)
		}
	}
}

// limitedTo are the codings of a header that are among those given, identity when
// none is.
func limitedTo(codings, lines []string) []string {
	var kept []string
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			coding, _, _ := strings.Cut(strings.TrimSpace(item), ";")
			if slices.Contains(codings, strings.ToLower(strings.TrimSpace(coding))) {
				kept = append(kept, strings.TrimSpace(item))
			}
		}
	}
	if len(kept) == 0 {
		kept = []string{"identity"}
	}
	return []string{strings.Join(kept, ", ")}
}

// hostHeader is the authority as clients write it: without the scheme's port.
func hostHeader(x *Exchange) string {
	port := map[string]uint16{"http": 80, "https": 443}[x.request.URL.Scheme]
	if x.Target.Port == port {
		return strings.TrimSuffix(x.Target.Authority(), ":"+strconv.Itoa(int(port)))
	}
	return x.Target.Authority()
}

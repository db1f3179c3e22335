package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxLine bounds one line in bytes, its newline included. Longer ones are never
// written and never read.
const MaxLine = 128 << 10

// A hash names a line. The zero hash stands before the first.
type hash [sha256.Size]byte

func (h hash) String() string { return hex.EncodeToString(h[:]) }

func parseHash(s string) (h hash, ok bool) {
	if len(s) != hex.EncodedLen(len(h)) || strings.ToLower(s) != s {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err == nil
}

// Every line ends in ,"hash":"<64 hex digits>"} and a newline.
const (
	hashKey = `,"hash":"`
	hashLen = len(hashKey) + 2*sha256.Size + len(`"}`)
)

// seal ends a record: body is its JSON object without the closing brace. It appends
// the line with its newline to lines and returns those, and the line's hash.
func seal(lines, body []byte, seq uint64, prev hash) ([]byte, hash) {
	begin := len(lines)
	lines = slices.Grow(lines, len(body)+hashLen+128)
	lines = append(lines, body...)
	lines = append(lines, `,"seq":`...)
	lines = strconv.AppendUint(lines, seq, 10)
	lines = append(lines, `,"prev":"`...)
	lines = hex.AppendEncode(lines, prev[:])
	lines = append(lines, '"')
	h := hash(sha256.Sum256(lines[begin:]))
	lines = append(lines, hashKey...)
	lines = hex.AppendEncode(lines, h[:])
	return append(lines, '"', '}', '\n'), h
}

// An Entry is one line as it is read back. Of Decision, Completion and Gap the one
// that Record names is set.
type Entry struct {
	Schema, Record string
	Seq            uint64
	Prev, Hash     string // hex
	Decision       *Decision
	Completion     *Completion
	Gap            *Gap
}

// Parse reads a line, with or without its newline, and checks it against its own
// hash. That it follows the line before is for Verify to say.
func Parse(line []byte) (Entry, error) {
	e, err := parse(bytes.TrimSuffix(line, []byte("\n")))
	if err != nil {
		return Entry{}, fmt.Errorf("audit: parse line: %w", err)
	}
	return e, nil
}

func parse(line []byte) (Entry, error) {
	end, err := parseEnd(line)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Schema: end.Schema, Record: end.Record, Seq: end.Seq, Prev: end.Prev, Hash: end.Hash}
	var into any
	switch e.Record {
	case KindDecision:
		e.Decision = new(Decision)
		into = e.Decision
	case KindCompletion:
		e.Completion = new(Completion)
		into = e.Completion
	case KindGap:
		e.Gap = new(Gap)
		into = e.Gap
	default:
		return e, nil // a later version's: part of the chain all the same
	}
	if err := json.Unmarshal(line, into); err != nil {
		return Entry{}, errors.New("fields are not those of a " + e.Record)
	}
	return e, nil
}

// envelope is what every line has.
type envelope struct {
	Schema string    `json:"schema"`
	Record string    `json:"record"`
	ID     string    `json:"id"`
	Time   time.Time `json:"time"`
	Seq    uint64    `json:"seq"`
	Prev   string    `json:"prev"`
	Hash   string    `json:"hash"`
}

// parseEnd reads what every line has and checks its hash. The errors quote nothing
// of the line.
func parseEnd(line []byte) (envelope, error) {
	var e envelope
	if len(line) < hashLen {
		return e, errors.New("not a record")
	}
	body, tail := line[:len(line)-hashLen], line[len(line)-hashLen:]
	if !bytes.HasPrefix(tail, []byte(hashKey)) || !bytes.HasSuffix(tail, []byte(`"}`)) {
		return e, errors.New("does not end in a hash")
	}
	want := sha256.Sum256(body)
	if string(tail[len(hashKey):len(tail)-2]) != hex.EncodeToString(want[:]) {
		return e, errors.New("does not match its hash: it was changed")
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, errors.New("not a JSON record")
	}
	if e.Schema != Schema {
		return e, errors.New("schema is not " + Schema)
	}
	if _, ok := parseHash(e.Prev); !ok || e.Hash != hex.EncodeToString(want[:]) {
		return e, errors.New("not a record of the chain")
	}
	return e, nil
}

// limits shorten a record until it fits a line.
type limits struct{ text, list, offsets int }

// Each is tried in turn; the last always fits (6 bytes a character at most).
var levels = []limits{{1024, 128, 1024}, {256, 64, 64}, {64, 8, 0}}

// encode returns the record's JSON object without its closing brace. The record
// is a copy whose slices are shared with the caller's and never written.
func encode(kind string, shorten func(*shortener) any) ([]byte, error) {
	for _, l := range levels {
		body := marshal(shorten(&shortener{limits: l, offsetsLeft: l.offsets}))
		if len(body)+hashLen+128 <= MaxLine {
			return body, nil
		}
	}
	return nil, fmt.Errorf("%s is over %d bytes", kind, MaxLine)
}

// A shortener bounds texts and lists, and notes whether it cut any.
type shortener struct {
	limits
	offsetsLeft int
	cut         bool
}

func (s *shortener) str(p *string) {
	if len(*p) <= s.text {
		return
	}
	s.cut = true
	end := s.text
	for end > s.text-utf8.UTFMax && !utf8.RuneStart((*p)[end]) {
		end-- // not through the middle of a character
	}
	*p = (*p)[:end]
}

func (s *shortener) strs(p *[]string) { *p = bounded(s, *p, s.str) }

// bounded returns a shortened copy of a list.
func bounded[T any](s *shortener, in []T, each func(*T)) []T {
	if len(in) > s.list {
		s.cut = true
		in = in[:s.list]
	}
	out := slices.Clone(in)
	for i := range out {
		each(&out[i])
	}
	return out
}

func (s *shortener) finding(f *Finding) {
	s.str(&f.Family)
	s.str(&f.Entity)
	s.str(&f.Rule)
	if math.IsNaN(f.Confidence) || math.IsInf(f.Confidence, 0) {
		f.Confidence = 0 // JSON has no such number
	}
	if len(f.Offsets) > s.offsetsLeft {
		s.cut = true
		f.Offsets = f.Offsets[:s.offsetsLeft]
	}
	s.offsetsLeft -= len(f.Offsets)
}

func (s *shortener) verdict(v *Verdict) {
	for _, p := range []*string{&v.Action, &v.Message, &v.Mode, &v.Revision, &v.Error, &v.Choice, &v.Reason} {
		s.str(p)
	}
	rule := func(r *Rule) {
		for _, p := range []*string{&r.ID, &r.Action, &r.Mode, &r.Severity} {
			s.str(p)
		}
	}
	v.Rules = bounded(s, v.Rules, rule)
	v.Shadow = bounded(s, v.Shadow, rule)
	s.strs(&v.Redact)
}

// decision returns a bounded copy.
func (s *shortener) decision(in *Decision) any {
	d := *in
	if path, _, ok := strings.Cut(d.Request.Path, "?"); ok {
		d.Request.Path = path
	}
	if path, _, ok := strings.Cut(d.Request.Path, "#"); ok {
		d.Request.Path = path
	}
	d.Time = utc(d.Time)
	for _, p := range []*string{
		&d.ID, &d.Parent, &d.Client.IP,
		&d.Identity.Method, &d.Identity.Sub, &d.Identity.Email, &d.Identity.Name, &d.Identity.Department, &d.Identity.Device,
		&d.Destination.Host, &d.Destination.App, &d.Destination.Name, &d.Destination.Vendor, &d.Destination.Category,
		&d.Destination.Role, &d.Destination.Sanction, &d.Destination.Country,
		&d.Tenant.Header, &d.Tenant.Observed, &d.Tenant.Match,
		&d.Request.Phase, &d.Request.Method, &d.Request.Path, &d.Request.Proto, &d.Request.Kind, &d.Request.ContentType,
		&d.Content.Format, &d.Content.Model, &d.Content.Conversation,
	} {
		s.str(p)
	}
	if d.Agent != nil {
		a := *d.Agent
		for _, p := range []*string{&a.ID, &a.Name, &a.Kind, &a.OnBehalfOf, &a.Blueprint} {
			s.str(p)
		}
		d.Agent = &a
	}
	s.strs(&d.Identity.Groups)
	s.strs(&d.Destination.Tags)
	s.strs(&d.Content.Opaque)
	s.strs(&d.Content.Missed)
	d.Findings = bounded(s, d.Findings, s.finding)
	if d.Findings == nil {
		d.Findings = []Finding{}
	}
	s.verdict(&d.Decision)
	d.Cut = d.Cut || s.cut
	return &d
}

// completion returns a bounded copy.
func (s *shortener) completion(in *Completion) any {
	c := *in
	c.Time = utc(c.Time)
	for _, p := range []*string{&c.ID, &c.Parent, &c.Outcome, &c.Reason} {
		s.str(p)
	}
	if c.Upstream != nil {
		u := *c.Upstream
		for _, p := range []*string{&u.Addr, &u.Proto, &u.TLS} {
			s.str(p)
		}
		c.Upstream = &u
	}
	if c.Response != nil {
		v := *c.Response
		s.verdict(&v)
		c.Response = &v
	}
	c.Findings = bounded(s, c.Findings, s.finding)
	for _, p := range []*float64{&c.Timings.Extract, &c.Timings.Classify, &c.Timings.Decide, &c.Timings.Forward, &c.Timings.Inspect, &c.Timings.Total} {
		if math.IsNaN(*p) || math.IsInf(*p, 0) {
			*p = 0
		}
		*p = math.Round(*p*1000) / 1000 // a microsecond is fine enough
	}
	c.Cut = c.Cut || s.cut
	return &c
}

// utc returns a time that JSON can hold.
func utc(t time.Time) time.Time {
	t = t.UTC()
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		t = time.Now().UTC()
	}
	return t.Round(0) // without the monotonic reading
}

package audit

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"
)

// A writer appends JSON as encoding/json would write it without escaping HTML (the
// field tags of record.go say how), at a fraction of its cost: reflection over two
// lines was a twentieth of a small request. A test holds both to each other.
type writer []byte

// object writes one; its members end in commas, of which the last is taken back.
func (w *writer) object(members func()) {
	*w = append(*w, '{')
	members()
	w.end('}')
}

func (w *writer) end(with byte) {
	if last := len(*w) - 1; (*w)[last] == ',' {
		*w = (*w)[:last]
	}
	*w = append(*w, with, ',')
}

func (w *writer) key(name string) {
	*w = append(*w, '"')
	*w = append(*w, name...)
	*w = append(*w, '"', ':')
}

// text is a string that stands there also when it is empty; optional is not.
func (w *writer) text(key, s string) {
	w.key(key)
	w.quote(s)
}

func (w *writer) optional(key, s string) {
	if s != "" {
		w.text(key, s)
	}
}

func (w *writer) quote(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			*w = append(*w, quoted(s)...)
			*w = append(*w, ',')
			return
		}
	}
	*w = append(*w, '"')
	*w = append(*w, s...)
	*w = append(*w, '"', ',')
}

// quoted is what needs escapes.
func quoted(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b) // replaces what is not UTF-8 by U+FFFD
	enc.SetEscapeHTML(false)   // this is no HTML, and people read it
	_ = enc.Encode(s)          // a string always can be
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (w *writer) texts(key string, all []string) {
	if len(all) > 0 {
		list(w, key, all, w.quote)
	}
}

func list[T any](w *writer, key string, all []T, each func(T)) {
	w.key(key)
	*w = append(*w, '[')
	for _, one := range all {
		each(one)
	}
	w.end(']')
}

func (w *writer) integer(key string, n int64) {
	w.key(key)
	w.digits(n)
}

func (w *writer) digits(n int64) {
	*w = strconv.AppendInt(*w, n, 10)
	*w = append(*w, ',')
}

func (w *writer) count(key string, n int64) {
	if n != 0 {
		w.integer(key, n)
	}
}

func (w *writer) flag(key string, is bool) {
	w.key(key)
	*w = strconv.AppendBool(*w, is)
	*w = append(*w, ',')
}

func (w *writer) set(key string, is bool) {
	if is {
		w.flag(key, is)
	}
}

// number writes a finite one.
func (w *writer) number(key string, f float64) {
	w.key(key)
	if size := math.Abs(f); size == 0 || size >= 1e-6 && size < 1e21 {
		*w = strconv.AppendFloat(*w, f, 'f', -1, 64)
	} else {
		b, _ := json.Marshal(f) // finite
		*w = append(*w, b...)
	}
	*w = append(*w, ',')
}

func (w *writer) share(key string, f float64) {
	if f != 0 {
		w.number(key, f)
	}
}

func (w *writer) time(key string, t time.Time) {
	w.key(key)
	*w = append(*w, '"')
	*w = t.AppendFormat(*w, time.RFC3339Nano)
	*w = append(*w, '"', ',')
}

func (w *writer) decision(d *Decision) {
	w.text("id", d.ID)
	w.optional("parent", d.Parent)
	w.time("time", d.Time)
	w.key("client")
	w.object(func() { w.text("ip", d.Client.IP) })
	w.key("identity")
	w.object(func() {
		w.flag("authenticated", d.Identity.Authenticated)
		w.text("method", d.Identity.Method)
		w.text("sub", d.Identity.Sub)
		w.text("email", d.Identity.Email)
		w.optional("name", d.Identity.Name)
		w.optional("department", d.Identity.Department)
		w.texts("groups", d.Identity.Groups)
		w.optional("device", d.Identity.Device)
	})
	if a := d.Agent; a != nil {
		w.key("agent")
		w.object(func() {
			w.text("id", a.ID)
			w.text("name", a.Name)
			w.text("kind", a.Kind)
			w.optional("on_behalf_of", a.OnBehalfOf)
			w.optional("blueprint", a.Blueprint)
		})
	}
	w.key("destination")
	w.object(func() {
		w.text("host", d.Destination.Host)
		w.integer("port", int64(d.Destination.Port))
		w.optional("app", d.Destination.App)
		w.optional("name", d.Destination.Name)
		w.optional("vendor", d.Destination.Vendor)
		w.optional("category", d.Destination.Category)
		w.optional("role", d.Destination.Role)
		w.optional("sanction", d.Destination.Sanction)
		w.optional("country", d.Destination.Country)
		w.count("risk", int64(d.Destination.Risk))
		w.texts("tags", d.Destination.Tags)
	})
	w.key("tenant")
	w.object(func() {
		w.optional("header", d.Tenant.Header)
		w.optional("observed", d.Tenant.Observed)
		w.optional("match", d.Tenant.Match)
	})
	w.key("request")
	w.object(func() {
		w.text("phase", d.Request.Phase)
		w.text("method", d.Request.Method)
		w.text("path", d.Request.Path)
		w.optional("proto", d.Request.Proto)
		w.optional("kind", d.Request.Kind)
		w.optional("content_type", d.Request.ContentType)
		w.integer("bytes", d.Request.Bytes)
		w.set("streaming", d.Request.Streaming)
	})
	w.key("content")
	w.object(func() {
		w.optional("format", d.Content.Format)
		w.optional("model", d.Content.Model)
		w.optional("conversation", d.Content.Conversation)
		w.count("parts", int64(d.Content.Parts))
		w.flag("inspected", d.Content.Inspected)
		w.texts("opaque", d.Content.Opaque)
		w.set("truncated", d.Content.Truncated)
		w.texts("missed", d.Content.Missed)
	})
	list(w, "findings", d.Findings, w.finding)
	w.key("decision")
	w.verdict(&d.Decision)
	w.set("cut", d.Cut)
}

func (w *writer) finding(f Finding) {
	w.object(func() {
		w.text("family", f.Family)
		w.text("entity", f.Entity)
		w.optional("rule", f.Rule)
		w.integer("count", int64(f.Count))
		w.number("confidence", f.Confidence)
		if len(f.Offsets) == 0 {
			return
		}
		list(w, "offsets", f.Offsets, func(place [3]int) {
			*w = append(*w, '[')
			for _, n := range place {
				w.digits(int64(n))
			}
			w.end(']')
		})
	})
}

func (w *writer) verdict(v *Verdict) {
	w.object(func() {
		w.text("action", v.Action)
		w.rules("rules", v.Rules)
		w.texts("redact", v.Redact)
		w.rules("shadow", v.Shadow)
		w.optional("message", v.Message)
		w.optional("mode", v.Mode)
		w.optional("revision", v.Revision)
		w.set("cached", v.Cached)
		w.count("eval_us", v.EvalMicros)
		w.optional("error", v.Error)
		w.optional("choice", v.Choice)
		w.optional("reason", v.Reason)
	})
}

func (w *writer) rules(key string, rules []Rule) {
	if len(rules) == 0 {
		return
	}
	list(w, key, rules, func(r Rule) {
		w.object(func() {
			w.text("id", r.ID)
			w.text("action", r.Action)
			w.optional("mode", r.Mode)
			w.optional("severity", r.Severity)
			w.set("satisfied", r.Satisfied)
		})
	})
}

func (w *writer) completion(c *Completion) {
	w.text("id", c.ID)
	w.optional("parent", c.Parent)
	w.time("time", c.Time)
	w.integer("status", int64(c.Status))
	w.text("outcome", c.Outcome)
	w.optional("reason", c.Reason)
	w.integer("bytes_in", c.BytesIn)
	w.integer("bytes_out", c.BytesOut)
	w.count("redactions", int64(c.Redactions))
	w.count("masked", int64(c.Masked))
	w.count("events", c.Events)
	w.count("messages", c.Messages)
	if u := c.Upstream; u != nil {
		w.key("upstream")
		w.object(func() {
			w.text("addr", u.Addr)
			w.optional("proto", u.Proto)
			w.optional("tls", u.TLS)
			w.set("reused", u.Reused)
		})
	}
	w.key("timings_ms")
	w.object(func() {
		w.share("extract", c.Timings.Extract)
		w.share("classify", c.Timings.Classify)
		w.share("decide", c.Timings.Decide)
		w.share("forward", c.Timings.Forward)
		w.share("inspect", c.Timings.Inspect)
		w.number("total", c.Timings.Total)
	})
	if c.Response != nil {
		w.key("response")
		w.verdict(c.Response)
	}
	if len(c.Findings) > 0 {
		list(w, "findings", c.Findings, w.finding)
	}
	w.set("cut", c.Cut)
}

func (w *writer) gap(g *Gap) {
	w.time("time", g.Time)
	w.time("since", g.Since)
	w.integer("decisions", g.Decisions)
	w.flag("forwarded", g.Forwarded)
	w.integer("completions", g.Completions)
	w.integer("torn_bytes", g.TornBytes)
	w.text("reason", g.Reason)
}

// marshal returns a record's JSON object without its closing brace.
func marshal(record any) []byte {
	w := make(writer, 0, typicalLine)
	begin := func(kind string) {
		w = append(w, `{"schema":"`+Schema+`","record":"`...)
		w = append(w, kind...)
		w = append(w, '"', ',')
	}
	switch r := record.(type) {
	case *Decision:
		begin(KindDecision)
		w.decision(r)
	case *Completion:
		begin(KindCompletion)
		w.completion(r)
	case *Gap:
		begin(KindGap)
		w.gap(r)
	}
	return slices.Clip(w[:len(w)-1])
}

// typicalLine is room for most lines.
const typicalLine = 1280

package content

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
)

// perplexityReply is the stream of www.perplexity.ai: events whose blocks hold
// patches for a list of chunks, or the list, and at the end all of it again.
// Sources: xtekky/gpt4free, helallao/perplexity-ai, August 2026.
var perplexityReply = &replyFormat{read: readPerplexityEvent, passed: perplexityPassed, end: endPerplexity}

func readPerplexityEvent(rec *record) bool {
	blocks := rec.doc.Field(0, "blocks")
	if blocks < 0 || rec.doc.Nodes[blocks].Kind != '[' {
		return false
	}
	rec.reply.state.message++
	for k, v := range rec.doc.Fields(0) {
		name := rec.doc.Name(k)
		rec.key(RoleReply, k)
		if name != "blocks" || rec.doc.Nodes[v].Kind != '[' {
			rec.path = append(append(rec.path[:0], '.'), name...)
			rec.value(v, name)
			continue
		}
		for block := range rec.doc.Items(v) {
			rec.perplexityBlock(block)
		}
	}
	return true
}

func (rec *record) perplexityBlock(n int) {
	use := rec.strField(n, "intended_usage")
	rec.object(RoleReply, n, func(name string, k, v int) {
		switch name {
		case "diff_block":
			field := rec.strField(v, "field")
			rec.object(RoleReply, v, func(name string, k, v int) {
				if name != "patches" {
					rec.walkRange(RoleReply, k, int(rec.doc.Nodes[v].Next))
					return
				}
				rec.list(RoleReply, v, func(patch int) { rec.perplexityPatch(use+"."+field, patch) })
			})
		case "markdown_block":
			channel := use + "." + name
			if rec.strField(v, "progress") == "DONE" { // all of it again
				channel += "#" + strconv.Itoa(rec.reply.state.message)
			}
			rec.chunks(channel, v)
		default:
			rec.walkRange(RoleReply, k, int(rec.doc.Nodes[v].Next))
		}
	})
}

// perplexityPatch reads {op, path, value}: a chunk, or the whole block anew.
func (rec *record) perplexityPatch(channel string, n int) {
	first, _, _ := strings.Cut(strings.TrimPrefix(rec.strField(n, "path"), "/"), "/")
	rec.object(RoleReply, n, func(name string, k, v int) {
		switch {
		case name != "value":
			rec.walkRange(RoleReply, k, int(rec.doc.Nodes[v].Next))
		case rec.doc.Nodes[v].Kind == '"':
			rec.join(channel+"."+first, RoleReply, v)
		default:
			rec.chunks(channel, v)
		}
	})
}

// chunks joins the strings of $.chunks and $.answer of a block.
func (rec *record) chunks(channel string, n int) {
	rec.object(RoleReply, n, func(name string, k, v int) {
		switch {
		case name == "chunks" && rec.doc.Nodes[v].Kind == '[':
			for chunk := range rec.doc.Items(v) {
				rec.join(channel+".chunks", RoleReply, chunk)
			}
		case name == "answer" && rec.doc.Nodes[v].Kind == '"':
			rec.join(channel+".answer", RoleReply, v)
		default:
			rec.walkRange(RoleReply, k, int(rec.doc.Nodes[v].Next))
		}
	})
}

func perplexityPassed(r *Reply, u *unit) { r.remember(u, "backend_uuid") }

// endPerplexity ends the answer with the notice as its text.
func endPerplexity(_ *Reply, n Notice) []byte { return refusedQuestion(n) }

// deepSeekReply is the stream of chat.deepseek.com: patches {p, o, v}, of which p
// and o keep their last value where they are absent. Source: xtekky/gpt4free,
// August 2026.
var deepSeekReply = &replyFormat{read: readDeepSeekEvent, passed: deepSeekPassed, end: endDeepSeek}

func readDeepSeekEvent(rec *record) bool {
	if rec.doc.Nodes[0].Kind != '{' || rec.doc.Field(0, "v") < 0 {
		return false
	}
	rec.deepSeekPatch(0, "")
	return true
}

// deepSeekPatch reads a patch, or one of a batch, whose paths begin at the batch's.
func (rec *record) deepSeekPatch(n int, base string) {
	state := &rec.reply.state
	for k, v := range rec.doc.Fields(n) {
		name := rec.doc.Name(k)
		switch text, ok := rec.doc.Str(v); {
		case name == "p" && ok:
			state.path = strings.Clone(strings.Trim(base+"/"+text, "/"))
		case name == "o" && ok:
			state.op = strings.Clone(text)
		case name == "v":
			continue
		}
		rec.walkRange(RoleReply, k, int(rec.doc.Nodes[v].Next))
	}
	for k, v := range rec.doc.Fields(n) {
		if rec.doc.Name(k) != "v" {
			continue
		}
		switch path := state.path; {
		case rec.doc.Nodes[v].Kind == '"' && strings.HasSuffix(path, "content"):
			rec.join("content", RoleReply, v)
		case rec.doc.Nodes[v].Kind == '[' && state.op == "BATCH":
			for patch := range rec.doc.Items(v) {
				rec.deepSeekPatch(patch, path)
			}
			state.path = path
		default:
			rec.joinNamed("content", v, "")
		}
	}
}

// joinNamed joins the strings under a name anywhere in a subtree; the others stand
// for themselves.
func (rec *record) joinNamed(name string, n int, key string) {
	switch rec.doc.Nodes[n].Kind {
	case '{':
		for k, v := range rec.doc.Fields(n) {
			rec.key(RoleReply, k)
			rec.joinNamed(name, v, rec.doc.Name(k))
		}
	case '[':
		for v := range rec.doc.Items(n) {
			rec.joinNamed(name, v, key)
		}
	case '"':
		if key == name {
			rec.join(name, RoleReply, n)
			return
		}
		rec.whole(n)
	default:
		rec.whole(n)
	}
}

func deepSeekPassed(r *Reply, u *unit) {
	if len(u.doc.Nodes) > 0 && u.doc.Field(0, "v") >= 0 {
		r.state.begun = true
	}
}

// endDeepSeek adds the notice to the answer, or makes one, and ends it.
func endDeepSeek(r *Reply, n Notice) []byte {
	type object = map[string]any
	var out []byte
	if r.state.begun {
		out = appendEvent(out, "", object{"p": "response/fragments/-1/content", "o": "APPEND", "v": r.paragraph(n)})
	} else {
		out = appendEvent(out, "", object{"v": object{"response": object{
			"message_id": 2, "role": "ASSISTANT", "status": "WIP", "fragments": []object{{"id": 1, "type": "RESPONSE", "content": n.text()}},
		}}})
	}
	out = appendEvent(out, "", object{"p": "response/status", "o": "SET", "v": "FINISHED"})
	out = appendEvent(out, "finish", object{})
	return appendEvent(out, "close", object{"click_behavior": "none"})
}

// leChatReply are the lines of Le Chat, N:JSON: 0 is text, 3 an error, e and d
// ends; newer versions send patches with a value. Source: several public clients,
// 2025 and 2026.
var leChatReply = &replyFormat{
	framing: func(header map[string][]string, lim Limits) framing {
		if kind, _ := mediaType(strings.Join(header["Content-Type"], "")); kind != "text/plain" {
			return nil
		}
		return &numberedFraming{limit: lim.record()}
	},
	read: func(rec *record) bool {
		if rec.unit.event == "" || rec.doc.Nodes[0].Kind != '"' {
			return false
		}
		rec.join(rec.unit.event, RoleReply, 0)
		return true
	},
	passed: func(r *Reply, u *unit) { r.state.begun = r.state.begun || u.event == "0" },
	end: func(r *Reply, n Notice) []byte {
		var out []byte
		for _, line := range []struct {
			mark string
			v    any
		}{{"0", r.paragraph(n)}, {"e", map[string]string{"finishReason": "content-filter"}}, {"d", map[string]string{"finishReason": "content-filter"}}} {
			out = append(append(append(out, line.mark...), ':'), marshal(line.v)...)
			out = append(out, '\n')
		}
		return out
	},
}

// numberedFraming cuts lines of a mark, a colon and JSON. Other lines are text.
type numberedFraming struct {
	limit int
	text  bool // in a line that is read as text
}

func (f *numberedFraming) next(b []byte, last bool) (*unit, int, error) {
	end := bytes.IndexByte(b, '\n') + 1
	switch {
	case len(b) == 0:
		return nil, 0, nil
	case end == 0 && !last && !f.text && len(b) <= f.limit:
		return nil, 0, nil
	case end == 0 && !last:
		f.text = true
		n := wholeText(codec.JSON, b, false)
		if n == 0 {
			return nil, 0, nil
		}
		return textUnit(string(b[:n]), codec.JSON), n, nil
	case end == 0:
		end = len(b)
	}
	line := string(b[:end])
	mark, payload, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
	if f.text || !ok || len(mark) > 4 || strings.TrimLeft(mark, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		f.text = false
		return textUnit(line, codec.JSON), end, nil
	}
	tail := line[len(mark)+1+len(payload):]
	u := payloadUnit(b[:end], payload, func(edited []byte) []byte { return fmt.Appendf(nil, "%s:%s%s", mark, edited, tail) })
	u.event = mark
	return u, end, nil
}

package content

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// The calls of gemini.google.com go to two endpoints, also under /u/{n}: a new
// turn to StreamGenerate, the rest to batchexecute, where the query names them.
// Source: HanaokaYuzu/Gemini-API, April 2026. Files go to content-push.googleapis.com,
// which other services of Google use too.
func matchGeminiWeb(wire string, h *Head) bool {
	return wire == "gemini-web" && geminiWebCall(h) != callNone
}

func geminiWebCall(h *Head) call {
	path := cleanPath(h.Path)
	switch {
	case reads(h) || h.Method == http.MethodDelete:
		return callNone
	case h.Role == "upload":
		return callBlob
	case strings.HasSuffix(path, "/streamgenerate"):
		return callTurn
	case !strings.HasSuffix(path, "/data/batchexecute"):
		return callNone
	case readsHistory(h.RawQuery):
		return callHistory
	}
	return callText
}

// readsHistory reports whether a batch of calls only lists (MaZiqc), reads
// (hNvQHb) or deletes (GzXR5e) chats.
func readsHistory(query string) bool {
	values, err := url.ParseQuery(query)
	if err != nil || len(values["rpcids"]) != 1 {
		return false
	}
	for id := range strings.SplitSeq(values.Get("rpcids"), ",") {
		if !slices.Contains([]string{"MaZiqc", "hNvQHb", "GzXR5e"}, id) {
			return false
		}
	}
	return true
}

func readGeminiWeb(r *reading) {
	switch c := geminiWebCall(r.h); c {
	case callTurn, callText, callHistory:
		r.m.Kind = KindPrompt
		r.m.Streaming = c == callTurn
		if c == callHistory {
			r.m.Kind = KindHistory
			r.role = RoleOther
		}
		r.batchForm(c)
		if c == callText {
			r.m.Kind = KindOther
			r.kindOfText()
		}
	case callNone, callFile, callBlob, callSignIn:
		r.m.Kind = KindUpload
		r.googleUpload()
	}
}

// batchForm reads the form: f.req holds JSON with JSON in it, at is a token
// against forged requests.
func (r *reading) batchForm(c call) {
	text := r.m.plain.Text
	if r.m.plain.Codec != codec.Plain || strings.HasPrefix(r.ctype, "multipart/") {
		r.walkBody() // no client sends this
		return
	}
	for name, value := range formFields(text) {
		switch codec.Form.Decode(text[name.start:name.end]) {
		case "at":
			r.formText(RoleOther, text, value, fromBody, false)
		case "f.req":
			if !r.batchRequest(c, value) {
				r.formText(RolePrompt, text, value, fromBody, false)
			}
		default:
			r.formText(RolePrompt, text, name, fromBody, true)
			r.formText(RolePrompt, text, value, fromBody, false)
		}
	}
}

// batchRequest reads f.req: [null, "inner"] for a turn, [[["id", "inner", …]]]
// for others, where inner is JSON again. It reports false when the value is no
// JSON.
func (r *reading) batchRequest(c call, value span) bool {
	raw := r.m.plain.Text[value.start:value.end]
	outer, ok := r.scanText(r.decode(codec.Form, raw))
	if !ok {
		return r.err != nil
	}
	for i, n := range outer.Nodes {
		if n.Kind != '"' {
			continue
		}
		inner, ok := jsondoc.Document{}, false
		if text := outer.Name(i); looksJSON(text) {
			inner, ok = r.scanText(text)
		}
		if r.err != nil {
			return true
		}
		if !ok {
			text := outer.Name(i)
			role := RolePrompt
			if isCallName(text) {
				role = RoleOther
			}
			if role == RoleOther && plainWord(text) {
				continue
			}
			at := []codec.Change{{Start: int(n.Start), End: int(n.End)}}
			codec.Form.Ranges(raw, at)
			r.add(role, text, formLoc(value.start, at[0], codec.FormJSON))
			continue
		}
		r.batchInner(c, raw, value.start, outer.Text, n, inner)
	}
	for _, n := range outer.Nodes {
		if n.Kind == '0' && n.Long() {
			r.add(RolePrompt, outer.Text[n.Start:n.End], loc{parent: fromHeader})
		}
	}
	return true
}

// isCallName reports whether text may name a call of a batch: letters and digits.
func isCallName(text string) bool {
	return len(text) <= 16 && codec.IsBase64(text)
}

// scanText scans text that stood in a string.
func (r *reading) scanText(text string) (jsondoc.Document, bool) {
	doc, err := scanJSON(text, false, r.h.Truncated, r.lim.reserve)
	if err != nil {
		if !errors.Is(err, ErrMalformed) {
			r.fail(err)
		}
		return jsondoc.Document{}, false
	}
	return doc, len(doc.Nodes) > 0
}

func formLoc(base int, at codec.Change, c codec.Codec) loc {
	return loc{start: uint32(base + at.Start), end: uint32(base + at.End), parent: fromBody, codec: c}
}

// batchInner adds the strings of an inner JSON text, each with its place in the
// form: through two layers of JSON and the form's escapes.
func (r *reading) batchInner(c call, raw string, base int, outer string, at jsondoc.Node, inner jsondoc.Document) {
	var strs []int
	var places []codec.Change
	for i, n := range inner.Nodes {
		switch {
		case n.Kind == '"' && n.End > n.Start:
			strs = append(strs, i)
			places = append(places, codec.Change{Start: int(n.Start), End: int(n.End)})
		case n.Kind == '0' && n.Long():
			r.add(RoleOther, inner.Text[n.Start:n.End], loc{parent: fromHeader}) // the app writes ids and times so
		}
	}
	if err := r.lim.reserve(int64(len(strs)) * partBytes); err != nil {
		r.fail(err)
		return
	}
	codec.JSON.Ranges(outer[at.Start:at.End], places)
	for i := range places {
		places[i].Start += int(at.Start)
		places[i].End += int(at.Start)
	}
	codec.Form.Ranges(raw, places)
	roles := r.batchRoles(c, &inner)
	for k, i := range strs {
		text := inner.Name(i)
		role, ok := roles(i)
		if !ok || role == RoleOther && len(text) > maxIdentifier {
			role = RolePrompt
		}
		if plainWord(text) && (role == RoleOther || inner.Nodes[i].IsKey()) {
			continue
		}
		r.add(role, text, formLoc(base, places[k], codec.FormJSONTwice))
	}
}

// batchRoles says by place what the strings of an inner text are. In a turn the
// first place holds the prompt and, in its fourth, the files; the second the
// language; the third the ids of the conversation; the fourth a sealed token and
// the fifth its hash. All else is content.
func (r *reading) batchRoles(c call, inner *jsondoc.Document) func(node int) (Role, bool) {
	type area struct {
		from, to int
		role     Role
	}
	var areas []area
	if c == callTurn {
		for place, v := range inner.Places(0) {
			to := int(inner.Nodes[v].Next)
			switch place {
			case 0:
				for at, file := range inner.Places(v) {
					if at == 3 {
						r.batchFiles(inner, file)
						areas = append(areas, area{file, int(inner.Nodes[file].Next), RoleFile})
					}
				}
			case 1, 4:
				areas = append(areas, area{v, to, RoleOther})
			case 2:
				for at, id := range inner.Places(v) {
					if text, ok := inner.Str(id); ok && at == 0 {
						r.m.Conversation = text
					}
				}
				areas = append(areas, area{v, to, RoleOther})
			case 3:
				if token, ok := inner.Str(v); ok && strings.HasPrefix(token, "!") && codec.IsBase64(token[1:]) {
					inner.Nodes[v].End = inner.Nodes[v].Start // sealed; see the package's doc
				}
			}
		}
	}
	return func(node int) (Role, bool) {
		for _, a := range areas {
			if node >= a.from && node < a.to {
				return a.role, true
			}
		}
		return RolePrompt, false
	}
}

// batchFiles notes the files of a turn: [[[address, …], name], …].
func (r *reading) batchFiles(inner *jsondoc.Document, n int) {
	for file := range inner.Items(n) {
		for _, v := range inner.Places(file) {
			if name, ok := inner.Str(v); ok {
				r.file(File{Name: name})
			}
		}
	}
}

// refuseGeminiWeb answers a new turn as the model would, because the page shows
// no text of an error; other calls get an error of Google's.
func refuseGeminiWeb(h *Head, n Notice) *Answer {
	if geminiWebCall(h) != callTurn || n.wantsSignIn() {
		return refuseGoogle(h, n)
	}
	return dialectAnswer("application/json; charset=utf-8", string(refusedTurn(n)))
}

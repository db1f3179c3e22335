package content

import (
	"encoding/json"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// geminiReply is the streamed reply of the Gemini family: events of whole response
// objects, each with the text that is new, without an end of their own. Code
// Assist puts each into an envelope. Source: ai.google.dev/api/generate-content.
var geminiReply = &replyFormat{arrays: true, passed: geminiPassed, end: endGemini}

func geminiPassed(r *Reply, u *unit) {
	r.remember(u, "modelVersion")
	if len(u.doc.Nodes) > 0 && u.doc.Field(0, "response") >= 0 {
		r.state.open = "response"
	}
}

// endGemini ends the candidate as one that a filter stopped.
func endGemini(r *Reply, n Notice) []byte {
	type part struct {
		Text string `json:"text"`
	}
	type turn struct {
		Role  string `json:"role"`
		Parts []part `json:"parts"`
	}
	type candidate struct {
		Content turn   `json:"content"`
		Reason  string `json:"finishReason"`
		Index   int    `json:"index"`
	}
	type chunk struct {
		Candidates []candidate `json:"candidates"`
	}
	v := chunk{[]candidate{{turn{"model", []part{{r.paragraph(n)}}}, "SAFETY", 0}}}
	if r.state.open == "response" {
		return r.last(struct {
			Response chunk `json:"response"`
		}{v})
	}
	return r.last(v)
}

// geminiWebReply are the frames of gemini.google.com: JSON in JSON, in which each
// frame repeats the text from its beginning. Source: HanaokaYuzu/Gemini-API,
// April 2026.
var geminiWebReply = &replyFormat{
	framing: func(_ map[string][]string, lim Limits) framing { return &batchFraming{limit: lim.record()} },
	read:    readGeminiFrame,
	passed:  func(r *Reply, _ *unit) { r.state.begun = true },
	end:     endGeminiWeb,
}

// readGeminiFrame reads the strings of a frame and of the JSON in them.
func readGeminiFrame(rec *record) bool {
	for i, n := range rec.doc.Nodes {
		if n.Kind != '"' || n.IsKey() {
			continue
		}
		text := rec.doc.Name(i)
		inner, ok := jsondoc.Document{}, false
		if looksJSON(text) {
			inner, ok = rec.scanText(text)
		}
		if !ok {
			rec.whole(i)
			continue
		}
		rec.geminiInner(n, inner)
	}
	return true
}

// geminiInner reads the inner text of a frame. The candidates stand in its fifth
// place: [id, [text], …], what the model thought in the thirty-eighth.
func (rec *record) geminiInner(at jsondoc.Node, inner jsondoc.Document) {
	var strs []int
	var places []codec.Change
	for i, n := range inner.Nodes {
		if n.Kind == '"' && n.End > n.Start {
			strs = append(strs, i)
			places = append(places, codec.Change{Start: int(n.Start), End: int(n.End)})
		}
	}
	if err := rec.lim.reserve(int64(len(strs)) * partBytes); err != nil {
		rec.fail(err)
		return
	}
	codec.JSON.Ranges(rec.doc.Text[at.Start:at.End], places)
	grown := candidateTexts(&inner)
	for k, i := range strs {
		l := formLoc(int(at.Start), places[k], codec.JSONTwice)
		text := inner.Name(i)
		if name, ok := grown[i]; ok {
			rec.grows(name, RoleReply, text, l)
			continue
		}
		rec.add(RoleReply, text, l)
	}
}

// candidateTexts names the strings that grow from frame to frame.
func candidateTexts(inner *jsondoc.Document) map[int]string {
	texts := map[int]string{}
	at := func(n, place int) int {
		if n < 0 {
			return -1
		}
		for p, v := range inner.Places(n) {
			if p == place {
				return v
			}
		}
		return -1
	}
	list := at(0, 4)
	if list < 0 {
		return nil
	}
	for _, candidate := range inner.Places(list) {
		id := ""
		if n := at(candidate, 0); n >= 0 {
			id, _ = inner.Str(n)
		}
		for name, n := range map[string]int{"text": at(at(candidate, 1), 0), "thought": at(at(at(candidate, 37), 0), 0)} {
			if n >= 0 && inner.Nodes[n].Kind == '"' {
				texts[n] = name + "=" + id
			}
		}
	}
	return texts
}

// endGeminiWeb is a last frame with the notice as the text of the answer.
func endGeminiWeb(r *Reply, n Notice) []byte {
	body := refusedTurn(n)
	if !r.state.begun {
		return body
	}
	return []byte(strings.TrimPrefix(string(body), batchStart))
}

// refusedTurn is a whole reply of gemini.google.com that shows a notice.
func refusedTurn(n Notice) []byte {
	inner, err := json.Marshal([]any{nil, []string{"", ""}, nil, nil, [][]any{{"rc_" + n.ID, []string{n.text()}}}})
	if err != nil { // strings always marshal
		inner = []byte("[]")
	}
	reply, err := json.Marshal([][]any{{"wrb.fr", nil, string(inner)}})
	if err != nil {
		reply = []byte("[]")
	}
	return []byte(batchStart + batchFrame("\n"+string(reply)+"\n") + batchFrame("\n"+`[["e",4,null,null,131]]`+"\n"))
}

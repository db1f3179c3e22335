package content

import (
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/jsondoc"
)

// Edit replaces a range of a part's text, which is not empty. Start and End are byte offsets into
// Parts[Part].Text; a range that cuts a character is widened to the whole.
type Edit struct {
	Part, Start, End int
	Text             string
}

// Rewritten is a request with its edits made.
type Rewritten struct {
	RawQuery string
	Body     []byte
	Header   http.Header // the fields that changed
	Remove   []string    // canonical names of headers that no longer hold
	of       *Message
}

// bodyHeaders describe the bytes of a body. An edited body is sent without
// content coding, so Content-Encoding goes too.
var bodyHeaders = []string{"Content-Encoding", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest", "X-Goog-Hash"}

// Apply changes a request's query and headers. Its body and Content-Length are
// the caller's.
func (w *Rewritten) Apply(r *http.Request) {
	r.URL.RawQuery = w.RawQuery
	w.change(r.Header)
}

func (w *Rewritten) change(h http.Header) {
	for name, values := range w.Header {
		h[name] = slices.Clone(values)
	}
	for _, name := range w.Remove {
		h.Del(name)
	}
}

// Reread reads the rewritten request as its receiver will.
func (w *Rewritten) Reread(lim Limits) (*Message, error) {
	if s := w.of.stream; s != nil {
		return s.ReadMessage(Raw{Payload: w.Body, Binary: w.of.raw.Binary}, lim)
	}
	h := *w.of.head
	h.RawQuery = w.RawQuery
	if len(w.Remove)+len(w.Header) > 0 {
		h.Header = h.Header.Clone()
		w.change(h.Header)
	}
	if w.of.begins {
		return OpenStream(&h).Begin()
	}
	return Read(&h, w.Body, lim)
}

// CanRewrite reports whether an edit of a part can be made.
func (m *Message) CanRewrite(part int) bool {
	if part < 0 || part >= len(m.Parts) {
		return false
	}
	l := m.locs[part]
	for l.parent >= 0 {
		l = m.locs[l.parent]
	}
	return !m.truncated && !m.locked && m.Parts[part].Role != RoleOther && l.parent != fromHeader && (m.format == nil || m.format.Rewrite != nil)
}

// Rewrite makes edits and leaves every other byte as it was. Edits of one part
// may come in any order but must not overlap ([ErrEdit]). Edits of two parts that
// show the same bytes are merged. It fails with [ErrCannotRewrite] when an edit
// lies in a part that cannot be rewritten; without edits it returns the request
// as it came.
func (m *Message) Rewrite(edits []Edit) (*Rewritten, error) {
	if len(edits) == 0 {
		return &Rewritten{RawQuery: m.query, Body: m.body, of: m}, nil
	}
	for _, e := range edits {
		if e.Part < 0 || e.Part >= len(m.Parts) || e.Start < 0 || e.End <= e.Start || e.End > len(m.Parts[e.Part].Text) {
			return nil, fmt.Errorf("rewrite: %w: out of range", ErrEdit)
		}
		if !m.CanRewrite(e.Part) {
			return nil, fmt.Errorf("rewrite: part %d: %w", e.Part, ErrCannotRewrite)
		}
	}
	if m.format != nil {
		return m.format.Rewrite(m, edits)
	}
	return rewrite(m, edits)
}

// rewrite is the Rewrite of every format whose body is text.
func rewrite(m *Message, edits []Edit) (*Rewritten, error) {
	groups, err := m.changes(edits)
	if err != nil {
		return nil, err
	}
	// A view of another part's inside stands after that part, so going backwards
	// each part is done once.
	var body, query []codec.Change
	var header http.Header
	for _, g := range slices.Backward(groups) {
		l, changes := m.locs[g.part], codec.Merge(g.changes)
		source := m.plain.Text
		switch {
		case l.parent == fromQuery:
			source = m.query
		case l.parent <= fromField:
			_, source = m.valueOf(l.parent)
		case l.parent >= 0:
			source = m.Parts[l.parent].Text
		}
		if changes, err = l.outward(source[l.start:l.end], m.Parts[g.part].Text, changes); err != nil {
			return nil, fmt.Errorf("rewrite: part %d: %w", g.part, err)
		}
		switch {
		case l.parent == fromQuery:
			query = append(query, changes...)
		case l.parent <= fromField:
			f, value := m.valueOf(l.parent)
			if header == nil {
				header = http.Header{}
			}
			if header[f.name] == nil {
				header[f.name] = slices.Clone(m.head.Header[f.name])
			}
			header[f.name][f.at] = codec.Splice(value, codec.Merge(changes))
		case l.parent < 0:
			body = append(body, changes...)
		default:
			at, _ := slices.BinarySearchFunc(groups, int(l.parent), func(g group, part int) int { return g.part - part })
			groups[at].changes = append(groups[at].changes, changes...)
		}
	}
	w := &Rewritten{RawQuery: codec.Splice(m.query, codec.Merge(query)), Header: header, Body: m.body, of: m}
	if len(body) > 0 {
		raw, ok := m.plain.Changes(codec.Merge(body))
		if !ok {
			return nil, fmt.Errorf("rewrite: %w", errCharacter)
		}
		if w.Body, err = m.splice(raw); err != nil {
			return nil, fmt.Errorf("rewrite: %w", err)
		}
		w.Remove = bodyHeaders
	}
	return w, nil
}

var errCharacter = fmt.Errorf("%w: not in the character set", ErrCannotRewrite)

// group is the changes of one part's text.
type group struct {
	part    int
	changes []codec.Change
}

// changes are the edits as changes, in the order of the parts. The parts of
// whose inside others are a view are there too.
func (m *Message) changes(edits []Edit) ([]group, error) {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b Edit) int {
		if a.Part != b.Part {
			return a.Part - b.Part
		}
		return a.Start - b.Start
	})
	var groups []group
	for len(edits) > 0 {
		part := edits[0].Part
		text := m.Parts[part].Text
		var changes []codec.Change
		for i, e := range edits {
			if e.Part != part {
				break
			}
			if i > 0 && e.Start < edits[i-1].End {
				return nil, fmt.Errorf("rewrite: part %d: %w: overlap", part, ErrEdit)
			}
			start, end := wholeRunes(text, e.Start, e.End)
			changes = append(changes, codec.Change{Start: start, End: end, Text: e.Text})
		}
		edits = edits[len(changes):]
		if looksJSON(text) {
			var err error
			if changes, err = jsondoc.Fit(text, changes, m.lim.reserve); err != nil {
				return nil, fmt.Errorf("rewrite: part %d: %w", part, err)
			}
		}
		groups = append(groups, group{part, changes})
	}
	edited := len(groups)
	for i := 0; i < len(groups); i++ {
		if outer := m.locs[groups[i].part].parent; outer >= 0 {
			groups = append(groups, group{part: int(outer)})
		}
	}
	if edited == len(groups) {
		return groups, nil
	}
	slices.SortStableFunc(groups, func(a, b group) int { return a.part - b.part })
	return slices.CompactFunc(groups, func(a, b group) bool { return a.part == b.part }), nil
}

// wholeRunes widens a range to whole characters.
func wholeRunes(s string, start, end int) (int, int) {
	for start > 0 && start < len(s) && !utf8.RuneStart(s[start]) {
		start--
	}
	for end < len(s) && !utf8.RuneStart(s[end]) {
		end++
	}
	return start, end
}

// outward turns changes of a decoded text into changes of what it was decoded
// from.
func (l loc) outward(raw, text string, changes []codec.Change) ([]codec.Change, error) {
	out, ok := l.codec.Changes(raw, text, changes)
	if !ok {
		return nil, errCharacter
	}
	codec.Shift(out, int(l.start))
	return out, nil
}

// splice makes changes of the body's bytes.
func (m *Message) splice(changes []codec.Change) ([]byte, error) {
	if m.protobuf {
		if err := m.lim.reserve(2 * int64(codec.SplicedSize(m.plain.Raw, changes))); err != nil {
			return nil, err
		}
		return spliceProtobuf(m.plain.Raw, changes)
	}
	size := codec.SplicedSize(m.plain.Raw, changes)
	if err := m.lim.reserve(int64(size)); err != nil {
		return nil, err
	}
	return codec.AppendSpliced(make([]byte, 0, size), m.plain.Raw, changes), nil
}

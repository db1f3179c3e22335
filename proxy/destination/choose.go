package destination

import (
	"net/url"
	"path"
	"strings"
)

// Choose picks the match for a request from the candidates of its host. The
// first pattern under which anything applies decides. The entry that owns it is
// chosen, unless a later entry's path prefix or format matches and the owner's
// does not. A match with a path prefix applies under its prefix alone.
//
// The path is the escaped one. Escapes, dot segments, doubled slashes,
// backslashes, parameters and case give a path several readings. A prefix that
// fits one of them applies, so that no spelling takes a request out of
// inspection; an owner gives way only to a prefix that fits all of them, so
// that none passes for another service.
//
// formatMatches says whether a wire format's own matcher takes the request. It
// is asked only where several entries claim the host.
func Choose(candidates []Match, escapedPath string, formatMatches func(wire string) bool) (Match, bool) {
	var read readings
	for len(candidates) > 0 {
		n := 1
		for n < len(candidates) && candidates[n].Pattern == candidates[0].Pattern {
			n++
		}
		group := candidates[:n]
		candidates = candidates[n:]
		if n == 1 && group[0].PathPrefix == "" {
			return group[0], true
		}
		if read == nil {
			read = readPath(escapedPath)
		}
		if m, ok := chooseIn(group, read, formatMatches); ok {
			return m, true
		}
	}
	return Match{}, false
}

// chooseIn picks among the claims on one pattern, the owner's first.
func chooseIn(group []Match, read readings, formatMatches func(string) bool) (Match, bool) {
	speaks := func(m Match) bool {
		return m.App.Wire != "" && formatMatches != nil && formatMatches(m.App.Wire)
	}
	owner := -1
	for i, m := range group {
		if m.App != group[0].App {
			break
		}
		if m.PathPrefix == "" || read.some(m.PathPrefix) {
			owner = i
			break
		}
	}
	if owner >= 0 && (group[owner].PathPrefix != "" || group[len(group)-1].App == group[0].App || speaks(group[owner])) {
		return group[owner], true
	}
	fallback := owner
	for i, m := range group {
		if m.App == group[0].App {
			continue
		}
		switch {
		case m.PathPrefix != "" && owner >= 0 && !read.all(m.PathPrefix),
			m.PathPrefix != "" && !read.some(m.PathPrefix):
			continue
		case m.PathPrefix != "" || speaks(m):
			return m, true
		case fallback < 0:
			fallback = i
		}
	}
	if fallback < 0 {
		return Match{}, false
	}
	return group[fallback], true
}

// readings are the ways in which servers may understand a path: lower case,
// beginning with a slash.
type readings []string

// rounds is how often a path is unescaped. Servers do it once; some that stand
// behind another do it again.
const rounds = 3

// readPath lists the readings of an escaped path.
func readPath(escaped string) readings {
	p := strings.ToLower(escaped)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	read := readings{p}
	add := func(p string) {
		for _, old := range read {
			if old == p {
				return
			}
		}
		read = append(read, p)
	}
	for range rounds {
		if !strings.ContainsAny(p, `%\;`) && !strings.Contains(p, "//") && !strings.Contains(p, "/.") {
			break
		}
		add(path.Clean(p))
		add(path.Clean(strings.ReplaceAll(p, `\`, "/")))
		add(path.Clean(withoutParameters(strings.ReplaceAll(p, `\`, "/"))))
		p = strings.ToLower(unescape(p))
		add(p)
	}
	return read
}

// unescape undoes the escapes that are valid and leaves the others.
func unescape(p string) string {
	if !strings.Contains(p, "%") {
		return p
	}
	if plain, err := url.PathUnescape(p); err == nil {
		return plain
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] == '%' && i+2 < len(p) {
			if plain, err := url.PathUnescape(p[i : i+3]); err == nil {
				b.WriteString(plain)
				i += 2
				continue
			}
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// withoutParameters drops ";x=y" from every segment, as servlet containers do.
func withoutParameters(p string) string {
	if !strings.Contains(p, ";") {
		return p
	}
	segments := strings.Split(p, "/")
	for i, s := range segments {
		segments[i], _, _ = strings.Cut(s, ";")
	}
	return strings.Join(segments, "/")
}

func (r readings) some(prefix string) bool {
	for _, p := range r {
		if hasPrefix(p, prefix) {
			return true
		}
	}
	return false
}

func (r readings) all(prefix string) bool {
	for _, p := range r {
		if !hasPrefix(p, prefix) {
			return false
		}
	}
	return true
}

// hasPrefix reports whether a path in lower case stands under a prefix: it goes
// on with nothing, or with a character that no name has, so that /copilot is not
// a prefix of /copilot-docs. A star in the prefix stands for one segment.
func hasPrefix(p, prefix string) bool {
	for len(prefix) > 0 {
		if prefix[0] == '*' {
			end := strings.IndexByte(p, '/')
			if end < 0 {
				end = len(p)
			}
			if end == 0 {
				return false
			}
			p, prefix = p[end:], prefix[1:]
			continue
		}
		if p == "" || p[0] != lower(prefix[0]) {
			return false
		}
		p, prefix = p[1:], prefix[1:]
	}
	if p == "" {
		return true
	}
	switch c := p[0]; {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		return false
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

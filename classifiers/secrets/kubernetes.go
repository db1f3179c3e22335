package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

func (s *scan) kubernetes(h classifiers.Hit) {
	if h.Start < s.kubernetesEnd || ascii.WordAt(s.text, h.Start-1) {
		return
	}
	s.kubernetesEnd = secretManifest(s.text, h.Start, func(at span) {
		s.report(ruleKubernetes, at, ruleKubernetes.sure, "data of a Secret manifest")
	})
}

// secretManifest calls yield with the values of the Kubernetes Secret manifest
// in YAML whose "kind:" stands at i, and returns where it stopped reading. The
// document is searched from its start, at most maxManifest bytes to either
// side, so data in front of kind counts too.
func secretManifest(text string, i int, yield func(span)) int {
	v := spaces.Run(text, i+len("kind:"), 16)
	if v < len(text) && (text[v] == '"' || text[v] == '\'') {
		v++
	}
	if len(text)-v < 6 || !strings.EqualFold(text[v:v+6], "secret") || ascii.WordAt(text, v+6) {
		return i + 1
	}
	from, to := manifest(text, i)
	for at := from; at < to; {
		stop := to
		if n := strings.IndexByte(text[at:to], '\n'); n >= 0 {
			stop = at + n + 1
		}
		key := strings.TrimSpace(text[at:stop])
		if key == "data:" || key == "stringData:" {
			stop = manifestData(text, stop, to, spaces.Run(text, at, 64)-at, key == "data:", yield)
		}
		at = stop
	}
	return to
}

const maxManifest = 16 << 10

var spaces = ascii.Of(" \t")

// manifest returns the bounds of the YAML document around i.
func manifest(text string, i int) (int, int) {
	from, to := max(i-maxManifest, 0), min(i+maxManifest, len(text))
	if n := strings.LastIndex(text[from:i], "\n---"); n >= 0 {
		from += n + 1
	} else if n := strings.IndexByte(text[from:i], '\n'); from > 0 && n >= 0 {
		from += n + 1
	}
	if n := strings.Index(text[i:to], "\n---"); n >= 0 {
		to = i + n + 1
	}
	return from, to
}

// manifestData yields the values of the mapping whose lines begin at i and are
// indented by more than indent, and returns the start of the first line behind
// it.
func manifestData(text string, i, to, indent int, encoded bool, yield func(span)) int {
	block := 0 // indent of the key whose block scalar is open
	for i < to {
		stop := to
		if n := strings.IndexByte(text[i:to], '\n'); n >= 0 {
			stop = i + n + 1
		}
		start := spaces.Run(text, i, 256)
		line := strings.TrimRight(text[start:stop], " \t\r\n")
		depth := start - i
		switch {
		case line == "":
		case depth <= indent:
			return i
		case block > 0 && depth > block:
			manifestValue(text, start, start+len(line), encoded, yield)
		default:
			block = 0
			key := ascii.Ident.Run(text, start, 256)
			if key >= stop || text[key] != ':' {
				break
			}
			v := spaces.Run(text, key+1, 64)
			if strings.HasPrefix(text[v:stop], "|") || strings.HasPrefix(text[v:stop], ">") {
				block = depth
				break
			}
			manifestValue(text, v, start+len(line), encoded, yield)
		}
		i = stop
	}
	return i
}

func manifestValue(text string, start, end int, encoded bool, yield func(span)) {
	for end-start >= 2 && (text[start] == '"' || text[start] == '\'') && text[end-1] == text[start] {
		start, end = start+1, end-1
	}
	v := text[min(start, end):end]
	if len(v) < 8 || placeholder(v) {
		return
	}
	if encoded && ascii.Base64.Run(v, 0, len(v)) != len(v) {
		return
	}
	yield(span{start, end})
}

package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// minUserToken is the shortest token that stands for the account in a URL.
const minUserToken = 20

// urlToken reads the token that is all of the userinfo of the URL whose "://" was hit,
// without a colon: Git takes one in the place of the account, as GitHub's and Gitea's
// manuals have it. Sentry's public key is none, which "only allows submission of new
// events" (docs.sentry.io, "Data Source Name"): 32 hexadecimal digits in front of a host
// whose path is the number of a project.
func (s *scan) urlToken(h classifiers.Hit) {
	text := s.text
	end := tokenBytes.Run(text, h.End, maxUserinfo)
	if end-h.End < minUserToken || end+1 >= len(text) || text[end] != '@' || !ascii.Word.Has(text[end+1]) || !overHTTP(text[:h.Start]) {
		return
	}
	at := span{h.End, end}
	s.settle(ruleURL, at, judgeUserToken(text[at.start:at.end], text[end+1:min(end+1+maxUserinfo, len(text))]))
}

// overHTTP reports whether front ends in the scheme of HTTP, in which Git takes tokens.
func overHTTP(front string) bool {
	front = front[max(len(front)-len("https"), 0):]
	return strings.EqualFold(front, "https") || len(front) >= 4 && strings.EqualFold(front[len(front)-4:], "http")
}

func judgeUserToken(v, rest string) verdict {
	if placeholder(v) {
		return no(whyPlaceholder)
	}
	if len(v) == 32 && ascii.Hex.Run(v, 0, 32) == 32 && projectNumber(rest) {
		return no(whyPublic)
	}
	judged := judgeToken(v, count(v), nameSecret, formBare)
	if judged.secret() {
		return verdict{ruleURL.sure, "token in the userinfo of a URL"}
	}
	return judged
}

// projectNumber reports whether the path of a URL, from its host on, ends in a number.
func projectNumber(rest string) bool {
	end := userPath.Run(rest, 0, len(rest))
	slash := strings.LastIndexByte(rest[:end], '/')
	return slash > 0 && slash+1 < end && ascii.Digit.Run(rest, slash+1, end) == end
}

var userPath = ascii.Of(ascii.Alnums + "-._/:")

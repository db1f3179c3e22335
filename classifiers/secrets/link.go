package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// linkAnchors stand in the path of links that log in who follows them.
var linkAnchors = []string{"/magic", "/reset", "/invit", "/activat", "/confirm", "/verify", "/password", "/login/", "/auth/", "/sso/", "/join/"}

const (
	maxLinkParts = 3
	minLinkToken = 20
)

// link reads the token in the path of the link that was hit, behind the segment that
// says what it is for.
func (s *scan) link(h classifiers.Hit) {
	text := s.text
	i := h.End
	parts := maxLinkParts
	if text[i-1] != '/' {
		i = ascii.Ident.Run(text, i, maxName)
	} else {
		i--
		parts = 1
	}
	if !strings.Contains(text[max(h.Start-maxUserinfo, 0):h.Start], "://") {
		return
	}
	for n := 0; n < parts && i < len(text) && text[i] == '/' && !repositories[text[ascii.Base64URL.Back(text, i, maxName):i]]; n++ {
		at := span{i + 1, ascii.Base64URL.Run(text, i+1, maxUserinfo)}
		if i = at.end; i < len(text) && (text[i] == '.' || text[i] == '%' || text[i] == '=') {
			return
		}
		v := text[at.start:at.end]
		if len(v) < minLinkToken || isUUID(v) || placeholder(v) || slug(v) {
			continue
		}
		if file := ascii.Ident.Run(text, min(i+1, len(text)), maxName); i < len(text) && text[i] == '/' && strings.IndexByte(text[i+1:file], '.') > 0 {
			return // a directory
		}
		if judged := judgeToken(v, count(v), nameSecret, formProse); judged.secret() {
			from := max(at.start-maxUserinfo, 0)
			if from += strings.LastIndex(text[from:at.start], "://"); strings.ContainsAny(text[from:at.start], " \t\n\"'<>()") {
				return
			}
			s.report(ruleURL, at, judged.sure, "token in the path of a link")
			return
		}
	}
}

// repositories are the segments of the paths of GitHub and GitLab behind which the hash of
// a commit stands, in any repository: that of a password manager, too.
var repositories = set("commit commits blob tree raw blame compare archive releases")

// slug reports whether v names a page, an order or a file, and is no token: it has no
// letters, no small ones between hyphens, or a word in front of the first hyphen.
func slug(v string) bool {
	k := count(v)
	word, _, hyphen := strings.Cut(v, "-")
	return k.letters() == 0 || hyphen && (k.lower == 0 || len(word) >= 4 && count(word).upper == 0 && plain(strings.TrimRight(word, ascii.Digits)))
}

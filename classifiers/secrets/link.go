package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
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
		i = identClass.run(text, i, maxName)
	} else {
		i--
		parts = 1
	}
	if !strings.Contains(text[max(h.Start-maxUserinfo, 0):h.Start], "://") {
		return
	}
	for n := 0; n < parts && i < len(text) && text[i] == '/'; n++ {
		at := span{i + 1, base64URL.run(text, i+1, maxUserinfo)}
		if i = at.end; i < len(text) && (text[i] == '.' || text[i] == '%' || text[i] == '=') {
			return
		}
		v := text[at.start:at.end]
		if len(v) < minLinkToken || isUUID(v) || placeholder(v) {
			continue
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

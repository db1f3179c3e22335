package secrets

import (
	"encoding/base64"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
	"github.com/sluice-proxy/sluice/classifiers/secrets/layout"
)

// discordAnchors are the starts of Discord's bot tokens: their first part is an
// account's number in base64, so that three bytes of it follow from two digits.
var discordAnchors = func() []string {
	var all []string
	for n := 10; n < 100; n++ {
		code := base64.StdEncoding.EncodeToString([]byte{byte('0' + n/10), byte('0' + n%10), '0'})
		lower := make([]byte, 3)
		for i := range lower {
			lower[i] = lowerByte(code[i])
		}
		all = append(all, string(lower))
	}
	return all
}()

var discordToken, _ = layout.Parse("[b23-28].[b6].[b27-38]")

// discord reads a bot token: the account's number, the time and a signature
// (Discord, "Snowflakes" and "Bot tokens" of the developers' pages).
func (s *scan) discord(h classifiers.Hit) {
	c := s.text[h.Start]
	if c != 'M' && c != 'N' && c != 'O' || h.Start > 0 && ascii.Base64URL.Has(s.text[h.Start-1]) {
		return
	}
	if end, fit := discordToken.Match(s.text, h.Start); fit == layout.Whole && count(s.text[h.Start:end]).groups() >= 3 {
		s.report(ruleDiscord, span{h.Start, end}, ruleDiscord.sure, "account, time and signature")
	}
}

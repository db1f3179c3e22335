package secrets

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

const (
	maxVault  = 1 << 20
	vaultHead = 120 // bytes of the header
	vaultLine = 80  // hexadecimal digits, of all lines but the last
)

// vault reads the file or value that Ansible's vault has encrypted: a header and
// lines of hexadecimal digits (Ansible, "Ansible Vault payload format 1.1 - 1.2").
// Like an encrypted key it is as secret as a password is good.
func (s *scan) vault(h classifiers.Hit) {
	text := s.text[:min(h.Start+maxVault, len(s.text))]
	header := strings.IndexByte(text[h.End:min(h.End+vaultHead, len(text))], '\n')
	if header < 0 {
		return
	}
	end := h.End
	for i := h.End + header + 1; i < len(text); i = end + 1 {
		start := spaces.Run(text, i, 64)
		stop := ascii.Hex.Run(text, start, vaultLine)
		if stop == start {
			break
		}
		end = stop
		if stop-start < vaultLine || end >= len(text) || text[end] != '\n' {
			break
		}
	}
	if end-h.End > vaultLine {
		s.report(ruleVault, span{h.Start, end}, ruleVault.sure, "header and body of an encrypted file")
	}
}

package secrets

import (
	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/privatekey"
)

const whyKeyBody = "header and body of a private key"

func (s *scan) pem(h classifiers.Hit) {
	if h.Start < s.pemEnd {
		return
	}
	end, ok := privatekey.PEM(s.text, h.Start)
	if !ok {
		s.drop(rulePEM, span{h.Start, h.End}, "no body of a private key")
	} else {
		s.pemEnd = end
		s.report(rulePEM, span{h.Start, end}, rulePEM.sure, whyKeyBody)
	}
}

func (s *scan) ssh2(h classifiers.Hit) {
	if end, ok := privatekey.SSH2(s.text, h.Start); ok && h.Start >= s.pemEnd {
		s.pemEnd = end
		s.report(rulePEM, span{h.Start, end}, rulePEM.sure, whyKeyBody)
	}
}

func (s *scan) putty(h classifiers.Hit) {
	if end, ok := privatekey.PuTTY(s.text, h.Start); ok {
		s.pemEnd = end
		s.report(rulePEM, span{h.Start, end}, rulePEM.sure, whyKeyBody)
	}
}

func (s *scan) der(h classifiers.Hit) {
	if h.Start < s.pemEnd || h.Start < s.derEnd {
		return
	}
	start, end, ok := privatekey.DER(s.text, h.Start)
	s.derEnd = end
	if ok {
		s.report(rulePEM, span{start, end}, rulePEM.sure, "DER of a private key")
	}
}

// pfx reports the key store around the hit.
func (s *scan) pfx(h classifiers.Hit) {
	if h.Start < s.pfxEnd {
		return
	}
	if start, end, ok := privatekey.PKCS12(s.text, h.Start, h.End); ok {
		s.pfxEnd = end
		s.report(rulePEM, span{start, end}, rulePEM.sure, "version and content of a PKCS #12 key store")
	}
}

// mnemonic reports the phrase of a wallet behind the hit.
func (s *scan) mnemonic(h classifiers.Hit) {
	if h.Start < s.phraseEnd {
		return
	}
	start, end, read, ok := privatekey.Phrase(s.text, h.End)
	s.phraseEnd = max(s.phraseEnd, read)
	if ok {
		s.report(ruleMnemonic, span{start, end}, ruleMnemonic.sure, "words of a wallet, and their checksum")
	}
}

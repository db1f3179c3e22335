package secrets

import (
	"encoding/base64"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// Private keys are read by hand: a key is redacted whole, however long it is,
// and also when its end is missing because somebody pasted only a part.
//
// Formats: RFC 7468 (PEM), RFC 4880 section 6.2 (PGP armour), RFC 4716 (the
// "---- BEGIN SSH2" form), the OpenSSH and PuTTY key files, and a bare DER key
// in base64 as Java programs hold it.

const (
	pemDashes   = "-----"
	maxPEMLabel = 120
	minKeyBody  = 40 // base64 bytes, less than the shortest real key, more than a placeholder
	minOpenKey  = 80 // the first line alone holds nothing private of an RSA key
)

func (s *scan) pem(h classifiers.Hit) {
	if h.Start < s.pemEnd {
		return
	}
	at, ok := pemBlock(s.text, h.Start)
	if !ok {
		s.drop(rulePEM, span{h.Start, h.End}, "no body of a private key")
	} else {
		s.pemEnd = at.end
		s.report(rulePEM, at, rulePEM.sure, "header and body of a private key")
	}
}

func (s *scan) ssh2(h classifiers.Hit) {
	if at, ok := ssh2Key(s.text, h.Start); ok && h.Start >= s.pemEnd {
		s.pemEnd = at.end
		s.report(rulePEM, at, rulePEM.sure, "header and body of a private key")
	}
}

func (s *scan) putty(h classifiers.Hit) {
	if at, ok := puttyKey(s.text, h.Start); ok {
		s.pemEnd = at.end
		s.report(rulePEM, at, rulePEM.sure, "header and body of a private key")
	}
}

func (s *scan) der(h classifiers.Hit) {
	if h.Start < s.pemEnd || h.Start < s.derEnd {
		return
	}
	at, ok := derKey(s.text, h.Start)
	s.derEnd = at.end
	if ok {
		s.report(rulePEM, at, rulePEM.sure, "DER of a private key")
	}
}

// pemBlock returns the private key whose "-----BEGIN" stands at i.
func pemBlock(text string, i int) (span, bool) {
	body, ok := pemHeader(text, i)
	if !ok {
		return span{}, false
	}
	rest := text[body:]
	next := strings.Index(rest, pemDashes)
	if next >= 0 && strings.HasPrefix(rest[next+len(pemDashes):], "END") {
		if !keyBody(rest[:next], minKeyBody) || onlyStart(rest[:next]) {
			return span{}, false
		}
		end := body + next + len(pemDashes)
		tail := text[end:min(end+maxPEMLabel, len(text))]
		if d := strings.Index(tail, pemDashes); d >= 0 {
			return span{i, end + d + len(pemDashes)}, true
		}
		return span{i, end + len("END")}, true
	}
	if next >= 0 {
		rest = rest[:next]
	}
	end := bodyLines(rest)
	if !keyBody(rest[:end], minOpenKey) {
		return span{}, false
	}
	return span{i, body + end}, true
}

// pemHeader returns where the body begins behind a private key's header line.
func pemHeader(text string, i int) (int, bool) {
	label := i + len("-----BEGIN")
	if label >= len(text) {
		return 0, false
	}
	line := text[label:min(label+maxPEMLabel, len(text))]
	end := strings.Index(line, pemDashes)
	if end < 0 {
		return 0, false
	}
	name := strings.ToUpper(line[:end])
	if !strings.Contains(name, "PRIVATE KEY") {
		return 0, false
	}
	return label + end + len(pemDashes), true
}

// keyBody reports whether s holds at least so much base64 that it can be a key. Runs of fewer
// than 16 bytes are words, and a body of one repeated letter is a placeholder.
func keyBody(s string, least int) bool {
	total := 0
	var seen ascii.Class
	for i := 0; i < len(s); {
		if !ascii.Base64.Has(s[i]) {
			i++
			continue
		}
		end := ascii.Base64.Run(s, i, len(s))
		if end-i >= 16 {
			total += end - i
			for _, b := range []byte(s[i:min(end, i+128)]) {
				seen.Add(b)
			}
		}
		i = end
	}
	return total >= least && seen.Size() >= 12
}

// bodyLines returns how much of s still looks like the inside of a key: lines
// of base64, armour headers, and what programs wrap around such lines.
func bodyLines(s string) int {
	end := 0
	for i := 0; i < len(s); {
		stop := len(s)
		if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
			stop = i + n + 1
		}
		n, whole := bodyLine(s[i:stop])
		if n > 0 {
			end = i + n
		}
		if !whole {
			break
		}
		i = stop
	}
	return end
}

// bodyLine returns how many bytes of one line belong to a key and whether the
// block may go on behind the line.
func bodyLine(line string) (int, bool) {
	trimmed := strings.Trim(line, " \t\r\n\"'`,;+.#*>|\\")
	if trimmed == "" {
		return 0, true
	}
	for _, h := range []string{"Proc-Type:", "DEK-Info:", "Version:", "Comment:", "Hash:", "Charset:"} {
		if strings.HasPrefix(trimmed, h) {
			return len(line), true
		}
	}
	end := 0
	for i := 0; i < len(line); {
		switch {
		case keySpacing.Has(line[i]):
			i++
		case ascii.Base64.Has(line[i]):
			stop := ascii.Base64.Run(line, i, len(line))
			// Short runs are words, except the last line of a key and the
			// checksum of PGP armour, which nothing follows.
			alone := strings.Trim(line[stop:], " \t\r\n\"'`,;+\\") == "" && strings.Trim(line[:i], " \t\"'`,;+#*>|\\") == ""
			if stop-i < 16 && !alone {
				return end, false
			}
			if stop-i < 16 && !keyEnding(line[i:stop]) {
				return end, false
			}
			end, i = stop, stop
		default:
			return end, false
		}
	}
	return end, true
}

var keySpacing = ascii.Of(" \t\r\n\"'`,;+\\#*>|")

// keyEnding reports whether a short run can be the last piece of a key and not
// a word of the text behind it.
func keyEnding(s string) bool {
	if strings.HasSuffix(s, "=") || strings.HasPrefix(s, "=") {
		return true
	}
	for i := range len(s) {
		if !ascii.Letter.Has(s[i]) {
			return true
		}
	}
	return false
}

// ssh2Key returns the private key of SSH Communications Security's form that
// begins at i: four dashes where PEM has five.
func ssh2Key(text string, i int) (span, bool) {
	const end = "---- END SSH2 "
	line := text[i:min(i+maxPEMLabel, len(text))]
	n := strings.Index(line, "PRIVATE KEY ----")
	if n < 0 {
		return span{}, false
	}
	body := i + n + len("PRIVATE KEY ----")
	rest := text[body:min(body+maxSSH2, len(text))]
	stop := strings.Index(rest, end)
	if stop < 0 || !keyBody(rest[:stop], minKeyBody) {
		return span{}, false
	}
	tail := rest[stop+len(end):]
	if n := strings.Index(tail[:min(maxPEMLabel, len(tail))], "----"); n >= 0 {
		return span{i, body + stop + len(end) + n + len("----")}, true
	}
	return span{i, body + stop + len(end)}, true
}

// maxSSH2 bounds an SSH2 key: 16,384 bits of RSA and comments fit.
const maxSSH2 = 16 << 10

// puttyKey returns the PuTTY key file that begins at i.
func puttyKey(text string, i int) (span, bool) {
	const name = "PuTTY-User-Key-File-"
	rest := text[i+len(name):]
	if n := strings.Index(rest, name); n >= 0 {
		rest = rest[:n]
	}
	start := strings.Index(rest, "Private-Lines:")
	if start < 0 || !keyBody(rest[start:], minKeyBody) {
		return span{}, false
	}
	line := start + strings.IndexByte(rest[start:]+"\n", '\n')
	end := min(line+1, len(rest))
	end += bodyLines(rest[end:])
	for _, mac := range []string{"Private-MAC:", "Private-Hash:"} {
		if n := strings.Index(rest[end:min(end+64, len(rest))], mac); n >= 0 {
			at := end + n
			end = at + strings.IndexByte(rest[at:]+"\n", '\n')
			break
		}
	}
	return span{i, i + len(name) + end}, true
}

// derAnchors are pieces of base64 that only a private key in DER has near its
// start: the algorithm identifiers of PKCS #8 (RFC 5958) for RSA and for the
// NIST curves, PKCS #1 (RFC 8017) keys with the usual sizes, and Ed25519
// (RFC 8410).
var derAnchors = []string{
	"ibadanbgkqhkig9w0baqefaasc", // PKCS #8, RSA
	"ageambmgbyqgsm49ageg",       // PKCS #8, elliptic curve
	"ibaakcaqea", "ibaakcageb",   // PKCS #1, 2048
	"ibaakcagea",           // PKCS #1, 4096
	"ibaakbgq",             // PKCS #1, 1024
	"mc4caqawbqydk2vwbcie", // PKCS #8, Ed25519
}

// derKey returns the bare base64 around the anchor at i and whether it is a key.
func derKey(text string, i int) (span, bool) {
	start := ascii.Base64.Back(text, i, 16)
	if !strings.HasPrefix(text[start:], "MI") && !strings.HasPrefix(text[start:], "MC4CAQAw") {
		return span{}, false
	}
	end := start + bodyLines(text[start:])
	return span{start, end}, keyBody(text[start:end], minOpenKey)
}

// onlyStart reports whether a body is the start of a longer structure in DER, as
// documentation shows it: less than a fifth of it holds nothing private of an RSA
// key, whose modulus stands in front.
func onlyStart(body string) bool {
	body = strings.TrimLeft(body, " \t\r\n\\n#*\"'+")
	if !strings.HasPrefix(body, "MII") || len(body) < 8 {
		return false
	}
	head, err := base64.StdEncoding.DecodeString(body[:8])
	return err == nil && head[1] == 0x82 && len(body)*3/4 < (int(head[2])<<8+int(head[3]))/5
}

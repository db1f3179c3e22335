package privatekey

import (
	"encoding/base64"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

const (
	pemDashes   = "-----"
	maxPEMLabel = 120
	minKeyBody  = 40 // base64 bytes, less than the shortest real key, more than a placeholder
	minOpenKey  = 80 // the first line alone holds nothing private of an RSA key
)

// PEM returns the end of the private key whose "-----BEGIN", in any case, stands at i:
// of RFC 7468, of OpenSSH, or with the armour of PGP (RFC 4880, section 6.2). When its
// end is missing, because somebody pasted only a part, the key ends where its lines do.
func PEM(text string, i int) (end int, ok bool) {
	body, ok := pemHeader(text, i)
	if !ok {
		return 0, false
	}
	rest := text[body:]
	next := strings.Index(rest, pemDashes)
	if next >= 0 && strings.HasPrefix(rest[next+len(pemDashes):], "END") {
		if !keyBody(rest[:next], minKeyBody) || onlyStart(rest[:next]) {
			return 0, false
		}
		end = body + next + len(pemDashes)
		tail := text[end:min(end+maxPEMLabel, len(text))]
		if d := strings.Index(tail, pemDashes); d >= 0 {
			return end + d + len(pemDashes), true
		}
		return end + len("END"), true
	}
	if next >= 0 {
		rest = rest[:next]
	}
	end = bodyLines(rest)
	if !keyBody(rest[:end], minOpenKey) {
		return 0, false
	}
	return body + end, true
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

// SSH2 returns the end of the private key of SSH Communications Security's form that
// begins at i, as RFC 4716 has it for public ones: four dashes where PEM has five. One
// without an end is none.
func SSH2(text string, i int) (end int, ok bool) {
	const footer = "---- END SSH2 "
	line := text[i:min(i+maxPEMLabel, len(text))]
	n := strings.Index(line, "PRIVATE KEY ----")
	if n < 0 {
		return 0, false
	}
	body := i + n + len("PRIVATE KEY ----")
	rest := text[body:min(body+maxSSH2, len(text))]
	stop := strings.Index(rest, footer)
	if stop < 0 || !keyBody(rest[:stop], minKeyBody) {
		return 0, false
	}
	tail := rest[stop+len(footer):]
	if n := strings.Index(tail[:min(maxPEMLabel, len(tail))], "----"); n >= 0 {
		return body + stop + len(footer) + n + len("----"), true
	}
	return body + stop + len(footer), true
}

// maxSSH2 bounds an SSH2 key: 16,384 bits of RSA and comments fit.
const maxSSH2 = 16 << 10

// PuTTY returns the end of the PuTTY key file whose "PuTTY-User-Key-File-", in any case,
// stands at i (PuTTY's manual, appendix C), without what stands behind its last line.
func PuTTY(text string, i int) (end int, ok bool) {
	const name = "PuTTY-User-Key-File-"
	rest := text[i+len(name):]
	if n := strings.Index(rest, name); n >= 0 {
		rest = rest[:n]
	}
	start := strings.Index(rest, "Private-Lines:")
	if start < 0 || !keyBody(rest[start:], minKeyBody) {
		return 0, false
	}
	line := start + strings.IndexByte(rest[start:]+"\n", '\n')
	end = min(line+1, len(rest))
	end += bodyLines(rest[end:])
	for _, mac := range []string{"Private-MAC:", "Private-Hash:"} {
		if n := strings.Index(rest[end:min(end+64, len(rest))], mac); n >= 0 {
			at := end + n
			end = at + strings.IndexByte(rest[at:]+"\n", '\n')
			break
		}
	}
	return i + len(name) + end, true
}

// DERAnchors are pieces of base64 that only a private key in DER has near its
// start: the algorithm identifiers of PKCS #8 (RFC 5958) for RSA and for the
// NIST curves, PKCS #1 (RFC 8017) keys with the usual sizes, and Ed25519
// (RFC 8410). They are in small letters, and not to be changed.
var DERAnchors = []string{
	"ibadanbgkqhkig9w0baqefaasc", // PKCS #8, RSA
	"ageambmgbyqgsm49ageg",       // PKCS #8, elliptic curve
	"ibaakcaqea", "ibaakcageb",   // PKCS #1, 2048
	"ibaakcagea",           // PKCS #1, 4096
	"ibaakbgq",             // PKCS #1, 1024
	"mc4caqawbqydk2vwbcie", // PKCS #8, Ed25519
}

// DER returns the bare base64 around the anchor that stands at i, as Java programs hold
// keys, and whether it is one. It is read up to end when it is none, too: another
// anchor in there need not be looked at.
func DER(text string, i int) (start, end int, ok bool) {
	start = ascii.Base64.Back(text, i, 16)
	if !strings.HasPrefix(text[start:], "MI") && !strings.HasPrefix(text[start:], "MC4CAQAw") {
		return 0, 0, false
	}
	end = start + bodyLines(text[start:])
	return start, end, keyBody(text[start:end], minOpenKey)
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

package privatekey

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
)

// drawn returns lines of base64 of n bytes that a machine has drawn.
func drawn(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 1))
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	encoded := base64.StdEncoding.EncodeToString(raw)
	var b strings.Builder
	for len(encoded) > 64 {
		b.WriteString(encoded[:64] + "\n")
		encoded = encoded[64:]
	}
	return b.String() + encoded + "\n"
}

// Each form of a key file is found from its first byte to its last, and none is where
// there is no body.
func TestKeyFiles(t *testing.T) {
	body := drawn(1, 300)
	for _, c := range []struct {
		name, key string
		read      func(text string, i int) (int, bool)
		want      bool
	}{
		{"pem", "-----BEGIN PRIVATE KEY-----\n" + body + "-----END PRIVATE KEY-----", PEM, true},
		{"pem, without its end", "-----BEGIN EC PRIVATE KEY-----\n" + strings.TrimSpace(body), PEM, true},
		{"pgp", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n" + body + "=aB3d\n-----END PGP PRIVATE KEY BLOCK-----", PEM, true},
		{"pem, public", "-----BEGIN PUBLIC KEY-----\n" + body + "-----END PUBLIC KEY-----", PEM, false},
		{"pem, a placeholder", "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("x", 400) + "\n-----END PRIVATE KEY-----", PEM, false},
		{"pem, only the header", "-----BEGIN PRIVATE KEY", PEM, false},
		{"ssh2", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"x\"\n" + body + "---- END SSH2 ENCRYPTED PRIVATE KEY ----", SSH2, true},
		{"ssh2, without its end", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" + body, SSH2, false},
		{"putty", "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 2\n" + drawn(2, 80) + "Private-Lines: 5\n" + body + "Private-MAC: 00ff", PuTTY, true},
		{"putty, only public", "PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 2\n" + drawn(2, 80), PuTTY, false},
	} {
		const before = "The key is\n"
		end, ok := c.read(before+c.key+"\n\nWhat is wrong with it?", len(before))
		if ok != c.want || ok && end != len(before)+len(c.key) {
			t.Errorf("%s: ends at %d, %v; want %d, %v", c.name, end, ok, len(before)+len(c.key), c.want)
		}
	}
}

// Bare base64 is a key around the algorithm's identifier only, and it is read as far as
// its lines go when it is none.
func TestDER(t *testing.T) {
	const head = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
	place := strings.Index(strings.ToLower(head), DERAnchors[0])
	for _, c := range []struct {
		name, key string
		want      bool
	}{
		{"pkcs8", head + strings.TrimSpace(drawn(3, 400)), true},
		{"short", head + "BKcwggSj", false},
		{"another beginning", "ABCDEFGH" + head[8:] + strings.TrimSpace(drawn(3, 400)), false},
	} {
		text := "KEY: " + c.key + "\n"
		start, end, ok := DER(text, len("KEY: ")+place)
		if ok != c.want || ok && text[start:end] != c.key {
			t.Errorf("%s: %d to %d, %v", c.name, start, end, ok)
		}
	}
}

// A phrase is found among other words of the list, and only with its checksum. What was
// read is told in both cases.
func TestPhrase(t *testing.T) {
	const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow" // BIP-39, test vectors
	for _, c := range []struct {
		name, text, want, read string
	}{
		{"alone", ": " + phrase + " (hush)", phrase, phrase},
		{"behind words of the list", ": also " + phrase, phrase, "also " + phrase},
		{"numbered", ": 1. " + strings.ReplaceAll(phrase, " ", "\n2. "), strings.ReplaceAll(phrase, " ", "\n2. "), strings.ReplaceAll(phrase, " ", "\n2. ")},
		{"another order", ": winner legal" + strings.TrimPrefix(phrase, "legal winner"), "", "winner legal" + strings.TrimPrefix(phrase, "legal winner")},
		{"eleven words", ": " + strings.TrimSuffix(phrase, " yellow"), "", strings.TrimSuffix(phrase, " yellow")},
		{"no words", ": ½ 123", "", ""},
	} {
		text := "mnemonic" + c.text
		start, end, read, ok := Phrase(text, len("mnemonic"))
		if ok != (c.want != "") || text[start:end] != c.want {
			t.Errorf("%s: %q, %v", c.name, text[start:end], ok)
		}
		if c.read != "" && read != strings.Index(text, c.read)+len(c.read) || c.read == "" && read != 0 {
			t.Errorf("%s: read up to %d", c.name, read)
		}
	}
	if n := len(strings.Fields(Wordlist)); n != 2048 {
		t.Errorf("%d words", n)
	}
}

// Where texts end too early nothing is read behind them.
func TestCutTexts(t *testing.T) {
	for _, text := range []string{"-----BEGIN", "-----BEGIN PRIVATE KEY-----", "---- BEGIN SSH2 ", "PuTTY-User-Key-File-", DERAnchors[0], pfxBase64, pfxBytes, "0\uFFFD\x02\x01\x030\uFFFD\r\x01\x07\x01", "abandon"} {
		_, pem := PEM(text, 0)
		_, ssh2 := SSH2(text, 0)
		_, _, der := DER(text, 0)
		from := max(strings.LastIndex(text, pfxBytes), 0)
		_, _, store := PKCS12(text, from, len(text))
		_, _, _, phrase := Phrase(text, 0)
		if pem || ssh2 || der || store || phrase {
			t.Errorf("%q is taken for a key", text)
		}
	}
	if _, ok := PuTTY("PuTTY-User-Key-File-", 0); ok {
		t.Error("the name of PuTTY's files is taken for a key")
	}
}

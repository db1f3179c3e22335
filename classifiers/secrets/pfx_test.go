package secrets_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// A key store of PKCS #12 is found as base64, in lines too, and as bytes.
func TestKeyStore(t *testing.T) {
	s := newSet(t)
	// RFC 7292, section 4: PFX { version 3, authSafe { data, [0] OCTET STRING } }.
	var bytes [256]byte
	for i := range bytes {
		bytes[i] = byte(i)
	}
	content := random(52, 600, string(bytes[:]))
	store := "\x30\x82\x02\x70\x02\x01\x03\x30\x82\x02\x69\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x82\x02\x5c\x04\x82\x02\x58" + content
	store = store[:2] + string([]byte{byte((len(store) - 4) >> 8), byte(len(store) - 4)}) + store[4:]
	encoded := base64.StdEncoding.EncodeToString([]byte(store))
	for _, c := range []struct {
		name, before, key, after string
		want                     bool
	}{
		{"bytes", "store:\n", store, "\nthe end", true},
		{"base64", "P12=", encoded, "\nthe end of it", true},
		{"lines", "P12:\n", strings.TrimSpace(lines(encoded, 64)), "\n\n(see the wiki)", true},
		{"version 2", "P12=", strings.Replace(encoded, "IBAz", "IBAj", 1), "\n", false},
		{"only the type", "", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01" + content, "", false},
		{"bytes that were replaced in runs", "store: ", strings.ToValidUTF8(store, "\uFFFD"), "\nThis is what I have; can you tell me what is in it?", true},
		{"bytes that were replaced", "", string([]rune(store)), "", true},
		{"bytes that were replaced, short", "", strings.ToValidUTF8(store[:40], "\uFFFD"), "", false},
		{"short", "", store[:2] + "\x00\x20" + store[4:40], "", false},
	} {
		text := c.before + c.key + c.after
		found := classify(t, s, text)
		if got := covered(found, "PRIVATE_KEY", len(c.before), len(c.before)+len(c.key)); got != c.want {
			t.Errorf("%s: covered %v, want %v:%s", c.name, got, c.want, describe(text, found))
		}
		if c.want && covered(found, "PRIVATE_KEY", len(c.before), len(c.before)+len(c.key)+4) {
			t.Errorf("%s: what stands behind it is covered too", c.name)
		}
	}
}

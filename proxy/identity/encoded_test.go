package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

// TestEncodedPassword shows that a static token is known as it is and, from clients that
// do not decode their proxy's URL, percent-encoded; and nothing but a password is decoded.
func TestEncodedPassword(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	lines := ""
	for name, token := range map[string]string{"ada": "s/cret@100%", "bob": "a%2Fb"} {
		sum := sha256.Sum256([]byte(token))
		lines += name + ":" + hex.EncodeToString(sum[:]) + "\n"
	}
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := New(Options{TokenFile: file})
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		basic("ada", "s/cret@100%"):       "ada",
		basic("ada", "s%2Fcret%40100%25"): "ada",
		basic("ada", "s%2fcret@100%25"):   "ada",
		"Bearer s/cret@100%":              "ada",
		"Bearer s%2Fcret%40100%25":        "",
		basic("bob", "a%2Fb"):             "bob",
		basic("bob", "a%252Fb"):           "bob",
		basic("bob", "a/b"):               "",
		basic("bob", "a%25252Fb"):         "",
		basic("ada", "s%2Fcret%40100%"):   "",
		basic("ada", "%"):                 "",
		"x":                               "",
	} {
		id, err := v.Authenticate(t.Context(), header)
		if id.Sub != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", header, id.Sub, err)
		}
	}
}

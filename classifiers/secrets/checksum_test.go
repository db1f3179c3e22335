package secrets

import (
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// withChecksum makes a token by another way than the one it is judged by.
func withChecksum(prefix, body string) string {
	sum := big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))).Text(62)
	swap := func(r rune) rune { // math/big counts small letters first
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}
	return prefix + body + fmt.Sprintf("%06s", strings.Map(swap, sum))
}

func TestChecksum(t *testing.T) {
	_, s := wholeSet(t)
	for _, prefix := range []string{"ghp_", "gho_", "ghs_", "ghr_", "npm_"} {
		good := withChecksum(prefix, "Zk3vQ8wX1rT6yU2iO5pA7sD9fG4hJ0")
		for text, want := range map[string]classifiers.Sure{good: sureChecked, good[:8] + "q" + good[9:]: sureFormat} {
			found := findAll(t, s, text)
			if len(found) != 1 || found[0].Confidence != want.Confidence {
				t.Errorf("%s: %v, want confidence %v", text, found, want)
			}
		}
	}
	for _, v := range []string{"", "ghp_", withChecksum("", strings.Repeat("a", 30))[1:]} {
		if checksumHolds(v) {
			t.Errorf("%q holds", v)
		}
	}
}

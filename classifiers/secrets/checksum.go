package secrets

import (
	"hash/crc32"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// checksummed are the rules whose tokens end in a checksum: 30 random bytes, and
// their CRC-32 in six digits of base 62 (GitHub, "Behind GitHub's new
// authentication token formats", 2021; npm took the format over). What fails it
// is reported all the same, as what somebody may have mistyped or cut.
var checksummed = set("github-pat github-oauth github-app-token github-refresh-token npm-access-token")

const (
	base62       = ascii.Digits + ascii.Uppers + ascii.Lowers
	checksumFrom = 30
	checksumSize = 6
)

// checksumHolds reports whether the last six bytes of v are the checksum of the
// thirty in front of them, behind a prefix.
func checksumHolds(v string) bool {
	if len(v) < checksumFrom+checksumSize {
		return false
	}
	body, sum := v[len(v)-checksumFrom-checksumSize:len(v)-checksumSize], v[len(v)-checksumSize:]
	n := crc32.ChecksumIEEE([]byte(body))
	for i := checksumSize - 1; i >= 0; i-- {
		if sum[i] != base62[n%62] {
			return false
		}
		n /= 62
	}
	return n == 0
}

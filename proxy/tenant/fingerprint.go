package tenant

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// fingerprintPrefix tells fingerprints from the ids of vendors.
const fingerprintPrefix = "key_"

// Fingerprint is the keyed hash by which an API key is known: 128 bits of
// HMAC-SHA256. Without the secret it neither tells the key nor lets one try.
func Fingerprint(secret [32]byte, apiKey string) string {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte(apiKey))
	return fingerprintPrefix + hex.EncodeToString(mac.Sum(nil)[:16])
}

// A Credential is what an API knows a client by.
type Credential struct {
	Fingerprint string
	APIKey      bool // not a token of a signed-in person, which changes by the hour
}

// credential says where the API of a block's vendor looks for keys and tokens,
// and which of them are keys.
var credentials = []struct {
	block  string
	header string
	before string // stands before it in the header's items, in any case
	key    string // what keys begin with
	token  string // what tokens begin with
}{
	// platform.openai.com/docs/api-reference/authentication
	{"openai", "Authorization", "bearer ", "sk-", ""},
	// platform.openai.com/docs/guides/realtime-websocket: browsers cannot set headers
	{"openai", "Sec-Websocket-Protocol", "openai-insecure-api-key.", "sk-", ""},
	// docs.anthropic.com/en/api/overview; Claude Code sends a token as a bearer's
	{"anthropic", "X-Api-Key", "", "sk-ant-", "sk-ant-oat"},
	{"anthropic", "Authorization", "bearer ", "sk-ant-", "sk-ant-oat"},
}

// Credentials finds what a request to an app shows of keys and tokens.
func (r *Rules) Credentials(appID string, header http.Header) []Credential {
	var found []Credential
	blocks := blocksOf(appID)
	for _, c := range credentials {
		if !slices.Contains(blocks, c.block) {
			continue
		}
		for _, line := range header[c.header] {
			for item := range strings.SplitSeq(line, ",") {
				item = strings.TrimSpace(item)
				if len(item) < len(c.before) || !strings.EqualFold(item[:len(c.before)], c.before) {
					continue
				}
				value := strings.TrimSpace(item[len(c.before):])
				if !strings.HasPrefix(value, c.key) {
					continue
				}
				token := c.token != "" && strings.HasPrefix(value, c.token)
				if one := (Credential{Fingerprint(r.secret, value), !token}); !slices.Contains(found, one) {
					found = append(found, one)
				}
			}
		}
	}
	return found
}

package identity

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// Bounds of what a client may show before it is known, in bytes.
const (
	maxHeader = 16 << 10 // Proxy-Authorization: a token in base64, and a user name
	maxToken  = 8 << 10
)

// parseCredentials takes the token out of a Proxy-Authorization value. Its errors
// are ErrNoCredentials, and ErrRejected for whatever cannot be read as a token,
// other schemes included.
func parseCredentials(header string) (token string, err error) {
	header = strings.Trim(header, " \t")
	if header == "" {
		return "", ErrNoCredentials
	}
	if len(header) > maxHeader {
		return "", rejected(ReasonMalformed)
	}
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimLeft(rest, " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		token = rest
	case strings.EqualFold(scheme, "Basic"):
		// Some clients leave the padding out.
		pair, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(rest, "="))
		if err != nil {
			return "", rejected(ReasonMalformed)
		}
		user, password, ok := strings.Cut(string(pair), ":")
		if !ok {
			return "", rejected(ReasonMalformed)
		}
		if password == "" {
			password = user
		}
		if password == "" {
			return "", ErrNoCredentials
		}
		token = password
	default:
		return "", rejected(ReasonMalformed)
	}
	if token == "" || len(token) > maxToken || strings.ContainsFunc(token, notInToken) {
		return "", rejected(ReasonMalformed)
	}
	return token, nil
}

// decoded is the password of clients that take it out of the proxy's URL as it stands
// there, percent-encoded (axios), and do not decode it (RFC 3986 section 3.2.1). Another
// token is returned as it is.
func decoded(header, token string) string {
	scheme, _, _ := strings.Cut(strings.Trim(header, " \t"), " ")
	plain, err := url.PathUnescape(token)
	if err != nil || !strings.EqualFold(scheme, "Basic") {
		return token
	}
	return plain
}

// notInToken holds for what no token contains: blanks, control characters and
// what is not ASCII.
func notInToken(r rune) bool { return r <= ' ' || r > '~' }

package content

import "strings"

// isSigned reports whether a client signed the bytes of its body, so that an
// edited body would be refused by its receiver. AWS Signature Version 4 covers a
// hash of the body (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html),
// unless the client says UNSIGNED-PAYLOAD; an HTTP message signature covers it by
// its digest (RFC 9421 section 7.2.8).
func isSigned(h *Head) bool {
	for _, value := range h.Header["Authorization"] {
		if strings.HasPrefix(strings.TrimSpace(value), "AWS4-") && h.Header.Get("X-Amz-Content-Sha256") != "UNSIGNED-PAYLOAD" {
			return true
		}
	}
	for _, value := range h.Header["Signature-Input"] {
		if strings.Contains(strings.ToLower(value), "digest") {
			return true
		}
	}
	return false
}

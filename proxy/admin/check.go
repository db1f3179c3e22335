package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// A refused request: what it is told, and what the log says.
type refused struct {
	status int
	text   string
	reason string
	header map[string]string
}

// check refuses a request before anything is done for it. The order matters: a
// foreign page learns nothing, not even whether it holds the token, and a caller
// without the token learns nothing about paths.
func (h *handler) check(r *http.Request, route string) *refused {
	switch {
	case !h.ownHost(r.Host):
		return &refused{status: http.StatusMisdirectedRequest, text: "not served under this host name; see listen.admin_hosts", reason: "host"}
	case foreignSite(r):
		return &refused{status: http.StatusForbidden, text: "cross-site requests are refused", reason: "cross_site"}
	}
	open := r.Method == http.MethodGet && (route == "/healthz" || route == "/readyz")
	switch {
	case !open && !h.authorized(r):
		return &refused{
			status: http.StatusUnauthorized, text: "unauthorized", reason: "token",
			header: map[string]string{"WWW-Authenticate": `Bearer realm="sluice admin"`},
		}
	case r.Method != http.MethodGet:
		return &refused{
			status: http.StatusMethodNotAllowed, text: "method not allowed", reason: "method",
			header: map[string]string{"Allow": http.MethodGet},
		}
	}
	return nil
}

// ownHost reports whether a Host value names this listener: an IP literal,
// localhost, or a configured name; a port does not matter.
func (h *handler) ownHost(host string) bool {
	name := host
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		bare, port, err := net.SplitHostPort(host)
		if err != nil {
			return false
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return false
		}
		name = bare
		if strings.HasPrefix(host, "[") {
			name = "[" + bare + "]"
		}
	}
	if inner, ok := strings.CutPrefix(name, "["); ok {
		addr, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		return err == nil && addr.Is6() && addr.Zone() == "" && strings.HasSuffix(inner, "]")
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.Is4()
	}
	return h.hosts[canonicalName(name)]
}

func canonicalName(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// foreignSite reports whether a browser says that another site makes the request.
// Other clients say nothing, and need the token all the same.
func foreignSite(r *http.Request) bool {
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return true
		}
	}
	for _, origin := range r.Header.Values("Origin") {
		if origin != "http://"+r.Host && origin != "https://"+r.Host {
			return true
		}
	}
	return false
}

// authorized compares hashes, so that neither the time nor the length of the
// comparison depends on the token.
func (h *handler) authorized(r *http.Request) bool {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return false
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	shown := sha256.Sum256([]byte(strings.TrimLeft(token, " ")))
	return subtle.ConstantTimeCompare(shown[:], h.token[:]) == 1
}

// setHeaders keeps answers out of caches, frames and other sites.
func setHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

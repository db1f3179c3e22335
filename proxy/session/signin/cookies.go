package signin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Names of our cookies. Browsers hold their prefixes: __Secure- is set by https only,
// __Host- besides for one host and all its paths (RFC 6265bis section 4.1.3).
const (
	surrogateCookieName = "__Secure-sluice"       // on sites
	nonceCookieName     = "__Host-sluice-nonce"   // on sites, while somebody signs in
	portalCookieName    = "__Host-sluice"         // on the portal
	browserCookieName   = "__Host-sluice-browser" // on the portal
	txCookiePrefix      = "__Host-sluice-tx-"     // on the portal, one for each sign-in under way
)

// Cookies are the values of our cookies that a request had.
type Cookies struct {
	Surrogates, Nonces []string
}

// blanks are what parsers of cookies take off a name, though the last two stand in no
// header that was read from a connection.
const blanks = " \t\r\n"

// maxFound bounds how many values of one cookie are kept: two are one too many.
const maxFound = 3

// Strip takes our cookies out of a request, so that none reaches an origin, and
// returns what they were. All other cookies keep their bytes and their order. What
// has the form of a cookie of ours counts as one, also without a value.
func Strip(h http.Header) Cookies {
	var found Cookies
	lines := h["Cookie"]
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "-sluice") }) {
		return found
	}
	kept := make([]string, 0, len(lines))
	for _, line := range lines {
		if line = found.strip(line); line != "" {
			kept = append(kept, line)
		}
	}
	if len(kept) == 0 {
		delete(h, "Cookie")
	} else {
		h["Cookie"] = kept
	}
	return found
}

// strip takes our cookies out of one line.
func (c *Cookies) strip(line string) string {
	if !strings.Contains(line, "-sluice") {
		return line
	}
	pairs := strings.Split(line, ";")
	kept := pairs[:0]
	first := true // the first that is kept has no blank before it, if another stood there
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		name = strings.Trim(name, blanks)
		if isOurs(name) {
			c.add(name, strings.Trim(value, blanks))
			continue
		}
		if first && i > 0 {
			pair = strings.TrimLeft(pair, " \t")
		}
		first = false
		kept = append(kept, pair)
	}
	return strings.Join(kept, ";")
}

func (c *Cookies) add(name, value string) {
	switch {
	case name == surrogateCookieName && len(c.Surrogates) < maxFound:
		c.Surrogates = append(c.Surrogates, value)
	case name == nonceCookieName && len(c.Nonces) < maxFound:
		c.Nonces = append(c.Nonces, value)
	}
}

func isOurs(name string) bool {
	switch name {
	case surrogateCookieName, nonceCookieName, portalCookieName, browserCookieName:
		return true
	}
	return strings.HasPrefix(name, txCookiePrefix)
}

// Screen drops from an origin's answer the cookies that have our names, and those
// without a name whose value would be sent as one (RFC 6265bis section 5.6).
func Screen(h http.Header) {
	lines := h["Set-Cookie"]
	if !slices.ContainsFunc(lines, setsOurs) {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(lines), setsOurs)
	if len(kept) == 0 {
		delete(h, "Set-Cookie")
	} else {
		h["Set-Cookie"] = kept
	}
}

func setsOurs(line string) bool {
	if !strings.Contains(line, "-sluice") {
		return false
	}
	pair, _, _ := strings.Cut(line, ";")
	name, value, _ := strings.Cut(pair, "=")
	if name = strings.Trim(name, blanks); name == "" { // sent as its value alone
		name, _, _ = strings.Cut(value, "=")
		name = strings.Trim(name, blanks)
	}
	return isOurs(name)
}

// maxSweep bounds how many paths, and how many names of hosts, Sweep goes through.
const maxSweep = 5

// Sweep returns cookies that end what a page may have planted under the surrogate's
// name on a host: for each path that leads to the request's and each domain that has
// the host. They go with those of Begin when Find says ReasonTwice, since a new
// surrogate takes the place of its like only.
func Sweep(host, requestURI string) []*http.Cookie {
	host = nameOf(host)
	domains := []string{""} // the host alone
	if on := siteOf(host); !on.alone {
		for name := host; len(domains) < maxSweep; {
			domains = append(domains, name)
			_, above, ok := strings.Cut(name, ".")
			if name == on.domain || !ok {
				break
			}
			name = above
		}
		if !slices.Contains(domains, on.domain) {
			domains = append(domains, on.domain)
		}
	}
	paths := []string{"/"}
	if u, err := url.ParseRequestURI(requestURI); err == nil {
		path := u.EscapedPath()
		for i := 1; i < len(path) && len(paths) < 2*maxSweep; i++ { // RFC 6265 section 5.1.4: with and without the slash
			if path[i] == '/' {
				paths = append(paths, path[:i], path[:i+1])
			}
		}
		if len(path) > 1 && len(path) < maxCookie {
			paths = append(paths, path)
		}
	}
	var ended []*http.Cookie
	for _, domain := range domains {
		for _, path := range paths {
			if strings.ContainsAny(path, ";,\\\"") {
				continue // could not be written
			}
			ended = append(ended, &http.Cookie{Name: surrogateCookieName, Domain: domain, Path: path, MaxAge: -1, HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode})
		}
	}
	return ended
}

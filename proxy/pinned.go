package proxy

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// maxPinned is how many hosts are remembered, the last seen ones.
const maxPinned = 1024

// What tells a client that accepted our certificate and then thought better of it:
// libraries that pin (OkHttp's CertificatePinner) compare after the handshake, and
// close at once, with no more than an alert of two bytes in a TLS record. A browser
// that connects ahead of need speaks HTTP/2 at once, or keeps the connection.
const (
	pinnedBytes = 64
	pinnedTime  = 5 * time.Second
)

// Pinned is a host of which clients do not accept our certificate: they pin
// another, or do not trust our root. Such clients are counted and shown, and never
// let through for that: whoever can break a handshake could choose not to be read.
type Pinned struct {
	Host     string
	App      string // of the catalogue; empty when it is not there
	Agent    string // the product that the last one named in its CONNECT
	Rejected int64  // handshakes that the client ended for our certificate
	Silent   int64  // connections that the client closed in the handshake or right after it, without a word
	Accepted int64  // connections that did ask for something, since the first that did not
	First    time.Time
	Last     time.Time
}

// pinned counts by host.
type pinned struct {
	mu    sync.Mutex
	hosts *lru.Cache[string, *Pinned]
}

func newPinned() (*pinned, error) {
	hosts, err := lru.New[string, *Pinned](maxPinned)
	return &pinned{hosts: hosts}, err
}

// see takes note of how an intercepted connection ended. A host is remembered
// from the first client on that did not accept our certificate.
func (s *pinned) see(x *Exchange, inner *innerConn, err error) (seen string) {
	var r *refusal
	switch {
	case errors.As(err, &r) && r.reason == "ca_rejected":
		seen = "rejected"
	case err == nil && inner.silent(), peerClosed(err) && inner.written.Load() > 0: // it had our certificate
		seen = "silent"
	case err != nil || !x.spoke.Load():
		return "" // no telling
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	host, known := s.hosts.Get(x.Target.Host)
	if !known {
		if seen == "" {
			return ""
		}
		host = &Pinned{Host: x.Target.Host, First: time.Now()}
		if x.Known {
			host.App = x.Match.App.ID
		}
		s.hosts.Add(host.Host, host)
	}
	switch seen {
	case "rejected":
		host.Rejected++
	case "silent":
		host.Silent++
	default:
		host.Accepted++
		return ""
	}
	host.Last, host.Agent = time.Now(), product(x.request.UserAgent())
	return seen
}

// list returns what is remembered, the most counted first.
func (s *pinned) list() []Pinned {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Pinned, 0, s.hosts.Len())
	for _, host := range s.hosts.Values() {
		all = append(all, *host)
	}
	slices.SortFunc(all, func(a, b Pinned) int {
		return cmp.Or(-cmp.Compare(a.Rejected+a.Silent, b.Rejected+b.Silent), cmp.Compare(a.Host, b.Host))
	})
	return all
}

// Pinned returns the hosts of which clients do not accept our certificate.
func (p *Proxy) Pinned() []Pinned { return p.pipeline.pinned.list() }

// silent reports whether the client left right after the handshake: sooner than
// the server would have closed for want of a request.
func (c *innerConn) silent() bool {
	soon := min(pinnedTime, c.connect.parts.Options.Limits.HeaderTimeout/2)
	return c.shaken && !c.connect.spoke.Load() && c.read.Load()-c.shakenBytes <= pinnedBytes && time.Since(c.shakenAt) <= soon
}

// peerClosed reports whether reading or writing failed because the client had closed.
func peerClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// product is the first word of a User-Agent, as far as it is one.
func product(agent string) string {
	agent, _, _ = strings.Cut(agent, " ")
	if len(agent) > 64 || strings.ContainsFunc(agent, func(r rune) bool { return r < '!' || r > '~' }) {
		return ""
	}
	return agent
}

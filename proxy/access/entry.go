// Package access writes the access log: one line for each exchange that ended, in
// a format that network teams have tools for. It is not the record: it may lose
// lines, and it says that it did.
package access

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// An Entry is what one line tells of an exchange. It holds no query, header or
// text of the request.
type Entry struct {
	ID       string
	Ended    time.Time
	Took     time.Duration
	Client   netip.Addr
	User     string // "" when nobody is known
	Method   string
	Scheme   string // "" for a CONNECT
	Host     string // without brackets; "" for a request that named none
	Port     uint16
	Path     string // percent-encoded, without what is sensitive; "" where it is not recorded
	Proto    string
	Status   int   // that the client saw; 0 when there was no answer
	In, Out  int64 // bytes of bodies, or of a connection, from and to the client
	Type     string
	Upstream string // address and port that were dialled; ""
	App      string
	Action   string
	Outcome  string // forwarded, closed, refused, broken, cancelled
	Reason   string // of the end; "" when it went well
}

// maxField bounds what a client chose of a line, in bytes.
const maxField = 2048

// target is what was asked for: an authority for a CONNECT (RFC 9112 section
// 3.2.3), else a URL. A port that the scheme implies is left out.
func (e *Entry) target() string {
	if e.Host == "" {
		return ""
	}
	port := strconv.Itoa(int(e.Port))
	if e.Scheme == "" {
		return net.JoinHostPort(e.Host, port)
	}
	host := net.JoinHostPort(e.Host, port)
	if e.Scheme == "https" && e.Port == 443 || e.Scheme == "http" && e.Port == 80 {
		host = strings.TrimSuffix(host, ":"+port)
	}
	path := e.Path
	if path == "" {
		path = "/"
	}
	return e.Scheme + "://" + host + path
}

// peer is the address of the other side without its port.
func (e *Entry) peer() string {
	host, _, err := net.SplitHostPort(e.Upstream)
	if err != nil {
		return ""
	}
	return host
}

// bare appends text as one field that has no quotes: what could end a field or a
// line is percent-encoded. A field without text is a dash.
func bare(b []byte, text string, alsoPercent bool) []byte {
	if text == "" || text == "-" {
		return append(b, '-')
	}
	const hex = "0123456789ABCDEF"
	for i := range min(len(text), maxField) {
		c := text[i]
		if c <= ' ' || c >= 0x7f || c == '"' || c == '%' && alsoPercent {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

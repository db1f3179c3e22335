package session

import (
	"bytes"
	"net"
	"strconv"
	"syscall"
)

const (
	maxReplyLine  = 64 << 10
	maxReplyBulk  = maxValue + 8
	maxReplyItems = 1024
)

// replies is a connection that reads no further than the protocol goes (RESP2,
// redis.io/docs/latest/develop/reference/protocol-spec): the client behind it
// reserves as many bytes as a server announces, before they come.
type replies struct {
	net.Conn
	socket net.Conn // beneath TLS

	bulk   int    // bytes of a bulk string, and its end, that are still to come
	length int    // of the line so far
	head   []byte // of the line so far, if it announces a length
	bad    bool
}

// Read is net.Conn's.
func (r *replies) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	if r.bad = r.bad || !r.scan(p[:n]); r.bad {
		return 0, errNonsense
	}
	return n, err
}

// SyscallConn lets the client look whether an idle connection has been closed.
func (r *replies) SyscallConn() (syscall.RawConn, error) {
	s, ok := r.socket.(syscall.Conn)
	if !ok {
		return nil, syscall.EINVAL
	}
	return s.SyscallConn()
}

// scan says whether what is read goes on as the protocol does.
func (r *replies) scan(b []byte) bool {
	for len(b) > 0 {
		if r.bulk > 0 {
			n := min(r.bulk, len(b))
			r.bulk -= n
			b = b[n:]
			continue
		}
		line := b
		end := bytes.IndexByte(b, '\n')
		if end >= 0 {
			line = b[:end+1]
		}
		b = b[len(line):]
		if r.length == 0 {
			switch line[0] {
			case '+', '-', ':':
				r.head = nil
			case '$', '*':
				r.head = make([]byte, 0, 24)
			default:
				return false
			}
		}
		if r.length += len(line); r.length > maxReplyLine {
			return false
		}
		if r.head != nil {
			if r.head = append(r.head, line...); len(r.head) > 24 {
				return false
			}
		}
		if end >= 0 && !r.endLine() {
			return false
		}
	}
	return true
}

func (r *replies) endLine() bool {
	r.length = 0
	if r.head == nil {
		return true
	}
	n, err := strconv.Atoi(string(bytes.TrimSuffix(r.head[1:], []byte("\r\n"))))
	switch {
	case err != nil || n < -1:
		return false
	case r.head[0] == '*':
		return n <= maxReplyItems
	case n > maxReplyBulk:
		return false
	case n >= 0:
		r.bulk = n + len("\r\n")
	}
	return true
}

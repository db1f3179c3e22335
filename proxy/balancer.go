package proxy

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/pires/go-proxyproto"
)

// The sizes of the PROXY protocol
// (https://www.haproxy.org/download/3.4/doc/proxy-protocol.txt, section 2).
const (
	proxyFirst  = 12   // the signature of version 2; the shortest header of version 1 has 15 bytes
	proxyFixed  = 16   // of version 2, the last two are the length of what follows
	proxyMaxV1  = 107  // with the line's end
	proxyMaxV2  = 4096 // of what follows, our choice: room for a certificate among the extensions
	proxyPrefix = "PROXY "
)

// A balancedConn is a connection whose client stands behind a load balancer. It
// is the *net.TCPConn in all but the name of its peer, so that a tunnel can
// still splice.
type balancedConn struct {
	*net.TCPConn
	client net.Addr
}

// RemoteAddr is the client's address and not the balancer's.
func (c *balancedConn) RemoteAddr() net.Addr { return c.client }

// readProxyHeader reads the PROXY header, version 1 or 2, that a listed balancer
// must send first, and not one byte more. A connection of the balancer's own
// (LOCAL, its health checks; UNKNOWN) is one from its own address. Whatever else
// comes is refused: to serve it would be to believe the balancer's address.
func readProxyHeader(conn net.Conn, patience time.Duration) (net.Conn, error) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, &refusal{reason: "proxy_header", cause: errors.New("not a TCP connection")}
	}
	if err := tcp.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	raw, err := takeProxyHeader(tcp)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &refusal{reason: "proxy_header_timeout", cause: err}
	case err != nil && len(raw) == 0:
		return nil, err // it left without a word
	case err != nil:
		return nil, &refusal{reason: "proxy_header", cause: err}
	}
	if err := tcp.SetReadDeadline(time.Time{}); err != nil {
		return nil, err
	}
	header, err := proxyproto.Read(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, &refusal{reason: "proxy_header", cause: err}
	}
	if header.Command.IsLocal() || header.TransportProtocol.IsUnspec() {
		return tcp, nil
	}
	client, _, ok := header.TCPAddrs()
	if !ok {
		return nil, &refusal{reason: "proxy_header", cause: errors.New("not the address of a TCP client")}
	}
	return &balancedConn{TCPConn: tcp, client: client}, nil
}

// takeProxyHeader reads a header exactly. What was read is returned, also with an
// error.
func takeProxyHeader(r io.Reader) ([]byte, error) {
	raw := make([]byte, proxyFirst, proxyMaxV1)
	n, err := io.ReadFull(r, raw)
	switch {
	case err != nil:
		return raw[:n], err
	case bytes.Equal(raw, proxyproto.SIGV2):
		return takeRest2(r, raw)
	case bytes.HasPrefix(raw, []byte(proxyPrefix)):
		return takeRest1(r, raw)
	}
	return raw, proxyproto.ErrNoProxyProtocol
}

// takeRest1 reads on to the end of the line. It reads byte by byte: the next one
// after the line is the client's.
func takeRest1(r io.Reader, raw []byte) ([]byte, error) {
	for raw[len(raw)-1] != '\n' {
		if len(raw) == proxyMaxV1 {
			return raw, proxyproto.ErrVersion1HeaderTooLong
		}
		raw = raw[:len(raw)+1]
		if _, err := io.ReadFull(r, raw[len(raw)-1:]); err != nil {
			return raw, err
		}
	}
	return raw, nil
}

// takeRest2 reads the fixed part and what it says the length of the rest is.
func takeRest2(r io.Reader, raw []byte) ([]byte, error) {
	raw = append(raw, make([]byte, proxyFixed-proxyFirst)...)
	if _, err := io.ReadFull(r, raw[proxyFirst:]); err != nil {
		return raw, err
	}
	rest := int(binary.BigEndian.Uint16(raw[proxyFixed-2:]))
	if rest > proxyMaxV2 {
		return raw, proxyproto.ErrInvalidLength
	}
	raw = append(raw, make([]byte, rest)...)
	_, err := io.ReadFull(r, raw[proxyFixed:])
	return raw, err
}

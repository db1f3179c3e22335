package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

// maxHello bounds a ClientHello: four full TLS records (RFC 8446 section 5.1).
const maxHello = 64 << 10

// errNotTLS says that the first byte was not that of a TLS handshake record.
var errNotTLS = errors.New("not TLS")

// A hello is what a client said first: the bytes as they came, to be replayed,
// and the name in its SNI extension, "" without one.
type hello struct {
	raw        []byte
	serverName string
}

// readHello reads a ClientHello without answering it. What was read is
// returned in raw, also with an error, so that it can be replayed. It uses the
// parser of crypto/tls: a handshake that stops as soon as the hello is read. A
// timeout of 0 is none.
func readHello(conn net.Conn, timeout time.Duration) (hello, error) {
	if timeout > 0 {
		if err := conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
			return hello{}, err
		}
	}
	tap := &helloTap{Conn: conn}
	var seen *tls.ClientHelloInfo
	stop := errors.New("seen")
	err := tls.Server(tap, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(info *tls.ClientHelloInfo) (*tls.Config, error) {
			seen = info
			return nil, stop
		},
	}).HandshakeContext(context.Background()) // the deadline is the connection's
	h := hello{raw: tap.raw.Bytes()}
	if derr := conn.SetReadDeadline(time.Time{}); derr != nil {
		return h, derr
	}
	if seen != nil {
		h.serverName = seen.ServerName
		return h, nil
	}
	return h, err
}

// helloTap keeps what is read, refuses a first byte that is not TLS's without
// waiting for more, and swallows what the stopped handshake wants to write.
type helloTap struct {
	net.Conn
	raw bytes.Buffer
}

func (t *helloTap) Read(p []byte) (int, error) {
	if t.raw.Len() >= maxHello {
		return 0, io.ErrShortBuffer
	}
	n, err := t.Conn.Read(p)
	t.raw.Write(p[:n])
	if n > 0 && t.raw.Bytes()[0] != recordHandshake {
		return 0, errNotTLS
	}
	return n, err
}

func (t *helloTap) Write(p []byte) (int, error)      { return len(p), nil }
func (t *helloTap) SetDeadline(time.Time) error      { return nil }
func (t *helloTap) SetWriteDeadline(time.Time) error { return nil }

// recordHandshake is the content type of a TLS handshake record (RFC 8446
// section 5.1).
const recordHandshake = 22

// alertUnrecognizedName is a fatal unrecognized_name alert in a record of its
// own (RFC 8446 sections 5.1 and 6.2, RFC 6066 section 3).
var alertUnrecognizedName = []byte{21, 3, 3, 0, 2, 2, 112}

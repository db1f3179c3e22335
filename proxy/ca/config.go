package ca

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"strings"
	"time"
)

// ticketLabel separates ticket keys from every other use of the secret.
const ticketLabel = "sluice tls tickets v1"

// ticketDays is how many days a ticket can be resumed at most: it is sealed with
// today's key, and the keys of the days before still open.
const ticketDays = 3

// Config returns the TLS server configuration for one handshake with a client
// that asked for host (the CONNECT name, lower case; what SNI says is for the
// caller to compare before). HTTP/2 and HTTP/1.1 are offered from TLS 1.2 on. The
// leaf is fetched in the handshake, where a failure to sign it becomes an alert;
// a resumed session needs none.
//
// The configuration is made for each connection: it holds today's ticket keys for
// that host, derived in a few microseconds, so that nothing has to be rotated.
func (a *Authority) Config(host string) *tls.Config {
	host = strings.ToLower(host)
	c := &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		Time:       a.clock,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return a.Certificate(host)
		},
		// Small records let a far client begin with what a lost packet holds up, for a
		// system call each. The clients of a proxy are near.
		DynamicRecordSizingDisabled: true,
	}
	keys, err := a.ticketKeys(host)
	if err != nil { // HKDF fails only where FIPS 140 mode refuses its input
		c.SessionTicketsDisabled = true
		return c
	}
	c.SetSessionTicketKeys(keys)
	return c
}

// ticketKeys derives the keys for a host, today's first.
func (a *Authority) ticketKeys(host string) ([][32]byte, error) {
	day := a.clock().Unix() / int64(24*time.Hour/time.Second)
	keys := make([][32]byte, ticketDays)
	for i := range keys {
		// The day is a number, so the parts cannot run into each other.
		info := fmt.Sprintf("%s\x00%d\x00%s", ticketLabel, day-int64(i), host)
		k, err := hkdf.Expand(sha256.New, a.tickets, info, len(keys[i]))
		if err != nil {
			return nil, err
		}
		copy(keys[i][:], k)
	}
	return keys, nil
}

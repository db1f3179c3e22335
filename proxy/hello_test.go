package proxy

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"
)

// firstBytes runs say on the far end of a connection and reads its hello.
func firstBytes(t *testing.T, say func(net.Conn)) (hello, error) {
	t.Helper()
	client, server := pipe(t)
	go say(client)
	return readHello(server, 2*time.Second)
}

func TestReadHello(t *testing.T) {
	h, err := firstBytes(t, func(c net.Conn) {
		tls.Client(c, &tls.Config{ServerName: "api.openai.com", MinVersion: tls.VersionTLS12}).Handshake()
	})
	if err != nil || h.serverName != "api.openai.com" || !isTLS(h.raw) {
		t.Errorf("got %q, %d bytes, %v", h.serverName, len(h.raw), err)
	}
	// What was read can be replayed: the same bytes give the same answer.
	again, err := firstBytes(t, func(c net.Conn) { c.Write(h.raw) })
	if err != nil || !bytes.Equal(again.raw, h.raw) || again.serverName != h.serverName {
		t.Errorf("replayed: got %q, %v", again.serverName, err)
	}
	// One byte at a time.
	slow, err := firstBytes(t, func(c net.Conn) {
		for i := range h.raw {
			c.Write(h.raw[i : i+1])
		}
	})
	if err != nil || slow.serverName != h.serverName {
		t.Errorf("in pieces: got %q, %v", slow.serverName, err)
	}
}

func TestReadHelloWithoutName(t *testing.T) {
	h, err := firstBytes(t, func(c net.Conn) {
		tls.Client(c, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}).Handshake() // only the hello is wanted
	})
	if err != nil || h.serverName != "" {
		t.Errorf("got %q, %v", h.serverName, err)
	}
}

func TestReadHelloRefusesOthers(t *testing.T) {
	h, err := firstBytes(t, func(c net.Conn) { c.Write([]byte("GET / HTTP/1.1\r\n")) })
	if !errors.Is(err, errNotTLS) || string(h.raw) != "GET / HTTP/1.1\r\n" {
		t.Errorf("plain HTTP: got %q, %v", h.raw, err)
	}
	_, err = firstBytes(t, func(c net.Conn) { c.Write([]byte{22, 3, 1, 0, 4, 1, 0, 0, 0}) })
	if err == nil {
		t.Error("an empty ClientHello is accepted")
	}
	_, err = firstBytes(t, func(c net.Conn) {
		record := append([]byte{22, 3, 1, 0x40, 0}, make([]byte, 0x4000)...)
		record[5], record[6], record[7], record[8] = 1, 0xff, 0xff, 0xff
		for range 10 { // a hello of 16 MiB, as it says
			c.Write(record)
		}
	})
	if err == nil {
		t.Error("a hello without end is accepted")
	}
	h, err = firstBytes(t, func(c net.Conn) { c.Close() })
	if err == nil || len(h.raw) > 0 {
		t.Errorf("nothing at all: got %v", err)
	}
}

func FuzzReadHello(f *testing.F) {
	f.Add([]byte{22, 3, 1, 0, 4, 1, 0, 0, 0})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		client, server := net.Pipe()
		go func() {
			client.Write(data)
			client.Close()
		}()
		h, _ := readHello(server, time.Second)
		if !bytes.HasPrefix(data, h.raw) {
			t.Errorf("raw is not what was sent")
		}
		server.Close()
	})
}

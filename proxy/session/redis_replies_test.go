package session

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
)

// fed is a connection that reads what it was given, so many bytes at a time.
type fed struct {
	net.Conn
	rest []byte
	step int
}

func (f *fed) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), f.step)], f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// FuzzReplies reads whatever a server may send: what passes is the same however it
// comes in parts, and begins what was sent.
func FuzzReplies(f *testing.F) {
	for _, reply := range []string{
		"+OK\r\n", "-ERR x\r\n", ":1\r\n", "$-1\r\n", "$0\r\n\r\n", "$5\r\nhello\r\n", "*2\r\n$1\r\na\r\n:1\r\n", "*-1\r\n", "*1\r\n*1\r\n$3\r\na\r\n\r\n",
		"$99999999\r\n", "*99999\r\n", "HTTP/1.1 200 OK\r\n", "$5\r\nhello\r\n+OK\r\n", "$1\r\na\r\n>1\r\n", "$1\n", "$+1\r\n", "$ 1\r\n", "$1_0\r\n",
	} {
		f.Add([]byte(reply))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		var whole []byte
		var wholeErr error
		for i, step := range []int{1, 2, 7, 1 << 20} {
			got, err := io.ReadAll(&replies{Conn: &fed{rest: bytes.Clone(sent), step: step}})
			if !bytes.HasPrefix(sent, got) || err == nil && len(got) != len(sent) {
				t.Fatalf("%q was read as %q, %v", sent, got, err)
			}
			if err != nil && !errors.Is(err, errNonsense) {
				t.Fatal(err)
			}
			if i == 0 {
				whole, wholeErr = got, err
			} else if (err == nil) != (wholeErr == nil) || len(got) > len(whole) {
				t.Fatalf("%q: %d bytes passed, %v, in parts of %d; %d, %v, one by one", sent, len(got), err, step, len(whole), wholeErr)
			}
		}
	})
}

// A connection that was found to talk nonsense stays so.
func TestRepliesStayRefused(t *testing.T) {
	r := &replies{Conn: &fed{rest: []byte("x\r\n" + strings.Repeat("+OK\r\n", 100)), step: 5}}
	for range 10 {
		if n, err := r.Read(make([]byte, 100)); n != 0 || !errors.Is(err, errNonsense) {
			t.Fatalf("read %d, %v", n, err)
		}
	}
}

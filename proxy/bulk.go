package proxy

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"sync"
)

// What is large costs mostly system calls, and TLS makes one for each record of
// 16 KiB in either direction. Here many records share one: a bulkConn reads ahead
// once an origin sends more than one read takes, and a cork holds the records of one
// write back until all are there. Neither waits for anything: what a read did not
// bring is not waited for, and a cork is drawn in the function that set it.

const (
	// recordSize is the most that one TLS record carries (RFC 8446 section 5.1), and
	// recordHeader the length of its header, recordMore what a cipher may add.
	recordSize   = 16 << 10
	recordHeader = 5
	recordMore   = 256
	// bulkRecords is how many of them are read from an origin and written to a client
	// at once. With 64 KiB most of the gain is there; a client that reads slowly holds
	// three times that.
	bulkRecords = 4
	// bulkSize is room for them, decrypted, behind what net/http read of the body
	// together with the header.
	bulkSize = bulkRecords*recordSize + 4<<10
	// sealedSize is room for them, encrypted, behind the rest of another.
	sealedSize = (bulkRecords + 1) * (recordHeader + recordSize + recordMore)
)

// bulkBuffers holds what bulkConns read into, while they have something in it.
var bulkBuffers = sync.Pool{New: func() any { return new([sealedSize]byte) }}

// A bulkConn is a connection to an origin below TLS.
type bulkConn struct {
	net.Conn
	buffer *[sealedSize]byte // nil while nothing is in it
	ahead  []byte            // what of it is not read yet
	full   bool              // the last read took all that there was room for
	err    error             // what follows ahead

	header [recordHeader]byte // of the record that is being read
	seen   int                // bytes of it
	left   int                // of the record after its header
}

func (c *bulkConn) Read(p []byte) (int, error) {
	if len(c.ahead) == 0 {
		if c.err != nil {
			return 0, c.ended()
		}
		if !c.full || len(p) < recordSize/4 {
			n, err := c.Conn.Read(p)
			c.full = n == len(p)
			c.follow(p[:n])
			return n, err
		}
		c.buffer = bulkBuffers.Get().(*[sealedSize]byte)
		room := c.room()
		n, err := c.Conn.Read(c.buffer[:room])
		c.full = n == room // else what follows is waited for without a buffer
		c.ahead, c.err = c.buffer[:n], err
		if n == 0 {
			c.release()
			return 0, c.ended()
		}
	}
	n := copy(p, c.ahead[:min(c.rest(), len(c.ahead))])
	c.follow(p[:n])
	if c.ahead = c.ahead[n:]; len(c.ahead) == 0 {
		c.release()
	}
	return n, nil
}

// room is how much to read so that it ends where a record does, if those that come
// are like this one: half a record could not go on yet.
func (c *bulkConn) room() int {
	size := int(binary.BigEndian.Uint16(c.header[3:]))
	if c.seen > 0 || size > recordSize+recordMore { // a header is being read, or it is no TLS
		return sealedSize
	}
	whole := recordHeader + max(size, recordSize)
	return min(c.left+bulkRecords*whole, sealedSize)
}

// ended is the error that came with bytes, once: a deadline may be set anew.
func (c *bulkConn) ended() error {
	err := c.err
	c.err = nil
	return err
}

func (c *bulkConn) release() {
	bulkBuffers.Put(c.buffer)
	c.buffer, c.ahead = nil, nil
}

// follow keeps in mind where in its records the connection is.
func (c *bulkConn) follow(p []byte) {
	for len(p) > 0 {
		if c.left > 0 {
			n := min(c.left, len(p))
			c.left -= n
			p = p[n:]
			continue
		}
		n := copy(c.header[c.seen:], p)
		p = p[n:]
		if c.seen += n; c.seen == recordHeader {
			c.seen, c.left = 0, int(binary.BigEndian.Uint16(c.header[3:]))
		}
	}
}

// rest is how much of the record that is being read, or is the next, is still to
// come. TLS above is given no more, so that what it has not decrypted is here.
func (c *bulkConn) rest() int {
	if c.left > 0 {
		return c.left
	}
	header := c.header
	missing := recordHeader - c.seen
	if copy(header[c.seen:], c.ahead) < missing {
		return missing
	}
	return missing + int(binary.BigEndian.Uint16(header[3:]))
}

// ready reports whether all of a full record is there, so that reading from the TLS
// connection above does not wait: a full one holds data. It is for the goroutine
// that reads.
func (c *bulkConn) ready() bool {
	rest := c.rest()
	full := rest >= recordSize || c.left > 0 && int(binary.BigEndian.Uint16(c.header[3:])) >= recordSize
	return full && len(c.ahead) >= rest
}

// bulkOf finds the bulkConn below a connection to an origin; nil where there is none.
func bulkOf(conn net.Conn) *bulkConn {
	if t, ok := conn.(*tls.Conn); ok {
		if c, ok := t.NetConn().(*bulkConn); ok {
			return c
		}
	}
	return nil
}

// corked holds what corks hold back, while they do.
var corked = sync.Pool{New: func() any {
	b := make([]byte, 0, sealedSize)
	return &b
}}

// A cork holds back what is written to a connection. TLS writes one record after
// the other, by whoever has its lock; drawing the cork needs no such lock.
type cork struct {
	mu   sync.Mutex
	held *[]byte // nil while the cork is not in
	err  error   // why bytes are missing: nothing may follow them
}

// in makes write hold back.
func (c *cork) in() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = corked.Get().(*[]byte)
}

// write writes to the connection, later if the cork is in.
func (c *cork) write(conn net.Conn, p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	if c.held != nil {
		*c.held = append(*c.held, p...)
		return len(p), nil
	}
	return conn.Write(p)
}

// out writes what was held back.
func (c *cork) out(conn net.Conn) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.held
	c.held = nil
	var err error
	if len(*held) > 0 {
		if _, err = conn.Write(*held); err != nil {
			c.err = err      // net/http and TLS were told that it is written
			_ = conn.Close() // so that no other request is read either
		}
	}
	if *held = (*held)[:0]; cap(*held) == sealedSize {
		corked.Put(held)
	}
	return err
}

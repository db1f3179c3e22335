package layer

import (
	"bufio"
	"compress/zlib"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxPacked is how often packed data may expand, once it is over packedFloor.
	maxPacked   = 100
	packedFloor = 64 << 10
)

// packed tells whether data begins as gzip (RFC 1952), zlib (RFC 1950) or zstd
// (RFC 8878) does.
func packed(data []byte) bool {
	if len(data) < 8 {
		return false
	}
	return data[0] == 0x1f && data[1] == 0x8b && data[2] == 8 ||
		data[0] == 0x28 && data[1] == 0xb5 && data[2] == 0x2f && data[3] == 0xfd ||
		data[0] == 0x78 && (uint(data[0])<<8|uint(data[1]))%31 == 0 && data[1]&0x20 == 0
}

// unpack undoes compression and tells how many bytes it read. What comes out
// before an error is kept when it is text: a receiver may be content with it. All
// that was read and made takes room, so that what merely looks packed cannot be
// tried without end.
func (p *peel) unpack(magic byte, in io.Reader) (out []byte, read int) {
	counted := &counter{Reader: in}
	u := unpackers.Get().(*unpacker)
	defer u.put()
	r, err := u.open(magic, counted)
	if err == nil {
		u.out, err = p.expand(u.out[:0], r, counted)
	}
	read = counted.n - u.in.Buffered()
	if !p.grow(counted.n+len(u.out)) || err != nil && !readable(u.out[:min(chunk, len(u.out))]) {
		return nil, read
	}
	return plainText(nil, u.out), read
}

// An unpacker holds decoders, which take more memory than most of what they decode.
type unpacker struct {
	in   *bufio.Reader // of all decoders
	gzip gzip.Reader
	zlib io.ReadCloser
	zstd *zstd.Decoder
	out  []byte
}

var unpackers = sync.Pool{New: func() any { return &unpacker{in: bufio.NewReader(nil)} }}

// open returns the decoder of what begins with a byte.
func (u *unpacker) open(magic byte, in io.Reader) (r io.Reader, err error) {
	u.in.Reset(in)
	u.out = u.out[:0]
	switch {
	case magic == 0x1f:
		return &u.gzip, u.gzip.Reset(u.in)
	case magic == 0x78 && u.zlib == nil:
		u.zlib, err = zlib.NewReader(u.in)
		return u.zlib, err
	case magic == 0x78:
		return u.zlib, u.zlib.(zlib.Resetter).Reset(u.in, nil)
	case u.zstd == nil:
		u.zstd, err = zstd.NewReader(u.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
		return u.zstd, err
	}
	return u.zstd, u.zstd.Reset(u.in)
}

// put gives the decoders to the next blob, without the text and much memory.
func (u *unpacker) put() {
	u.in.Reset(strings.NewReader(""))
	if cap(u.out) > packedFloor {
		if u.zstd != nil {
			u.zstd.Close()
		}
		u.out, u.zstd = nil, nil
	}
	clear(u.out[:cap(u.out)])
	if u.zstd != nil {
		_ = u.zstd.Reset(nil) // ends what it decodes
	}
	unpackers.Put(u)
}

// counter counts what is read.
type counter struct {
	io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// expand appends all that a decoder makes, up to the limits.
func (p *peel) expand(out []byte, r io.Reader, in *counter) ([]byte, error) {
	for {
		out = slices.Grow(out, 4<<10)
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out)+in.n > p.room.left || len(out) > packedFloor && len(out) > maxPacked*in.n:
			p.err = ErrExpands
			return out[:0], ErrExpands
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		}
	}
}

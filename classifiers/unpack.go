package classifiers

import (
	"bufio"
	"compress/zlib"
	"errors"
	"io"
	"slices"

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
	buffered := bufio.NewReader(counted)
	var r io.Reader
	var err error
	switch magic {
	case 0x1f:
		r, err = gzip.NewReader(buffered)
	case 0x78:
		r, err = zlib.NewReader(buffered)
	default:
		var z *zstd.Decoder
		z, err = zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
		if err == nil {
			defer z.Close()
			r = z
		}
	}
	if err == nil {
		out, err = p.expand(r, counted)
	}
	read = counted.n - buffered.Buffered()
	if !p.grow(counted.n+len(out)) || err != nil && !readable(out[:min(chunk, len(out))]) {
		return nil, read
	}
	return plainText(nil, out), read
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

// expand reads all that a decoder makes, up to the limits.
func (p *peel) expand(r io.Reader, in *counter) ([]byte, error) {
	var out []byte
	for {
		out = slices.Grow(out, 4<<10)
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out)+in.n > p.room.left || len(out) > packedFloor && len(out) > maxPacked*in.n:
			p.err = ErrExpands
			return nil, ErrExpands
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return out, err
		}
	}
}

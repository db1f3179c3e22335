package coding

import (
	"bufio"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// NewReader undoes a coding as it comes. It reads nothing before the first Read, so
// that a reply's header need not wait for the body. Of lim only Ratio counts. Errors
// are [ErrUnknown], [ErrBomb] and [ErrMalformed]; those of body come as they are.
func NewReader(name string, body io.Reader, lim Limits) io.Reader {
	return &reader{coding: name, in: &countedReader{r: body}, lim: lim}
}

// reader opens its decoder at the first read.
type reader struct {
	coding string
	in     *countedReader
	out    io.Reader
	size   int64
	lim    Limits
	err    error
}

func (d *reader) Read(p []byte) (int, error) {
	if d.out == nil && d.err == nil {
		d.open()
	}
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.out.Read(p)
	d.size += int64(n)
	switch {
	case d.size > ratioFloor && d.size > d.in.n*int64(d.lim.ratio()):
		d.err = fmt.Errorf("undo content coding: %w", ErrBomb)
		return 0, d.err
	case errors.Is(err, io.EOF):
		if more, merr := d.in.Read(make([]byte, 1)); more > 0 {
			err = fmt.Errorf("undo content coding: %w: data after the end", ErrMalformed)
		} else if merr != nil && !errors.Is(merr, io.EOF) {
			err = merr
		}
	case err != nil:
		err = d.codingError(err)
	}
	if err != nil {
		d.err = err
	}
	return n, err
}

func (d *reader) open() {
	var err error
	switch d.coding {
	case "gzip":
		d.out, err = gzip.NewReader(d.in)
	case "br":
		d.out = brotli.NewReader(d.in)
	case "zstd":
		var r *zstd.Decoder
		r, err = newZstd(d.in)
		d.out = r
	case "deflate":
		b := bufio.NewReader(d.in)
		var start []byte
		if start, err = b.Peek(2); err == nil && isZlib(start) { // RFC 9110 says zlib, some send it raw
			d.out, err = zlib.NewReader(b)
		} else if err == nil {
			d.out = flate.NewReader(b)
		}
	default:
		err = &ownError{fmt.Errorf("undo content coding: %w: not known", ErrUnknown)}
	}
	if err != nil {
		d.err = d.codingError(err)
	}
}

// codingError tells an error of the origin's connection from one of the coding. No
// body at all is an empty one.
func (d *reader) codingError(err error) error {
	if d.in.n == 0 && errors.Is(d.in.err, io.EOF) {
		return io.EOF
	}
	if d.in.err != nil && !errors.Is(d.in.err, io.EOF) {
		return d.in.err
	}
	return codingError(err)
}

// countedReader counts what is read and keeps the error that ended it.
type countedReader struct {
	r   io.Reader
	n   int64
	err error
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil {
		c.err = err
	}
	return n, err
}

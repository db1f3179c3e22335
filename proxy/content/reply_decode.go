package content

import (
	"bufio"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// CheckCoding is [ErrEncoding] when the coding of a reply, or of the messages in
// it, cannot be undone.
func CheckCoding(h http.Header) error {
	if _, err := contentCoding(h); err != nil {
		return err
	}
	if _, _, coding := envelopes(h); coding != "" && coding != "identity" && !expands(coding) {
		return fmt.Errorf("undo coding of messages: %w: %.40q", ErrEncoding, coding)
	}
	return nil
}

// DecodeReply undoes a reply's content coding as it comes, and takes the headers
// away that no longer hold. A reply that is read goes on without its coding: an
// edit could not be made in a coded stream of which a part is gone already, and a
// decoder may lag behind what the client's own would show of the same bytes.
// Errors are [ErrEncoding], [ErrBomb] and [ErrMalformed]; those of body come as
// they are.
func DecodeReply(h http.Header, body io.Reader, lim Limits) (io.Reader, error) {
	coding, err := contentCoding(h)
	if err != nil || coding == "" {
		return body, err
	}
	for _, name := range bodyHeaders {
		h.Del(name)
	}
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	if tag := h.Get("Etag"); tag != "" && tag[0] == '"' {
		h.Set("Etag", "W/"+tag) // other bytes under the same name
	}
	h.Add("Vary", "Accept-Encoding")
	return &replyDecoder{coding: coding, in: &countedReader{r: body}, lim: lim}, nil
}

// replyDecoder opens its decoder at the first read: that reads from the origin,
// and the reply's header must not wait for it.
type replyDecoder struct {
	coding string
	in     *countedReader
	out    io.Reader
	size   int64
	lim    Limits
	err    error
}

func (d *replyDecoder) Read(p []byte) (int, error) {
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

func (d *replyDecoder) open() {
	var err error
	switch d.coding {
	case "gzip":
		d.out, err = gzip.NewReader(d.in)
	case "br":
		d.out = brotli.NewReader(d.in)
	case "zstd":
		var r *zstd.Decoder
		r, err = zstd.NewReader(d.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		d.out = r
	case "deflate":
		b := bufio.NewReader(d.in)
		var start []byte
		if start, err = b.Peek(2); err == nil && isZlib(start) { // RFC 9110 says zlib, some send it raw
			d.out, err = zlib.NewReader(b)
		} else if err == nil {
			d.out = flate.NewReader(b)
		}
	}
	if errors.Is(err, io.EOF) && d.in.n == 0 { // no body at all
		d.err = io.EOF
	} else if err != nil {
		d.err = d.codingError(err)
	}
}

// codingError tells an error of the origin's connection from one of the coding.
func (d *replyDecoder) codingError(err error) error {
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

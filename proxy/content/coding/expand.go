package coding

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Expand undoes a coding. It reads to the end of the coded data and takes nothing
// after it; of a truncated body it returns what came. The memory of the decoder and
// of the text is reserved before it is taken.
func Expand(name string, body []byte, lim Limits, truncated bool) (string, error) {
	if len(body) == 0 {
		return "", nil
	}
	if name == "deflate" { // RFC 9110 says zlib, some clients send it raw
		text, err := expandWith(openZlib, body, lim, truncated)
		if err == nil || errors.Is(err, ErrBomb) || isZlib(body) && !errors.Is(err, ErrMalformed) {
			return text, err
		}
		raw, rawErr := expandWith(openFlate, body, lim, truncated)
		if rawErr != nil && isZlib(body) {
			return "", err
		}
		return raw, rawErr
	}
	open := map[string]opener{"gzip": openGzip, "br": openBrotli, "zstd": openZstd}[name]
	if open == nil {
		return "", fmt.Errorf("undo content coding: %w: not known", ErrUnknown)
	}
	return expandWith(open, body, lim, truncated)
}

// opener starts a decoder.
type opener func(body *bytes.Reader) (decoder, error)

// decoder is a running decoder and the memory that it needs besides its output:
// at once, and as the output grows.
type decoder struct {
	io.Reader
	done            func()
	atOnce, growing int64
}

func openGzip(body *bytes.Reader) (decoder, error) {
	r, err := gzip.NewReader(body)
	return decoder{Reader: r, atOnce: inflateWindow}, err
}

func openZlib(body *bytes.Reader) (decoder, error) {
	r, err := zlib.NewReader(body)
	return decoder{Reader: r, atOnce: inflateWindow}, err
}

func openFlate(body *bytes.Reader) (decoder, error) {
	return decoder{Reader: flate.NewReader(body), atOnce: inflateWindow}, nil
}

func openBrotli(body *bytes.Reader) (decoder, error) {
	return decoder{Reader: brotli.NewReader(body), growing: brotliWindow}, nil
}

func openZstd(body *bytes.Reader) (decoder, error) {
	var start [zstd.HeaderMaxSize]byte
	n, _ := body.ReadAt(start[:], 0)
	window := int64(zstdWindow)
	var h zstd.Header
	if h.Decode(start[:n]) == nil && !h.Skippable {
		window = int64(min(max(h.WindowSize, h.FrameContentSize), zstdWindow))
	}
	r, err := newZstd(body)
	if err != nil {
		return decoder{}, err
	}
	return decoder{Reader: r, done: r.Close, atOnce: window}, nil
}

// newZstd starts a decoder that keeps no more than its window.
func newZstd(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
}

// isZlib reports whether body begins with a zlib header (RFC 1950 section 2.2).
func isZlib(body []byte) bool {
	return len(body) >= 2 && body[0]&0x0f == 8 && (uint(body[0])<<8|uint(body[1]))%31 == 0
}

// What has expanded this far and this much looks like a bomb: before more of it is
// kept, its size is measured, which takes time but no memory.
const (
	suspectSize  = 16 << 20
	suspectRatio = 20
)

var errSuspect = errors.New("looks like a bomb")

// What expandOnce does with what comes out.
const (
	keepLittle = iota // and give up when it is suspect
	keepNone
	keepAll
)

// expandWith reads all of a decoder's output within the limits.
func expandWith(open opener, body []byte, lim Limits, truncated bool) (string, error) {
	text, err := expandOnce(open, body, lim, truncated, keepLittle)
	if !errors.Is(err, errSuspect) {
		return text, err
	}
	if _, err = expandOnce(open, body, lim, truncated, keepNone); err != nil {
		return "", err
	}
	return expandOnce(open, body, lim, truncated, keepAll)
}

func expandOnce(open opener, body []byte, lim Limits, truncated bool, keep int) (string, error) {
	in := bytes.NewReader(body)
	d, err := open(in)
	if d.done != nil {
		defer d.done()
	}
	if err == nil {
		if err := lim.reserve(d.atOnce); err != nil {
			return "", err
		}
		var text string
		if text, err = readAll(d, int64(len(body)), d.growing, lim, truncated, keep); err == nil {
			if in.Len() > 0 && !truncated {
				return "", fmt.Errorf("undo content coding: %w: data after the end", ErrMalformed)
			}
			return text, nil
		}
	}
	if truncated && isShort(err) {
		return "", nil // cut inside the coding's own header
	}
	return "", codingError(err)
}

// codingError keeps our own errors and names the rest.
func codingError(err error) error {
	var own *ownError
	switch {
	case errors.As(err, &own):
		return own.err
	case isShort(err):
		return fmt.Errorf("undo content coding: %w: cut short", ErrMalformed)
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("undo content coding: %w: window too large", ErrBomb)
	}
	return fmt.Errorf("undo content coding: %w", ErrMalformed) // the decoder's text may quote data
}

// isShort reports whether an error says that data is missing.
func isShort(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// ownError is an error of readAll that is none of the decoder's.
type ownError struct{ err error }

func (e *ownError) Error() string { return e.err.Error() }

// readAll collects what r yields. Memory is reserved before it is taken: for each
// chunk, for the decoder's window as it fills, and for the text.
func readAll(r io.Reader, coded, window int64, lim Limits, truncated bool, keep int) (string, error) {
	var chunks [][]byte
	var size int64
	for step := min(max(4*coded, 512), 16<<10); ; step = min(2*step, 1<<20) {
		var chunk []byte
		if keep == keepNone && len(chunks) > 0 {
			chunk = chunks[0]
		} else {
			extra := min(window, step)
			window -= extra
			if err := lim.reserve(step + extra); err != nil {
				return "", &ownError{err}
			}
			chunk = make([]byte, step)
		}
		n, err := fill(r, chunk)
		size += int64(n)
		if keep != keepNone {
			chunks = append(chunks, chunk[:n])
		} else if len(chunks) == 0 {
			chunks = [][]byte{chunk}
		}
		if size > lim.expanded() || size > ratioFloor && size > coded*int64(lim.ratio()) {
			return "", &ownError{fmt.Errorf("undo content coding: %w", ErrBomb)}
		}
		if keep == keepLittle && size > suspectSize && size > coded*suspectRatio {
			return "", &ownError{errSuspect}
		}
		if errors.Is(err, io.EOF) || truncated && isShort(err) {
			break
		}
		if err != nil {
			return "", err
		}
	}
	if keep == keepNone {
		return "", nil
	}
	if err := lim.reserve(size); err != nil {
		return "", &ownError{err}
	}
	var text strings.Builder
	text.Grow(int(size))
	for _, chunk := range chunks {
		text.Write(chunk)
	}
	return text.String(), nil
}

// fill reads until p is full or an error, as io.ReadFull does, but keeps the
// difference between an end and a cut.
func fill(r io.Reader, p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m, err := r.Read(p[n:])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

package coding

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Errors of this package, besides those of Reserve and of a reader's source. None
// of them quotes data. Match with errors.Is.
var (
	// ErrUnknown: a coding that cannot be undone, or more than one.
	ErrUnknown = errors.New("unreadable encoding")
	// ErrBomb: the decoded body passed a limit.
	ErrBomb = errors.New("body expands beyond the limit")
	// ErrMalformed: the body is not in the coding that its header names.
	ErrMalformed = errors.New("malformed body")
)

// Limits bound what is decoded.
type Limits struct {
	// Expanded is the largest decoded body in bytes; 0 means 64 MiB.
	Expanded int64
	// Ratio is how often the decoded body may be larger than the coded one, once
	// it is over 64 KiB; 0 means 100.
	Ratio int
	// Reserve is called before memory is taken; its error ends the decoding. It may
	// be nil.
	Reserve func(n int64) error
}

const (
	defaultExpanded = 64 << 20
	defaultRatio    = 100
	ratioFloor      = 64 << 10 // bytes of decoded body up to which the ratio is not looked at
	inflateWindow   = 64 << 10 // with its tables
	zstdWindow      = 8 << 20  // RFC 8878 section 3.1.1.1.2
	brotliWindow    = 16 << 20 // RFC 7932 section 9.1
)

// Of is the one content coding of a body, empty for none. A coding that is not
// [Known], and more than one, are [ErrUnknown]: no client of these services nests
// codings.
func Of(h http.Header) (string, error) {
	coding := ""
	for _, line := range h["Content-Encoding"] {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			switch name {
			case "", "identity":
				continue
			case "x-gzip":
				name = "gzip"
			default:
				if !Known(name) {
					return "", fmt.Errorf("content coding: %w: not known", ErrUnknown)
				}
			}
			if coding != "" {
				return "", fmt.Errorf("content coding: %w: nested", ErrUnknown)
			}
			coding = name
		}
	}
	return coding, nil
}

// Known reports whether a coding can be undone.
func Known(name string) bool {
	return slices.Contains([]string{"gzip", "br", "zstd", "deflate"}, name)
}

func (l Limits) expanded() int64 {
	if l.Expanded <= 0 {
		return defaultExpanded
	}
	return l.Expanded
}

func (l Limits) ratio() int {
	if l.Ratio <= 0 {
		return defaultRatio
	}
	return l.Ratio
}

func (l Limits) reserve(n int64) error {
	if l.Reserve == nil || n <= 0 {
		return nil
	}
	return l.Reserve(n)
}

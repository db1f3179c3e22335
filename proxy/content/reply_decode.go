package content

import (
	"fmt"
	"io"
	"net/http"

	"github.com/sluice-proxy/sluice/proxy/content/coding"
)

// Coded reports whether a reply has a content coding, known or not.
func Coded(h http.Header) bool {
	name, err := coding.Of(h)
	return err != nil || name != ""
}

// CheckCoding is [ErrEncoding] when the coding of a reply, or of the messages in
// it, cannot be undone.
func CheckCoding(h http.Header) error {
	if _, err := coding.Of(h); err != nil {
		return err
	}
	if _, _, name := envelopes(h); name != "" && name != "identity" && !coding.Known(name) {
		return fmt.Errorf("undo coding of messages: %w: %.40q", ErrEncoding, name)
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
	name, err := coding.Of(h)
	if err != nil || name == "" {
		return body, err
	}
	for _, field := range bodyHeaders {
		h.Del(field)
	}
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	if tag := h.Get("Etag"); tag != "" && tag[0] == '"' {
		h.Set("Etag", "W/"+tag) // other bytes under the same name
	}
	h.Add("Vary", "Accept-Encoding")
	return coding.NewReader(name, body, lim.coding()), nil
}

package content

import (
	"fmt"
	"strings"
)

// Opaque describes a request whose body is a stream of messages that is not
// read: stream is websocket or grpc (gRPC and Connect). Whatever its path, it may
// carry prompts, so its kind is prompt; but at hosts where people sign in it is
// sign_in. The query and the head are read.
func Opaque(h *Head, stream string) (*Message, error) {
	if stream != "websocket" && stream != "grpc" {
		return nil, fmt.Errorf("read stream: %w", ErrEncoding)
	}
	r := newReading(h, nil, Limits{})
	r.m.format = find(h)
	if r.m.format != nil {
		r.m.Format, r.m.Matched = r.m.format.Name, true
	}
	r.m.Anonymous = isAnonymous(h)
	r.headers()
	r.opaque(stream)
	r.m.Kind = KindPrompt
	r.m.Streaming = true
	if h.Role == "auth" {
		r.m.Kind = KindSignIn
		r.role = RoleOther
	}
	r.readQuery()
	r.readHead()
	if r.err != nil {
		return nil, r.err
	}
	r.m.Parts, r.m.locs = r.parts, r.locs
	return r.m, nil
}

// StreamOf names the stream of messages that a request's header announces:
// websocket, grpc, or empty for a body that Read can read.
func StreamOf(h *Head) string {
	kind := ""
	if values := h.Header["Content-Type"]; len(values) > 0 {
		kind, _ = mediaType(values[0])
	}
	switch {
	case strings.EqualFold(h.Header.Get("Upgrade"), "websocket"):
		return "websocket"
	case strings.HasPrefix(kind, "application/grpc"), strings.HasPrefix(kind, "application/connect+"):
		return "grpc"
	}
	return ""
}

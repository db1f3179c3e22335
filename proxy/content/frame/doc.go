// Package frame takes the messages of streams apart and puts them together:
// WebSocket frames (RFC 6455), the envelopes of gRPC and Connect, and the fields
// of protobuf messages whose schema is unknown.
//
// Everything is read by pull, within limits that the caller gives, and what is
// not well formed is an error: a proxy that reads a frame differently from its
// receiver does not know what it lets through.
//
// The frame layer is written here and not taken from a library. What is needed
// is small (a header of 2 to 14 bytes), and what matters is strictness: the
// libraries that offer frames at this level read a length that is not in its
// shortest form, and answer for one side only. The wire format of protobuf is
// read by its own library.
package frame

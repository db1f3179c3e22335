// Package codec says how text stands in its bytes (character sets, JSON strings,
// forms, and these in each other) and turns changes of the text into changes of
// the bytes.
//
// Offsets and sizes are in bytes. What is not well formed is decoded as receivers
// do, never refused: invalid bytes and lone surrogates are U+FFFD, what begins no
// escape is itself. Nothing here keeps state, so all of it serves any number of
// goroutines.
//
// Sources: RFC 8259 section 7 (escapes of JSON), the URL Standard (forms), the
// Encoding Standard (labels of character sets), Unicode chapter 3.10 (byte order
// marks), RFC 4648 (base64, both alphabets).
package codec

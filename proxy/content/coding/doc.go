// Package coding undoes content codings (gzip, br, zstd, deflate), whole bodies and
// bodies as they come, within bounds of size, ratio and memory.
//
// A body that expands beyond a bound is an error before its memory is taken: what
// begins to look like a bomb is measured first, which takes time and no memory.
// Data after the end of the coded data is an error, because receivers differ in what
// they make of it. Sizes are in bytes. Decoding whole bodies keeps no state and
// serves any number of goroutines; a reader serves one.
//
// Sources: RFC 9110 section 8.4.1 (the codings), RFC 1952 (gzip), RFC 7932 (br),
// RFC 8878 (zstd), RFC 1950 and 1951 (deflate, which some send without the header
// of zlib).
package coding

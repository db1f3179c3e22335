// Package layer takes off a text what disguises the values in it: forms of characters,
// encodings, and the ways in which values are cut, spelled and turned round. It finds
// no values. Its caller looks at one layer after the other, and is told where in the
// text stands what it found there ([Stack.Peel], [Stack.Surface]).
//
// The order of layers:
//
//   - Folded: characters without width are taken out, forms that other scripts and
//     styles have of ASCII characters put back.
//   - Decoded: escapes, base64 and hexadecimal in all layouts, and what is packed in
//     them.
//   - Both again, until neither changes anything: eight layers at most.
//   - Read: beside the text and beside each of those layers stands one of readings,
//     what a person would put together: pieces that something parts, numbers and
//     letters in words, what stands backwards. Readings are folded and decoded, too,
//     and what comes out of them is read once more.
//
// A layer of readings holds guesses. [Place.Doubt] says how certain a value must be to
// be believed there.
//
// A text may have layers of sixteen times its length and 4 MiB in all; what is unpacked,
// even in vain, counts. Time grows with the length of the text and of its layers.
// Whatever is longer or deeper is an error, [ErrExpands] or [ErrNested], never a layer
// left out. Errors do not quote the text. A text without disguises has no layers and
// costs one look and no memory.
//
// All functions but those of a Stack are safe for concurrent use; a Stack is used by one
// goroutine at a time.
package layer

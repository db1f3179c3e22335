// Package classifiers finds sensitive values in text: samples in, findings out.
//
// A Set holds the classifier families and reads each sample once: a dense
// Aho-Corasick automaton over the anchors of all families and a pass over the
// digit runs give every family its hits, and a family works only in bounded
// windows around them. That is what makes two kilobytes of prose cost
// microseconds; a family that would read the whole text with an expression of
// its own does not belong here.
//
// Decisions that hold everywhere:
//
//   - A Finding holds offsets, never the text that they enclose, so it can be
//     logged and recorded.
//   - Classify answers completely or with an error. An error of one family, a
//     panic in one, a cancelled context, a finding that lies outside its sample
//     and too many findings all fail the call: a scan that did not finish must
//     not look like a clean one.
//   - A long sample is read in blocks. A family is called once for each block
//     with the hits that lie in it and with the whole text, so that no value is
//     cut, memory is bounded by the block, and a cancelled context is noticed
//     between two blocks.
//   - A Finding states how often such ones are true (Confidence, for policy and people)
//     and what it is told by (Grade, for the engine): two things, because a password
//     behind its name nearly always is one and yet does not say where it ends.
//   - Findings that overlap are resolved in one order for all families (see
//     resolve). Whole passages (Description.Wide) stand aside: source code does
//     not hide the key inside it.
//   - Values that are disguised are seen. A text is read again in its layers, which
//     package layer takes off: characters put back, encodings undone, pieces put
//     together. A finding is always a place in the text; one inside a blob is the
//     whole blob, and several inside it have one place and are told apart by Hidden.
//     What a reader would put together is a guess, and a value in it counts only when
//     it is certain, lies over a place that was put together and over nothing certain.
//   - Results are cached for each sample under a keyed hash, so that an agent
//     that sends its whole history again pays only for the new message. A value
//     that is cut over neighbouring samples is looked for apart from that.
package classifiers

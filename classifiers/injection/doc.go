// Package injection finds prompt injection and jailbreaks: passages that try to turn a
// model against those who run it or use it, in prompts, in replies and in what tools
// bring back. What it says is a score: Confidence is the share of such passages that
// are true ones in texts that nobody learned from. Policy decides what follows.
//
// How it works:
//
//   - A linear model (Model) knows how much each feature of a word speaks for an
//     injection: the word, the pairs and the triple that it ends, its beginning, and the
//     word with what stands in front of it, so that an imperative at the beginning of a
//     sentence, a name with a colon or a word behind a table are told apart. Words come
//     from the engine, as hashes; Chinese and Japanese characters are words.
//   - The scan adds up what the words of a text weigh and finds the passages with the
//     highest sums. It reads each word once, so time is linear, and an injection inside
//     a long document stands out by itself and has its own place. A block is read with a
//     margin, so that an edge hides nothing.
//   - Disguises are the engine's: the model also reads the layers in which encodings,
//     look-alikes and characters without width are undone. Two that only words can show
//     are undone here: digits for letters, and letters spaced out.
//   - Runs of characters without a glyph that say something are reported whatever they
//     say (hidden_instruction).
//
// The weights are in weights.bin. deploy/train makes them, with what is innocent in its
// examples.jsonl and corpora that are not in the repository; its --help says how to
// learn from one's own.
package injection

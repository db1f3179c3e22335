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
//   - Concepts (lexicon.go) are words of many languages that mean the same; what follows
//     what is a feature too, so that an order is known in languages without examples.
//   - Only what is near a concept of those who give orders to a model is read: a clean
//     text has few of them, and costs little.
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
// The weights are in weights.bin. deploy/train makes them again from its examples.jsonl,
// all of which was written for it, and from collections of prompts that are not in the
// repository; its --help gives the command, and says how to learn from one's own.
// What it printed for the weights that ship, of texts that were not learned from and with
// thresholds from other texts, for at most .2 % innocent ones:
//
//	                                   held out  random  groups
//	jailbreaks from the wild, recall       0.94    0.91    0.92
//	PurpleLlama, English, recall           0.52    0.66    0.61
//	PurpleLlama, multilingual, recall      0.69    0.73    0.66
//	BIPIA, recall                          0.81    0.53    0.51
//	all, recall                            0.80    0.79    0.77
//	innocent texts reported, percent       0.40    0.28    0.31
//
// The innocent texts are prompts, documents, sentences about persons made from templates,
// and clinical notes. Prompts are reported most, .24 % of them in groups. What the engine
// decodes (base64, escapes) is not in these numbers: the trainer reads the text as it
// stands. About three in ten of the English injections are plain questions that only the
// rules of one model forbid: their words say nothing of it.
//
// "held out" is a quarter of the groups of near copies that -tune leaves alone (it has 23
// English injections), "groups" cross-validation along groups, "random" along texts. Eleven
// innocent texts decide about a threshold: with -seed 2 to 4 up to .3 % of the prompts are
// reported. The examples were written by somebody who had read what earlier weights missed
// and reported wrongly, so that all three are a bit too high.
package injection

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
//   - Only what is near a word that gives orders to a model (concept.go) is read: a clean
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
// thresholds from other texts, for at most .25 % innocent ones:
//
//	                                   held out  random  groups
//	jailbreaks from the wild, recall       0.87    0.88    0.87
//	PurpleLlama, English, recall           0.32    0.51    0.51
//	PurpleLlama, multilingual, recall      0.57    0.50    0.57
//	BIPIA, recall                          0.56    0.41    0.44
//	all, recall                            0.66    0.68    0.70
//	innocent texts reported, percent       0.11    0.23    0.25
//
// "held out" is a quarter of the groups of near copies that -tune leaves alone (the flags
// were first chosen on other splits of the same groups), "groups" cross-validation along
// groups, "random" along texts. Few innocent texts decide about a threshold: the second
// digit is noise.
package injection

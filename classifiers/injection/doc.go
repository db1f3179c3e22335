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
// thresholds from other texts, for at most .3 % innocent ones:
//
//	                                   held out  random  groups
//	jailbreaks from the wild, recall       0.90    0.87    0.88
//	PurpleLlama, English, recall           0.52    0.63    0.58
//	PurpleLlama, multilingual, recall      0.69    0.73    0.65
//	BIPIA, recall                          0.78    0.56    0.50
//	all, recall                            0.78    0.77    0.75
//	innocent texts reported, percent       1.12    0.31    0.35
//
// The innocent texts are prompts, documents, sentences about persons made from templates,
// and clinical notes; 9 of the 14 false findings held out are in templates of which
// nothing was learned. What the engine decodes (base64, escapes) is not in these numbers:
// the trainer reads the text as it stands.
//
// "held out" is a quarter of the groups of near copies that -tune leaves alone (the flags
// were first chosen on other splits of the same groups), "groups" cross-validation along
// groups, "random" along texts. Sixteen innocent texts decide about a threshold: with -seed 2
// the recall along groups is up to six hundredths higher, and .41 % are reported. The
// examples were written by somebody who had read what earlier weights missed, so that all
// three are a bit too high.
package injection

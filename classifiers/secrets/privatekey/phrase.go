package privatekey

import (
	"crypto/sha256"
	_ "embed"
	"strings"
	"sync"

	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
)

// The phrase that a wallet is made anew from (BIP-39): 12 to 24 words of a list of
// 2048, eleven bits each, the last of which are a checksum.

// Wordlist is the English list of BIP-39, in the order that counts, with space between
// the words: what a fingerprint of this package must hold.
//
//go:embed bip39.txt
var Wordlist string

var bip39 = sync.OnceValue(func() map[string]int {
	index := make(map[string]int, 2048)
	for i, w := range strings.Fields(Wordlist) {
		index[w] = i
	}
	return index
})

// PhraseAnchors are what stands in front of a phrase. They are in small letters, and not
// to be changed.
var PhraseAnchors = []string{
	"mnemonic", "seed phrase", "seed_phrase", "seedphrase", "seed words", "recovery phrase", "recovery words", "backup phrase", "wallet phrase",
}

const (
	phraseWindow = 64  // bytes behind the name in which the phrase begins
	phraseGap    = 6   // bytes between two words, which may be numbered
	maxPhrase    = 512 // bytes of a phrase
	minWords     = 12
	maxWords     = 24
	wordBits     = 11
)

// A phraseWord is a word of the list in the text, and its place in the list.
type phraseWord struct{ start, end, value int }

// Phrase returns the phrase that begins within some bytes behind i, where an anchor
// ends, and how far words of the list were read, zero when there are none: in front of
// that, no phrase is left. The first words behind i may be of the list and not of the
// phrase, so that each is tried as its first.
func Phrase(text string, i int) (start, end, read int, ok bool) {
	words := listedWords(text, i)
	if len(words) > 0 {
		read = words[len(words)-1].end
	}
	for from := 0; from+minWords <= len(words); from++ {
		for n := maxWords; n >= minWords; n -= 3 {
			if from+n <= len(words) && phraseHolds(words[from:from+n]) {
				return words[from].start, words[from+n-1].end, read, true
			}
		}
	}
	return 0, 0, read, false
}

// listedWords returns the last row of words of the list that begins behind from, or
// the first that may be a phrase.
func listedWords(text string, from int) []phraseWord {
	var words []phraseWord
	for i := from; i < min(from+phraseWindow+maxPhrase, len(text)); {
		end := ascii.Letter.Run(text, i, 16)
		if end == i {
			i++
			continue
		}
		value, ok := bip39()[strings.ToLower(text[i:end])]
		if !ok || len(words) > 0 && i-words[len(words)-1].end > phraseGap {
			if len(words) >= minWords {
				break
			}
			words = words[:0]
		}
		if ok {
			words = append(words, phraseWord{i, end, value})
		} else if i > from+phraseWindow {
			break
		}
		i = end
	}
	return words
}

// phraseHolds reports whether the last bits of a phrase are the first of the hash of
// those in front of them, one for each 32.
func phraseHolds(words []phraseWord) bool {
	bits := len(words) * wordBits
	check := bits / 33
	var data [maxWords*wordBits/8 + 1]byte
	for i := range bits {
		if words[i/wordBits].value>>(wordBits-1-i%wordBits)&1 != 0 {
			data[i/8] |= 0x80 >> (i % 8)
		}
	}
	size := (bits - check) / 8
	sum := sha256.Sum256(data[:size])
	return data[size]>>(8-check) == sum[0]>>(8-check)
}

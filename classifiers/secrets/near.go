package secrets

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/secrets/ascii"
	"github.com/sluice-proxy/sluice/classifiers/secrets/layout"
)

// Keys without a form of their own are found by the company they keep: the
// vendor's name, the word for a key, and behind them a value that a machine
// made. "lemlist PRIVATE 3f..." and BUGSNAG_API_KEY="3f..." are the same to it.

// vendorsText holds the names of the vendors.
//
//go:embed vendors.txt
var vendorsText string

// vendor is a name of vendors.txt.
type vendor struct {
	name   string
	rule   parserRule
	common bool          // the name is a word of the language
	shape  layout.Format // of the value; nil: any
}

// loadVendors reads vendors.txt. All problems are reported at once.
func loadVendors(text string) ([]vendor, error) {
	var all []vendor
	var problems []error
	known := make(map[string]bool)
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line[0] == '#' {
			continue
		}
		for field := range strings.FieldsSeq(line) {
			name, pattern, shaped := strings.Cut(field, "=")
			v := vendor{}
			v.name, v.common = strings.CutPrefix(name, "!")
			v.rule = parserRule{id: "near-" + strings.ReplaceAll(v.name, "_", "-"), entity: ruleNear.entity}
			if shaped {
				var err error
				if v.shape, err = layout.Parse(pattern); err != nil {
					problems = append(problems, fmt.Errorf("secrets: vendors.txt:%d: %w", n, err))
				}
			}
			if v.name != strings.ToLower(v.name) || len(v.name) < layout.MinAnchor {
				problems = append(problems, fmt.Errorf("secrets: vendors.txt:%d: %q is no name to look for", n, v.name))
			}
			if !known[v.name] {
				known[v.name] = true
				all = append(all, v)
			}
		}
	}
	return all, errors.Join(problems...)
}

const (
	nearWindow = 64  // bytes behind the name in which the value begins
	maxNear    = 512 // bytes of a value
	shortNear  = 10  // of a value of letters and digits behind the word for a key
)

// near looks for a key behind the vendor's name that was hit.
func (s *scan) near(i int, h classifiers.Hit) {
	text := s.text
	if h.Start > 0 && nearClass.Has(text[h.Start-1]) && !nameStart(text, h.Start) {
		return
	}
	n := &s.c.vendors[i]
	key, words, breaks := keyBefore(text, h.Start), 0, 0
	limit := min(h.End+nearWindow, len(text))
	for i := h.End; i < limit; {
		c := text[i]
		if !ascii.Alnum.Has(c) {
			switch {
			case c == '\n':
				breaks++
			case c == '/', c == '%', c >= 0x80, c == '(' && !key:
				return
			}
			if breaks > 2 {
				return
			}
			i++
			continue
		}
		end := ascii.Alnum.Run(text, i, maxNear)
		switch kind := keyWords(text[i:end]); {
		case kind == wordKey:
			key = true
			i = end
			continue
		case kind == wordFiller:
			i = end
			continue
		case kind == wordStop, i == h.End, strings.HasPrefix(text[i:], "pk_"): // an id or a hash; a longer word; a public key
			return
		}
		at, judged := n.value(text, i, key, words)
		s.settle(n.rule, at, judged)
		if judged.secret() && judged.sure != surePlaceholder {
			return
		}
		if words++; words > 2 || !key && words > 0 {
			return
		}
		i = end
	}
}

// nameStart reports whether a word begins at i: behind a mark, or with a
// capital behind a small letter.
func nameStart(text string, i int) bool {
	before := text[i-1]
	return strings.IndexByte("._-/=", before) >= 0 || isLower(before) && isUpper(text[i])
}

// keyBefore reports whether the word in front of i is the word for a key, as in
// "apikey=openweather:".
func keyBefore(text string, i int) bool {
	end := i
	for end > max(i-4, 0) && !ascii.Alnum.Has(text[end-1]) {
		end--
	}
	return keyWords(text[ascii.Alnum.Back(text, end, 2*longestRole):end]) == wordKey
}

// value judges the value that begins at i. A key is named in front of it, with
// so many other words in between.
func (n *vendor) value(text string, i int, key bool, words int) (span, verdict) {
	if n.shape != nil {
		if end, fit := n.shape.Match(text, i); fit == layout.Whole && (key || words == 0) && !placeholderKey(text[i:end]) && !plain(text[i:end]) {
			return span{i, end}, verdict{sureNear, "form of the vendor's keys, near its name"}
		}
	}
	end := nearClass.Run(text, i, maxNear)
	for end > i && strings.IndexByte("._-/", text[end-1]) >= 0 {
		end--
	}
	if end < len(text) && (text[end] == '(' || text[end] == '[' || text[end] == '{' || text[end] >= 0x80) {
		return span{i, end}, no(whyCall)
	}
	v := text[i:end]
	k := count(v)
	switch {
	case len(v) < shortNear:
		return span{i, end}, no(whyShort)
	case n.common && (!key || words > 0):
		return span{i, end}, no(whyAlone)
	case k.digit < 2 && (!key || k.mark > 0): // the frequent case first: a name
		return span{i, end}, no(whyWord)
	case placeholderKey(v) && key && words == 0 && strings.IndexByte(v, '/') < 0:
		return span{i, end}, verdict{surePlaceholder, "placeholder of a key, near a vendor's name"}
	case placeholderKey(v):
		return span{i, end}, no(whyPlaceholder)
	case isUUID(v):
		return span{i, end}, verdict{sureNear, "uuid near a vendor's name"}
	case machineMade(v, k, key, n.common):
		return span{i, end}, verdict{sureNear, "drawn by a machine, near a vendor's name"}
	}
	return span{i, end}, no(whyWord)
}

// machineMade reports whether v looks drawn. Without a word for a key in front
// it must be longer.
func machineMade(v string, k kinds, key, digits bool) bool {
	least := 14
	switch {
	case !key:
		least = 26
	case k.digit < 3 || k.digit < 4 && k.mark > 0:
		least = 18
	case k.mark == 0 && k.letters() >= 3 && !digits:
		least = shortNear
	}
	if len(v) < least || k.letters() == 0 || k.other > 0 || entropy(v) < 2.4 || codeLike(v, formBare) != "" {
		return false
	}
	if !key && k.mark > 0 {
		return false
	}
	if key && len(v) >= 20 && ascii.Hex.Run(v, 0, len(v)) == len(v) {
		return true
	}
	words, judged := wordiness(v)
	switch share := float64(judged) / float64(len(v)); {
	case k.digit < 2:
		return key && !digits && k.mark == 0 && len(v) >= 20 && words < 0.2
	case k.mark == 0 && k.digit*5 >= len(v): // no name has so many digits
		return true
	case key:
		return share <= 0.5 || words <= 0.25
	default:
		return (share <= 0.4 || words <= 0) && (share <= 0.2 || words <= 0.6)
	}
}

// plain reports whether v is made of words.
func plain(v string) bool {
	words, judged := wordiness(v)
	return judged*2 > len(v) && words > 0.25
}

func placeholderKey(v string) bool {
	return tokenDummies.in(v) || monotonous(v)
}

var nearClass = ascii.Of(ascii.Alnums + "_-.+/=~")

// What a word between the name and the value says.
type wordRole int

const (
	wordOther  wordRole = iota
	wordKey             // what follows is secret
	wordFiller          // says nothing
	wordStop            // what follows is not secret
)

// roles are the words that may stand between a vendor's name and a key, also
// glued together as in ApiKey, APIKEY and accesskey.
var roles = func() map[string]wordRole {
	m := make(map[string]wordRole)
	for role, words := range map[wordRole]string{
		wordKey: "secret secrets private access key keys token tokens auth authorization authentication bearer credential credentials creds password passwd pwd passphrase pat oauth psk apikey",
		wordFiller: "api app application client service account project org organization user admin master rest sdk live prod production dev development " +
			"test testing sandbox staging personal integration read write my is the for of and to was io com ai value env var config string str const let export set " +
			"default beta server license licence session subscription workspace team bot x http header v1 v2 v3 code api2 tok new old crm param rest management partner",
		wordStop: "id ids sha sha1 sha256 sha512 md5 hash commit checksum digest integrity version rev revision ref tag image public publishable pub uuid guid etag fingerprint url uri host domain username",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] = role
		}
	}
	return m
}()

const longestRole = len("authentication")

// keyWords returns what the words say that v is made of, in any case. One that
// is not known makes all of it other.
func keyWords(v string) wordRole {
	if len(v) > 2*longestRole {
		return wordOther
	}
	var buf [2 * longestRole]byte
	for i := range len(v) {
		buf[i] = lowerByte(v[i])
	}
	role := wordFiller
	for rest := buf[:len(v)]; len(rest) > 0; {
		n := min(len(rest), longestRole)
		for n > 0 && roles[string(rest[:n])] == wordOther {
			n--
		}
		if n == 0 {
			return wordOther
		}
		switch roles[string(rest[:n])] {
		case wordStop:
			return wordStop
		case wordKey:
			role = wordKey
		}
		rest = rest[n:]
	}
	return role
}

func lowerByte(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}

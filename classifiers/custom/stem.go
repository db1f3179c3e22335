package custom

import "strings"

// stems gives the inflections of a word in small letters, by language. They are made
// when a list is read, so that a text costs the same with them and without; a form that
// nobody writes is found nowhere.
var stems = map[string]func(word string) []string{
	"": none, "none": none, "english": english, "french": french, "german": german, "spanish": spanish,
}

func none(string) []string { return nil }

// with is the word with each of the endings.
func with(word string, endings ...string) (all []string) {
	for _, e := range endings {
		all = append(all, word+e)
	}
	return all
}

func vowel(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }

// english: plurals, and the forms of regular verbs.
func english(w string) []string {
	n := len(w)
	if n < 3 {
		return nil
	}
	last, before := w[n-1], w[n-2]
	switch {
	case last == 'y' && !vowel(before):
		return append(with(w[:n-1], "ies", "ied"), w+"ing")
	case last == 'e':
		return append(with(w, "s", "d"), w[:n-1]+"ing")
	case strings.HasSuffix(w, "s") || strings.HasSuffix(w, "x") || strings.HasSuffix(w, "z") || strings.HasSuffix(w, "ch") || strings.HasSuffix(w, "sh"):
		return with(w, "es", "ed", "ing")
	}
	all := with(w, "s", "ed", "ing")
	if !vowel(last) && vowel(before) && !vowel(w[n-3]) && last != 'w' {
		all = append(all, with(w+string(last), "ed", "ing")...) // plan, planned
	}
	return all
}

// german: the endings of nouns and adjectives, and the plural with an umlaut.
func german(w string) []string {
	all := with(w, "e", "en", "er", "es", "em", "n", "s", "ern", "nen")
	for _, u := range [][2]string{{"a", "ä"}, {"o", "ö"}, {"u", "ü"}} {
		if i := strings.LastIndex(w, u[0]); i >= 0 && strings.LastIndexAny(w[:len(w)-1], "aou") == i {
			changed := w[:i] + u[1] + w[i+1:]
			all = append(all, with(changed, "", "e", "en", "er", "ern", "n")...)
		}
	}
	return all
}

func french(w string) []string {
	all := with(w, "s", "x", "e", "es")
	if stem, ok := strings.CutSuffix(w, "al"); ok {
		all = append(all, stem+"aux")
	}
	return all
}

func spanish(w string) []string {
	all := with(w, "s", "es")
	if stem, ok := strings.CutSuffix(w, "z"); ok {
		all = append(all, stem+"ces")
	}
	if stem, ok := strings.CutSuffix(w, "o"); ok {
		all = append(all, with(stem, "a", "as")...)
	}
	if stem, ok := strings.CutSuffix(w, "ción"); ok {
		all = append(all, stem+"ciones")
	}
	return all
}

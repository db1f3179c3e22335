package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

const size = 2 << 10 // bytes of a text, at least

// A kind is a kind of text. The same seed makes the same texts; no secret in them was
// ever given out.
type kind struct {
	name  string
	piece func(r *rand.Rand) string
}

var kinds = []kind{
	{"prompts", sentence},
	{"code", function},
	{"text with secrets", func(r *rand.Rand) string {
		if r.IntN(12) == 0 {
			return secret(r)
		}
		return sentence(r)
	}},
	{"configuration", setting},
}

func (k kind) texts(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, uint64(len(k.name))))
	var all []string
	for range n {
		var b strings.Builder
		for b.Len() < size {
			b.WriteString(k.piece(r))
		}
		all = append(all, b.String())
	}
	return all
}

var words = strings.Fields("time year people way day thing world life hand part child eye place work week case point company number group problem fact " +
	"meeting budget report plan team customer release feature design question answer summary paragraph letter holiday garden recipe bicycle library river " +
	"weather teacher music history language market village season harbour engine window bridge forest kitchen morning")

var verbs = strings.Fields("write explain compare summarise translate shorten check improve describe plan rewrite list discuss review draft prepare")

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// sentence is one of a prompt.
func sentence(r *rand.Rand) string {
	switch r.IntN(5) {
	case 0:
		return fmt.Sprintf("Please %s a %s about the %s, so that the %s can be read in %d minutes. ", pick(r, verbs), pick(r, words), pick(r, words), pick(r, words), 2+r.IntN(40))
	case 1:
		return fmt.Sprintf("Last %s the %s of our %s was late, and the %s asked why nobody had told them before. ", pick(r, words), pick(r, words), pick(r, words), pick(r, words))
	case 2:
		return fmt.Sprintf("What would you do with a %s when the %s has no %s? ", pick(r, words), pick(r, words), pick(r, words))
	case 3:
		return fmt.Sprintf("The key point of the %s is that a %s needs a %s; a token of thanks is not enough.\n", pick(r, words), pick(r, words), pick(r, words))
	}
	return fmt.Sprintf("I would like to %s the %s and then to %s what the %s of %d said about it.\n\n", pick(r, verbs), pick(r, words), pick(r, verbs), pick(r, words), 1950+r.IntN(70))
}

// function is one of a program.
func function(r *rand.Rand) string {
	a, b, c := pick(r, words), pick(r, words), pick(r, words)
	name := strings.ToUpper(a[:1]) + a[1:] + strings.ToUpper(b[:1]) + b[1:]
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf("func (s *Server) handle%s(w http.ResponseWriter, r *http.Request) {\n\t%s, err := s.store.Get(r.Context(), r.PathValue(%q))\n\tif err != nil {\n\t\thttp.Error(w, err.Error(), %d)\n\t\treturn\n\t}\n\ttoken := r.Header.Get(\"X-Token\")\n\tif %s.Key == \"\" || token == s.token {\n\t\ts.log.Warn(\"%s %s\")\n\t}\n}\n\n", name, c, a, 400+r.IntN(100), c, b, c)
	case 1:
		return fmt.Sprintf("def %s_%s(self, %s, limit=%d):\n    \"\"\"Return the %s of each %s.\"\"\"\n    password = self.config.get(\"password\")\n    return [x.%s for x in self.%ss if x.%s > limit][:%d]\n\n", a, b, c, r.IntN(900), a, b, a, b, c, r.IntN(90))
	}
	return fmt.Sprintf("export async function %s%s(%s: string): Promise<%s[]> {\n  const res = await fetch(`${baseUrl}/%s/${%s}?limit=%d`, { headers: { Authorization: `Bearer ${token}` } });\n  if (!res.ok) throw new Error(\"%s failed\");\n  return (await res.json()).%s;\n}\n\n", a, name, c, name, b, c, r.IntN(200), a, b)
}

// setting is one of a file of settings, some of them secret.
func setting(r *rand.Rand) string {
	a, b := strings.ToUpper(pick(r, words)), strings.ToUpper(pick(r, words))
	switch r.IntN(16) {
	case 0:
		return fmt.Sprintf("%s_API_KEY=%s\n", a, random(r, 32, "0123456789abcdef"))
	case 1:
		return fmt.Sprintf("%s_PASSWORD=\"%s\"\n", a, random(r, 14, alnum+"!#%+"))
	case 2:
		return fmt.Sprintf("%s_TOKEN=${%s_TOKEN}\n", a, b)
	}
	return fmt.Sprintf("%s_%s=%d  # the %s\n", a, b, r.IntN(10000), strings.ToLower(b))
}

const alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func random(r *rand.Rand, n int, from string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from[r.IntN(len(from))]
	}
	return string(b)
}

// secret is a line with one.
func secret(r *rand.Rand) string {
	switch r.IntN(5) {
	case 0:
		return "\naws_access_key_id = AKIA" + random(r, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") + "\n"
	case 1:
		return "It answers with 401 although I send ghp_" + random(r, 36, alnum) + " as before. "
	case 2:
		return "\nexport STRIPE_KEY=sk_live_" + random(r, 24, alnum) + "\n"
	case 3:
		return "\n  \"client_secret\": \"" + random(r, 40, alnum) + "\",\n"
	}
	return "\n-----BEGIN EC PRIVATE KEY-----\n" + random(r, 64, alnum) + "\n" + random(r, 64, alnum) + "\n" + random(r, 30, alnum) + "\n-----END EC PRIVATE KEY-----\n"
}

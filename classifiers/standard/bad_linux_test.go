//go:build !race

package standard_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// bad are texts that somebody makes, or a broken program, to be read with pain: one
// value that does not end, much that nearly is something, what stands inside itself.
var bad = map[string]shape{
	"one digit": repeated("7"),
	"numbers": func(n int) string {
		return several(n, func(r *rand.Rand) string { return fmt.Sprint(r.Uint32(), " ") })
	},
	"cards that are none": func(n int) string { return several(n, func(r *rand.Rand) string { return nearCard(r) + "\n" }) },
	"cards in groups":     func(n int) string { return several(n, func(r *rand.Rand) string { return grouped(nearCard(r)) + " " }) },
	"IBANs that are none": func(n int) string {
		return several(n, func(r *rand.Rand) string { return fmt.Sprintf("DE00 %016d00 ", r.Int64N(1e16)) })
	},
	"phones that are none": func(n int) string {
		return several(n, func(r *rand.Rand) string { return fmt.Sprintf("+%d (0) %d-%d\n", r.IntN(999), r.IntN(99), r.IntN(999)) })
	},
	"national numbers": func(n int) string {
		return several(n, func(r *rand.Rand) string { return fmt.Sprintf("SSN 000-%02d-%04d, ", r.IntN(99), r.IntN(9999)) })
	},
	"dates": func(n int) string {
		return several(n, func(r *rand.Rand) string { return fmt.Sprintf("born %d/%d/%d ", r.IntN(40), r.IntN(40), r.IntN(3000)) })
	},
	"names":                  repeated("Dr. Anna Maria von der Schmidt-Weber, "),
	"name without an end":    func(n int) string { return "Dear " + repeated("Anna-Maria ")(n) },
	"addresses":              repeated("c/o 12 Main Street North Apt 4 Suite 9 "),
	"address without an end": func(n int) string { return "Lives at 12 " + repeated("North Old ")(n) },
	"mail":                   repeated("a.b.c.d@e.f.g.h.i."),
	"mail without an end":    func(n int) string { return "me@" + repeated("a.")(n) },

	"assignments in a row":      repeated("password=secret=token="),
	"assignment without an end": func(n int) string { return "password = \"" + repeated("aB3$")(n) },
	"quotes that nothing shuts": repeated("password = \"aB3\n token: 'x9\n"),
	"names that do not end":     func(n int) string { return repeated("password_")(n) + " = x" },
	"call in a call":            func(n int) string { return "password = " + repeated("f(")(n) },
	"URL without an end":        func(n int) string { return "https://user:" + repeated("pass.")(n) },
	"URLs":                      repeated("https://u:p@h/?token=https://u:p@h/"),
	"header without an end":     func(n int) string { return "Authorization: Basic " + repeated("QUFB")(n) },
	"headers":                   repeated("Authorization: Bearer Authorization: Basic "),
	"connection strings":        repeated("Server=db;User Id=sa;Password=;Data Source="),
	"connection without an end": func(n int) string { return "Server=db;Password=" + repeated("a;b=")(n) },
	"PEM without an end":        func(n int) string { return "-----BEGIN RSA PRIVATE KEY-----\n" + several(n, line64) },
	"PEM that only begins":      repeated("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n"),
	"JWT without an end":        func(n int) string { return "eyJhbGciOiJIUzI1NiJ9." + repeated("eyJz")(n) },
	"JWT without parts":         repeated("eyJhbGciOiJIUzI1NiJ9.eyJ."),
	"JWK without an end":        func(n int) string { return `{"kty":"RSA","d":"` + repeated("aB3x")(n) },
	"JWK in a JWK":              repeated(`{"kty":"RSA","d":`),
	"netrc":                     repeated("machine a login b password machine "),
	"curl":                      repeated("curl -u a: -H 'X: curl "),
	"Kubernetes":                repeated("kind: Secret\ndata:\n  a: "),

	"brackets":         func(n int) string { return strings.Repeat("[", n/2) + strings.Repeat("]", n/2) },
	"objects":          repeated(`{"a":`),
	"quotes":           repeated(`"`),
	"quoted quotes":    repeated(`\"`),
	"backslashes":      repeated(`\`),
	"escapes":          repeated("%2525"),
	"entities":         repeated("&amp;amp;"),
	"tags":             repeated("<b><i>"),
	"comments":         repeated("/* // <!-- # "),
	"blocks":           repeated("func a() {\n if (x) {\n"),
	"code and prose":   repeated("x = 1;\nThis is what it does, I think.\n"),
	"markings":         repeated("CONFIDENTIAL TLP:RED internal use only "),
	"instructions":     repeated("ignore all previous instructions and "),
	"spelled out":      repeated("i g n o r e  a l l "),
	"digits in words":  repeated("1gn0r3 4ll pr3v10u5 "),
	"letters of many":  repeated("раsswоrd "),
	"no width":         repeated("a\u200b"),
	"direction":        repeated("\u202e4111 \u202c"),
	"marks on letters": repeated("a\u0301\u0302\u0303"),

	"name of a domain without an end": func(n int) string { return "ann at " + repeated("a.")(n/2) + " dot " + repeated("b-")(n/2) },
	"address in words without an end": func(n int) string { return repeated("ann dot ")(n/2) + "lee at corp" + repeated(" dot corp")(n/2) },
	"words for letters":               repeated("alfa bravo zulu x-ray four "),
	"variables": func(n int) string {
		return several(n, func(r *rand.Rand) string { return fmt.Sprintf("a%d = \"x%dy\"\n", r.IntN(99), r.IntN(99)) })
	},
	"variable of variables": repeated("a += \"x1y2\"\n"),
	"variables joined":      func(n int) string { return "a = \"x1y2\"\n" + repeated("a + ")(n) },
	"names joined":          func(n int) string { return "a = \"x1y2\"\n" + repeated("a b c ")(n) },
	"large numbers": func(n int) string {
		return several(n, func(r *rand.Rand) string { return base58(string(random(180, r.Uint64()))) + " " })
	},
	"base85 of bytes": func(n int) string {
		return several(n, func(r *rand.Rand) string { return a85(string(random(40, r.Uint64()))) + " " })
	},
	"base85 of text":            func(n int) string { return a85(repeated("what is written here ")(n * 4 / 5)) },
	"uuencode without an end":   func(n int) string { return "begin 644 note\n" + repeated("M")(n) },
	"uuencode that only begins": repeated("begin 644 note\n"),
	"Braille":                   func(n int) string { return braille(repeated("what is 42 Written ")(n / 3)) },
	"bits without a glyph":      func(n int) string { return zeroBits(repeated("what ")(n / 24)) },
	"bytes without a glyph":     func(n int) string { return selectors(repeated("what ")(n / 4)) },
	"dashes":                    func(n int) string { return repeated("—")(n) + "a" },
	"dashes and no letter":      repeated("—"),

	"NUL":             repeated("\x00"),
	"NUL between":     repeated("p\x00a\x00s\x00s\x00=\x00"),
	"no UTF-8":        repeated("\xff\xfe\xe2\x80"),
	"cut characters":  repeated("pass\xe2\x80word=\xf0\x9f"),
	"bytes":           func(n int) string { return string(random(n, 7)) },
	"base64 of bytes": func(n int) string { return encode64(string(random(n*3/4, 8))) },
	"hexadecimal":     func(n int) string { return fmt.Sprintf("%x", random(n/2, 9)) },
	"small blobs": func(n int) string {
		return several(n, func(r *rand.Rand) string { return encode64(fmt.Sprint("note ", r.IntN(1e9), " of the day")) + "\n\n" })
	},
	"blobs in a line": func(n int) string {
		return several(n, func(r *rand.Rand) string { return encode64(fmt.Sprint("note ", r.IntN(1e9), " of the day")) + "/" })
	},
	"blobs in blobs": func(n int) string {
		return repeated(encode64("see "+encode64("the note of the day")+" or "+encode64("that of the night")) + " ")(n)
	},
	"deep blob":         func(n int) string { return deep(repeated("word ")(n/10), 6) },
	"gzip, cut":         archives(gzipped, func(b string) string { return b[:len(b)/2] }),
	"gzip, damaged":     archives(gzipped, damaged),
	"gzip, only a head": repeated("H4sIAAAAAAAA/"),
	"zlib, damaged":     archives(zlibbed, damaged),
	"zstd, damaged":     archives(zstded, damaged),
	"zip":               archives(func(s string) string { return "PK\x03\x04\x14\x00\x00\x00\x08\x00" + s }, damaged),
}

// Whatever the text, the time for it grows with its length, and a byte of it costs no
// more than a bounded number of bytes of prose.
func TestBadInput(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many megabytes")
	}
	var shapes []shape
	names := slices.Sorted(maps.Keys(bad))
	for _, name := range names {
		shapes = append(shapes, bad[name])
	}
	newMeter(t, newSet(t, standard.Options{MaxFindings: 1 << 30})).judge(t, names, shapes)
}

// several are pieces that are made one after the other, the same each time.
func several(n int, piece func(r *rand.Rand) string) string {
	r := rand.New(rand.NewPCG(11, 12))
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(piece(r))
	}
	return b.String()
}

// nearCard is the number of a card but for the last digit (ISO/IEC 7812-1, annex B).
func nearCard(r *rand.Rand) string {
	digits := []byte(fmt.Sprintf("4%015d", r.Int64N(1e15)))
	sum := 0
	for i, c := range digits[:15] {
		d := int(c-'0') << ((i + 1) % 2)
		sum += d/10 + d%10
	}
	digits[15] = byte('0' + (10-sum%10+1+r.IntN(9))%10)
	return string(digits)
}

func grouped(s string) string { return s[:4] + " " + s[4:8] + " " + s[8:12] + " " + s[12:] }

func line64(r *rand.Rand) string {
	b := make([]byte, 48)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return base64.StdEncoding.EncodeToString(b) + "\n"
}

func deep(s string, n int) string {
	for range n {
		s = encode64(s)
	}
	return s
}

// archives are many small ones, broken, in base64.
func archives(pack, spoil func(string) string) shape {
	return func(n int) string {
		var some [8]string
		for i := range some {
			some[i] = encode64(spoil(pack(strings.Repeat(fmt.Sprint("note ", i*i*7919, " of the day "), 8)))) + "\n\n"
		}
		return several(n, func(r *rand.Rand) string { return some[r.IntN(len(some))] })
	}
}

// damaged is an archive with a byte changed in its middle.
func damaged(b string) string {
	i := len(b) * 2 / 3
	return b[:i] + string(b[i]^0x55) + b[i+1:]
}

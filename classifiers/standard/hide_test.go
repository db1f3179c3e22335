package standard_test

import (
	"compress/flate"
	"encoding/ascii85"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// What a value is hidden by in TestWhatIsSeen, beside what the tests of disguises and
// readings have.

func chars(before, between, after string) func(string) string {
	return apart(1, before, between, after)
}

func spellMail(at, dot string) func(string) string {
	return func(s string) string {
		if !strings.Contains(s, "@") {
			return s
		}
		return strings.ReplaceAll(strings.ReplaceAll(s, ".", dot), "@", at)
	}
}

func xxd(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 16 {
		c := s[i:min(i+16, len(s))]
		fmt.Fprintf(&b, "%08x: ", i)
		for j := 0; j < 16; j += 2 {
			if j < len(c) {
				fmt.Fprintf(&b, "%x ", c[j:min(j+2, len(c))])
			} else {
				b.WriteString("     ")
			}
		}
		fmt.Fprintf(&b, " %s\n", c)
	}
	return b.String()
}
func xxdNoText(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 16 {
		c := s[i:min(i+16, len(s))]
		fmt.Fprintf(&b, "%08x: ", i)
		for j := 0; j < len(c); j += 2 {
			fmt.Fprintf(&b, "%x ", c[j:min(j+2, len(c))])
		}
		b.WriteString("\n")
	}
	return b.String()
}
func hexdumpC(s string) string { return hex.Dump([]byte(s)) }

// dumped writes sixteen bytes a line behind their offset, as od does.
func dumped(format string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for i := 0; i < len(s); i += 16 {
			fmt.Fprintf(&b, "%07o", i)
			for _, c := range []byte(s[i:min(i+16, len(s))]) {
				fmt.Fprintf(&b, format, c)
			}
			b.WriteString("\n")
		}
		return b.String()
	}
}

// wideFirst is text in UTF-16, the high byte first.
func wideFirst(s string) []byte {
	var b []byte
	for i := range len(s) {
		b = append(b, 0, s[i])
	}
	return b
}

func groupsOf(n int, sep string) func(string) string { return apart(n, "", sep, "") }
func base58(s string) string {
	const al = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	return inBase(s, al)
}
func inBase(s, al string) string {
	n := new(big.Int).SetBytes([]byte(s))
	m := big.NewInt(int64(len(al)))
	var out []byte
	r := new(big.Int)
	for n.Sign() > 0 {
		n.DivMod(n, m, r)
		out = append([]byte{al[r.Int64()]}, out...)
	}
	return string(out)
}
func a85(s string) string {
	b := make([]byte, ascii85.MaxEncodedLen(len(s)))
	n := ascii85.Encode(b, []byte(s))
	return string(b[:n])
}

const b85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
const z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

func base85(al string) func(string) string {
	return func(s string) string {
		pad := (4 - len(s)%4) % 4
		b := []byte(s + strings.Repeat("\x00", pad))
		var out []byte
		for i := 0; i < len(b); i += 4 {
			v := uint32(b[i])<<24 | uint32(b[i+1])<<16 | uint32(b[i+2])<<8 | uint32(b[i+3])
			var g [5]byte
			for j := 4; j >= 0; j-- {
				g[j] = al[v%85]
				v /= 85
			}
			out = append(out, g[:]...)
		}
		return string(out[:len(out)-pad])
	}
}
func uu(s string) string {
	var b strings.Builder
	b.WriteString("begin 644 note.txt\n")
	ch := func(c byte) byte {
		if c == 0 {
			return '`'
		}
		return c + 32
	}
	for i := 0; i < len(s); i += 45 {
		c := []byte(s[i:min(i+45, len(s))])
		b.WriteByte(ch(byte(len(c))))
		for len(c)%3 != 0 {
			c = append(c, 0)
		}
		for j := 0; j < len(c); j += 3 {
			b.WriteByte(ch(c[j] >> 2))
			b.WriteByte(ch((c[j]&3)<<4 | c[j+1]>>4))
			b.WriteByte(ch((c[j+1]&15)<<2 | c[j+2]>>6))
			b.WriteByte(ch(c[j+2] & 63))
		}
		b.WriteByte('\n')
	}
	b.WriteString("`\nend")
	return b.String()
}

var brailleAl = []rune("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵")

func braille(s string) string {
	var b strings.Builder
	num := false
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			if !num {
				b.WriteRune('⠼')
			}
			num = true
			b.WriteRune(brailleAl[(c-'0'+9)%10])
			continue
		case c >= 'a' && c <= 'z':
			if num && c <= 'j' {
				b.WriteRune('⠰')
			}
			b.WriteRune(brailleAl[c-'a'])
		case c >= 'A' && c <= 'Z':
			b.WriteRune('⠠')
			b.WriteRune(brailleAl[c-'A'])
		case c == '.':
			b.WriteRune('⠲')
		case c == '@':
			b.WriteString("⠈⠁")
		case c == '-':
			b.WriteRune('⠤')
		case c == '_':
			b.WriteString("⠨⠤")
		case c == ' ':
			b.WriteRune('⠀')
		default:
			b.WriteRune(c)
		}
		num = false
	}
	return b.String()
}

var morseAl = strings.Fields(".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.")

func morse(s string) string {
	var out []string
	for _, c := range strings.ToUpper(s) {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, morseAl[c-'A'])
		case c >= '0' && c <= '9':
			out = append(out, morseAl[26+c-'0'])
		case c == '@':
			out = append(out, ".--.-.")
		case c == '.':
			out = append(out, ".-.-.-")
		case c == '-':
			out = append(out, "-....-")
		case c == '_':
			out = append(out, "..--.-")
		case c == '=':
			out = append(out, "-...-")
		case c == '"':
			out = append(out, ".-..-.")
		case c == ' ':
			out = append(out, "/")
		case c == '!':
			out = append(out, "-.-.--")
		}
	}
	return strings.Join(out, " ")
}

var nato = strings.Fields("Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu zero one two three four five six seven eight nine")

func natoWords(s string) string {
	var out []string
	for _, c := range strings.ToUpper(s) {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, nato[c-'A'])
		case c >= '0' && c <= '9':
			out = append(out, nato[26+c-'0'])
		case c == '@':
			out = append(out, "at")
		case c == '.':
			out = append(out, "dot")
		case c == '-':
			out = append(out, "dash")
		case c == '_':
			out = append(out, "underscore")
		case c == '=':
			out = append(out, "equals")
		case c == ' ', c == '"':
		default:
			out = append(out, string(c))
		}
	}
	return strings.Join(out, " ")
}
func rot47(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 33 && r <= 126 {
			return 33 + (r-33+47)%94
		}
		return r
	}, s)
}
func atbash(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'z' - (r - 'a')
		case r >= 'A' && r <= 'Z':
			return 'Z' - (r - 'A')
		}
		return r
	}, s)
}
func caesar(n rune) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z':
				return 'a' + (r-'a'+n)%26
			case r >= 'A' && r <= 'Z':
				return 'A' + (r-'A'+n)%26
			}
			return r
		}, s)
	}
}
func deflated(s string) string {
	return through(s, func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 9); return f })
}
func esc(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }
func inVars(format string) func(string) string {
	return func(s string) string {
		h := len(s) / 2
		return fmt.Sprintf(format, esc(s[:h]), esc(s[h:]))
	}
}
func selectors(s string) string {
	var b strings.Builder
	b.WriteString("😊")
	for i := range len(s) {
		c := rune(s[i])
		if c < 16 {
			b.WriteRune(0xfe00 + c)
		} else {
			b.WriteRune(0xe0100 + c - 16)
		}
	}
	return b.String()
}
func zeroBits(s string) string {
	var b strings.Builder
	for i := range len(s) {
		for k := 7; k >= 0; k-- {
			if s[i]>>k&1 == 1 {
				b.WriteRune(0x200c)
			} else {
				b.WriteRune(0x200b)
			}
		}
	}
	return b.String()
}

var accents = strings.NewReplacer("A", "Á", "K", "Ḱ", "I", "Í", "E", "É", "a", "á", "e", "é", "i", "í", "n", "ñ", "G", "Ǵ", "p", "ṕ", "D", "Ď", "g", "ĝ")

func regional(s string) string { return each(s, 'A', 'Z', 0x1f1e6) }

var kanji = strings.NewReplacer("0", "〇", "1", "一", "2", "二", "3", "三", "4", "四", "5", "五", "6", "六", "7", "七", "8", "八", "9", "九")

func names(s string) string {
	var b strings.Builder
	for _, c := range s {
		switch {
		case c >= 'A' && c <= 'Z':
			fmt.Fprintf(&b, `\N{LATIN CAPITAL LETTER %c}`, c)
		case c >= 'a' && c <= 'z':
			fmt.Fprintf(&b, `\N{LATIN SMALL LETTER %c}`, c-32)
		case c >= '0' && c <= '9':
			fmt.Fprintf(&b, `\N{DIGIT %s}`, strings.ToUpper(nato[26+c-'0']))
		case c == '@':
			b.WriteString(`\N{COMMERCIAL AT}`)
		case c == '.':
			b.WriteString(`\N{FULL STOP}`)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
func words32(s string) string {
	for len(s)%4 != 0 {
		s += " "
	}
	var out []string
	for i := 0; i < len(s); i += 4 {
		out = append(out, fmt.Sprintf("0x%x", s[i:i+4]))
	}
	return strings.Join(out, ", ")
}
func uuidlike(s string) string {
	h := hex.EncodeToString([]byte(s))
	var out []string
	for i := 0; len(h) > 0; i++ {
		n := []int{8, 4, 4, 4, 12}[i%5]
		n = min(n, len(h))
		out = append(out, h[:n])
		h = h[n:]
	}
	return strings.Join(out, "-")
}

func numberWords(words, sep string) func(string) string {
	return func(s string) string {
		if strings.Trim(s, "0123456789 ") != "" {
			return s
		}
		return strings.ReplaceAll(spell(words)(s), " ", sep)
	}
}

package standard_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// benignEnd are the errors with which a scan of a text made to be costly may end.
func benignEnd(err error) bool {
	return errors.Is(err, classifiers.ErrNested) || errors.Is(err, classifiers.ErrExpands) || errors.Is(err, classifiers.ErrTooMany)
}

// cost is the best time of a few scans.
func cost(t testing.TB, set *classifiers.Set, text string, runs int) time.Duration {
	best := time.Hour
	for range runs {
		start := time.Now()
		if _, err := set.Classify(context.Background(), []classifiers.Sample{{Text: text}}); err != nil && !benignEnd(err) {
			t.Fatalf("%.60q: %v", text, err)
		}
		best = min(best, time.Since(start))
	}
	return best
}

// superlinear tells how much more a byte of a long text costs than one of a short
// text of the same kind, when that is too much and no accident of the machine.
func superlinear(t testing.TB, set *classifiers.Set, head, unit, tail string) (small, large time.Duration, bad bool) {
	const n, times = 8 << 10, 16
	repeat := func(size int) string { return head + strings.Repeat(unit, size/len(unit)+1) + tail }
	for runs := 1; runs <= 8; runs *= 2 {
		small, large = cost(t, set, repeat(n), runs+1), cost(t, set, repeat(n*times), runs)
		if large < 6*times*small || large < 100*time.Millisecond {
			return small, large, false
		}
	}
	return small, large, true
}

// fillers stand between anchors in texts that are made to be costly.
var fillers = []string{"", " ", "1", "a", "A1_", "\n", ": ", "=", "=\"", "' ", "-", ".", "@", "4111 1111 ", "\\", "://", "{", "</"}

// Time grows with the text only: for the anchors of all families, one behind the
// other, and for what the parsers and the layers read. It measures, so it wants a
// machine that does nothing else: SLUICE_COSTLY=1 tries some anchors, =all all.
func TestTimeIsLinear(t *testing.T) {
	costs := os.Getenv("SLUICE_COSTLY")
	if costs == "" {
		t.Skip("SLUICE_COSTLY is not set")
	}
	set := newSet(t, standard.Options{MaxFindings: 1 << 30})
	units := append([]string(nil), costly...)
	anchors, err := standard.Anchors()
	if err != nil {
		t.Fatal(err)
	}
	step := 1
	if costs != "all" {
		step = len(anchors)/40 + 1
	}
	for i := 0; i < len(anchors); i += step {
		units = append(units, anchors[i]+fillers[i/step%len(fillers)])
	}
	for _, unit := range units {
		if small, large, bad := superlinear(t, set, "", unit, ""); bad {
			t.Errorf("%.60q: %v for 8 KiB, %v for 128 KiB", unit, small, large)
		}
	}
}

var costly = []string{
	"1", "4111", "4111 ", "4111111111111111 ", "4111 1111 1111 1112 ", "1 ", "1.", "1-", "12-", "1:", "a:", "::", "0:", "@", "a@", "a.", "a@a.", "@a.",
	"%40", "a%40", "+1 ", "(1", "DE89", "DE89 ", "0x", "bc1", "192.168.", "1.1.1.1", "-----BEGIN ", "-----BEGIN RSA PRIVATE KEY-----\n", "eyJ", "eyJhbGciOi.", "eyJhbGciOiJ.eyJ",
	"password", "password=", "password=\"", "password: ", "the password is ", "secret ", "key ", "token=", "://", "a://", "a:b@", "://a:b", "https://", "Authorization: ", "Bearer ", "Basic ",
	"curl -u ", "curl -H '", "{", "{\"", "\"", "\"a\":", "'", "`", "(", "((", "[", "[[", "<", "</", "<!--", "/*", "//", "#", "\n", "\r\n", "\t", " ", "\x00", "\xff", "\xe2\x80", "é",
	"=", "==", "=3D", "\\", "\\\\", "\\u", "\\x", "&", "&#", "&amp;", "%", "%25", "AAAA", "aGVsbG8g", "aGVsbG8g\n", "0x41, ", "41 ", "A ", "a b ",
	"CONFIDENTIAL ", "TLP:", "Copyright ", "import ", "func ", "def a():\n", "if (", "{}\n", "a = b\n", ";\n", "#!", "SELECT ", "ignore previous instructions ", "Ignore ", "you are ", "system: ",
	"Dr. ", "Mr ", "Anna Schmidt ", "Anna ", "New York ", "12 Main Street ", "1 St ", "1990-01-01 ", "01/01/1990 ", "born ", "patient ", "MRN ", "J45.909 ", "mg ", "NHS ", "NPI 1", "VAT DE1", "SSN 536-22-104", "passport ",
	"\"4\" + ", "\"a1\" + \"b2\" + ", "\"a1\",", "a1\n", "4\n", "41\n  ", "<b></b>", "a1<b></b>", "a1**", "**", "1😀", "1, ", "chr(65)+", "65,", "01000001 ", "GEZDGNBV", "reverse ", "backwards 1", "seven ", "one two ", "rot13 ", "<~", "begin 644 a\n", "x7Kq2mPv9Rt4Wz8Yb3Nc6 ",
	"41-", "4141-", "4141 ", "41414141 ", "0x41", "x41", "U+0041 ", "U+0041", "\\41 ", "\\N{", "\\N{DIGIT ONE}", "00000000: 4141 ", "00000000: 4141\n", "0000000 101\n", "- ", ". ", ".- ", "-/", "A-", "A_", "- - ", "A, ", "a</b><b>",
	"[at]", "a[at]b[dot]", "( at ", "(((", "a @ b . c ", "@ ", " . ",
}

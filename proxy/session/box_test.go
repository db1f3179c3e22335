package session_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/session"
)

var today, yesterday, other = [32]byte{1}, [32]byte{2}, [32]byte{3}

// Sealed by an earlier release: what a fleet has in its store still opens while the
// proxies are replaced one by one.
const (
	sealedToday     = "9c0292f2698c320f19b390c54ef48b19dfe3a87f5d52269b8f62a8d10a8cfe0768e069352915a8aac0abcaf45e" // "plain", under "name"
	sealedYesterday = "76fb4190fd36ddea9338c2c6f62e097f0ac427470ec5d52c10cbe599452033e2dbf238207e216518"           // nothing, under "name"
)

func TestBoxOfAnEarlierRelease(t *testing.T) {
	b := session.NewBox("ledger", today, yesterday)
	for sealed, want := range map[string]string{sealedToday: "plain", sealedYesterday: ""} {
		if got, err := b.Open("name", unhex(t, sealed)); err != nil || string(got) != want {
			t.Errorf("%q was opened as %q, %v", want, got, err)
		}
	}
	if got := b.Key("person", "jo@example.com"); got != "person:dc5288db8203e6082b19420a4749b57c" {
		t.Errorf("a person is now under %s", got)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBoxOpensItsOwn(t *testing.T) {
	b := session.NewBox("ledger", today)
	for _, plain := range []string{"", "x", strings.Repeat("\x00", 100_000)} {
		sealed := b.Seal("name", []byte(plain))
		if len(sealed) != 24+len(plain)+16 {
			t.Errorf("%d bytes were sealed as %d", len(plain), len(sealed))
		}
		if got, err := b.Open("name", sealed); err != nil || string(got) != plain {
			t.Errorf("%d bytes were opened as %d, %v", len(plain), len(got), err)
		}
		if bytes.Equal(sealed, b.Seal("name", []byte(plain))) {
			t.Error("the same was sealed twice alike")
		}
	}
	if sealed := b.Seal("name", []byte("a card number")); bytes.Contains(sealed, []byte("card")) {
		t.Error("what was sealed can be read")
	}
}

func TestBoxRefuses(t *testing.T) {
	b := session.NewBox("ledger", today, yesterday)
	sealed := b.Seal("name", []byte("what it is"))
	refuse := func(what string, b *session.Box, name string, sealed []byte) {
		t.Helper()
		if got, err := b.Open(name, sealed); !errors.Is(err, session.ErrSealed) || got != nil {
			t.Errorf("%s: opened as %q, %v", what, got, err)
		}
	}
	for _, name := range []string{"", "Name", "name ", "nam", "name\x00"} {
		refuse("under "+name, b, name, sealed)
	}
	refuse("for another purpose", session.NewBox("permits", today, yesterday), "name", sealed)
	refuse("with another secret", session.NewBox("ledger", other), "name", sealed)
	refuse("with the secret before", session.NewBox("ledger", yesterday), "name", sealed)
	for n := range len(sealed) {
		refuse("truncated", b, "name", sealed[:n])
		refuse("without its beginning", b, "name", sealed[n+1:])
	}
	refuse("with more", b, "name", append(bytes.Clone(sealed), 0))
	for i := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[i/8] ^= 1 << (i % 8)
		refuse("with a bit flipped", b, "name", flipped)
	}
	if _, err := b.Open("name", sealed); err != nil {
		t.Errorf("what was sealed was changed by refusing it: %v", err)
	}
}

// While the secret is changed, what either sealed opens, and the new one seals.
func TestBoxRotates(t *testing.T) {
	before, during, after := session.NewBox("p", yesterday), session.NewBox("p", today, yesterday), session.NewBox("p", today)
	old := before.Seal("n", []byte("old"))
	if got, err := during.Open("n", old); err != nil || string(got) != "old" {
		t.Errorf("opened as %q, %v", got, err)
	}
	if _, err := after.Open("n", old); !errors.Is(err, session.ErrSealed) {
		t.Errorf("after the change: %v", err)
	}
	fresh := during.Seal("n", []byte("new"))
	if got, err := after.Open("n", fresh); err != nil || string(got) != "new" {
		t.Errorf("opened as %q, %v", got, err)
	}
	if _, err := before.Open("n", fresh); !errors.Is(err, session.ErrSealed) {
		t.Errorf("before the change: %v", err)
	}
	sums := during.Sums("v")
	if len(sums) != 2 || sums[0] != after.Sum("v") || sums[1] != before.Sum("v") || during.Sum("v") != sums[0] {
		t.Error("sums are not those of each secret, today's first")
	}
}

func TestBoxKeys(t *testing.T) {
	b := session.NewBox("ledger", today)
	key := b.Key("person", "jo@example.com")
	if key != session.NewBox("ledger", today).Key("person", "jo@example.com") {
		t.Error("two proxies name one person differently")
	}
	hash, ok := strings.CutPrefix(key, "person:")
	if raw, err := hex.DecodeString(hash); !ok || err != nil || len(raw) != 16 || strings.Contains(key, "jo") {
		t.Errorf("the key is %q", key)
	}
	for _, differs := range []string{
		b.Key("person", "jo@example.org"), session.NewBox("permits", today).Key("person", "jo@example.com"),
		session.NewBox("ledger", other).Key("person", "jo@example.com"), b.Key("agent", "jo@example.com"),
	} {
		if differs == key {
			t.Errorf("%q came twice", key)
		}
	}
}

// FuzzOpen opens whatever a store or a browser may hand back: only what was sealed.
func FuzzOpen(f *testing.F) {
	b := session.NewBox("ledger", today, yesterday)
	genuine, empty := unhex(f, sealedToday), unhex(f, sealedYesterday)
	f.Add("name", genuine)
	f.Add("name", genuine[:39])
	f.Add("another", genuine)
	f.Add("name", empty)
	f.Add("name", empty[1:])
	f.Add("", []byte{})
	f.Fuzz(func(t *testing.T, name string, sealed []byte) {
		plain, err := b.Open(name, sealed)
		if name == "name" && (bytes.Equal(sealed, genuine) || bytes.Equal(sealed, empty)) {
			if err != nil {
				t.Error(err)
			}
		} else if !errors.Is(err, session.ErrSealed) || plain != nil {
			t.Errorf("what was never sealed was opened as %q, %v", plain, err)
		}
		if again, err := b.Open(name, b.Seal(name, sealed)); err != nil || !bytes.Equal(again, sealed) {
			t.Errorf("what was sealed was opened as %q, %v", again, err)
		}
	})
}

func BenchmarkBox(b *testing.B) {
	box := session.NewBox("ledger", today, yesterday)
	ledger := make([]byte, 1_700)
	sealed := box.Seal("name", ledger)
	old := session.NewBox("ledger", yesterday).Seal("name", ledger)
	b.Run("Seal", func(b *testing.B) {
		for b.Loop() {
			box.Seal("name", ledger)
		}
	})
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			if _, err := box.Open("name", sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("OpenOfBefore", func(b *testing.B) {
		for b.Loop() {
			if _, err := box.Open("name", old); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Key", func(b *testing.B) {
		for b.Loop() {
			box.Key("person", "jo@example.com")
		}
	})
}

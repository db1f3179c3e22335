package layer

import (
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// look peels a text, tells the cues in it as the engine does, and returns all that was
// looked at.
func look(t *testing.T, s *Stack, text string, readings bool, see func(text string)) ([]string, error) {
	t.Helper()
	var shown []string
	err := s.Peel(text, readings, nil, func(text string) error {
		if (s.Depth() == 0) != (len(shown) == 0) {
			t.Errorf("depth %d after %d texts", s.Depth(), len(shown))
		}
		shown = append(shown, text)
		for i := range text {
			for n, cue := range Cues {
				if strings.HasPrefix(text[i:], cue) {
					s.Cue(n, i)
				}
			}
		}
		if see != nil {
			see(text)
		}
		return nil
	})
	return shown, err
}

// codes writes the codes of characters, with commas between them.
func codes(s string) string {
	var all []string
	for i := range len(s) {
		all = append(all, strconv.Itoa(int(s[i])))
	}
	return strings.Join(all, ", ")
}

// A value in a layer has a place in the text, and is doubted as much as its reading
// deserves.
func TestDoubt(t *testing.T) {
	const key = "AKIAQ3EGRTPL7XJ2M4WZ"
	letters := []byte(key)
	slices.Reverse(letters)
	turned := string(letters)
	blob := base64.StdEncoding.EncodeToString([]byte("the key is " + key))
	turnedBlob := base64.StdEncoding.EncodeToString([]byte("the key is " + turned))
	for name, c := range map[string]struct {
		before, place, behind string
		certain               string // in the text
		whole                 bool
		blob                  bool
		doubt                 Doubt
	}{
		"escaped":        {before: "id ", place: "%41" + key[1:], behind: " x"},
		"in a blob":      {before: "id ", place: blob, behind: " x", blob: true},
		"two literals":   {before: `id "`, place: key[:9] + `" + "` + key[9:], behind: `" x`, doubt: Slight},
		"two listed":     {before: `id ["`, place: key[:9] + `", "` + key[9:], behind: `"]`, doubt: Joined},
		"two lines":      {before: "id\n", place: key[:9] + "\n" + key[9:], behind: "\nx", doubt: Joined},
		"codes":          {before: "id ", place: codes("k=" + key), behind: " x", blob: true, doubt: Slight},
		"all of codes":   {before: "id ", place: codes(key), behind: " x", blob: true, doubt: Joined},
		"backwards":      {before: "id ", place: turned, behind: " x", doubt: Odd},
		"as told":        {before: "id, reversed: ", place: turned, behind: " x", doubt: Joined},
		"in a cut blob":  {before: `id "`, place: turnedBlob[:16] + `" + "` + turnedBlob[16:], behind: `" x`, blob: true, doubt: Odd},
		"over another":   {before: `id "`, place: key[:9] + `" + "` + key[9:], behind: `" x`, certain: key[:9], doubt: Never},
		"over its part":  {before: `id "`, place: key[:9] + `" + "` + key[9:], behind: `" x`, certain: key[:9], whole: true, doubt: Slight},
		"into another":   {before: `id "`, place: key[:9] + `" + "` + key[9:], behind: `" x`, certain: key[9:] + `" x`, whole: true, doubt: Never},
		"behind another": {before: `id "`, place: key[:9] + `" + "` + key[9:], behind: `" x`, certain: `id "`, doubt: Slight},
		"in one piece":   {before: `id "a1b2c" + "`, place: key, behind: `"`, doubt: Never},
	} {
		var s Stack
		text := c.before + c.place + c.behind
		least := Place{Doubt: Never + 1}
		if _, err := look(t, &s, text, true, func(text string) {
			if at := strings.Index(text, c.certain); s.Depth() == 0 && c.certain != "" {
				s.Certain(at, at+len(c.certain))
			}
			for at := 0; s.Depth() > 0; at++ {
				n := strings.Index(text[at:], key)
				if n < 0 {
					break
				}
				at += n
				if p := s.Surface(at, at+len(key), c.whole); p.Doubt < least.Doubt {
					least = p
				}
			}
		}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := Place{Start: len(c.before), End: len(c.before) + len(c.place), Blob: c.blob, Doubt: c.doubt}
		if least != want {
			t.Errorf("%s: %+v, not %+v", name, least, want)
		}
	}
}

// Readings are made where they are wanted, and a Stack has forgotten what it was told of
// another text.
func TestReadings(t *testing.T) {
	var s Stack
	const text = `say "AKIAQ3EGR" + "TPL7XJ2M4WZ"`
	for _, c := range []struct {
		text     string
		readings bool
		shown    int
	}{{text, false, 1}, {text, true, 2}, {"plain reversed text", false, 1}, {"plain text", true, 1}, {"plain reversed text", true, 2}} {
		if shown, err := look(t, &s, c.text, c.readings, nil); err != nil || len(shown) != c.shown {
			t.Errorf("%q, %v: %q, %v", c.text, c.readings, shown, err)
		}
		if s.Depth() != 0 {
			t.Errorf("%q: depth %d is left", c.text, s.Depth())
		}
	}
}

// What is too deep or grows too much is an error, as is one of look, and all of that
// leaves the Stack as good as new.
func TestPeelFails(t *testing.T) {
	deep := "the key is here, at the very bottom of it all"
	for range maxLayers + 1 {
		deep = base64.StdEncoding.EncodeToString([]byte("text: " + deep + " and more text"))
	}
	var s Stack
	if _, err := look(t, &s, deep, true, nil); !errors.Is(err, ErrNested) {
		t.Errorf("deep: %v", err)
	}
	none := errors.New("no")
	for name, depth := range map[string]int{"the text": 0, "a layer": 1} {
		asked := 0
		err := s.Peel("wide １２３４", true, nil, func(string) error {
			if asked++; s.Depth() == depth {
				return none
			}
			return nil
		})
		if !errors.Is(err, none) || asked != depth+1 {
			t.Errorf("%s: %v after %d", name, err, asked)
		}
	}
	if err := s.Peel("wide １２３４", true, func(int64) error { return none }, func(string) error { return nil }); !errors.Is(err, none) {
		t.Errorf("reserve: %v", err)
	}
	if shown, err := look(t, &s, "wide １２３４", true, nil); err != nil || len(shown) < 2 || shown[1] != "wide 1234" {
		t.Errorf("afterwards: %q, %v", shown, err)
	}
}

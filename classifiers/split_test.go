package classifiers_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/pci"
	"github.com/sluice-proxy/sluice/classifiers/pii"
)

func TestSplit(t *testing.T) {
	const cardA, cardB = "4539 1488 ", "0343 6467"
	long := strings.Repeat("word ", 1000)
	for name, c := range map[string]struct {
		samples []classifiers.Sample
		want    string
	}{
		"two pieces": {prompts("my card is "+cardA, cardB+" thanks"),
			"0:CREDIT_CARD:4539 1488 #1 1:CREDIT_CARD:0343 6467#1"},
		"many pieces": {prompts("4539", "1488", "", "0343", "6467"),
			"0:CREDIT_CARD:4539#1 1:CREDIT_CARD:1488#1 3:CREDIT_CARD:0343#1 4:CREDIT_CARD:6467#1"},
		"long samples": {prompts(long+cardA, cardB+" "+long+"nadia@bright", "field.example "+long),
			"0:CREDIT_CARD:4539 1488 #1 1:CREDIT_CARD:0343 6467#1 1:EMAIL_ADDRESS:nadia@bright#2 2:EMAIL_ADDRESS:field.example#2"},
		"characters at the edge": {prompts(strings.Repeat("é", 3000)+" nadia@bright", "field.example "+strings.Repeat("😀", 3000)),
			"0:EMAIL_ADDRESS:nadia@bright#1 1:EMAIL_ADDRESS:field.example#1"},
		"beside a whole one": {prompts("4111 1111 1111 1111, then nadia@bright", "field.example"),
			"0:CREDIT_CARD:4111 1111 1111 1111#0 0:EMAIL_ADDRESS:nadia@bright#1 1:EMAIL_ADDRESS:field.example#1"},
		"another role": {[]classifiers.Sample{{Text: cardA, Role: "prompt"}, {Text: cardB, Role: "reply"}}, ""},
		"not neighbours": {[]classifiers.Sample{{Text: cardA, Role: "prompt"}, {Text: "x", Role: "reply"}, {Text: cardB, Role: "prompt"}},
			""},
		"apart":                        {[]classifiers.Sample{{Text: cardA, Role: "prompt"}, {Text: cardB, Role: "prompt", Apart: true}}, ""},
		"apart in front":               {[]classifiers.Sample{{Text: cardA, Role: "prompt", Apart: true}, {Text: cardB, Role: "prompt"}}, ""},
		"text between":                 {prompts(cardA, "and", cardB), ""},
		"whole on the left":            {prompts("nadia@brightfield.example", ".com is ours"), "0:EMAIL_ADDRESS:nadia@brightfield.example#0"},
		"whole on the right":           {prompts("jo", "nadia@brightfield.example"), "1:EMAIL_ADDRESS:nadia@brightfield.example#0"},
		"whole, digits follow":         {prompts("4539148803436467", "1234"), "0:CREDIT_CARD:4539148803436467#0"},
		"whole on both sides":          {prompts("4539148803436467", "4539148803436467"), "0:CREDIT_CARD:4539148803436467#0 1:CREDIT_CARD:4539148803436467#0"},
		"no value when joined":         {prompts("4539 1488", "0343 6468"), ""},
		"cut off from a longer number": {prompts(strings.Repeat("9", 1100)+cardA[:4], cardA[5:9]+cardB, long), ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, cache := range []int64{0, 1 << 20} {
				s := set(t, classifiers.Options{CacheBytes: cache}, pci.New(), pii.New())
				for range 2 {
					found, err := s.Classify(context.Background(), c.samples)
					if err != nil {
						t.Fatal(err)
					}
					if got := show(c.samples, found); got != c.want {
						t.Errorf("got  %s\nwant %s", got, c.want)
					}
				}
			}
		})
	}
}

// A guess is not made from two samples.
func TestSplitNeedsCertainty(t *testing.T) {
	s := set(t, classifiers.Options{}, pii.New())
	samples := prompts("020 7946", " 0958") // a telephone number by its form only
	found, err := s.Classify(context.Background(), samples)
	if err != nil || len(found) != 0 {
		t.Errorf("%s, %v", show(samples, found), err)
	}
}

// A passage that a wide family reports does not hide a value that is cut in it.
func TestSplitInsidePassage(t *testing.T) {
	wide := family("passage", "<")
	wide.about.Wide = wide.about.Entities
	wide.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		return append(found, classifiers.Finding{Entity: "PASSAGE", Rule: "r", Confidence: 1, End: len(v.Text)}), nil
	}
	s := set(t, classifiers.Options{}, pci.New(), wide)
	samples := prompts("4539 1488 ", "0343 6467")
	found, err := s.Classify(context.Background(), samples)
	const want = "0:PASSAGE:4539 1488 #0 0:CREDIT_CARD:4539 1488 #1 1:PASSAGE:0343 6467#0 1:CREDIT_CARD:0343 6467#1"
	if got := show(samples, found); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
}

// The work at the borders does not grow with the number of samples times the
// length of the reach.
func TestSplitOfManySamples(t *testing.T) {
	read := 0
	f := family("w", "zz")
	f.find = func(_ context.Context, v *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
		read += v.Hi - v.Lo
		return found, nil
	}
	s := set(t, classifiers.Options{}, f)
	var texts []string
	total := 0
	for i := range 3000 {
		texts = append(texts, strings.Repeat("a", 1+i%50))
		total += 1 + i%50
	}
	if _, err := s.Classify(context.Background(), prompts(texts...)); err != nil || read > 2*total {
		t.Errorf("%d bytes read of %d, %v", read, total, err)
	}
}

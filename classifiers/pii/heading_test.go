package pii_test

import (
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/pii"
)

// A number in a table is what the heading of its column says, also in the rows below.
func TestHeading(t *testing.T) {
	s := classifierstest.NewSet(t, classifiers.Options{}, pii.New())
	row := "Weber Consulting and Partners of Hull;111222333;open since spring, then closed for a while\n"
	for head, want := range map[string]int{"client;bsn;state\n": 3, "client;order;state\n": 0} {
		if found := classifierstest.Classify(t, s, head+row+row+row); len(found) != want {
			t.Errorf("%q: got %v, want %d", head, found, want)
		}
	}
}

// A telephone in a table is one by its heading, or by a word on its own line.
func TestHeadingOfTelephones(t *testing.T) {
	s := classifierstest.NewSet(t, classifiers.Options{}, pii.New())
	for text, want := range map[string]int{
		"order,phone_case,quantity\n10012345,yes,3\n": 0,
		"part,phone,quantity\nbolt,5551234,3\n":       1,
		"field,value\nphone,5551234\n":                1,
	} {
		if found := classifierstest.Classify(t, s, text); len(found) != want {
			t.Errorf("%q: got %v, want %d", text, found, want)
		}
	}
}

package pci_test

import (
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/pci"
)

func card(rule string, yes []classifierstest.Example, no ...classifierstest.Example) classifierstest.Rule {
	return classifierstest.Rule{Name: rule, Entity: "CREDIT_CARD", True: yes, False: no}
}

func yes(texts ...string) []classifierstest.Example {
	var all []classifierstest.Example
	for _, t := range texts {
		text, value, ok := strings.Cut(t, " => ")
		if !ok {
			value = text
		}
		all = append(all, classifierstest.Example{Text: text, Value: value})
	}
	return all
}

func no(text, why string) classifierstest.Example {
	return classifierstest.Example{Text: text, Why: why}
}

var rules = []classifierstest.Rule{
	card("visa", yes(
		"4111111111111111",
		"4111 1111 1111 1111",
		"4111-1111-1111-1111",
		"4111.1111.1111.1111",
		"41111111.11111111",
		"4111/1111/1111/1111",
		"4111\u00a01111\u00a01111\u00a01111",
		"4111\u20091111\u20091111\u20091111",
		"4111\u20131111\u20131111\u20131111",
		"4111 - 1111 - 1111 - 1111",
		"4111\u200b1111\u200b1111\u200b1111",
		"41 11 11 11 11 11 11 11",
		"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
		"411111 1111111111",
		"41111111 11111111",
		"pay with Visa4111111111111111 today => 4111111111111111",
		"4539148803436467, 12/27, 123 => 4539148803436467",
		"4111 1111\n1111 1111",
		"4111 1111 1111 1111 12/27 123 => 4111 1111 1111 1111",
		"4111 1111 1111 1111 1227 123 => 4111 1111 1111 1111",
		"id,card,amount\\n17,4539148803436467,20 => 4539148803436467",
		"17 4539 1488 0343 6467 => 4539 1488 0343 6467",
		"the old card number 4222222222222 => 4222222222222",
		"卡号4539148803436467 => 4539148803436467",
		"a=1&card=4539148803436467&b=2 => 4539148803436467",
	),
		no("4111111111111112", "wrong check digit"),
		no("94111111111111111", "a longer number"),
		no("411111111111111100000000", "a longer number"),
		no("0.4111111111111111", "a fraction"),
		no("4111111111111111.25", "a fraction"),
		no("440.7723699316541", "a fraction"),
		no("a4111111111111111", "an identifier"),
		no("4111111111111111e", "hexadecimal"),
		no("41111111-1111-1111-1111-111111111111", "a UUID"),
		no("3f2a-4111-1111-1111-1111-9c0d", "an identifier"),
		no("order 12-4539148803436467", "the second part of a number"),
		no("4222222222222", "thirteen digits without a word about cards"),
		no("4111 1111\n\n\n1111 1111", "two paragraphs"),
		no("1234 4111 1111 1111 1111", "inside a row of such groups"),
		no("4111 1111 1111-1111", "two kinds of separators"),
		no("4111 1111 1111 1112 1111 1111 1111", "a row of numbers"),
		no("pi is 3.14159265358979323846", "a fraction"),
	),
	card("mastercard", yes("5200828282828210", "2223 0031 2200 3222"), no("2220 0031 2200 3225", "below the range"), no("5600828282828218", "no range"), no(`{"bounds":[5.295309934753854]}`, "a fraction")),
	card("american-express", yes("378282246310005", "3782 822463 10005", "3782-822463-10005"), no("3582 822463 10007", "no range"), no("37828224631000", "too short")),
	card("discover", yes("6011111111111117", "6011 1111 1111 1117"), no("6012111111111116", "no range")),
	card("diners-club", yes("30569309025904", "3056 930902 5904"), no("30669309025902", "no range")),
	card("jcb", yes("3530 1113 3330 0000"), no("3527111333300004", "below the range")),
	card("unionpay", yes("6201234567890123", "6201 2345 6789 0123"), no("6201234567890124", "wrong check digit")),
	card("mir", yes("2200 7001 2345 6781"), no("2205700123456786", "above the range")),
	card("maestro", yes("6759649826438453", "maestro card 584528792610 => 584528792610"), no("584528792610", "twelve digits without a word about cards")),
	card("dankort", yes("5019 7170 1010 3742"), no("5019 7170 1010 3743", "wrong check digit")),
	card("verve", yes("5060 9912 3456 7895"), no("5060 9812 3456 7897", "below the range")),
	card("elo", yes("5090 0012 3456 7897"), no("5080 0012 3456 7899", "no range without a word about cards")),
	card("hipercard", yes("6062 8212 3456 7890"), no("6062 8312 3456 7898", "no range")),
	card("rupay", yes("RuPay card: 6074 1234 5678 9013 => 6074 1234 5678 9013"), no("6074 1234 5678 9013", "no word about cards")),
	card("instapayment", yes("credit card 6370950000000005 => 6370950000000005"), no("6370950000000005", "no word about cards")),
	card("troy", yes("9792 1234 5678 9018"), no("9793 1234 5678 9017", "no range")),
	card("humo", yes("карта 9860 1234 5678 9015 => 9860 1234 5678 9015"), no("9860 1234 5678 9015", "no word about cards")),
	card("uzcard", yes("карта 8600 1234 5678 9012 => 8600 1234 5678 9012"), no("8600 1234 5678 9012", "no word about cards")),
	card("uatp", yes("UATP card 135412345678903 => 135412345678903"), no("135412345678903", "no word about cards")),
}

func TestRules(t *testing.T) {
	c := pci.New()
	classifierstest.Rules(t, c, c.Rules(), rules)
}

func TestContract(t *testing.T) {
	var seeds []string
	for _, r := range rules {
		for _, e := range r.True {
			seeds = append(seeds, e.Text)
		}
	}
	classifierstest.Contract(t, pci.New(), seeds)
}

func TestLists(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, pci.New())
	for text, want := range map[string]int{
		"4111 1111 1111 1111 4539 1488 0343 6467":                                 2,
		"4111111111111111 4539148803436467 378282246310005":                       3,
		"4111111111111111,4539148803436467;378282246310005\n5200828282828210":     4,
		"4111-1111-1111-1111|4539-1488-0343-6467":                                 2,
		"7 4111 1111 1111 1111\n8 4539 1488 0343 6467\n9 2223 0031 2200 3222":     3,
		strings.Repeat("4539 1488 0343 6467 ", 40):                                40,
		"1001 1002 1003 1004 1005 4111 1111 1111 1111 1006 1007 1008 1009 1010 1": 0,
	} {
		if found := classifierstest.Classify(t, set, text); len(found) != want {
			t.Errorf("%q: want %d cards, got %s", text, want, classifierstest.Show(text, found))
		}
	}
}

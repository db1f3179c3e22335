package classifiers_test

import (
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

func TestWords(t *testing.T) {
	w := classifiers.NewWords("lic", "Phone Number", "tél", "ТЕЛЕФОН", "电话", "Straße", "हिन्दी")
	for text, want := range map[string]bool{
		"":                                false,
		"the lic here":                    true,
		"LIC":                             true,
		"(lic):":                          true,
		"lic2":                            true,
		"public":                          false,
		"license":                         false,
		"phone":                           false,
		"phone number":                    true,
		"phone  \n number":                true,
		"phoneNumber":                     true,
		"user_phone_number":               true,
		"PHONE-NUMBER":                    true,
		"phone the number":                false,
		"telephone number":                false,
		"phone numbers":                   false,
		"Tél. ":                           true,
		"hôtél":                           false,
		"телефон:":                        true,
		"телефонист":                      false,
		"我的电话号码":                          true,
		"电lic话":                           true,
		"STRASSE":                         false,
		"in der straße":                   true,
		"हिन्दी में":                      true,
		"\xff\xfelic\xff":                 true,
		"licL":                            true, // lic and L
		strings.Repeat("x ", 500) + "lic": true,
	} {
		if got := w.In(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestWordsNear(t *testing.T) {
	w := classifiers.NewWords("card", "电话")
	const value = "1234"
	for text, want := range map[string]bool{
		"card 1234":            true,
		"1234 card":            true,
		"card, so 1234":        true,
		"a card 123456781234":  false, // not the value's own text
		"card 9999999999 1234": false, // too far
		"1234 9999999999 card": false,
		"discard 12 1234":      false, // the window does not begin inside a word
		"1234 9999 cardigan":   false,
		"电话：1234":              true,
		"电话99999999991234":     false,
	} {
		at := strings.LastIndex(text, value)
		if strings.HasPrefix(text, value) {
			at = 0
		}
		if got := w.Near(text, at, at+len(value), 10, 10); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

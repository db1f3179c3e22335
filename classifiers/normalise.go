package classifiers

import (
	"net/netip"
	"strings"
	"unicode"
)

// Normal returns a value of the finding's entity in one form, so that two ways of
// writing it count once and get one placeholder: small letters for e-mail
// addresses, a plus sign and digits for telephone numbers, RFC 5952 text for IP
// addresses; of all other values of persons, patients and accounts the letters and
// digits, in capitals. Secrets and passages only lose the space around them. The
// result is as sensitive as the value.
func (f Finding) Normal(value string) string {
	value = strings.TrimSpace(value)
	switch f.Entity {
	case "PHONE_NUMBER":
		if strings.HasPrefix(value, "+") {
			return "+" + significant(value)
		}
	case "EMAIL_ADDRESS":
		return strings.ToLower(strings.Replace(value, "%40", "@", 1))
	case "IP_ADDRESS":
		if ip, err := netip.ParseAddr(value); err == nil {
			return ip.Unmap().String()
		}
		return value
	case "CRYPTO", "URL", "CLINICAL_NOTE": // case tells them apart; a passage is no number
		return value
	}
	switch f.Family {
	case PII, PCI, PHI, Exact:
		return significant(value)
	}
	return value
}

// significant returns the letters and digits of value, in capitals.
func significant(value string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, value)
}

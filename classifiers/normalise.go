package classifiers

import (
	"net/netip"
	"strings"
)

// Normalise returns the value of an entity in one form, so that two ways of
// writing it count once and get one placeholder: digits only for card and
// social security numbers, a plus sign and digits for telephone numbers, small
// letters for e-mail addresses, capitals without spaces for IBANs, RFC 5952
// text for IP addresses. Other values lose the space around them. The result is
// as sensitive as the value.
func Normalise(entity, value string) string {
	value = strings.TrimSpace(value)
	switch entity {
	case "CREDIT_CARD", "US_SSN":
		return only(value, digit)
	case "PHONE_NUMBER":
		number := only(value, digit)
		if strings.HasPrefix(value, "+") {
			return "+" + number
		}
		return number
	case "EMAIL_ADDRESS":
		return strings.ToLower(strings.Replace(value, "%40", "@", 1))
	case "IBAN_CODE":
		return strings.ToUpper(only(value, func(c byte) bool { return digit(c) || lower(c)-'a' < 26 }))
	case "IP_ADDRESS":
		if ip, err := netip.ParseAddr(value); err == nil {
			return ip.Unmap().String()
		}
	}
	return value
}

// only returns the bytes of value that keep wants.
func only(value string, keep func(byte) bool) string {
	out := make([]byte, 0, len(value))
	for i := range len(value) {
		if keep(value[i]) {
			out = append(out, value[i])
		}
	}
	return string(out)
}

func digit(c byte) bool { return c-'0' <= 9 }

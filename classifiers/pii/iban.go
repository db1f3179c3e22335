package pii

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

const (
	minIBAN, maxIBAN = 15, 34
)

// iban reads an account number (ISO 13616) whose two check digits are the run
// r: the country's letters stand in front, the account follows in letters and
// digits with at most one separator between two, exactly as many and of the
// kinds that the country's format wants, and the whole has remainder 1 modulo
// 97 (ISO 7064). It reports whether it found one.
func (s *scan) iban(r classifiers.Run) bool {
	at := r.Start - 2
	if at > 0 && s.text[r.Start-1] == ' ' {
		at-- // BE 68 5390 0754 7034
	}
	if at < 0 || !isLetter(s.text[at]) || !isLetter(s.text[at+1]) || isAlnum(s.at(at-1)) {
		return false
	}
	country := []byte{s.text[at] &^ 0x20, s.text[at+1] &^ 0x20}
	format, ok := ibans[string(country)]
	if !ok {
		return false
	}
	var value [maxIBAN]byte
	n, end, gaps := 0, at, 0
	want := 4 + formatLength(format)
	for i := at; i < len(s.text) && n < want; {
		c := s.text[i]
		if isAlnum(c) {
			if isLetter(c) {
				c &^= 0x20
			}
			value[n] = c
			n++
			i++
			end = i
			continue
		}
		gap := ibanGap(s.text[i:])
		if gap == 0 || n == 0 || i > end {
			break
		}
		gaps++
		i += gap
	}
	why := ""
	switch {
	case n < minIBAN || !isDigit(value[2]) || !isDigit(value[3]):
		return false
	case n < want, isAlnum(s.at(end)), gaps > want/2, !fits(value[4:n], format):
		why = "not the format of the country's accounts"
	case mod97(value[:n]) != 1:
		why = "check digits are wrong"
	case !domestic(string(country), value[4:n]):
		why = "the country's own check digits are wrong"
	}
	if why != "" {
		s.view.Drop("iban", at, end, why)
		return false
	}
	s.add(iban, "iban", sureChecked, at, end, "check digits")
	s.phoneEnd = max(s.phoneEnd, end)
	return true
}

// ibanGap returns the length of a separator at the start of text, or 0.
func ibanGap(text string) int {
	for _, sep := range []string{" ", "-", ".", "\u00a0", "\u202f", "\u2009", "\u200b", "%20", "+"} {
		if strings.HasPrefix(text, sep) {
			return len(sep)
		}
	}
	return 0
}

// formatLength is the number of characters of a format such as "4a6n8n".
func formatLength(format string) int {
	sum, n := 0, 0
	for i := range len(format) {
		if c := format[i]; isDigit(c) {
			n = n*10 + int(c-'0')
		} else {
			sum, n = sum+n, 0
		}
	}
	return sum
}

// fits tells whether value has the kinds of characters of the format: n digits,
// a letters, c either.
func fits(value []byte, format string) bool {
	at, n := 0, 0
	for i := range len(format) {
		kind := format[i]
		if isDigit(kind) {
			n = n*10 + int(kind-'0')
			continue
		}
		for ; n > 0; n-- {
			if kind == 'n' && !isDigit(value[at]) || kind == 'a' && !isLetter(value[at]) {
				return false
			}
			at++
		}
	}
	return at == len(value)
}

// mod97 is the remainder of an account number whose first four characters are
// moved to its end, letters counting 10 to 35.
func mod97(value []byte) int {
	sum := 0
	for i := range value {
		c := value[(i+4)%len(value)]
		if isDigit(c) {
			sum = (sum*10 + int(c-'0')) % 97
		} else {
			sum = (sum*100 + int(c-'A') + 10) % 97
		}
	}
	return sum
}

// domestic tells whether the account number has the check digits that its
// country gives it beside those of the IBAN: remainder 0 or 1 modulo 97 in some
// countries, modulo 11 in Norway. Source: European Committee for Banking
// Standards, TR 201.
func domestic(country string, account []byte) bool {
	remainder := func(digits []byte) int {
		n := 0
		for _, c := range digits {
			n = (n*10 + int(c-'0')) % 97
		}
		return n
	}
	last := len(account) - 2
	switch country {
	case "BE":
		want := remainder(account[:last])
		if want == 0 {
			want = 97
		}
		return want == int(account[last]-'0')*10+int(account[last+1]-'0')
	case "BA", "ME", "PT", "RS", "SI", "TL", "XK":
		return remainder(account) == 1
	case "NO":
		sum := 0
		for i, w := range []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1} {
			sum += int(account[i]-'0') * w
		}
		return sum%11 == 0 || account[4] == '0' && account[5] == '0'
	}
	return true
}

// ibans are the account formats by country: what follows the check digits, n
// digits, a letters, c either. Source: SWIFT, IBAN Registry (ISO 13616-2).
var ibans = map[string]string{
	"AD": "8n12c", "AE": "19n", "AL": "8n16c", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n", "BG": "4a6n8c",
	"BH": "4a14c", "BI": "23n", "BR": "23n1a1c", "BY": "4c4n16c", "CH": "5n12c", "CR": "18n", "CY": "8n16c", "CZ": "20n",
	"DE": "18n", "DJ": "23n", "DK": "14n", "DO": "4c20n", "EE": "16n", "EG": "25n", "ES": "20n", "FI": "14n",
	"FK": "2a12n", "FO": "14n", "FR": "10n11c2n", "GB": "4a14n", "GE": "2a16n", "GI": "4a15c", "GL": "14n", "GR": "7n16c",
	"GT": "24c", "HN": "4a20n", "HR": "17n", "HU": "24n", "IE": "4a14n", "IL": "19n", "IQ": "4a15n", "IS": "22n",
	"IT": "1a10n12c", "JO": "4a4n18c", "KW": "4a22c", "KZ": "3n13c", "LB": "4n20c", "LC": "4a24c", "LI": "5n12c", "LT": "16n",
	"LU": "3n13c", "LV": "4a13c", "LY": "21n", "MC": "10n11c2n", "MD": "20c", "ME": "18n", "MK": "3n10c2n", "MN": "16n",
	"MR": "23n", "MT": "4a5n18c", "MU": "4a19n3a", "NI": "4a20n", "NL": "4a10n", "NO": "11n", "OM": "3n16c", "PK": "4a16c",
	"PL": "24n", "PS": "4a21c", "PT": "21n", "QA": "4a21c", "RO": "4a16c", "RS": "18n", "RU": "14n15c", "SA": "2n18c",
	"SC": "4a20n3a", "SD": "14n", "SE": "20n", "SI": "15n", "SK": "20n", "SM": "1a10n12c", "SO": "19n", "ST": "21n",
	"SV": "4a20n", "TL": "19n", "TN": "20n", "TR": "5n1n16c", "UA": "6n19c", "VA": "18n", "VG": "4a16n", "XK": "16n",
	"YE": "4a4n18c",
	// Not in the registry, but in use with these lengths.
	"AO": "21n", "BF": "24c", "BJ": "24c", "CF": "23n", "CG": "23n", "CI": "24c", "CM": "23n", "CV": "21n",
	"DZ": "22n", "GA": "23n", "GQ": "23n", "GW": "21c", "IR": "22n", "KM": "23n", "MA": "24n", "MG": "23n",
	"ML": "24c", "MZ": "21n", "NE": "24c", "SN": "24c", "TD": "23n", "TG": "24c",
}

package national

import "bytes"

func cas(v []byte) bool {
	n, sum := len(v)-1, 0
	for i := range n {
		sum += digit(v[i]) * (n - i)
	}
	return sum%10 == digit(v[n]) && v[0] != '0'
}

func ecNumber(v []byte) bool {
	return v[0] >= '2' && weigh(v[:6], 1, 2, 3, 4, 5, 6)%11 == digit(v[6]) && mixed(v)
}

func imo(v []byte) bool { return weigh(v[:6], 7, 6, 5, 4, 3, 2)%10 == digit(v[6]) && mixed(v) }

// container is the check digit of ISO 6346: letters count on from ten without
// the multiples of eleven, places are weighed with powers of two.
func container(v []byte) bool {
	sum := 0
	for i, c := range v[:10] {
		n := base36(c)
		if n > 9 {
			n += (n - 1) / 10
			if n == 11 || n == 22 || n == 33 {
				n++
			}
		}
		sum += n << i
	}
	return sum%11%10 == digit(v[10])
}

func eic(v []byte) bool {
	sum := 0
	for i, c := range v[:15] {
		sum += base36(c) * (16 - i)
	}
	n := 36 - (sum+36)%37
	return n == base36(v[15]) && bytes.IndexByte([]byte("TVWXYZA"), v[2]) >= 0
}

func abaRouting(v []byte) bool {
	p := number(v[:2])
	return (p >= 1 && p <= 12 || p >= 21 && p <= 32 || p >= 61 && p <= 72 || p == 80) && weigh(v, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0
}

func hasDigits(v []byte) bool {
	n := 0
	for _, c := range v {
		if c <= '9' {
			n++
		}
	}
	return n >= 5 && mixed(v)
}

// Bank tells whether the text is the code of a bank (ISO 9362): four letters, a
// country, a place, and none or three characters for a branch.
func Bank(text string) bool {
	v := []byte(text)
	if len(v) != 8 && len(v) != 11 {
		return false
	}
	for _, c := range v[:6] {
		if !isLetter(c) {
			return false
		}
	}
	return bic(v)
}

func bic(v []byte) bool { return country(v[4:6]) && v[6] != '0' && (v[6] != '1' || v[7] != '1') }

func isin(v []byte) bool {
	return (country(v[:2]) || first("XS", "EU", "XA", "XB", "XC", "XD", "XF", "QS", "QT")(v)) && luhn36(v) && hasDigits(v)
}

func cusip(v []byte) bool {
	sum := 0
	for i, c := range v[:8] {
		n := base36(c) * (1 + i%2)
		sum += n/10 + n%10
	}
	return (10-sum%10)%10 == digit(v[8]) && mixed(v) && !counts(v)
}

func sedol(v []byte) bool {
	sum := 0
	for i, w := range [7]int{1, 3, 1, 7, 3, 9, 1} {
		if bytes.IndexByte([]byte("AEIOU"), v[i]) >= 0 {
			return false
		}
		sum += base36(v[i]) * w
	}
	if v[0] <= '9' { // numbers from before 2004 have no letters
		for _, c := range v {
			if c > '9' {
				return false
			}
		}
	}
	return sum%10 == 0 && v[6] <= '9' && mixed(v)
}

func lei(v []byte) bool { return mod97(v) == 1 && hasDigits(v) && mixed(v[4:]) }

func figi(v []byte) bool {
	if first("BS", "BM", "GG", "GB", "GH", "KY", "VG")(v) || bytes.ContainsAny(v, "AEIOU") {
		return false
	}
	sum := 0
	for i, c := range v[:11] {
		n := base36(c) * (1 + i%2)
		sum += n/10 + n%10
	}
	return (10-sum%10)%10 == digit(v[11])
}

// rf is a structured creditor reference (ISO 11649), its check digits behind RF.
func rf(v []byte) bool {
	return v[2] <= '9' && v[3] <= '9' && mod97(append(bytes.Clone(v[4:]), v[:4]...)) == 1
}

func sepaCreditor(v []byte) bool {
	return country(v[:2]) && mod97(append(bytes.Clone(v[7:]), v[:4]...)) == 1
}

func meid(v []byte) bool {
	for _, c := range v {
		if c > 'F' {
			return false
		}
	}
	return v[0] >= 'A' || hasDigits(v)
}

func vin(v []byte) bool {
	const values = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ"
	sum := 0
	for i, w := range [17]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2} {
		if v[i] == 'I' || v[i] == 'O' || v[i] == 'Q' {
			return false
		}
		sum += bytes.IndexByte([]byte(values), v[i]) % 10 * w
	}
	return "0123456789X"[sum%11] == v[8] && v[16] <= '9' && mixed(v)
}

func euOSS(v []byte) bool {
	if v[0] == 'I' {
		return number(v[2:5]) <= 894
	}
	return number(v[2:5]) <= 894 && minus(11, 0, 0, 0, 8, 7, 6, 5, 4, 3)(v[2:]) || number(v[2:5]) <= 894
}

func ukPlate(v []byte) bool {
	if len(v) == 7 && v[0] > '9' && v[1] > '9' && v[2] <= '9' {
		n := number(v[2:4])
		return bytes.IndexByte([]byte("IJQTUXZ"), v[0]) < 0 && (n >= 2 && n <= 29 || n >= 51 && n <= 79)
	}
	return true
}

// countries are the codes of ISO 3166-1, and XK for Kosovo.
const countries = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ" +
	"DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP" +
	"KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZ" +
	"OMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ" +
	"UAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW"

func country(v []byte) bool {
	for i := 0; i < len(countries); i += 2 {
		if countries[i] == v[0] && countries[i+1] == v[1] {
			return true
		}
	}
	return false
}

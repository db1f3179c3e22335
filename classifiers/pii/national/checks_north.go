package national

import (
	"bytes"
	"strings"
)

// nonzero is the check that the value does not begin with two zeros.
func nonzero(v []byte) bool { return v[0] != '0' || v[1] != '0' }

func atSocial(v []byte) bool {
	sum := weigh(v, 3, 7, 9, 0, 5, 8, 4, 2, 1, 6)
	return v[0] != '0' && sum%11 == digit(v[3]) && number(v[4:6]) <= 31 && number(v[6:8]) <= 15
}

// atOffice tells whether a number begins with that of a tax office.
func atOffice(v []byte) bool {
	const offices = " 03 04 06 07 08 09 10 12 15 16 18 22 23 29 33 38 41 46 51 52 53 54 57 59 61 65 67 68 69 71 72 81 82 83 84 90 91 93 97 98 "
	return strings.Contains(offices, " "+string(v[:2])+" ")
}

func atVAT(v []byte) bool {
	sum := 4
	for i, c := range v[:7] {
		d := digit(c)
		if i%2 == 1 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return (100-sum)%10 == digit(v[7])
}

func beNational(v []byte) bool {
	month := number(v[2:4]) % 20
	if month > 12 || number(v[2:4]) > 52 || number(v[4:6]) > 31 || !mixed(v) {
		return false
	}
	n, rest := number(v[:9]), number(v[9:])
	return 97-n%97 == rest || 97-(2_000_000_000+n)%97 == rest
}

func beVAT(v []byte) bool {
	n := len(v)
	return mixed(v[:n-2]) && 97-number(v[:n-2])%97 == number(v[n-2:]) && (n < 10 || v[0] == '0' && v[1] != '0' || v[0] == '1')
}

func beReference(v []byte) bool {
	want := number(v[:10]) % 97
	if want == 0 {
		want = 97
	}
	return want == number(v[10:]) && mixed(v[:10])
}

// ean is the check digit of GS1: weights 1 and 3 in turn.
func ean(v []byte) bool {
	sum := 0
	for i := range v {
		w := 1
		if (len(v)-i)%2 == 0 {
			w = 3
		}
		sum += digit(v[i]) * w
	}
	return sum%10 == 0 && mixed(v)
}

func chUID(v []byte) bool { return minus(11, 11, 5, 4, 3, 2, 7, 6, 5, 4)(v) }

// mod10v is the recursive modulo 10 of Swiss payment slips (a quasigroup).
func mod10v(v []byte) bool {
	row := [10]int{0, 9, 4, 6, 8, 2, 7, 1, 3, 5}
	c := 0
	for _, x := range v[:len(v)-1] {
		c = row[(digit(x)+c)%10]
	}
	return (10-c)%10 == digit(v[len(v)-1]) && mixed(v)
}

func deTaxID(v []byte) bool {
	var count [10]int
	for _, c := range v[:10] {
		count[digit(c)]++
	}
	repeated := 0
	for _, n := range count {
		if n > 3 {
			return false
		}
		if n > 1 {
			repeated++
		}
	}
	return v[0] != '0' && repeated == 1 && mod11v10(v)
}

// deTaxNumber has the number of a tax office of one of the sixteen states in
// front, in the form that is used between them.
func deTaxNumber(v []byte) bool {
	return v[4] == '0' && first("10", "11", "21", "22", "23", "24", "26", "27", "28", "30", "31", "32", "40", "41", "5", "9")(v) && mixed(v[5:])
}

func deSocial(v []byte) bool {
	day := number(v[2:4])
	if day > 31 && day < 51 || day > 81 || number(v[4:6]) > 12 || v[8] > 'Z' {
		return false
	}
	letter := base36(v[8]) - 9
	digits := append(append(append([]byte{}, v[:8]...), byte('0'+letter/10), byte('0'+letter%10)), v[9:11]...)
	weights := [12]int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1}
	sum := 0
	for i, c := range digits {
		n := digit(c) * weights[i]
		sum += n/10 + n%10
	}
	return sum%10 == digit(v[11])
}

func deHealth(v []byte) bool {
	letter := base36(v[0]) - 9
	digits := append([]byte{byte('0' + letter/10), byte('0' + letter%10)}, v[1:9]...)
	sum := 0
	for i, c := range digits {
		n := digit(c) * (1 + i%2)
		sum += n/10 + n%10
	}
	return sum%10 == digit(v[9]) && mixed(v[1:])
}

// deDocument is the number of a document of the given first letters: no vowels,
// and the check digit of ICAO 9303 where there is one.
func deDocument(letters string) check {
	return func(v []byte) bool {
		if bytes.IndexByte([]byte(letters+"0123456789"), v[0]) < 0 || bytes.ContainsAny(v, "AEIOUBDQS") {
			return false
		}
		return bytes.ContainsAny(v, "0123456789") && (len(v) < 10 || icao(v))
	}
}

// icao is the check digit of machine readable travel documents (ICAO 9303-3, 4.9).
func icao(v []byte) bool {
	sum := 0
	for i, c := range v[:len(v)-1] {
		sum += base36(c) * [3]int{7, 3, 1}[i%3]
	}
	return sum%10 == digit(v[len(v)-1])
}

func deDoctor(v []byte) bool {
	return (10-weigh(v[:6], 4, 9, 4, 9, 4, 9)%10)%10 == digit(v[6]) && number(v[7:]) > 0 && mixed(v[:7])
}

func deLeitweg(v []byte) bool { return mod97(v) == 1 }

func dkPerson(v []byte) bool { return born(v, true) && mixed(v[6:]) }

// balticCode is the personal code of Estonia and Lithuania.
func balticCode(v []byte) bool {
	if v[0] < '1' || v[0] > '6' || !born(v[1:7], false) {
		return false
	}
	return balticSum(v, 1) == digit(v[10])
}

// balticSum is the check digit with weights that rise from first; from first+2
// where that gives ten.
func balticSum(v []byte, from int) int {
	for _, add := range []int{0, 2} {
		sum := 0
		for i, c := range v[:len(v)-1] {
			sum += digit(c) * (1 + (from-1+add+i)%9)
		}
		if sum%11 < 10 {
			return sum % 11
		}
	}
	return 0
}

func balticRegistry(v []byte) bool {
	return (v[0] == '1' || v[0] == '7' || v[0] == '8' || v[0] == '9') && balticSum(v, 1) == digit(v[7])
}

func fiPerson(v []byte) bool {
	body := v
	if len(v) == 11 {
		if bytes.IndexByte([]byte("ABCDEFUVWXY"), v[6]) < 0 {
			return false
		}
		body = append(bytes.Clone(v[:6]), v[7:]...)
	}
	n := number(body[:9])
	return born(body, true) && number(body[6:9]) > 1 && "0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31] == body[9]
}

// last11 is minus(11) whose ten never is.
func last11(weights ...int) check { return minus(11, 11, weights...) }

func frNIR(v []byte) bool {
	if v[0] < '1' || v[0] > '8' {
		return false
	}
	month := number(v[3:5])
	if month < 1 || month > 12 && month < 20 || month > 42 && month < 50 {
		return false
	}
	if len(v) != 15 {
		return false
	}
	body, less := [13]byte(v), 0
	switch body[6] {
	case 'A':
		body[6], less = '0', 1_000_000
	case 'B':
		body[6], less = '0', 2_000_000
	}
	for _, c := range body {
		if c > '9' {
			return false
		}
	}
	return 97-(number(body[:])-less)%97 == number(v[13:])
}

func frTax(v []byte) bool { return v[0] <= '3' && number(v[:10])%511 == number(v[10:]) && mixed(v) }

func frVAT(v []byte) bool {
	if !luhn(v[2:]) && string(v[2:5]) != "000" {
		return false
	}
	if v[0] > '9' || v[1] > '9' {
		const letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
		a, b := strings.IndexByte(letters, v[0]), strings.IndexByte(letters, v[1])
		if a < 0 || b < 0 {
			return false
		}
		key := a*24 + b - 10
		if v[0] > '9' {
			key = a*34 + b - 100
		}
		return (number(v[2:])+1+key/11)%11 == key%11
	}
	return (12+3*(number(v[2:])%97))%97 == number(v[:2])
}

func gbVAT(v []byte) bool {
	v = v[:9]
	sum := weigh(v, 8, 7, 6, 5, 4, 3, 2) + number(v[7:])
	return (sum%97 == 0 || sum%97 == 42 || sum%97 == 55) && string(v[:3]) != "000"
}

func gbNINO(v []byte) bool {
	if v[8] > 'D' || bytes.IndexByte([]byte("DFIQUV"), v[0]) >= 0 || bytes.IndexByte([]byte("DFIOQUV"), v[1]) >= 0 {
		return false
	}
	return !first("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")(v)
}

func gbUTR(v []byte) bool {
	sum := weigh(v[1:], 6, 7, 8, 9, 10, 5, 4, 3, 2)
	return "21987654321"[sum%11] == v[0] && mixed(v)
}

func gbPupil(v []byte) bool {
	sum := 0
	for i, c := range v[1:] {
		var n int
		if c <= '9' {
			n = digit(c)
		} else if n = bytes.IndexByte([]byte("ABCDEFGHJKLMNPQRTUVWXYZ"), c); n < 0 {
			return false
		}
		sum += n * (i + 2)
	}
	return "ABCDEFGHJKLMNPQRTUVWXYZ"[sum%23] == v[0]
}

func gbDriver(v []byte) bool {
	month := number(v[6:8])
	return (month >= 1 && month <= 12 || month >= 51 && month <= 62) && number(v[8:10]) >= 1 && number(v[8:10]) <= 31
}

func iePPS(v []byte) bool {
	sum := weigh(v[:7], 8, 7, 6, 5, 4, 3, 2)
	if len(v) == 9 {
		if v[8] != 'T' && v[8] != 'W' && v[8] > 'I' {
			return false
		}
		if v[8] <= 'I' {
			sum += 9 * (base36(v[8]) - 9)
		}
	}
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == v[7]
}

func ieVAT(v []byte) bool {
	if v[1] > '9' { // the old form, the second character in front of all
		v = append(append([]byte{'0'}, v[2:7]...), v[0], v[7])
	}
	return iePPS(v)
}

func isPerson(v []byte) bool {
	day := [6]byte(v)
	if day[0] >= '4' {
		day[0] -= 4
	}
	return born(day[:], true) && weigh(v[:9], 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 && (v[9] == '0' || v[9] >= '8')
}

func luPerson(v []byte) bool {
	other := [12]byte(v)
	other[11] = v[12]
	return date(number(v[:4]), number(v[4:6]), number(v[6:8])) && luhn(v[:12]) && verhoeff(other[:])
}

func luVAT(v []byte) bool { return number(v[:6])%89 == number(v[6:]) && mixed(v) }

func nlVAT(v []byte) bool {
	return number(v[10:]) > 0 && (zero(11, 9, 8, 7, 6, 5, 4, 3, 2, -1)(v[:9]) || mod97(append([]byte("NL"), v...)) == 1)
}

func noPerson(v []byte) bool {
	day := [6]byte(v)
	if day[0] >= '4' {
		day[0] -= 4
	}
	if day[2] >= '4' {
		day[2] -= 4
	}
	return born(day[:], true) && weigh(v[:10], 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weigh(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

func noOrganisation(v []byte) bool {
	return (v[0] == '8' || v[0] == '9') && minus(11, 11, 3, 2, 7, 6, 5, 4, 3, 2)(v)
}

func noVAT(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("NO"))
	return noOrganisation(v[:9])
}

func sePerson(v []byte) bool {
	if len(v) == 12 && !first("18", "19", "20")(v) {
		return false
	}
	v = v[len(v)-10:]
	day := [6]byte(v)
	if day[4] >= '6' {
		day[4] -= 6
	}
	return born(day[:], false) && luhn(v)
}

package national

import "bytes"

func auABN(v []byte) bool {
	n := [11]byte(v)
	if n[0] == '0' {
		return false
	}
	n[0]--
	return weigh(n[:], 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)%89 == 0
}

func auMedicare(v []byte) bool {
	return v[0] >= '2' && v[0] <= '6' && weigh(v[:8], 1, 3, 7, 9, 1, 3, 7, 9)%10 == digit(v[8]) && v[9] != '0' && mixed(v)
}

func azVOEN(v []byte) bool {
	return weigh(v[:8], 4, 1, 8, 6, 2, 7, 5, 3)%11 == digit(v[8]) && (v[9] == '1' || v[9] == '2') && mixed(v[:8])
}

func cnPerson(v []byte) bool {
	for _, c := range v[:17] {
		if c > '9' {
			return false
		}
	}
	p := number(v[:2])
	return p >= 11 && p <= 91 && date(number(v[6:10]), number(v[10:12]), number(v[12:14])) && mod11v2(v)
}

func cnCompany(v []byte) bool {
	const letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, w := 0, 1
	for _, c := range v[:17] {
		n := bytes.IndexByte([]byte(letters), c)
		if n < 0 {
			return false
		}
		sum += n * w
		w = w * 3 % 31
	}
	return bytes.IndexByte([]byte("1234569ANY"), v[0]) >= 0 && letters[(31-sum%31)%31] == v[17]
}

func dzNIF(v []byte) bool { return v[0] == '0' && mixed(v) }

func egPerson(v []byte) bool {
	return (v[0] == '2' || v[0] == '3') && born(v[1:7], false) && number(v[7:9]) > 0 && (number(v[7:9]) <= 35 || number(v[7:9]) == 88)
}

func ghTIN(v []byte) bool {
	if bytes.IndexByte([]byte("PCGQV"), v[0]) < 0 || v[1] != '0' || v[2] != '0' {
		return false
	}
	return "0123456789X"[weigh(v[1:10], 1, 2, 3, 4, 5, 6, 7, 8, 9)%11] == v[10]
}

func hkID(v []byte) bool {
	n := len(v)
	sum := 36 * 9 // a space in front of one letter
	if n == 9 {
		sum = base36(v[0]) * 9
	}
	for i, c := range v[n-8 : n-1] {
		sum += base36(c) * (8 - i)
	}
	return "0A987654321"[sum%11] == v[n-1]
}

func idNIK(v []byte) bool {
	day := number(v[6:8]) % 40
	p := number(v[:2])
	return p >= 11 && p <= 97 && date(number(v[10:12]), number(v[8:10]), day) && number(v[12:]) > 0
}

func ilID(v []byte) bool { return len(v) > 7 && luhn(v) && number(v) > 1_000_000 }

func inAadhaar(v []byte) bool {
	for i, j := 0, len(v)-1; i < j; i, j = i+1, j-1 {
		if v[i] != v[j] {
			return v[0] >= '2' && verhoeff(v)
		}
	}
	return false // palindromes are not given out
}

func inGST(v []byte) bool {
	state := number(v[:2])
	sum := 0
	for i, c := range v[:14] {
		n := base36(c) * (1 + i%2)
		sum += n/36 + n%36
	}
	return state > 0 && state <= 38 && inPAN(v[2:12]) && (36-sum%36)%36 == base36(v[14])
}

func inPAN(v []byte) bool {
	return bytes.IndexByte([]byte("ABCFGHJLPTKE"), v[3]) >= 0 && string(v[5:9]) != "0000"
}

func luhnTail(v []byte) bool { return luhn(v[3:]) }

func inPlate(v []byte) bool {
	states := "ANAPARASBRCGCHDDDLDNGAGJHPHRJHJKKAKLLALDMHMLMNMPMZNLODORPBPYRJSKTNTRTSUKUPUAWB"
	for i := 0; i < len(states); i += 2 {
		if states[i:i+2] == string(v[:2]) {
			return v[2] != '0' || v[3] != '0'
		}
	}
	return false
}

func irPerson(v []byte) bool {
	sum := weigh(v[:9], 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11
	if sum > 1 {
		sum = 11 - sum
	}
	return sum == digit(v[9]) && mixed(v) && string(v[3:9]) != "000000"
}

func jpCompany(v []byte) bool {
	return 9-weigh(v[1:], 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)%9 == digit(v[0])
}

func jpPerson(v []byte) bool {
	sum := weigh(v[:11], 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
	if sum <= 1 {
		return v[11] == '0' && mixed(v)
	}
	return 11-sum == digit(v[11]) && mixed(v)
}

func krCompany(v []byte) bool {
	sum := weigh(v[:9], 1, 3, 7, 1, 3, 7, 1, 3, 5) + digit(v[8])*5/10
	return (10-sum%10)%10 == digit(v[9]) && number(v[:3]) > 100 && string(v[3:5]) != "00"
}

// krPerson does not ask for the check digit: numbers given since October 2020
// have none.
func krPerson(v []byte) bool {
	return v[6] >= '1' && v[6] <= '8' && born(v[:6], false) && number(v[7:9]) <= 96
}

func kzPerson(v []byte) bool {
	sum := weigh(v[:11], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) % 11
	if sum == 10 {
		sum = weigh(v[:11], 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2) % 11
	}
	return sum == digit(v[11]) && number(v[2:4]) >= 1 && number(v[2:4]) <= 12 && (v[4] <= '3' || v[4] <= '6')
}

func lkPerson(v []byte) bool {
	year, day := 1900+number(v[:2]), number(v[2:5])
	if len(v) == 12 {
		year, day = number(v[:4]), number(v[4:7])
	}
	day %= 500
	return year >= 1900 && year <= 2025 && day >= 1 && day <= 366
}

func muPerson(v []byte) bool {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sum := 0
	for i, c := range v[:13] {
		sum += base36(c) * (14 - i)
	}
	return date(number(v[5:7]), number(v[3:5]), number(v[1:3])) && letters[(17-sum%17)%17] == v[13]
}

func myPerson(v []byte) bool {
	place := number(v[6:8])
	return born(v[:6], false) && (place >= 1 && place <= 16 || place >= 21 && place <= 68 || place == 71 || place == 72 || place >= 74 && place <= 79 || place >= 82 && place <= 93 || place >= 98)
}

func nzIRD(v []byte) bool {
	if n := number(v); n < 10_000_000 || n > 150_000_000 {
		return false
	}
	n := [9]byte{'0'}
	copy(n[9-len(v):], v)
	sum := weigh(n[:8], 3, 2, 7, 6, 5, 4, 3, 2) % 11
	if sum == 1 {
		sum = weigh(n[:8], 7, 4, 3, 2, 5, 2, 7, 6) % 11
	}
	return sum != 1 && (11-sum)%11 == digit(n[8]) && mixed(v)
}

func nzAccount(v []byte) bool {
	bank, branch := number(v[:2]), number(v[2:6])
	if bank < 1 || bank > 38 || branch == 0 || branch == 9999 {
		return false
	}
	sum := weigh(v[6:13], 0, 10, 5, 8, 4, 2, 1)
	if number(v[6:13]) < 990_000 {
		sum += weigh(v[2:6], 6, 3, 7, 9)
	}
	return sum%11 == 0
}

func nzHealth(v []byte) bool {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	sum := 0
	for i, c := range v[:6] {
		n := digit(c)
		if i < 3 {
			if n = bytes.IndexByte([]byte(letters), c) + 1; n == 0 {
				return false
			}
		}
		sum += n * (7 - i)
	}
	return sum%11 != 0 && (11-sum%11)%10 == digit(v[6])
}

// phTIN has a check digit in the ninth place: the sum of the others by their
// places modulo 11.
func phTIN(v []byte) bool {
	return weigh(v[:8], 1, 2, 3, 4, 5, 6, 7, 8)%11 == digit(v[8]) && mixed(v)
}

func sgPerson(v []byte) bool {
	sum := weigh(v[1:8], 2, 7, 6, 5, 4, 3, 2)
	switch v[0] {
	case 'S':
		return "JZIHGFEDCBA"[sum%11] == v[8]
	case 'T':
		return "JZIHGFEDCBA"[(sum+4)%11] == v[8]
	case 'F':
		return "XWUTRQPNMLK"[sum%11] == v[8]
	case 'G':
		return "XWUTRQPNMLK"[(sum+4)%11] == v[8]
	}
	return "KLJNPQRTUWX"[(sum+3)%11] == v[8]
}

func sgCompany(v []byte) bool {
	switch {
	case len(v) == 9:
		return "XMKECAWLJDB"[weigh(v[:8], 10, 4, 9, 3, 8, 2, 7, 1)%11] == v[8]
	case v[0] <= '9':
		year := number(v[:4])
		return year >= 1900 && year <= 2029 && "ZKCMDNERGWH"[weigh(v[:9], 10, 8, 6, 4, 9, 7, 5, 3, 1)%11] == v[9]
	}
	const letters = "ABCDEFGHJKLMNPQRSTUVWX0123456789"
	if v[0] != 'R' && v[0] != 'S' && v[0] != 'T' {
		return false
	}
	sum := 0
	for i, w := range []int{4, 3, 5, 3, 10, 2, 2, 5, 7} {
		sum += w * bytes.IndexByte([]byte(letters), v[i])
	}
	return sum >= 5 && letters[(sum-5)%11] == v[9]
}

func snNINEA(v []byte) bool {
	n := len(v)
	digits := v[:n-3]
	if bytes.IndexByte([]byte("012"), v[n-3]) < 0 || v[n-1] == '0' {
		return false
	}
	sum := 0
	w := []int{1, 2, 1, 2, 1, 2, 1, 2, 1}
	for i := range digits {
		sum += digit(digits[len(digits)-1-i]) * w[i]
	}
	return sum%10 == 0 && mixed(digits)
}

// thPerson has the province in the second and third digit.
func thPerson(v []byte) bool {
	province := number(v[1:3])
	most := [...]int{0, 19, 27, 39, 49, 58, 67, 77, 86, 96}[province/10]
	return v[0] >= '1' && v[0] <= '8' && province >= 10 && province <= most && thSum(v)
}

func thSum(v []byte) bool {
	return (11-weigh(v[:12], 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11)%10 == digit(v[12]) && mixed(v)
}

func tnMF(v []byte) bool {
	if bytes.IndexByte([]byte("ABCDEFGHJKLMNPQRSTVWXYZ"), v[7]) < 0 {
		return false
	}
	if len(v) == 8 {
		return true
	}
	return bytes.IndexByte([]byte("ABDNP"), v[8]) >= 0 && bytes.IndexByte([]byte("MPCNE"), v[9]) >= 0 && (v[9] != 'E' || string(v[10:]) != "000")
}

func twCompany(v []byte) bool {
	sum := 0
	for i, w := range [8]int{1, 2, 1, 2, 1, 2, 4, 1} {
		n := digit(v[i]) * w
		sum += n/10 + n%10
	}
	return (sum%5 == 0 || v[6] == '7' && (sum+1)%5 == 0) && mixed(v)
}

func twPerson(v []byte) bool {
	n := bytes.IndexByte([]byte("ABCDEFGHJKLMNPQRSTUVXYWZIO"), v[0]) + 10
	return (v[1] == '1' || v[1] == '2' || v[1] == '8' || v[1] == '9') && (n/10+n%10*9+weigh(v[1:], 8, 7, 6, 5, 4, 3, 2, 1, 1))%10 == 0
}

func vnMST(v []byte) bool {
	sum := weigh(v[:9], 31, 29, 23, 19, 17, 13, 7, 5, 3)
	return 10-sum%11 == digit(v[9]) && string(v[2:9]) != "0000000" && (len(v) == 10 || string(v[10:]) != "000")
}

func zaPerson(v []byte) bool {
	return born(v[:6], false) && (v[10] == '0' || v[10] == '1' || v[10] == '2') && luhn(v)
}

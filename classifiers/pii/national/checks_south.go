package national

import "bytes"

func adNRT(v []byte) bool {
	if bytes.IndexByte([]byte("ACDEFGLOPU"), v[0]) < 0 {
		return false
	}
	n := number(v[1:7])
	return v[0] != 'F' && v[0] != 'A' && v[0] != 'L' || v[0] == 'F' && n <= 699_999 || v[0] != 'F' && n > 699_999 && n < 800_000
}

// jmbg is the number that the states of former Yugoslavia gave their citizens.
func jmbg(v []byte) bool {
	year := number(v[4:7])
	if year < 800 {
		year += 2000
	} else {
		year += 1000
	}
	return date(year, number(v[2:4]), number(v[:2])) && minus(11, 0, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)(v)
}

func bgDate(v []byte) bool {
	return len(v) == 10 && date(number(v[:2]), number(v[2:4])%20, number(v[4:6])) && v[2] < '6'
}

// bgOther is the number of a company or person that is in no register.
func bgOther(v []byte) bool { return len(v) == 10 && minus(11, 11, 4, 3, 2, 7, 6, 5, 4, 3, 2)(v) }

func bgCompany(v []byte) bool {
	if len(v) != 9 {
		return false
	}
	sum := weigh(v[:8], 1, 2, 3, 4, 5, 6, 7, 8) % 11
	if sum == 10 {
		sum = weigh(v[:8], 3, 4, 5, 6, 7, 8, 9, 10) % 11 % 10
	}
	return sum == digit(v[8]) && mixed(v) && (v[0] <= '2' || v[0] == '8')
}

func byUNP(v []byte) bool { return bytes.IndexByte([]byte("ABCEHKMOPT"), v[0]) >= 0 }

func cyVAT(v []byte) bool {
	sum := 0
	for i, c := range v[:8] {
		d := digit(c)
		if i%2 == 0 {
			d = [10]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}[d]
		}
		sum += d
	}
	return byte('A'+sum%26) == v[8] && !first("12")(v)
}

func czDay(v []byte) bool {
	month := number(v[2:4])
	for _, plus := range []int{70, 50, 20} {
		if month > plus {
			month -= plus
			break
		}
	}
	return date(number(v[:2]), month, number(v[4:6]))
}

func czBirth(v []byte) bool {
	n := number(v)
	return czDay(v) && (n%11 == 0 || number(v[:9])%11 == 10 && v[9] == '0') && mixed(v)
}

// czOldBirth is a number from before 1954, without check digit.
func czOldBirth(v []byte) bool { return czDay(v) && number(v[:2]) < 54 && string(v[6:]) != "000" }

func czCompany(v []byte) bool {
	return (11-weigh(v[:7], 8, 7, 6, 5, 4, 3, 2)%11)%10 == digit(v[7]) && mixed(v)
}

func czDIC(v []byte) bool {
	if len(v) == 9 {
		return czOldBirth(v) || v[0] == '6'
	}
	return czBirth(v)
}

func czAccount(v []byte) bool {
	base := v[len(v)-14 : len(v)-4]
	prefix := v[:len(v)-14]
	w := []int{6, 3, 7, 9, 10, 5, 8, 4, 2, 1}
	return zero(11, w...)(base) && (len(prefix) == 0 || weigh(prefix, w[len(w)-len(prefix):]...)%11 == 0)
}

const esLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

func esDNI(v []byte) bool {
	return esLetters[number(v[:len(v)-1])%23] == v[len(v)-1]
}

func esDNIAny(v []byte) bool { return v[0] <= '9' && esDNI(v) }

func esNIE(v []byte) bool {
	if v[0] < 'X' || v[0] > 'Z' || v[len(v)-1] <= '9' {
		return false
	}
	n := bytes.Clone(v)
	n[0] = '0' + v[0] - 'X'
	return esDNI(n)
}

func esCIF(v []byte) bool {
	if bytes.IndexByte([]byte("ABCDEFGHJNPQRSUVW"), v[0]) < 0 || len(v) != 9 {
		return false
	}
	c := (10 - luhnSum(append(bytes.Clone(v[1:8]), '0'))%10) % 10
	if v[8] > '9' {
		return "JABCDEFGHI"[c] == v[8]
	}
	return digit(v[8]) == c && bytes.IndexByte([]byte("KPQRSNW"), v[0]) < 0 && mixed(v[1:])
}

func esAccount(v []byte) bool {
	w := []int{1, 2, 4, 8, 5, 10, 9, 7, 3, 6}
	key := func(part []byte) int {
		n := (11 - weigh(part, w[10-len(part):]...)%11) % 11
		if n == 10 {
			return 1
		}
		return n
	}
	return key(v[:8]) == digit(v[8]) && key(v[10:]) == digit(v[9]) && mixed(v)
}

func esCUPS(v []byte) bool {
	n := number(v[2:18]) % 529
	if len(v) == 22 && bytes.IndexByte([]byte("FPRCXYZ"), v[21]) < 0 { // the kind of measuring point
		return false
	}
	return esLetters[n/23] == v[18] && esLetters[n%23] == v[19]
}

func esCadastre(v []byte) bool {
	value := func(c byte) int {
		switch {
		case c <= '9':
			return digit(c)
		case c <= 'N':
			return int(c-'A') + 1
		}
		return int(c-'A') + 2 // Ñ stands between N and O
	}
	key := func(part []byte) byte {
		sum := 0
		for i, w := range []int{13, 15, 12, 5, 4, 17, 9, 21, 3, 7, 1} {
			sum += w * value(part[i])
		}
		return "MQWERTYUIOPASDFGHJKLBZX"[sum%23]
	}
	tail := v[14:18]
	return key(append(bytes.Clone(v[:7]), tail...)) == v[18] && key(append(bytes.Clone(v[7:14]), tail...)) == v[19]
}

func esSocial(v []byte) bool {
	n := number(v[2:10])
	if n < 10_000_000 {
		n += number(v[:2]) * 10_000_000
	} else {
		n += number(v[:2]) * 100_000_000
	}
	return n%97 == number(v[10:]) && number(v[:2]) > 0 && number(v[:2]) < 67
}

func grVAT(v []byte) bool {
	return weigh(v[:8], 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == digit(v[8]) && mixed(v)
}

func grBorn(v []byte) bool { return born(v, true) }

func itFiscal(v []byte) bool {
	odd := [36]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i, c := range v[:15] {
		n := base36(c)
		switch {
		case i%2 == 0:
			sum += odd[n]
		case n > 9:
			sum += n - 10
		default:
			sum += n
		}
	}
	if byte('A'+sum%26) != v[15] {
		return false
	}
	var digits [7]byte // letters stand for digits where two people would have one code
	for k, i := range []int{6, 7, 9, 10, 12, 13, 14} {
		digits[k] = v[i]
		if v[i] > '9' {
			n := bytes.IndexByte([]byte("LMNPQRSTUV"), v[i])
			if n < 0 {
				return false
			}
			digits[k] = byte('0' + n)
		}
	}
	month := bytes.IndexByte([]byte("ABCDEHLMPRST"), v[8]) + 1
	return date(number(digits[:2]), month, number(digits[2:4])%40)
}

func itVAT(v []byte) bool {
	province := number(v[7:10])
	return luhn(v) && string(v[:7]) != "0000000" && (province > 0 && province <= 100 || province == 120 || province == 121 || province == 888 || province == 999)
}

func ltVAT(v []byte) bool {
	return v[len(v)-2] == '1' && balticSum(v, 1) == digit(v[len(v)-1]) && mixed(v)
}

func lvPerson(v []byte) bool {
	if first("32")(v) {
		return lvSum(v)
	}
	return born(v, true) && lvSum(v)
}

func lvSum(v []byte) bool {
	return (1+weigh(v[:10], 10, 5, 8, 4, 2, 1, 6, 3, 7, 9))%11%10 == digit(v[10]) && mixed(v)
}

func lvCompany(v []byte) bool {
	if v[0] <= '3' {
		return lvPerson(v)
	}
	return weigh(v, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)%11 == 3
}

func mdIDNO(v []byte) bool {
	return (v[0] == '1' || v[0] == '2' || v[0] == '0') && last(10, 0, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)(v)
}

func mtID(v []byte) bool { return bytes.IndexByte([]byte("ABGHLMPZ"), v[len(v)-1]) >= 0 }

func plDate(v []byte) bool { return date(number(v[:2]), number(v[2:4])%20, number(v[4:6])) }

func plRegon(v []byte) bool {
	return last(11, 0, 8, 9, 2, 3, 4, 5, 6, 7)(v[:9]) && (len(v) == 9 || last(11, 0, 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)(v))
}

func plCard(v []byte) bool {
	sum := 0
	for i, w := range [9]int{7, 3, 1, 9, 7, 3, 1, 7, 3} {
		sum += base36(v[i]) * w
	}
	return sum%10 == 0
}

func ptCard(v []byte) bool {
	sum := 0
	for i, c := range v {
		n := base36(c)
		if (len(v)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

func roPerson(v []byte) bool {
	return v[0] != '0' && date(number(v[1:3]), number(v[3:5]), number(v[5:7])) && last(11, 1, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)(v)
}

func roCompany(v []byte) bool {
	w := []int{7, 5, 3, 2, 1, 7, 5, 3, 2}
	n := len(v) - 1
	return v[0] != '0' && weigh(v[:n], w[9-n:]...)*10%11%10 == digit(v[n]) && mixed(v)
}

func roRegister(v []byte) bool {
	year := number(v[len(v)-4:])
	return (v[0] == 'J' || v[0] == 'F' || v[0] == 'C') && year >= 1990 && year <= 2029
}

func roRegister2(v []byte) bool {
	return (v[0] == 'J' || v[0] == 'F' || v[0] == 'C') && between(1, 5, 1990, 2029)(v) && len(v) == 14
}

func ruSNILS(v []byte) bool {
	return weigh(v[:9], 9, 8, 7, 6, 5, 4, 3, 2, 1)%101%100 == number(v[9:]) && mixed(v)
}

func ruOGRN(v []byte) bool {
	n := len(v) - 1
	mod := n - 1 // 11 for companies, 13 for sole traders
	return v[0] != '0' && number(v[:n])%mod%10 == digit(v[n]) && number(v[3:5]) <= 95 && number(v[3:5]) > 0
}

func skVAT(v []byte) bool {
	return v[0] != '0' && bytes.IndexByte([]byte("234789"), v[2]) >= 0 && number(v)%11 == 0 && mixed(v)
}

func trPerson(v []byte) bool {
	if v[0] == '0' {
		return false
	}
	odd := digit(v[0]) + digit(v[2]) + digit(v[4]) + digit(v[6]) + digit(v[8])
	even := digit(v[1]) + digit(v[3]) + digit(v[5]) + digit(v[7])
	return (odd*7-even+100)%10 == digit(v[9]) && (odd+even+digit(v[9]))%10 == digit(v[10])
}

func trCompany(v []byte) bool {
	sum := 0
	for i, c := range v[:9] {
		n := (digit(c) + 9 - i) % 10
		if n == 0 {
			continue
		}
		n = n << (9 - i) % 9
		if n == 0 {
			n = 9
		}
		sum += n
	}
	return (10-sum%10)%10 == digit(v[9]) && mixed(v)
}

func trPlate(v []byte) bool { n := number(v[:2]); return n > 0 && n < 82 }

func uaCompany(v []byte) bool {
	w, more := []int{1, 2, 3, 4, 5, 6, 7}, 2
	if n := number(v); n >= 30_000_000 && n <= 60_000_000 {
		w = []int{7, 1, 2, 3, 4, 5, 6}
	}
	sum := weigh(v[:7], w...) % 11
	if sum == 10 {
		for i := range w {
			w[i] += more
		}
		sum = weigh(v[:7], w...) % 11 % 10
	}
	return sum == digit(v[7]) && mixed(v)
}

func uaPerson(v []byte) bool {
	sum := -digit(v[0]) + weigh(v[1:9], 5, 7, 9, 4, 6, 10, 5, 7)
	return (sum+11)%11%10 == digit(v[9])
}

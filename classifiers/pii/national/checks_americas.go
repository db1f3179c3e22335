package national

import (
	"bytes"
	"strings"
)

func arCUIT(v []byte) bool {
	n := 11 - weigh(v[:10], 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	switch n {
	case 11:
		n = 0
	case 10:
		n = 9
	}
	return n == digit(v[10])
}

func arCBU(v []byte) bool {
	return weigh(v[:8], 7, 1, 3, 9, 7, 1, 3, 1)%10 == 0 && weigh(v[8:], 3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3, 1)%10 == 0 && mixed(v)
}

func brCPF(v []byte) bool {
	a := weigh(v[:9], 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	b := weigh(v[:10], 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	return a == digit(v[9]) && b == digit(v[10]) && mixed(v)
}

// brCNPJ counts letters, in use since 2026, by their ASCII code.
func brCNPJ(v []byte) bool {
	w := [13]int{6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}
	for n := 12; n < 14; n++ {
		sum := 0
		for i := range n {
			sum += int(v[i]-'0') * w[13-n+i]
		}
		if sum*10%11%10 != digit(v[n]) {
			return false
		}
	}
	return mixed(v) && v[12] <= '9'
}

func clRUT(v []byte) bool {
	n := len(v) - 1
	sum := 0
	for i := range n {
		if v[i] > '9' {
			return false
		}
		sum += digit(v[i]) * (2 + (n-1-i)%6)
	}
	return "0K987654321"[sum%11] == v[n] && mixed(v[:n]) && v[0] != '0'
}

func coNIT(v []byte) bool {
	w := []int{43, 41, 37, 29, 23, 19, 17, 13, 7, 3}
	n := len(v) - 1
	return digit("01987654321"[weigh(v[:n], w[len(w)-n:]...)%11]) == digit(v[n]) && mixed(v) && v[0] != '0'
}

func crPerson(v []byte) bool {
	if len(v) == 10 {
		if v[0] != '0' {
			return false
		}
		v = v[1:]
	}
	return v[0] != '0'
}

func crCompany(v []byte) bool {
	const public, private = "100 200 300 400", "002 003 004 005 006 007 008 009 010 011 012 013 014 101 102 103 104 105 106 107 108 109 110"
	class := string(v[1:4])
	switch v[0] {
	case '2':
		return strings.Contains(public, class)
	case '3':
		return strings.Contains(private, class)
	case '4':
		return class == "000"
	case '5':
		return class == "001"
	}
	return false
}

func cuPerson(v []byte) bool { return born(v[:6], false) }

func doRNC(v []byte) bool {
	return (10-weigh(v[:8], 7, 9, 8, 6, 5, 4, 3, 2)%11)%9+1 == digit(v[8]) && mixed(v)
}

func doNCF(v []byte) bool {
	if len(v) == 19 {
		return (v[0] == 'A' || v[0] == 'P') && between(9, 11, 1, 17)(v)
	}
	return between(1, 3, 1, 49)(v)
}

func ecRUC(v []byte) bool {
	if p := number(v[:2]); p < 1 || p > 24 && p != 30 && p != 50 || v[10] != '0' || number(v[10:]) == 0 {
		return false
	}
	switch {
	case v[2] <= '5':
		return luhn(v[:10])
	case v[2] == '6':
		return weigh(v[:9], 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	case v[2] == '9':
		return weigh(v[:10], 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	}
	return false
}

func gtNIT(v []byte) bool {
	n := len(v) - 1
	sum := 0
	for i := range n {
		if v[i] > '9' {
			return false
		}
		sum += digit(v[i]) * (n + 1 - i)
	}
	return "0123456789K"[(11-sum%11)%11] == v[n] && mixed(v[:n]) && v[0] != '0'
}

func mxCURP(v []byte) bool {
	const letters = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ"
	sum := 0
	for i, c := range v[:17] {
		sum += bytes.IndexByte([]byte(letters), c) * (18 - i)
	}
	const states = " AS BC BS CC CS CH CL CM DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE "
	return strings.Contains(states, " "+string(v[11:13])+" ") && (v[10] == 'H' || v[10] == 'M') && born(v[4:10], false) && (10-sum%10)%10 == digit(v[17])
}

func mxRFC(v []byte) bool {
	const letters = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ "
	n := len(v)
	if !born(v[n-9:n-3], false) {
		return false
	}
	sum := 0
	if n == 12 {
		sum = 37 * 13
	}
	for i, c := range v[:n-1] {
		sum += bytes.IndexByte([]byte(letters), c) * (n - i)
	}
	return "0123456789A"[(11-sum%11)%11] == v[n-1] || v[n-1] == '0'
}

func peDNI(v []byte) bool {
	i := weigh(v[:8], 3, 2, 7, 6, 5, 4, 3, 2) % 11
	return mixed(v[:8]) && ("65432110987"[i] == v[8] || "KJIHGFEDCBA"[i] == v[8])
}

func peRUC(v []byte) bool {
	return (11-weigh(v[:10], 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%10 == digit(v[10])
}

func pyRUC(v []byte) bool {
	n := len(v) - 1
	sum := 0
	for i := range n {
		sum += digit(v[i]) * (n + 1 - i)
	}
	return (11-sum%11)%11%10 == digit(v[n]) && mixed(v)
}

func svNIT(v []byte) bool {
	var n int
	if string(v[10:13]) <= "100" {
		n = weigh(v[:13], 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11 % 10
	} else {
		n = (11 - weigh(v[:13], 2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11 % 10
	}
	return n == digit(v[13]) && (v[0] == '0' || v[0] == '1' || v[0] == '9') && number(v[4:6]) <= 31 && number(v[6:8]) <= 12
}

func usITIN(v []byte) bool {
	n := number(v[3:5])
	return n >= 50 && n <= 65 || n >= 70 && n <= 88 || n >= 90 && n <= 92 || n >= 94
}

func usEIN(v []byte) bool {
	switch number(v[:2]) {
	case 0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97:
		return false
	}
	return mixed(v)
}

func uyRUT(v []byte) bool {
	return between(0, 2, 1, 22)(v) && string(v[2:8]) != "000000" && string(v[8:11]) == "001" && minus(11, 11, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)(v)
}

func veRIF(v []byte) bool {
	var kind int
	switch v[0] {
	case 'V':
		kind = 4
	case 'E':
		kind = 8
	case 'J':
		kind = 12
	case 'P':
		kind = 16
	case 'G':
		kind = 20
	default:
		return false
	}
	return "00987654321"[(kind+weigh(v[1:9], 3, 2, 7, 6, 5, 4, 3, 2))%11] == v[9]
}

package national

// A check tells whether a value, letters in capitals and no separators, has the
// check characters and parts that its kind wants. It is called only with values
// of the kind's shape.
type check func(v []byte) bool

// digit is the number that a digit stands for.
func digit(c byte) int { return int(c - '0') }

// number is the number that the digits of v stand for; v is short.
func number(v []byte) int {
	n := 0
	for _, c := range v {
		n = n*10 + digit(c)
	}
	return n
}

// base36 is 0 to 9 for digits and 10 to 35 for capitals.
func base36(c byte) int {
	if c <= '9' {
		return digit(c)
	}
	return int(c-'A') + 10
}

// weigh sums the digits of v by the weights, as far as both go.
func weigh(v []byte, weights ...int) int {
	sum := 0
	for i := range min(len(v), len(weights)) {
		sum += digit(v[i]) * weights[i]
	}
	return sum
}

// zero is the check that the weighted sum of all digits is a multiple of mod.
func zero(mod int, weights ...int) check {
	return func(v []byte) bool { return weigh(v, weights...)%mod == 0 && mixed(v) }
}

// last is the check that the last digit is the weighted sum of those in front
// of it modulo mod; 10 counts as ten (10: 0; 11: never right).
func last(mod, ten int, weights ...int) check {
	return func(v []byte) bool { return is(v[len(v)-1], weigh(v[:len(v)-1], weights...)%mod, ten) && mixed(v) }
}

// minus is like last for the number that is missing to a multiple of mod.
func minus(mod, ten int, weights ...int) check {
	return func(v []byte) bool {
		return is(v[len(v)-1], (mod-weigh(v[:len(v)-1], weights...)%mod)%mod, ten) && mixed(v)
	}
}

func is(c byte, want, ten int) bool {
	if want == 10 {
		want = ten
	}
	return digit(c) == want
}

// mixed tells whether v has two different characters: one digit repeated is no
// number of anyone, though its check digit may be right.
func mixed(v []byte) bool {
	for _, c := range v {
		if c != v[0] {
			return true
		}
	}
	return false
}

// luhn is ISO/IEC 7812-1, annex B.
func luhn(v []byte) bool { return luhnSum(v)%10 == 0 && mixed(v) }

func luhnSum(v []byte) int {
	sum := 0
	for i, c := range v {
		d := digit(c)
		if (len(v)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum
}

// luhn36 is Luhn over the digits of letters' numbers (ISO 6166).
func luhn36(v []byte) bool {
	var digits []byte
	for _, c := range v {
		if n := base36(c); n > 9 {
			digits = append(digits, byte('0'+n/10), byte('0'+n%10))
		} else {
			digits = append(digits, c)
		}
	}
	return luhn(digits)
}

// mod97 is ISO 7064 mod 97-10: the remainder of v read as a number, letters as
// two digits.
func mod97(v []byte) int {
	sum := 0
	for _, c := range v {
		if n := base36(c); n > 9 {
			sum = (sum*100 + n) % 97
		} else {
			sum = (sum*10 + n) % 97
		}
	}
	return sum
}

// mod11v10 is ISO 7064 mod 11,10.
func mod11v10(v []byte) bool {
	p := 10
	for _, c := range v[:len(v)-1] {
		s := (p + digit(c)) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return (p+digit(v[len(v)-1]))%10 == 1 && mixed(v)
}

// mod11v2 is ISO 7064 mod 11-2, the last character a digit or X.
func mod11v2(v []byte) bool {
	p := 0
	for _, c := range v[:len(v)-1] {
		p = (p + digit(c)) * 2 % 11
	}
	c := v[len(v)-1]
	want := (12 - p) % 11
	return want == 10 && c == 'X' || want < 10 && c == byte('0'+want)
}

// verhoeff is Verhoeff's check digit (J. Verhoeff, Error Detecting Decimal
// Codes, 1969): the dihedral group of order ten, its permutation applied once
// more for each place.
func verhoeff(v []byte) bool {
	product := func(a, b int) int {
		switch {
		case a < 5 && b < 5:
			return (a + b) % 5
		case a < 5:
			return 5 + (a+b)%5
		case b < 5:
			return 5 + (a-b+5)%5
		}
		return (a - b + 5) % 5
	}
	power := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	c := 0
	for i := range v {
		d := digit(v[len(v)-1-i])
		for range i % 8 {
			d = power[d]
		}
		c = product(c, d)
	}
	return c == 0
}

// date tells whether year, month and day are a day between 1890 and 2029; a year
// under 100 is of any century.
func date(year, month, day int) bool {
	if year >= 100 && (year < 1890 || year > 2029) || month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 == 0 && year != 1900) {
		days = 29
	}
	return day <= days
}

// born tells whether the six digits are a day in the order year, month, day or,
// backwards, day, month, year.
func born(v []byte, backwards bool) bool {
	a, b, c := number(v[:2]), number(v[2:4]), number(v[4:6])
	if backwards {
		a, c = c, a
	}
	return date(a, b, c)
}

// all is the check that all of the checks hold.
func all(checks ...check) check {
	return func(v []byte) bool {
		for _, c := range checks {
			if !c(v) {
				return false
			}
		}
		return true
	}
}

// either is the check that one of the checks holds.
func either(checks ...check) check {
	return func(v []byte) bool {
		for _, c := range checks {
			if c(v) {
				return true
			}
		}
		return false
	}
}

// of is the check of the part of the value from lo to hi, which counts from the
// end where it is not positive.
func of(lo, hi int, c check) check {
	return func(v []byte) bool {
		if hi <= 0 {
			return c(v[lo : len(v)+hi])
		}
		return c(v[lo:hi])
	}
}

// first is the check that the value begins with one of the strings.
func first(prefixes ...string) check {
	return func(v []byte) bool {
		for _, p := range prefixes {
			if len(v) >= len(p) && string(v[:len(p)]) == p {
				return true
			}
		}
		return false
	}
}

// between is the check that v[lo:hi] is a number from least to most.
func between(lo, hi, least, most int) check {
	return func(v []byte) bool { n := number(v[lo:hi]); return least <= n && n <= most }
}

// Command numberplan makes classifiers/pii/plan.txt: which numbers are in use
// behind each country calling code. It asks libphonenumber's metadata (Apache
// License 2.0) about examples of each length behind each three digits, so the
// table needs no expressions and a hundredth of the metadata's size.
//
//	go run . >../../classifiers/pii/plan.txt
//
// A line is a calling code and ranges of the first three digits behind it, each
// with the lengths of the whole national number; m marks those of mobile
// telephones.
package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

const (
	prefixes = 1000
	examples = 12
	longest  = 13
)

// lengths are bits: of the lengths in use, and of those of mobile telephones.
type lengths struct{ all, mobile uint16 }

func main() {
	var codes []int
	for code := range phonenumbers.GetSupportedCallingCodes() {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	out := bufio.NewWriter(os.Stdout)
	for _, code := range codes {
		plan := ask(code)
		fmt.Fprint(out, code)
		for from := 0; from < prefixes; {
			to := from
			for to+1 < prefixes && plan[to+1] == plan[from] {
				to++
			}
			if plan[from].all != 0 {
				fmt.Fprint(out, " ", row(from, to, plan[from]))
			}
			from = to + 1
		}
		fmt.Fprintln(out)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// ask is the plan of one calling code. The examples are the same in each run.
func ask(code int) *[prefixes]lengths {
	var plan [prefixes]lengths
	random := rand.New(rand.NewPCG(uint64(code), 164))
	for length := 4; length <= longest; length++ {
		if !possible(code, length) {
			continue
		}
		for prefix := range prefixes {
			valid, mobile := 0, 0
			for range examples {
				digits := []byte(fmt.Sprintf("%03d", prefix))
				for len(digits) < length {
					digits = append(digits, byte('0'+random.IntN(10)))
				}
				n, err := phonenumbers.Parse(fmt.Sprintf("+%d%s", code, digits), "ZZ")
				if err != nil || !phonenumbers.IsValidNumber(n) || phonenumbers.GetNationalSignificantNumber(n) != string(digits) {
					continue
				}
				valid++
				if t := phonenumbers.GetNumberType(n); t == phonenumbers.MOBILE || t == phonenumbers.FIXED_LINE_OR_MOBILE {
					mobile++
				}
			}
			if valid > 0 {
				plan[prefix].all |= 1 << length
			}
			if mobile > 0 {
				plan[prefix].mobile |= 1 << length
			}
		}
	}
	return &plan
}

// possible tells whether numbers of that length may be in use at all.
func possible(code, length int) bool {
	for first := range 10 {
		n, err := phonenumbers.Parse(fmt.Sprintf("+%d%d%s", code, first, strings.Repeat("1", length-1)), "ZZ")
		if err == nil && phonenumbers.IsPossibleNumber(n) {
			return true
		}
	}
	return false
}

func row(from, to int, l lengths) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%03d", from)
	if to > from {
		fmt.Fprintf(&b, "-%03d", to)
	}
	mark := byte(':')
	for length := range longest + 1 {
		if l.all>>length&1 == 0 {
			continue
		}
		fmt.Fprintf(&b, "%c%d", mark, length)
		if l.mobile>>length&1 == 1 {
			b.WriteByte('m')
		}
		mark = ','
	}
	return b.String()
}

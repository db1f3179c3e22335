package pii

import (
	_ "embed"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// planText says which numbers are in use behind each country calling code. See
// deploy/numberplan, which makes it, for the form.
//
//go:embed plan.txt
var planText string

// A planned is what is in use behind the three digits from lo to hi: bits for the
// lengths of national numbers, and for those of mobile telephones.
type planned struct{ lo, hi, lengths, mobile uint16 }

// plans are the ranges by calling code, in order; read when the first number asks.
var plans = sync.OnceValue(func() map[string][]planned {
	all := make(map[string][]planned)
	for line := range strings.Lines(planText) {
		fields := strings.Fields(line)
		for _, f := range fields[1:] {
			all[fields[0]] = append(all[fields[0]], parsePlanned(f))
		}
	}
	return all
})

// parsePlanned reads "201-210:9,10m".
func parsePlanned(field string) planned {
	prefixes, lengths, _ := strings.Cut(field, ":")
	lo, hi, span := strings.Cut(prefixes, "-")
	if !span {
		hi = lo
	}
	p := planned{lo: small(lo), hi: small(hi)}
	for l := range strings.SplitSeq(lengths, ",") {
		digits, mobile := strings.CutSuffix(l, "m")
		p.lengths |= 1 << small(digits)
		if mobile {
			p.mobile |= 1 << small(digits)
		}
	}
	return p
}

func small(digits string) uint16 {
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		panic("pii: plan.txt: " + err.Error())
	}
	return uint16(n)
}

// inUse tells whether a national number is in use behind the calling code, and
// whether it may be that of a mobile telephone.
func inUse(code, national string) (used, mobile bool) {
	if len(national) < 4 || len(national) > maxE164 {
		return false, false
	}
	if code == "1" { // of many countries with few numbers each: by the form (NANPA)
		ok := len(national) == 10 && national[0] >= '2' && national[3] >= '2'
		return ok, ok
	}
	prefix := uint16(national[0]-'0')*100 + uint16(national[1]-'0')*10 + uint16(national[2]-'0')
	ranges := plans()[code]
	i := sort.Search(len(ranges), func(i int) bool { return ranges[i].hi >= prefix })
	if i == len(ranges) || ranges[i].lo > prefix {
		return false, false
	}
	bit := uint16(1) << len(national)
	return ranges[i].lengths&bit != 0, ranges[i].mobile&bit != 0
}

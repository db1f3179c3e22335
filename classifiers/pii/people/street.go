package people

// A parser reads one address.
type parser struct {
	*scan
	parts []part
	progress
}

// progress is how far a parser has read.
type progress struct {
	i     int
	end   int // of what belongs to the address for sure
	score float64
	known bool // the part read last is a known place
}

func (p *parser) at(i int) part {
	if i >= 0 && i < len(p.parts) {
		return p.parts[i]
	}
	return part{}
}

// A streetName is that of a street, as it is read.
type streetName struct {
	words  int
	typed  float64 // by a word for streets
	before bool    // which stands in front
	vague  bool    // and means much else
	opened bool    // Am, Unter, An der in front
	plain  bool    // each word of it is a word otherwise, too
	empty  bool    // and none is a name
	named  bool    // it has more than the word for streets
	glued  bool    // to a point: os.Stdout
	last   part
}

// read reads an address: a post box or a street, with a postcode and a place in front
// of it or not, and what stands behind. It names the rule.
func (p *parser) read() (string, bool) {
	begin := p.progress
	if p.city() {
		if rule, ok := p.street(); ok && rule == "address-street" {
			p.tail()
			return rule, true
		}
	}
	p.progress = begin
	rule, ok := p.street()
	if !ok {
		rule, ok = "address-box", p.ship()
	}
	if ok {
		p.tail()
	}
	return rule, ok
}

// city skips a postcode and a place in front of a street: 80331 München, Sendlinger
// Str. 8.
func (p *parser) city() bool {
	i := 0
	if q := p.at(0); q.upper && q.size <= 2 && p.at(1).close {
		i++ // D-80331
	}
	if !p.postcode(&i) {
		return false
	}
	if p.at(i).kind == comma {
		i++
	}
	if p.at(i).is(cityWords) && p.at(i+1).kind == dot {
		i += 2
	}
	if !p.at(i).capital || p.at(i).is(units) || !p.place(&i, false, false) {
		return false
	}
	if k := p.at(i).kind; k != comma && k != line {
		return false
	}
	p.i = i + 1
	return true
}

// street reads the first line: a post box, or a name with a number in front of it or
// behind it. It names the rule and says whether there is one.
func (p *parser) street() (string, bool) {
	if p.box() {
		return "address-box", true
	}
	begun := p.score
	unit := p.flat()
	if p.at(p.i).is(numberWords) && p.after(p.i).kind == number { // No. 88 Jianguo Road
		p.i = p.dots(p.i + 1)
	}
	leading, year := 0, false
	for p.at(p.i).kind == number && leading < 3 {
		leading++
		year = year || isYear(p.text[p.at(p.i).start:p.at(p.i).end])
		p.i++
	}
	if leading > 0 && p.at(p.i).is(numberEnds) {
		p.i++
	}
	if leading > 0 || unit > 0 {
		i := p.i
		if p.at(i).kind == comma {
			i++
		}
		if n := p.at(i + 1); !p.counts() && p.at(i).is(districts) && n.kind == number && n.size <= 3 { // 99/1 Moo 4, B-24, Sector 62
			p.i, p.end, p.score = i+2, n.end, begun+0.3+unit/2
			return "address-street", true
		}
	}
	loose := leading > 0 && p.at(p.i).kind == comma
	if loose {
		if p.counts() || !p.at(p.i+1).is(streetBefore) && !p.at(p.i+1).capital {
			return "", false
		}
		p.i++
		if p.at(p.i).is(streetBefore) { // 12, rue de la Paix
			loose = false
		} else if p.typedSoon(p.i) < 0 {
			return "", false
		}
	}
	if p.box() {
		return "address-box", true
	}
	n := p.streetName()
	if n.words == 0 || n.last.is(particles|streetSmall) && !n.last.capital {
		return "", false
	}
	p.end = p.parts[p.i-1].end
	if p.parts[p.i-1].kind == dot {
		p.end = p.parts[p.i-1].start
	}
	trailing, doubt := p.behind(&n, leading)
	switch {
	case leading == 0 && !trailing && (unit == 0 || n.typed == 0), !n.named, n.typed == 0 && (year || n.words == 1 && n.last.upper && !p.small):
		return "", false
	case n.typed == 0 && n.plain && !n.opened:
		if leading > 0 || n.last.is(months|counted) || begun > 0 {
			return "", false
		}
		p.score = begun - 0.4
		return "address-weak", true
	case n.typed == 0:
		p.score = begun + 0.4 + unit
		if leading > 0 && trailing {
			p.score += 0.7
		}
		if leading > 0 && !trailing {
			p.score = begun + unit + p.blocks()
		}
		return "address-weak", true
	}
	p.score = begun + n.typed + 0.5 + unit - doubt
	if leading > 1 || leading > 0 && trailing {
		p.score += 0.3
	}
	if loose {
		p.score -= 0.6
	}
	return "address-street", true
}

// after is the part behind i and the points behind that.
func (p *parser) after(i int) part { return p.at(p.dots(i + 1)) }

// dots skips points.
func (p *parser) dots(i int) int {
	for p.at(i).kind == dot {
		i++
	}
	return i
}

// flat skips a part of a building in front of the street: Flat 4, Plot No. 5, B-24.
func (p *parser) flat() float64 {
	q := p.at(p.i)
	if n := p.at(p.i + 1); q.size == 1 && q.upper && n.kind == number && n.close && n.start-q.end == 1 && p.at(p.i+2).kind == comma {
		p.i += 3
		return 0.5
	}
	if !q.is(units) {
		return 0
	}
	n := p.dots(p.i + 1)
	if p.at(n).is(numberWords) {
		n = p.dots(n + 1)
	}
	if k := p.at(n + 1).kind; p.at(n).kind != number || k != number && k != comma && k != word {
		return 0
	}
	p.i = n + 1
	if p.at(p.i).kind == comma {
		p.i++
	}
	return 1
}

// counts tells whether the number that the address begins with counts something else:
// Table 4, Rue Morgue.
func (p *parser) counts() bool {
	w := p.wordBefore(p.parts[0].start)
	return w.End > 0 && p.parts[0].start-w.End <= 2 && p.in(w.Hash, counted|months)
}

// blocks weighs a number of Japanese blocks, 1-7-1, which stands in front of the name of
// the part of a city.
func (p *parser) blocks() float64 {
	first := p.parts[0]
	dashes := 0
	for _, c := range []byte(p.text[first.start:first.end]) {
		if c == '-' {
			dashes++
		}
	}
	if dashes == 2 {
		return 0.6
	}
	return 0
}

// streetName reads the words of the name of a street.
func (p *parser) streetName() streetName {
	n := streetName{plain: true, empty: true}
	for n.words < streetWords {
		q := p.at(p.i)
		if q.kind == dot && n.words > 0 && (n.last.size <= 4 || n.last.is(streetBefore)) && p.at(p.i+1).kind != dot && (n.last.size > 1 || p.at(p.i+1).start > q.end) {
			n.glued = n.glued || p.at(p.i+1).start == q.end
			p.i++
			continue
		}
		if q.kind == number && n.before && p.dated(n) {
			n.words++
			n.last = q
			continue
		}
		if q.kind != word || q.mixed || n.words > 0 && (!q.close || q.is(units) && !q.is(streetBehind)) {
			break
		}
		before, behind := p.opens(q), q.is(streetBehind)
		opens := n.words == 0 && q.is(streetOpen) && q.capital && !before
		inside := n.words > 0 && (behind || p.at(p.i+1).is(streetBehind))
		small := q.is(particles) || q.is(streetSmall) && (n.typed > 0 || n.opened)
		ends := streetEnd(p.text[q.start:q.end])
		if !q.capital && !inside && !before && !small && !ends {
			break
		}
		if p.small && n.words > 0 && n.typed == 0 && q.is(articles|pronounsI) && !q.is(particles) { // 2 files on my drive
			break
		}
		if n.words > 0 && q.is(numberWords) && p.after(p.i).kind == number {
			break
		}
		if q.bits&common != 0 && q.bits&(given|surname|place) == 0 && !before && !behind && !ends && !small && !opens && !q.is(directions) &&
			n.typed == 0 && !n.opened && p.typedSoon(p.i+1) < 0 && !p.plainName(n) {
			break
		}
		n.last = q
		n.words++
		p.i++
		n.opened = n.opened || opens
		n.plain = n.plain && (q.bits&common != 0 || before || small || opens)
		n.empty = n.empty && (q.bits&(given|surname|place) == 0 && q.bits != 0 || before || small || opens)
		n.named = n.named || (q.size > 2 || q.upper && p.at(p.i).is(streetBehind)) && (!before || n.words > 1) && (!behind || n.words == 1) && !opens
		switch {
		case before && n.words == 1:
			n.before, n.typed = true, 1.2
			n.vague = q.is(streetVague) || !q.capital && q.size <= 3
		case behind && n.words > 1 && !(before && n.typed > 0):
			n.typed = max(n.typed, p.streetWeight(q))
			if p.at(p.i).is(directions) && p.at(p.i).close {
				p.i++
			}
		case ends:
			n.typed = max(n.typed, 1.2)
		}
		if behind && n.words > 1 && n.typed > 0 && !n.before && !p.goesOn(q) {
			break
		}
	}
	return n
}

// goesOn tells whether the name of a street goes on behind a word for streets: Lake View
// Road, Cumhuriyet Mah. Gül Sok.
func (p *parser) goesOn(q part) bool {
	next := p.at(p.i)
	return next.is(streetBehind) && next.close && next.capital || q.is(quarters) && p.after(p.i-1).capital
}

// opens tells whether the part at which the parser stands is a word for streets that
// stands in front of the name. Short ones need a point or a capital.
func (p *parser) opens(q part) bool {
	d := p.at(p.i + 1)
	glued := d.kind == dot && p.at(p.i+2).start == d.end && q.is(streetVague) // os.Stdout
	return q.is(streetBefore) && (q.size > 1 || d.kind == dot) && !glued && (q.capital || !q.is(streetOpen))
}

// dated skips a number inside a name: Calle 5 de Mayo, Straße des 17. Juni, rue du 8 mai
// 1945.
func (p *parser) dated(n streetName) bool {
	i := p.i + 1
	small := n.last.is(particles|streetSmall) && !n.last.capital
	q := p.at(i)
	if q.kind == dot && small {
		i++
		q = p.at(i)
	}
	switch {
	case p.at(p.i).size > 2 || q.kind != word:
		return false
	case q.is(particles) && !q.capital && p.at(i+1).capital:
		p.i = i
	case small && (q.capital || q.is(months)):
		p.i = i + 1
		if y := p.at(p.i); y.kind == number && isYear(p.text[y.start:y.end]) && y.close {
			p.i++
		}
	default:
		return false
	}
	return true
}

// plainName tells whether a word with a capital that says nothing may begin the name of
// a street, or go on with it: Nowy Świat 15/17. What follows has to say more.
func (p *parser) plainName(n streetName) bool {
	return p.at(p.i).capital && n.words < 2 && !p.at(p.i).is(counted|months) && (n.words > 0 || p.at(p.i+1).kind == word)
}

// typedSoon is which of the next parts is a word for streets, behind nothing but words
// with capitals; -1 when there is none.
func (p *parser) typedSoon(first int) int {
	for i := first; i < first+4; i++ {
		if q := p.at(i); q.kind != word || !q.capital {
			return -1
		} else if q.is(streetBehind) && q.close {
			return i
		}
	}
	return -1
}

func (p *parser) streetWeight(q part) float64 {
	if q.is(streetVague) {
		return 0.8
	}
	return 1.2
}

// streetEnd tells a street by the end of its name. Short ones are words themselves.
func streetEnd(w string) bool {
	return len(w) >= 7 && len(w) <= 32 && streetEndings.end(w, 4)
}

// isYear tells years of our time.
func isYear(digits string) bool {
	return len(digits) == 4 && (digits[:2] == "19" || digits[:2] == "20" || digits[:2] == "18")
}

package people

// A parser reads one address.
type parser struct {
	*scan
	parts []part
	i     int
	end   int // of what belongs to the address for sure
	score float64
}

func (p *parser) at(i int) part {
	if i < len(p.parts) {
		return p.parts[i]
	}
	return part{}
}

// street reads the first line: a post box, or a name with a number in front of it or
// behind it. It names the rule and says whether there is one.
func (p *parser) street() (string, bool) {
	if p.box() {
		return "address-box", true
	}
	leading, unit, year := 0, 0.0, false
	if n := p.i + 1; p.in(p.at(p.i).hash, units) && p.at(p.i).kind == word {
		if p.at(n).kind == dot {
			n++
		}
		if p.at(n).kind == number && (p.at(n+1).kind == number || p.at(n+1).kind == comma || p.at(n+1).kind == word) {
			unit = 1
			p.i = n + 1
			if p.at(p.i).kind == comma {
				p.i++
			}
		}
	}
	for p.at(p.i).kind == number && leading < 3 {
		leading++
		year = year || isYear(p.text[p.at(p.i).start:p.at(p.i).end])
		p.i++
	}
	if leading > 0 && p.at(p.i).kind == comma && !p.at(p.i+1).capital {
		return "", false
	}
	if p.box() {
		return "address-box", true
	}
	words, typed, plain, named := 0, 0.0, true, false
	var last part
	for words < streetWords {
		q := p.at(p.i)
		if q.kind == dot && words > 0 && (last.size <= 4 || p.in(last.hash, streetBefore)) && p.at(p.i+1).kind != dot {
			p.i++
			continue
		}
		if q.kind == comma && leading > 0 && words == 0 { // 12, rue de la Paix
			q = p.at(p.i + 1)
			if !p.in(q.hash, streetBefore) {
				break
			}
			p.i++
		}
		if q.kind != word || words > 0 && !q.close || p.in(q.hash, units) && words > 0 {
			break
		}
		before, behind := p.in(q.hash, streetBefore) && (q.size > 1 || p.at(p.i+1).kind == dot), p.in(q.hash, streetBehind)
		inside := words > 0 && (behind || p.in(p.at(p.i+1).hash, streetBehind))
		if !q.capital && !inside && !before && !p.in(q.hash, particles) && !streetEnd(p.text[q.start:q.end]) {
			break
		}
		if q.bits&common != 0 && q.bits&(given|surname|place) == 0 && !before && !behind && !p.in(q.hash, directions) && !p.in(q.hash, particles) {
			if typed == 0 && !p.typedSoon() {
				break
			}
		}
		last = q
		words++
		p.i++
		plain = plain && q.bits&common != 0
		named = named || q.size > 2 && (!before || words > 1) && (!behind || words == 1)
		switch {
		case before && words == 1:
			typed = max(typed, 1.2)
		case behind && words > 1 && !(before && typed > 0):
			typed = max(typed, p.streetWeight(q))
			if p.in(p.at(p.i).hash, directions) && p.at(p.i).close {
				p.i++
			}
		case streetEnd(p.text[q.start:q.end]):
			typed = max(typed, 1.2)
		}
		if behind && words > 1 && typed > 0 && !(p.in(p.parts[p.i-words].hash, streetBefore)) {
			break
		}
	}
	if words == 0 || p.in(last.hash, particles) && !last.capital {
		return "", false
	}
	p.end = p.parts[p.i-1].end
	trailing := false
	if p.at(p.i).kind == dot && p.at(p.i+1).kind == number && p.at(p.i+1).size <= 4 {
		p.i++
	}
	if q := p.at(p.i); q.kind == number && q.size <= 5 && q.close {
		if q.size < 5 || leading == 0 {
			trailing = true
			p.end = q.end
			p.i++
			if p.at(p.i).kind == dot {
				p.i++
			}
		}
	}
	switch {
	case leading == 0 && !trailing:
		return "", false
	case typed == 0 && (plain || year || words == 1 && last.upper && !p.small), !named:
		return "", false
	case typed == 0:
		p.score = 0.4 + unit
		if leading > 0 && trailing {
			p.score += 0.7
		}
		if leading > 0 && !trailing {
			p.score = unit
		}
		return "address-weak", true
	}
	p.score = typed + 0.5 + unit
	if leading > 1 || leading > 0 && trailing {
		p.score += 0.3
	}
	return "address-street", true
}

// typedSoon tells whether one of the next words is that of a street.
func (p *parser) typedSoon() bool {
	for i := p.i + 1; i < p.i+4; i++ {
		if q := p.at(i); q.kind != word || !q.capital {
			return false
		} else if p.in(q.hash, streetBehind) && q.close {
			return true
		}
	}
	return false
}

func (p *parser) streetWeight(q part) float64 {
	if p.in(q.hash, streetVague) {
		return 0.8
	}
	return 1.2
}

// box reads P.O. Box 12, and the addresses of armed forces: PSC 12, Box 34, APO AE
// 09012.
func (p *parser) box() bool {
	i, named := p.i, false
	for range 6 {
		q := p.at(i)
		switch {
		case q.kind == dot:
		case q.kind == word && (p.in(q.hash, boxes) || q.size == 1 && q.capital || q.hash == letterP || q.hash == letterO):
			named = named || p.in(q.hash, boxes) && q.size > 2
		default:
			goto number
		}
		i++
	}
number:
	if !named || p.at(i).kind != number {
		return false
	}
	vague := p.parts[p.i].hash == unitWord || p.parts[p.i].hash == boxWord
	p.end = p.at(i).end
	p.i = i + 1
	i = p.i
	if p.at(i).kind == comma {
		i++
	}
	if q := p.at(i); q.kind == word && p.in(q.hash, boxes) && p.at(i+1).kind == number {
		vague = false
		p.end, p.i = p.at(i+1).end, i+2
	}
	if vague {
		p.score = 0.3
		return true
	}
	p.score = 1.7
	return true
}

// ship reads the address of a ship of the armed forces: USNS Name, FPO AE 09012.
func (p *parser) ship() bool {
	for i := 0; i < 6 && i < len(p.parts); i++ {
		if q := p.at(i); q.kind == word && p.in(q.hash, forces) {
			if p.at(i+2).kind == number && p.at(i+1).kind == word && p.in(p.at(i+1).hash, states) {
				p.i, p.end, p.score = i+3, p.at(i+2).end, 2
				return true
			}
		}
	}
	return false
}

// tail reads what stands behind the street: apartments, places, states, postcodes. What
// is not sure to belong counts when something that is follows.
func (p *parser) tail() {
	i, coded := p.i, false
	for range tailSteps {
		commas, lines := false, false
		for p.at(i).kind == comma || p.at(i).kind == line || p.at(i).kind == dot && p.at(i+1).kind != word {
			commas = commas || p.at(i).kind == comma
			lines = lines || p.at(i).kind == line
			i++
		}
		q := p.at(i)
		switch {
		case q.kind == word && p.in(q.hash, units):
			n := i + 1
			if p.at(n).kind == dot {
				n++
			}
			if u := p.at(n); u.kind == number || u.kind == word && u.size == 1 && u.capital {
				p.score += 1.2
				i, p.end = n+1, u.end
				continue
			}
			return
		case q.kind == number && !coded && p.postcode(&i):
			coded = true
			continue
		case q.kind == word && q.capital && p.at(i+1).kind == word && p.at(i+1).close && p.in(p.at(i+1).hash, units) && p.at(i+2).kind != number && p.at(i+2).kind != dot:
			i += 2 // Fifth Floor
			p.score += 0.5
			continue
		case q.kind == word && p.in(q.hash, forces):
			i++
			continue
		case q.kind == word && q.size <= 3 && (q.upper || commas) && p.state(&i, commas, &coded):
			continue
		case q.kind == word && q.capital && p.place(&i, commas, lines):
			continue
		}
		return
	}
}

// postcode reads 3 to 6 digits, in one or two groups, with letters behind where the
// country has them.
func (p *parser) postcode(i *int) bool {
	q := p.at(*i)
	n := *i + 1
	digits := q.size
	if m := p.at(n); m.kind == number && m.close && q.size == 3 && m.size == 2 {
		digits += m.size
		n++
	}
	if digits < 3 || q.size > 6 || p.at(n).kind == number && p.at(n).close {
		return false // a telephone number
	}
	if m := p.at(n); q.size == 4 && m.kind == word && m.upper && m.size == 2 && m.close {
		n++
	}
	p.score += 0.8
	*i, p.end = n, p.parts[n-1].end
	return true
}

// state reads the short name of a state, with a postcode behind it or known by itself,
// and the first half of the codes that start with letters.
func (p *parser) state(i *int, commas bool, coded *bool) bool {
	q := p.at(*i)
	n := *i + 1
	if p.at(n).kind == line || p.at(n).kind == comma {
		n++
	}
	if m := p.at(n); m.kind == number && m.size >= 4 && m.size <= 6 && !*coded {
		p.score += 1
		*coded = true
		*i, p.end = n+1, m.end
		return true
	}
	if q.upper && p.in(q.hash, states) {
		p.score += 0.5
		*i, p.end = *i+1, q.end
		return true
	}
	if commas && n == *i+2 && p.at(n).capital { // and a country on the next line
		p.score += 0.2
		*i = n
		return true
	}
	return false
}

// place reads the name of a place.
func (p *parser) place(i *int, commas, lines bool) bool {
	n, words, known := *i, 0, false
	person := false
	for words < 5 {
		q := p.at(n)
		if q.kind == dot && words > 0 && p.parts[n-1].size <= 3 {
			n++
			continue
		}
		if q.kind != word || words > 0 && !q.close || p.in(q.hash, units) {
			break
		}
		if !q.capital && !p.in(q.hash, particles|placeSmall) && (q.size > 1 || words == 0) {
			break
		}
		if q.upper && q.size <= 3 && words > 0 && (p.in(q.hash, states) || p.at(n+1).kind == number) {
			break
		}
		if q.bits&common != 0 && q.bits&place == 0 && !p.in(q.hash, directions) && !p.in(q.hash, particles) && !p.in(q.hash, placeFirst) && (words == 0 || p.small) {
			break
		}
		known = known || q.bits&place != 0
		person = person || words == 0 && q.bits&(given|place|common) == given
		words++
		n++
	}
	for words > 0 && !p.parts[n-1].capital { // particles at the end
		n--
		words--
	}
	if words == 0 {
		return false
	}
	next := p.at(n)
	enclosed := next.kind == comma || next.kind == line || next.kind == number || n >= len(p.parts) || next.kind == dot
	switch {
	case known:
		p.score += 0.5
		p.end = p.parts[n-1].end
	case person && !enclosed:
		return false
	case !lines && (commas || enclosed):
		p.score += 0.3
		p.end = p.parts[n-1].end
	case enclosed && next.kind != dot: // if something follows
	default:
		return false
	}
	*i = n
	return true
}

// streetEnd tells a street by the end of its name. Short ones are words themselves.
func streetEnd(w string) bool {
	return len(w) >= 7 && len(w) <= 32 && streetEndings.end(w, 4)
}

// isYear tells years of our time.
func isYear(digits string) bool {
	return len(digits) == 4 && (digits[:2] == "19" || digits[:2] == "20")
}

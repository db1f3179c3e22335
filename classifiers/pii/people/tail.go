package people

import "strings"

// tail reads what stands behind the street: apartments, places, states, postcodes. What
// is not sure to belong counts when something that is follows.
func (p *parser) tail() {
	i, coded := p.i, false
	for step := range tailSteps {
		commas, lines := false, false
		for p.at(i).kind == comma || p.at(i).kind == line || p.at(i).kind == dot && p.at(i+1).kind != word {
			commas = commas || p.at(i).kind == comma
			lines = lines || p.at(i).kind == line
			i++
		}
		q := p.at(i)
		switch {
		case q.kind == open && p.aside(&i):
			continue
		case p.unit(&i):
			p.known = false
			continue
		case !coded && (q.kind == number || q.kind == code) && p.postcode(&i):
			coded = true
			continue
		case q.kind == number && p.known && !commas && !lines && q.size <= 2 && !p.prose(i+1) && p.at(i+1).kind != number: // Praha 1
			i, p.end, p.known = i+1, q.end, false
			continue
		case q.is(forces):
			i++
			continue
		}
		p.known = false
		switch {
		case q.is(districts|cityWords) && p.after(i).capital && (p.at(i+1).kind == dot || p.at(i+1).close):
			if i = p.dots(i + 1); p.place(&i, true, false) {
				p.score += 0.4
				continue
			}
		case commas && p.typedSoon(i) > i: // another street
			i = p.typedSoon(i) + 1
			p.end = p.parts[i-1].end
			p.score += 0.3
			continue
		case q.kind == word && q.size <= 3 && (q.upper || commas || q.is(states) && p.at(i+1).size == 5) && p.state(&i, commas, &coded):
			continue
		case q.kind == word && q.capital && p.place(&i, commas || step == 0 && p.at(i-1).kind == word, lines):
			continue
		}
		return
	}
}

// unit reads a part of a building or of a city: Apt. 4, кв. 5, 3º B, 2. tv., Fifth
// Floor, Quận 1.
func (p *parser) unit(i *int) bool {
	q := p.at(*i)
	next := p.at(*i + 1)
	switch {
	case q.is(units | districts):
		n := p.dots(*i + 1)
		if p.at(n).is(numberWords) {
			n = p.dots(n + 1)
		}
		u := p.at(n)
		if q.is(states) && u.size > 4 { // AP 51065
			return false
		}
		if u.kind != number && (u.kind != word || u.size > 1 || !u.capital) || q.is(districts) && u.kind == number && u.size > 3 {
			return false
		}
		p.score += 1.2
		if q.is(districts) {
			p.score -= 0.5
		}
		n++
		if d := p.at(n); u.kind == word && d.kind == number && d.start == u.end { // bl. D1
			u = d
			n++
		}
		*i, p.end = n, u.end
		p.door(i)
		return true
	case q.kind == word && q.capital && q.bits&place == 0 && next.close && next.is(units) && p.at(*i+2).kind != number && p.at(*i+2).kind != dot:
		*i += 2
		p.score += 0.5
		return true
	case q.kind == number && q.floor:
		*i, p.end = *i+1, q.end
		p.score += 0.8
		p.door(i)
		return true
	case q.kind == number && q.size <= 2 && p.after(*i).is(units) && p.after(*i).end-q.end <= 16:
		// 2. tv., 5 этаж; where the unit has no number of its own
		n := p.dots(*i + 1)
		*i, p.end = n+1, p.at(n).end
		p.score += 0.8
		if d := p.after(n); d.kind == number && p.at(n+1).kind != comma { // 2. em. 5.
			if q.end == p.at(n-1).start && p.at(n-1).kind != dot {
				return false
			}
			*i, p.end = p.dots(n+1)+1, d.end
		}
		return true
	}
	return false
}

// door reads the door behind a floor: 3º B, 2º izq.
func (p *parser) door(i *int) {
	q := p.at(*i)
	if q.kind == word && q.close && (q.size == 1 && q.upper || q.is(units) && p.after(*i).kind != number) {
		*i, p.end = *i+1, q.end
	}
}

// aside reads a state or a place in parentheses: (RM), (Québec).
func (p *parser) aside(i *int) bool {
	n := *i + 1
	q := p.at(n)
	for p.at(n).kind == word && p.at(n).capital {
		n++
	}
	if n == *i+1 || p.at(n).kind != shut || q.bits&place == 0 && (!q.upper || q.size > 3) {
		return false
	}
	*i, p.end = n+1, p.at(n).end
	p.score += 0.3
	return true
}

// state reads the short name of a state, with a postcode behind it or known by itself,
// and the first part of the codes that start with a country: CH-8001, LT-01103.
func (p *parser) state(i *int, commas bool, coded *bool) bool {
	q := p.at(*i)
	n := *i + 1
	if p.at(n).kind == line || p.at(n).kind == comma {
		n++
	}
	if m := p.at(n); m.kind == number && (m.size >= 4 && m.size <= 6 || q.upper && m.close && m.size < 4 && p.at(n+1).kind == number && p.text[q.end] == '-') && !*coded {
		before := p.score
		if k := n; p.postcode(&k) {
			n = k
		} else if n, p.end = n+1, m.end; m.size < 4 {
			return false
		}
		p.score = before + 1
		*coded = true
		*i = n
		return true
	}
	if m := p.at(n); m.kind == code && q.upper && q.is(states) && !*coded {
		p.score += 0.3
		*i, p.end = n, q.end
		return true
	}
	if q.upper && q.is(states) {
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

// leads tells whether a word that says nothing may yet begin the name of a place, by
// what is behind it: a postcode, a state with one, or another word of places.
func (p *parser) leads(i int) bool {
	q := p.at(i + 1)
	return p.stated(i+1) || q.is(placeEnds) && p.text[q.start-1] == '-' || q.kind == code || q.kind == number && q.size >= 3 && q.close || q.kind == word && q.close && q.bits&(place|common) == place
}

// stated tells whether a state of the United States with a postcode stands at part i.
func (p *parser) stated(i int) bool {
	if p.at(i).kind == comma {
		i++
	}
	q, zip := p.at(i), p.at(i+1)
	return q.is(states) && q.upper && zip.kind == number && zip.size == 5
}

// placeWord tells whether a word may be part of the name of a place, the first one or
// not, of which it is known that it is one or not.
func (p *parser) placeWord(i int, first, known bool) bool {
	q := p.at(i)
	end := q.is(placeEnds) && p.text[q.start-1] == '-'
	switch {
	case first && q.upper && q.bits&place == 0 && i+1 == len(p.parts) && p.numbered(q.end): // , KVNR B4189
		return false
	case q.is(units) && !q.is(placeFirst):
		return known && q.upper && q.size == 2 || first && p.stated(i+1) // Roma RM; Plano, TX 75093
	case !q.capital && !end && !q.is(particles|placeSmall) && (q.size > 1 || first):
		return false
	case q.upper && q.size <= 3 && !first && (q.is(states) || p.at(i+1).kind == number):
		return false
	}
	means := q.bits&common != 0 && q.bits&place == 0 && !q.is(directions|particles|placeFirst|cityWords|districts)
	return !means || !p.small && (!first || p.leads(i))
}

// numbered tells whether a number with letters in front stands behind the offset.
func (p *parser) numbered(at int) bool {
	rest := strings.TrimLeft(p.text[at:min(len(p.text), at+12)], " :.#")
	n := 0
	for n < len(rest) && n < 4 && isLetter(rest[n]) {
		n++
	}
	return n > 0 && n < len(rest) && p.digitsAt(at+strings.Index(p.text[at:], rest)+n) > 3
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
		if q.kind != word || words > 0 && !q.close || !p.placeWord(n, words == 0, known) {
			break
		}
		if words > 0 && q.is(placeEnds) && p.text[q.start-1] == '-' {
			known = true
			p.score += 0.8
		}
		known = known || q.bits&place != 0 || q.is(cityWords)
		person = person || words == 0 && q.bits&(given|place|common) == given
		words++
		n++
	}
	for words > 0 && !p.parts[n-1].capital && !p.parts[n-1].is(placeEnds) { // particles at the end
		n--
		words--
	}
	if words == 0 {
		return false
	}
	next := p.at(n)
	enclosed := next.kind == comma || next.kind == line || next.kind == number || next.kind == code || next.kind == open || next.kind == shut || n >= len(p.parts) || next.kind == dot
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
	p.known = known
	*i = n
	return true
}

package people

import "unicode/utf8"

// behind reads the number behind the name, and weighs how doubtful it is.
func (p *parser) behind(n *streetName, leading int) (trailing bool, doubt float64) {
	if p.at(p.i).kind == dot && p.at(p.i+1).kind == number && p.at(p.i+1).size <= 4 {
		p.i++
	}
	q := p.at(p.i)
	if q.kind == number && q.size <= 5 && q.close && (q.size < 5 || leading == 0) {
		if k := p.dots(p.i + 1); n.before && leading == 0 && p.at(k).is(numberWords) && p.after(k).kind == number { // Carrera 7 # 71-21
			p.i, n.named = p.dots(k+1), true
		}
		p.house()
		if n.vague && n.empty && leading == 0 {
			doubt = 0.7
		}
		return true, doubt
	}
	i := p.dots(p.i)
	if leading > 0 || n.typed == 0 {
		return false, 0
	}
	comma := p.at(i).kind == comma
	if comma {
		i++
	}
	said := p.at(i).is(numberWords)
	if said {
		i = p.dots(i + 1)
	}
	q = p.at(i)
	if q.kind != number || q.size > 5 || !said && (!comma || q.size > 4 || q.floor || p.prose(i+1)) {
		return false, 0
	}
	p.i = i
	p.house()
	if said {
		return true, 0
	}
	if n.empty {
		doubt = 0.4
	}
	if isYear(p.text[q.start:q.end]) {
		doubt += 0.8
	}
	if n.vague && n.empty {
		doubt += 0.3
	}
	if n.glued && p.text[p.parts[0].start] < utf8.RuneSelf {
		doubt += 0.5
	}
	return true, doubt
}

// house takes the number of a house, with what belongs to it: 15 bis, 12 B 34.
func (p *parser) house() {
	p.end = p.at(p.i).end
	p.i++
	if q := p.at(p.i); q.is(numberEnds) && q.close {
		p.end = q.end
		p.i++
	}
	if q := p.at(p.i); q.kind == word && q.upper && q.size == 1 && q.close && p.at(p.i+1).kind == number && p.at(p.i+1).close && p.at(p.i+1).size <= 3 {
		p.end = p.at(p.i + 1).end
		p.i += 2
	}
	if p.at(p.i).kind == dot {
		p.i++
	}
}

// prose tells whether a sentence goes on at part i: Roma, 10 pages; Hauptstraße,
// 12 Kilometer.
func (p *parser) prose(i int) bool {
	q := p.at(i)
	says := !q.capital || p.small || q.bits&common != 0 && q.bits&(given|surname|place) == 0 && !q.upper && !q.is(directions)
	return q.kind == word && q.close && says && !q.is(units|numberEnds|numberThen|placeSmall)
}

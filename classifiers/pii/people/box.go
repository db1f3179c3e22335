package people

// box reads P.O. Box 12, and the addresses of armed forces: PSC 12, Box 34, APO AE
// 09012.
func (p *parser) box() bool {
	i, named := p.i, false
	for range 6 {
		q := p.at(i)
		switch {
		case q.kind == dot:
		case q.kind == word && (q.is(boxes) || q.size == 1 && q.capital || p.single(q, 'p') || p.single(q, 'o')):
			named = named || q.is(boxes) && q.size > 2
		default:
			goto number
		}
		i++
	}
number:
	if !named || p.at(i).kind != number {
		return false
	}
	vague := p.at(p.i).is(boxVague)
	if n := p.at(i + 1); vague && n.kind == word && n.close && n.capital && !n.is(boxes|forces) {
		return false // Unit 7 Main Street
	}
	p.end = p.at(i).end
	p.i = i + 1
	i = p.i
	if p.at(i).kind == comma {
		i++
	}
	if q := p.at(i); q.is(boxes) && p.at(i+1).kind == number {
		vague = false
		p.end, p.i = p.at(i+1).end, i+2
	}
	p.score = 1.7
	if vague {
		p.score = 0.3
	}
	return true
}

// single tells a word that is but the letter, small or not.
func (p *parser) single(q part, letter byte) bool {
	return q.kind == word && q.size == 1 && p.text[q.start]|0x20 == letter
}

// ship reads the address of a ship of the armed forces: USNS Name, FPO AE 09012.
func (p *parser) ship() bool {
	for i := 0; i < 6 && i < len(p.parts); i++ {
		if p.at(i).is(forces) && p.at(i+1).is(states) && p.at(i+2).kind == number {
			p.i, p.end, p.score = i+3, p.at(i+2).end, 2
			return true
		}
	}
	return false
}

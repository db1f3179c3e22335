package people

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sluice-proxy/sluice/classifiers"
)

// regionsKorea are the first-level parts of South Korea, as people shorten them (Road
// Name Address Act; Korea Post).
var regionsKorea = []string{
	"서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기", "강원", "충북", "충청북도", "충남", "충청남도", "전북", "전라북도", "전남", "전라남도", "경북", "경상북도", "경남", "경상남도", "제주",
}

const (
	// what may stand right behind the number of a house: units and particles.
	behindKorea = "번호동층에로으이입은는의과와까부를을"
	// words that end as parts of a country do.
	adverbsKorea = "반드시 다시 역시 잠시 즉시 혹시 임시 도시 정도 태도 제도 지도 속도 온도 친구 연구 요구 도구 지구 입구 출구 가구 "
)

// korean reads an address of Korea: 서울특별시 강남구 테헤란로 152.
func (s *scan) korean(r classifiers.Run, first int) (start, end int) {
	i := first - 1
	w := s.word(i)
	if gap := s.text[w.End:r.Start]; gap != "" && gap != " " {
		return 0, 0
	}
	road := s.text[w.Start:w.End]
	street := strings.HasSuffix(road, "로") && !strings.HasSuffix(road, "으로") || strings.HasSuffix(road, "길")
	if !street && !ends(road, "동", "리", "가") || w.End-w.Start > 45 {
		return 0, 0
	}
	start, parts, region := w.Start, 0, false
	for k := i - 1; k >= 0 && k > i-6 && !region; k-- {
		v := s.words[k]
		name := s.text[v.Start:v.End]
		if s.gap(k) != " " || v.End-v.Start > 45 {
			break
		}
		region = regionKorea(name)
		if !region && (!ends(name, "시", "도", "구", "군", "읍", "면", "동", "리") || strings.Contains(adverbsKorea, name+" ")) {
			break
		}
		start = v.Start
		parts++
	}
	switch {
	case region && (street || parts > 1), parts > 1:
	case parts == 1 && street && w.Start-start > 9 && w.End-w.Start >= 9:
	default:
		return 0, 0
	}
	return start, s.korea(r)
}

// regionKorea tells a first-level part of the country, short or with what it is.
func regionKorea(name string) bool {
	for _, r := range regionsKorea {
		if rest, ok := strings.CutPrefix(name, r); ok {
			switch rest {
			case "", "시", "도", "특별시", "광역시", "특별자치시", "특별자치도":
				return true
			}
		}
	}
	return false
}

// ends tells whether a word of two syllables or more has one of the ends.
func ends(word string, all ...string) bool {
	for _, e := range all {
		if len(word) > len(e) && strings.HasSuffix(word, e) {
			return true
		}
	}
	return false
}

// korea reads the numbers, to the room: 152, 192번길 12, 101동 1203호. It returns 0 when
// the first number counts something else: 3개.
func (s *scan) korea(r classifiers.Run) (end int) {
	i := s.koreanNumber(r.Start)
	next, _ := utf8.DecodeRuneInString(s.text[i:])
	if isWordByte(s.at(i)) && !strings.ContainsRune(behindKorea, next) || s.at(i) == '.' && isDigit(s.at(i+1)) {
		return 0
	}
	end = s.koreanUnit(i)
	if rest := s.text[end:]; strings.HasSuffix(s.text[:end], "번길") || strings.HasSuffix(s.text[:end], "길") {
		if n := len(rest) - len(strings.TrimPrefix(rest, " ")); isDigit(s.at(end + n)) {
			end = s.koreanUnit(s.koreanNumber(end + n))
		}
	}
	for range easternTail {
		k := end
		for k < len(s.text) && k-end < 3 && strings.IndexByte(", ", s.text[k]) >= 0 {
			k++
		}
		for k < len(s.text) && k-end < 48 && !isDigit(s.text[k]) { // the name of a house
			c, size := utf8.DecodeRuneInString(s.text[k:])
			if !unicode.Is(unicode.Hangul, c) && c != ' ' {
				break
			}
			k += size
		}
		if !isDigit(s.at(k)) {
			break
		}
		n := s.koreanNumber(k)
		u := s.koreanUnit(n)
		postcode := n-k == 5 && k-end <= 2 && !isWordByte(s.at(n))
		if u == n && !postcode {
			break
		}
		end = u
	}
	if rest, ok := strings.CutPrefix(s.text[end:min(len(s.text), end+48)], " ("); ok { // the quarter
		if n := strings.IndexFunc(rest, func(r rune) bool { return !unicode.Is(unicode.Hangul, r) }); n > 0 && rest[n] == ')' {
			end += n + 3
		}
	}
	return end
}

// koreanNumber is the end of 152, 152-3.
func (s *scan) koreanNumber(i int) int {
	for isDigit(s.at(i)) {
		i++
	}
	if s.at(i) == '-' && isDigit(s.at(i+1)) {
		for i++; isDigit(s.at(i)); i++ {
		}
	}
	return i
}

// koreanUnit is the end of a unit behind a number, or i.
func (s *scan) koreanUnit(i int) int {
	for _, u := range []string{"번길", "번지", "호실", "동", "호", "층", "길"} {
		if strings.HasPrefix(s.text[i:], u) {
			return i + len(u)
		}
	}
	return i
}

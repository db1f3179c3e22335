package sourcecode

import (
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
)

// markers are phrases by which owners mark code as theirs. They count near a word of
// copyright, in a comment or the head of a file; licences of free software say "all
// rights reserved" too, so that alone is none.
var markers = []string{
	"proprietary and confidential", "confidential and proprietary", "proprietary information", "proprietary source code",
	"unpublished work", "unpublished source code", "trade secret", "unauthorized copying", "unauthorised copying",
	"not to be disclosed", "internal use only", "streng vertraulich", "propriété exclusive",
}

// owned must stand near a marker.
var owned = classifiers.NewWords("copyright", "all rights reserved", "source code", "this file", "this software", "urheberrecht", "alle Rechte vorbehalten", "tous droits réservés", "todos los derechos reservados")

const around = 400 // bytes in which owned is looked for

func markerAnchors() []string { return markers }

// marks reports what marks code as somebody's: a proprietary header, and names that
// only the company's own code holds.
func (c *Classifier) marks(v *classifiers.View, found []classifiers.Finding) []classifiers.Finding {
	for _, h := range v.Hits {
		if h.Anchor < len(markers) {
			if !owned.Near(v.Text, h.Start, h.End, around, around) {
				v.Drop("header", h.Start, h.End, "no word of copyright near")
				continue
			}
			v.Keep("header", h.Start, h.End, "a word of copyright near")
			found = append(found, classifiers.Finding{Entity: Proprietary, Rule: "header", Confidence: sureMark.Confidence, Grade: sureMark.Grade, Start: h.Start, End: h.End})
			continue
		}
		start, end := name(v.Text, h.Start, h.End)
		if start < h.Start && letter(v.Text[h.Start]) && letter(v.Text[h.Start-1]) {
			v.Drop("internal", h.Start, h.End, "inside a longer word")
			continue
		}
		v.Keep("internal", start, end, "a name that was configured")
		found = append(found, classifiers.Finding{Entity: Proprietary, Rule: "internal", Confidence: sureMark.Confidence, Grade: sureMark.Grade, Start: start, End: end})
	}
	return found
}

// name widens a hit to the whole name: com.acme in com.acme.billing.Invoice.
func name(text string, start, end int) (int, int) {
	part := func(c byte) bool { return letter(c) || c-'0' < 10 || strings.IndexByte("._-/@:", c) >= 0 }
	for lo := max(0, start-100); start > lo && part(text[start-1]); {
		start--
	}
	for hi := min(len(text), end+100); end < hi && part(text[end]); {
		end++
	}
	for end > start && strings.IndexByte(".:-/", text[end-1]) >= 0 {
		end--
	}
	return start, end
}

func letter(c byte) bool { return (c|0x20)-'a' < 26 }

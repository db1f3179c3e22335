package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// document is what of a page the tests look at.
type document struct {
	lang, title, style string
	viewport           bool
	headings, links    []string
	text               string
	problems           []string
}

var (
	elements   = strings.Fields("html head title meta style body main p svg path h1 h2 ul ol li dl dt dd code a details summary wbr")
	attributes = strings.Fields("lang charset name content class viewbox fill stroke stroke-width stroke-linecap aria-hidden focusable d href")
)

func parse(t testing.TB, body []byte) document {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	for node := range root.Descendants() {
		switch node.Type {
		case html.TextNode:
			if parent := node.Parent.Data; parent == "style" {
				d.style += node.Data
			} else {
				if parent == "title" {
					d.title = node.Data
				}
				if parent == "h1" {
					d.headings = append(d.headings, node.Data)
				}
				d.text += node.Data
			}
		case html.CommentNode:
			d.problems = append(d.problems, "a comment")
		case html.ElementNode:
			if !slices.Contains(elements, node.Data) {
				d.problems = append(d.problems, "element "+node.Data)
			}
			for _, a := range node.Attr {
				if !slices.Contains(attributes, strings.ToLower(a.Key)) || a.Namespace != "" {
					d.problems = append(d.problems, "attribute "+a.Key+" of "+node.Data)
				}
				switch {
				case node.Data == "html" && a.Key == "lang":
					d.lang = a.Val
				case node.Data == "a" && a.Key == "href":
					d.links = append(d.links, a.Val)
				case a.Key == "href":
					d.problems = append(d.problems, "href of "+node.Data)
				case node.Data == "meta" && a.Key == "name" && a.Val == "viewport":
					d.viewport = true
				}
			}
		}
	}
	return d
}

// checkPage holds for every page: it can do nothing, needs nothing, and can be read.
func checkPage(t testing.TB, d document, h http.Header) {
	t.Helper()
	if len(d.problems) > 0 {
		t.Errorf("%v", d.problems)
	}
	if d.lang != "en" || d.title == "" || len(d.headings) != 1 || !d.viewport {
		t.Errorf("lang %q, title %q, headings %q, viewport %v", d.lang, d.title, d.headings, d.viewport)
	}
	for _, link := range d.links {
		if link != "/" && link != "/ca.pem" && !strings.HasPrefix(link, "https://"+host) {
			t.Errorf("a link to %s", link)
		}
	}
	hash := sha256.Sum256([]byte(d.style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	if got := h.Get("Content-Security-Policy"); !strings.HasPrefix(got, policy) {
		t.Errorf("the policy %s does not fit the style", got)
	}
	if strings.Contains(d.style, "url(") || strings.Contains(d.style, "@import") {
		t.Error("the style sheet loads something")
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestContrast holds text to WCAG 2.2 level AA, 4.5 to 1, in both schemes.
func TestContrast(t *testing.T) {
	schemes := regexp.MustCompile(`:root \{[^}]*\}`).FindAllString(styleSheet, -1)
	if len(schemes) != 2 {
		t.Fatalf("%d schemes", len(schemes))
	}
	for i, scheme := range schemes {
		colour := map[string]string{}
		for _, m := range regexp.MustCompile(`--(\w+): (#[0-9a-f]{6})`).FindAllStringSubmatch(scheme, -1) {
			colour[m[1]] = m[2]
		}
		for _, pair := range [][2]string{{"ink", "card"}, {"soft", "card"}, {"accent", "card"}, {"ink", "well"}, {"soft", "well"}, {"ink", "paper"}} {
			if got := contrast(t, colour[pair[0]], colour[pair[1]]); got < 4.5 {
				t.Errorf("scheme %d: %s on %s has %.1f to 1", i, pair[0], pair[1], got)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	luminance := func(colour string) float64 {
		if len(colour) != 7 {
			t.Fatalf("colour %q", colour)
		}
		var l float64
		for i, weight := range []float64{.2126, .7152, .0722} {
			n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= .04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+.055)/1.055, 2.4)
			}
			l += weight * c
		}
		return l
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}

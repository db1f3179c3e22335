package signin

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStrip(t *testing.T) {
	for name, tc := range map[string]struct {
		sent, kept []string
		found      Cookies
	}{
		"none of ours":         {[]string{"a=1; b=2"}, []string{"a=1; b=2"}, Cookies{}},
		"odd, none of ours":    {[]string{" a=1;;b = 2;  ", ""}, []string{" a=1;;b = 2;  ", ""}, Cookies{}},
		"alone":                {[]string{"__Secure-sluice=x"}, nil, Cookies{Surrogates: []string{"x"}}},
		"first":                {[]string{"__Secure-sluice=x; a=1;b=2"}, []string{"a=1;b=2"}, Cookies{Surrogates: []string{"x"}}},
		"middle":               {[]string{"a=1; __Secure-sluice=x; b=2"}, []string{"a=1; b=2"}, Cookies{Surrogates: []string{"x"}}},
		"last":                 {[]string{"a=1; __Secure-sluice=x"}, []string{"a=1"}, Cookies{Surrogates: []string{"x"}}},
		"both":                 {[]string{"__Host-sluice-nonce=n; a=\"1\"; __Secure-sluice=x"}, []string{"a=\"1\""}, Cookies{Surrogates: []string{"x"}, Nonces: []string{"n"}}},
		"two lines":            {[]string{"__Secure-sluice=x", "a=1; __Secure-sluice=y"}, []string{"a=1"}, Cookies{Surrogates: []string{"x", "y"}}},
		"without blanks":       {[]string{"a=1;__Secure-sluice=x;b=2"}, []string{"a=1;b=2"}, Cookies{Surrogates: []string{"x"}}},
		"with more":            {[]string{"a=1;  __Secure-sluice = x ; b=2"}, []string{"a=1; b=2"}, Cookies{Surrogates: []string{"x"}}},
		"no value":             {[]string{"a=1; __Secure-sluice"}, []string{"a=1"}, Cookies{Surrogates: []string{""}}},
		"value with =":         {[]string{"__Secure-sluice=x=y; a=1"}, []string{"a=1"}, Cookies{Surrogates: []string{"x=y"}}},
		"the portal's":         {[]string{"__Host-sluice=x; __Host-sluice-tx-abc=y; __Host-sluice-browser=z; a=1"}, []string{"a=1"}, Cookies{}},
		"names like ours":      {[]string{"__Secure-sluice2=x; __secure-sluice=y; Secure-sluice=z"}, []string{"__Secure-sluice2=x; __secure-sluice=y; Secure-sluice=z"}, Cookies{}},
		"in another's value":   {[]string{"a=__Secure-sluice=x"}, []string{"a=__Secure-sluice=x"}, Cookies{}},
		"a flood":              {[]string{strings.Repeat("__Secure-sluice=x; ", 1000) + "a=1"}, []string{"a=1"}, Cookies{Surrogates: []string{"x", "x", "x"}}},
		"empty parts are kept": {[]string{"a=1;; __Secure-sluice=x;;b=2"}, []string{"a=1;;;b=2"}, Cookies{Surrogates: []string{"x"}}},
	} {
		h := headerOf(slices.Clone(tc.sent)...)
		found := Strip(h)
		if diff := cmp.Diff(tc.found, found); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(tc.kept, h["Cookie"]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if _, ok := h["Cookie"]; ok != (tc.kept != nil) {
			t.Errorf("%s: an empty header", name)
		}
	}
	h := http.Header{"X": {"y"}}
	if found := Strip(h); found.Surrogates != nil || len(h) != 1 {
		t.Errorf("%v", h)
	}
}

// FuzzStrip: what an origin gets has no cookie of ours, and all others as they came.
func FuzzStrip(f *testing.F) {
	for _, line := range []string{
		"a=1; __Secure-sluice=x; b=2", "__Secure-sluice=x", ";;__Secure-sluice;", "__Host-sluice-nonce=n;a", "a=\"x; __Secure-sluice=1\"", " = ; __Host-sluice-tx-=;\t", "\x00=\xff; __Secure-sluice\t=\t",
	} {
		f.Add(line, "z=1")
	}
	others := func(lines ...string) (pairs []string) {
		for _, line := range lines {
			for _, pair := range strings.Split(line, ";") {
				name, _, _ := strings.Cut(pair, "=")
				if pair = strings.Trim(pair, " \t"); pair != "" && !isOurs(strings.Trim(name, blanks)) {
					pairs = append(pairs, pair)
				}
			}
		}
		return pairs
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		h := headerOf(one, two)
		Strip(h)
		for _, cookie := range (&http.Request{Header: h}).Cookies() {
			if isOurs(cookie.Name) {
				t.Fatalf("%q: %s is forwarded", one, cookie.Name)
			}
		}
		if diff := cmp.Diff(others(one, two), others(h["Cookie"]...)); diff != "" {
			t.Fatal(diff)
		}
		before := slices.Clone(h["Cookie"])
		if again := Strip(h); again.Surrogates != nil || again.Nonces != nil || !slices.Equal(before, h["Cookie"]) {
			t.Fatalf("not done at once: %q", before)
		}
	})
}

func TestScreen(t *testing.T) {
	ours := []string{
		"__Secure-sluice=planted; Path=/; Secure", "__Secure-sluice", "\t__Secure-sluice = x", "__Host-sluice-nonce=n; Secure; Path=/", "__Host-sluice=x",
		"__Host-sluice-tx-1=x", "=__Secure-sluice=x; Secure", " =  __Secure-sluice=x", "=__Secure-sluice", "__Secure-sluice;x=y",
	}
	theirs := []string{"a=__Secure-sluice=x", "session=1; Domain=chatgpt.com", "__Secure-next=x; Secure", "__Secure-sluice2=x", "x-sluice=1", "", "=a"}
	h := http.Header{"Set-Cookie": append(slices.Clone(ours), theirs...)}
	Screen(h)
	if diff := cmp.Diff(theirs, h["Set-Cookie"]); diff != "" {
		t.Error(diff)
	}
	h = http.Header{"Set-Cookie": ours}
	if Screen(h); len(h) != 0 {
		t.Errorf("%v", h)
	}
}

func TestSweep(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, cookie := range Sweep("a.b.chatgpt.com:8443", "/c/x/y?z=/q") {
		if cookie.MaxAge >= 0 || cookie.Name != surrogateCookieName || !strings.Contains(cookie.String(), "Max-Age=0") {
			t.Errorf("%v", cookie)
		}
		seen[[2]string{cookie.Domain, cookie.Path}] = true
	}
	for _, domain := range []string{"", "a.b.chatgpt.com", "b.chatgpt.com", "chatgpt.com"} {
		for _, path := range []string{"/", "/c", "/c/", "/c/x", "/c/x/", "/c/x/y"} {
			if !seen[[2]string{domain, path}] {
				t.Errorf("%q %q stays", domain, path)
			}
		}
	}
	if len(seen) != 24 {
		t.Errorf("%d cookies", len(seen))
	}
	long := strings.Repeat("a.", 60)
	if n := len(Sweep(long+"chatgpt.com", strings.Repeat("/x", 500))); n > (maxSweep+1)*(2*maxSweep+2) {
		t.Errorf("%d cookies", n)
	}
	if got := Sweep("github.io", "*"); len(got) != 1 || got[0].Domain != "" || got[0].Path != "/" {
		t.Errorf("%v", got)
	}
}

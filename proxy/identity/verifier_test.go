package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func mustJSON(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return raw
}

func sum(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

const (
	anaToken = "slt_9JxVf0Q3mZ7cR2yK8wTnB5dH"
	ciToken  = "pass:with:colons/and+more=%41"
)

func writeTokens(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStaticTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	writeTokens(t, path, "\ufeff# who\n\n  ana@corp.example : "+strings.ToUpper(sum(anaToken))+"\r\nci:"+sum(ciToken)+"\n")
	v, err := New(Options{TokenFile: path})
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"Bearer " + anaToken:                         "ana@corp.example",
		basic("anybody", anaToken):                   "ana@corp.example",
		basic("", anaToken):                          "ana@corp.example",
		basic(anaToken, ""):                          "ana@corp.example",
		basic("ana:corp", ""):                        "",
		basic("ci", ciToken):                         "ci",
		"bAsIc " + basic("", ciToken)[6:]:            "ci",
		strings.TrimRight(basic("x", anaToken), "="): "ana@corp.example",
		"Bearer " + sum(anaToken):                    "", // the hash is not the token
		"Bearer " + anaToken + "x":                   "",
		"Bearer " + anaToken[1:]:                     "",
		"Bearer eyJ.e30.AAAA":                        "", // no issuer to ask
	} {
		id, err := v.Authenticate(t.Context(), header)
		if want == "" {
			wantReason(t, header, err, ReasonUnknownToken)
			if strings.Contains(fmt.Sprint(err), anaToken[1:]) {
				t.Errorf("the error shows the token: %v", err)
			}
			continue
		}
		if err != nil || id.Sub != want || id.Name != want || id.Method != MethodToken || !id.Authenticated || !id.Expiry.IsZero() {
			t.Errorf("%s: %+v, %v", header, id, err)
		}
		if strings.Contains(want, "@") != (id.Email == want) {
			t.Errorf("%s: e-mail %q", header, id.Email)
		}
	}
}

// TestPrevious: a verifier that replaces another has its own tokens and issuers,
// and the keys that the other had: a provider that is down then is no outage.
func TestPrevious(t *testing.T) {
	c := newClock()
	key := keyOne()
	p, gone := newTestProvider(t, key), newTestProvider(t, key)
	first := newTestVerifier(t, c, p, gone)
	header := "Bearer " + key.sign(t, p.good(c), nil)
	wantKnown(t, first, "the first", header)
	p.breakWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })

	o := Options{Now: c.Now, HTTPClient: p.Client(), Issuers: []Issuer{{URL: p.URL, Audiences: []string{"sluice"}}}}
	second, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Authenticate(t.Context(), header); !errors.Is(err, ErrUnavailable) {
		t.Errorf("without keys: %v", err)
	}
	o.Previous = first
	if second, err = New(o); err != nil {
		t.Fatal(err)
	}
	wantKnown(t, second, "the keys that were there", header)
	_, err = second.Authenticate(t.Context(), "Bearer "+key.sign(t, gone.good(c), nil))
	wantReason(t, "an issuer that is not configured any more", err, ReasonUnknownIssuer)
}

// TestTokenFileErrors: all bad lines at once, none of them quoted.
func TestTokenFileErrors(t *testing.T) {
	text := strings.Join([]string{
		"# good", "ana:" + sum(anaToken), "a-token-by-mistake", ":" + sum("x"), "bob:" + sum("y")[:63], "eve:" + strings.Repeat("g", 64),
		"ana:" + sum("z"), "dan:" + sum(anaToken), "two words:" + sum("w"), "nil:" + sum(""), strings.Repeat("n", maxTokenName+1) + ":" + sum("v"),
	}, "\n")
	_, err := parseTokens(strings.NewReader(text), nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"line 3: wants name:sha256", "line 4: wants a name", "line 5: wants the SHA-256", "line 6: wants the SHA-256",
		"line 7: the name ana stands on line 2", "line 8: the token of dan stands on line 2", "line 9: wants a name", "line 10: is the hash of an empty", "line 11: wants a name",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "a-token-by-mistake") || strings.Contains(err.Error(), "line 2:") {
		t.Error(err)
	}
	for name, text := range map[string]string{"large": strings.Repeat("# x\n", maxTokenFile/4+1), "long line": strings.Repeat("x", 1<<17)} {
		if _, err := parseTokens(strings.NewReader(text), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	writeTokens(t, path, "ana:"+sum(anaToken))
	v, err := New(Options{TokenFile: path})
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{"", "  ", basic("", "")} {
		if id, err := v.Authenticate(t.Context(), header); !errors.Is(err, ErrNoCredentials) || errors.Is(err, ErrRejected) || id.Authenticated {
			t.Errorf("%q: %v", header, err)
		}
	}
	for _, header := range []string{
		"Negotiate YII", "NTLM TlRMTVNTUAAB", `Digest username="ana"`, "Bearer", "Basic", "Basic !!!", "Basic " + base64.StdEncoding.EncodeToString([]byte("no colon")),
		"Bearer a\tb", "Bearer a b", "Bearer \x00", "Bearer " + strings.Repeat("a", maxToken+1), basic("", strings.Repeat("a", maxToken+1)),
		basic(strings.Repeat("u", maxHeader), anaToken), "Bearer, Basic x", anaToken, basic("", "p\u00e4ss"),
	} {
		_, err := v.Authenticate(t.Context(), header)
		wantReason(t, header, err, ReasonMalformed)
	}
	// A token of the largest size gets as far as the comparison, with a user name.
	_, err = v.Authenticate(t.Context(), basic(strings.Repeat("u", 256), strings.Repeat("a", maxToken)))
	wantReason(t, "8 KiB", err, ReasonUnknownToken)
}

func TestStaticAndBearerTogether(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	path := filepath.Join(t.TempDir(), "tokens")
	writeTokens(t, path, "ana:"+sum(anaToken)+"\njwt:"+sum("eyJ.a.b"))
	v, err := New(Options{Issuers: []Issuer{{URL: p.URL, Audiences: []string{"sluice"}}}, TokenFile: path, HTTPClient: p.Client(), Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	wantKnown(t, v, "static", "Bearer "+anaToken)
	wantKnown(t, v, "static in the form of a JWT", "Bearer eyJ.a.b")
	wantKnown(t, v, "JWT", basic("x", keyOne().sign(t, p.good(c), nil)))
	_, err = v.Authenticate(t.Context(), "Bearer nobody")
	wantReason(t, "neither", err, ReasonUnknownToken)
	_, err = v.Authenticate(t.Context(), "Bearer eyJ.e30.x")
	wantReason(t, "bad JWT", err, ReasonMalformed)
}

// TestRemembered: a verified token costs no signature, but never outlives itself.
func TestRemembered(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	claims := p.good(c)
	claims["exp"] = c.Now().Add(2 * time.Minute).Unix()
	token := keyOne().sign(t, claims, nil)
	wantKnown(t, v, "first", "Bearer "+token)
	key := v.cacheKey(token)
	r, ok := v.verified.Get(key)
	if !ok || !r.until.Equal(c.Now().Add(2*time.Minute)) {
		t.Fatalf("remembered %v until %v", ok, r.until)
	}
	if key == sha256.Sum256([]byte(token)) {
		t.Error("the cache is keyed by a plain hash")
	}
	c.advance(2*time.Minute + leeway)
	_, err := v.Authenticate(t.Context(), "Bearer "+token)
	wantReason(t, "expired", err, ReasonExpired)
	if v.verified.Contains(key) {
		t.Error("an expired token is still remembered")
	}

	long := keyOne().sign(t, p.good(c), nil)
	wantKnown(t, v, "long", "Bearer "+long)
	if r, _ := v.verified.Get(v.cacheKey(long)); !r.until.Equal(c.Now().Add(rememberFor)) {
		t.Errorf("remembered until %v", r.until)
	}
	forged := long[:len(long)-6] + "AAAAAA"
	_, err = v.Authenticate(t.Context(), "Bearer "+forged)
	wantReason(t, "forged", err, ReasonSignature)
}

func TestCacheIsBounded(t *testing.T) {
	c, p := newClock(), newTestProvider(t, signer{"e", "ES256", ecOne()})
	v, err := New(Options{Issuers: []Issuer{{URL: p.URL, Audiences: []string{"sluice"}}}, HTTPClient: p.Client(), Now: c.Now, CacheSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		claims := p.good(c)
		claims["sub"] = fmt.Sprint("u-", i)
		wantKnown(t, v, "good", "Bearer "+signer{"e", "ES256", ecOne()}.sign(t, claims, nil))
	}
	if v.verified.Len() != 3 {
		t.Errorf("%d tokens remembered", v.verified.Len())
	}
}

func TestNewErrors(t *testing.T) {
	good := []string{"sluice"}
	_, err := New(Options{Issuers: []Issuer{
		{URL: "https://id.example", Audiences: good}, {URL: "https://id.example", Audiences: good},
		{URL: "http://id.example", Audiences: good}, {URL: "https://u:p@id.example", Audiences: good}, {URL: "https://id.example?x", Audiences: good},
		{URL: "https://no-audience.example"}, {URL: "https://empty.example", Audiences: []string{" "}}, {URL: "", Audiences: good},
	}, TokenFile: filepath.Join(t.TempDir(), "none"), CacheSize: -1})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"issuers[1]", "issuers[2]", "issuers[3]", "issuers[4]", "issuers[5]", "issuers[6]", "issuers[7]", "read tokens"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "issuers[0]") {
		t.Error(err)
	}
	if _, err := New(Options{}); err == nil {
		t.Error("a verifier of nothing")
	}
}

func TestChallenges(t *testing.T) {
	for _, c := range Challenges() {
		if scheme, rest, ok := strings.Cut(c, " "); !ok || !strings.Contains(rest, `realm="sluice"`) || scheme != "Basic" && scheme != "Bearer" {
			t.Error(c)
		}
	}
}

// TestOwnClientUsesNoProxy: a proxy in the environment may be this one.
func TestOwnClientUsesNoProxy(t *testing.T) {
	for _, given := range []*http.Client{nil, {}} {
		inner := newClient(given).Transport.(*bounded).next.(*http.Transport)
		if inner.Proxy != nil {
			t.Error("the client takes a proxy from the environment")
		}
	}
}

func FuzzAuthenticate(f *testing.F) {
	path := filepath.Join(f.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte("ana:"+sum(anaToken)), 0o600); err != nil {
		f.Fatal(err)
	}
	v, err := New(Options{TokenFile: path, Issuers: []Issuer{{URL: "https://127.0.0.1:1", Audiences: []string{"sluice"}}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		"", "Bearer x", basic("u", "p"), basic("u", anaToken+"x"), "Basic Og==", "bearer eyJhbGciOiJub25lIn0.e30.", "Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.AA", "Negotiate x", "Basic =", "Bearer ..",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		id, err := v.Authenticate(t.Context(), header)
		if err == nil {
			token, perr := parseCredentials(header)
			if perr != nil || token != anaToken {
				t.Fatalf("%q was accepted", header)
			}
			return
		}
		if id.Authenticated {
			t.Fatal("an identity came with an error")
		}
		if !errors.Is(err, ErrNoCredentials) && !errors.Is(err, ErrRejected) && !errors.Is(err, ErrUnavailable) {
			t.Fatalf("%v is none of the errors", err)
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	c, p := newClock(), newTestProvider(b, keyOne())
	path := filepath.Join(b.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte("ana:"+sum(anaToken)), 0o600); err != nil {
		b.Fatal(err)
	}
	v, err := New(Options{Issuers: []Issuer{{URL: p.URL, Audiences: []string{"sluice"}}}, TokenFile: path, HTTPClient: p.Client(), Now: c.Now})
	if err != nil {
		b.Fatal(err)
	}
	token := keyOne().sign(b, p.good(c), nil)
	run := func(name, header string, forget bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if forget {
					v.verified.Purge()
				}
				if _, err := v.Authenticate(b.Context(), header); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("remembered", basic("x", token), false)
	run("verified", basic("x", token), true)
	run("static", basic("x", anaToken), false)
}

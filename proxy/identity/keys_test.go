package identity

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestKeyRotation(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	old, fresh := "Bearer "+keyOne().sign(t, p.good(c), nil), "Bearer "+keyTwo().sign(t, p.good(c), nil)
	wantKnown(t, v, "first key", old)

	p.publish(keyOne(), keyTwo())
	c.advance(keysAgain - time.Second)
	_, err := v.Authenticate(t.Context(), fresh)
	wantReason(t, "too early to ask again", err, ReasonSignature)
	c.advance(time.Second)
	wantKnown(t, v, "second key", fresh)
	wantKnown(t, v, "both are good", old)

	p.publish(keyTwo()) // the first is withdrawn
	c.advance(keysFresh)
	wantKnown(t, v, "second key", fresh)
	_, err = v.Authenticate(t.Context(), old)
	wantReason(t, "withdrawn", err, ReasonSignature)
}

// TestWithdrawnKeyIsForgotten: what was verified is not remembered beyond the keys
// that verified it.
func TestWithdrawnKeyIsForgotten(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne(), keyTwo())
	v := newTestVerifier(t, c, p)
	old := "Bearer " + keyOne().sign(t, p.good(c), nil)
	c.advance(keysFresh - time.Minute)
	wantKnown(t, v, "remembered", old)
	c.advance(2 * time.Minute)
	p.publish() // all of them: an emergency
	_, err := v.Authenticate(t.Context(), "Bearer "+signer{"three", jose.ES256, ecOne()}.sign(t, p.good(c), nil))
	wantReason(t, "makes keys be fetched", err, ReasonSignature)
	_, err = v.Authenticate(t.Context(), old)
	wantReason(t, "withdrawn", err, ReasonSignature)
}

// TestUnknownKeyFlood: invented key ids do not reach the provider, and those who
// hold good tokens do not notice.
func TestUnknownKeyFlood(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	good := "Bearer " + keyOne().sign(t, p.good(c), nil)
	wantKnown(t, v, "good", good)
	const seconds = 60
	for second := range seconds {
		var all sync.WaitGroup
		for i := range 20 {
			token := signer{fmt.Sprint("kid-", second, i), jose.ES256, ecOne()}.sign(t, p.good(c), nil)
			all.Go(func() {
				_, err := v.Authenticate(t.Context(), "Bearer "+token)
				wantReason(t, "invented", err, ReasonSignature)
			})
		}
		all.Wait()
		wantKnown(t, v, "good", good)
		c.advance(time.Second)
	}
	if n := p.fetches.Load(); n > 1+seconds/int64(keysAgain/time.Second) {
		t.Errorf("%d fetches in %d seconds", n, seconds)
	}
}

// TestProviderDown: cached keys work for an hour, then nothing can be said.
func TestProviderDown(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	claims := p.good(c)
	claims["exp"] = c.Now().Add(5 * time.Hour).Unix()
	token := "Bearer " + keyOne().sign(t, claims, nil)
	wantKnown(t, v, "up", token)
	p.breakWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })

	for passed := time.Duration(0); passed < keysUsable-time.Minute; passed += time.Minute {
		c.advance(time.Minute)
		wantKnown(t, v, passed.String(), token)
	}
	asked := p.discoveries.Load() + p.fetches.Load()
	if asked > 60 {
		t.Errorf("a provider that is down was asked %d times in an hour", asked)
	}
	c.advance(time.Minute)
	wantUnavailable(t, v, token)
	unknown := "Bearer " + keyTwo().sign(t, claims, nil)
	wantUnavailable(t, v, unknown)

	p.breakWith(nil)
	wantUnavailable(t, v, token) // not asked again yet
	c.advance(longestPause)
	wantKnown(t, v, "up again", token)
	_, err := v.Authenticate(t.Context(), unknown)
	wantReason(t, "unknown key", err, ReasonSignature)
}

// TestUnknownKeyWhileDown: a key id that is not there may be a new one, so that
// nothing can be said while the provider does not answer.
func TestUnknownKeyWhileDown(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	wantKnown(t, v, "up", "Bearer "+keyOne().sign(t, p.good(c), nil))
	p.breakWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	c.advance(keysAgain)
	wantUnavailable(t, v, "Bearer "+keyTwo().sign(t, p.good(c), nil))
	wantKnown(t, v, "known key", "Bearer "+keyOne().sign(t, p.good(c), nil))
}

func TestProviderNonsense(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	const marker = "token-shaped-secret-in-the-body"
	discovery := func(document map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, document) }
	}
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	huge := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"keys":[],"x":"`)
		chunk := strings.Repeat("x", 64<<10)
		for range 1 << 14 { // 1 GiB, if anybody reads it
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	}
	many := map[string]any{"keys": make([]map[string]string, maxKeys+1)}
	for name, tc := range map[string]struct{ discover, keys http.HandlerFunc }{
		"discovery 500":          {text(500, marker), nil},
		"discovery 404":          {text(404, marker), nil},
		"discovery 204":          {text(204, ""), nil},
		"discovery html":         {text(200, "<html>"+marker), nil},
		"discovery empty":        {text(200, ""), nil},
		"discovery huge":         {huge, nil},
		"discovery other issuer": {discovery(map[string]any{"issuer": "https://id.other.example", "jwks_uri": p.URL + "/keys"}), nil},
		"discovery no keys":      {discovery(map[string]any{"issuer": p.URL}), nil},
		"keys over http":         {discovery(map[string]any{"issuer": p.URL, "jwks_uri": strings.Replace(p.URL, "https", "http", 1) + "/keys"}), nil},
		"keys from a file":       {discovery(map[string]any{"issuer": p.URL, "jwks_uri": "file:///etc/passwd"}), nil},
		"keys with user":         {discovery(map[string]any{"issuer": p.URL, "jwks_uri": "https://u:p@id.example/keys"}), nil},
		"keys as number":         {discovery(map[string]any{"issuer": p.URL, "jwks_uri": 7}), nil},
		"keys 500":               {nil, text(500, marker)},
		"keys 206":               {nil, text(206, `{"keys":[]}`)},
		"keys no JSON":           {nil, text(200, marker)},
		"keys a list":            {nil, text(200, "[]")},
		"keys null":              {nil, text(200, `{"keys":null}`)},
		"keys missing":           {nil, text(200, `{"kezs":[]}`)},
		"keys cut":               {nil, text(200, `{"keys":[{"kty":"RSA"`)},
		"keys huge":              {nil, huge},
		"too many keys":          {nil, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, many) }},
		"redirect to http": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, nil},
		"redirect for ever": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, nil},
		"connection broken": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil},
	} {
		v := newTestVerifier(t, c, p)
		p.mu.Lock()
		p.discover, p.serve = tc.discover, tc.keys
		p.mu.Unlock()
		_, err := v.Authenticate(t.Context(), "Bearer "+keyOne().sign(t, p.good(c), nil))
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), marker) || len(err.Error()) > 2*maxErrorBytes {
			t.Errorf("%s: the error shows the body: %v", name, err)
		}
	}
}

// TestProviderSlow: one question with a deadline, whoever waits; then a pause.
func TestProviderSlow(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the deadline")
	}
	c, p := newClock(), newTestProvider(t, keyOne())
	release := make(chan struct{})
	defer close(release)
	p.breakWith(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	v := newTestVerifier(t, c, p)
	token := "Bearer " + keyOne().sign(t, p.good(c), nil)
	began := time.Now()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { wantUnavailable(t, v, token) })
	}
	all.Go(func() { // one that does not wait so long
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		start := time.Now()
		for p.discoveries.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		if _, err := v.Authenticate(ctx, token); !errors.Is(err, ErrUnavailable) || time.Since(start) > askTimeout-time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
	all.Wait()
	if took := time.Since(began); took < askTimeout-time.Second || took > askTimeout+10*time.Second {
		t.Errorf("took %v", took)
	}
	if p.discoveries.Load() != 1 {
		t.Errorf("asked %d times", p.discoveries.Load())
	}
}

// TestClientLeaves: a client that leaves while the provider is asked does not spoil
// the answer for others.
func TestClientLeaves(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	token := "Bearer " + keyOne().sign(t, p.good(c), nil)
	if id, err := v.Authenticate(ctx, token); err != nil && !errors.Is(err, ErrUnavailable) || err != nil && id.Authenticated {
		t.Errorf("%v", err)
	}
	wantKnown(t, v, "the next client", token)
}

// TestRenewalDoesNotDelay: while one caller renews keys, the others go on.
func TestRenewalDoesNotDelay(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	token := func(name string) string {
		claims := p.good(c)
		claims["name"] = name
		return "Bearer " + keyOne().sign(t, claims, nil)
	}
	wantKnown(t, v, "first", token("a"))
	c.advance(keysFresh)
	asked, release := make(chan struct{}), make(chan struct{})
	p.breakWith(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		w.WriteHeader(http.StatusBadGateway)
	})
	var renewing sync.WaitGroup
	renewing.Go(func() { wantKnown(t, v, "the one that asks", token("b")) })
	<-asked
	wantKnown(t, v, "the others", token("c"))
	close(release)
	renewing.Wait()
}

func TestParseKeys(t *testing.T) {
	small, big2 := newRSA(1024), rsaOne()
	with := func(s signer, changes map[string]any) map[string]any {
		k := s.public()
		for name, value := range changes {
			k[name] = value
		}
		return k
	}
	ec, ed := signer{"k", jose.ES256, ecOne()}, signer{"k", jose.EdDSA, edOne()}
	rs := signer{"k", jose.RS256, big2}
	even := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}
	for name, tc := range map[string]struct {
		key  any
		algs string
	}{
		"RSA":               {with(rs, nil), "[RS256 PS256]"},
		"RSA, alg":          {with(rs, map[string]any{"alg": "PS256"}), "[PS256]"},
		"RSA, no use":       {with(rs, map[string]any{"use": ""}), "[RS256 PS256]"},
		"RSA, padded":       {with(rs, map[string]any{"e": "AQAB=="}), "[RS256 PS256]"},
		"EC":                {with(ec, nil), "[ES256]"},
		"Ed25519":           {with(ed, nil), "[EdDSA]"},
		"Ed25519, new name": {with(ed, map[string]any{"alg": "Ed25519"}), "[EdDSA]"},
		"verify":            {with(ec, map[string]any{"key_ops": []string{"verify"}}), "[ES256]"},
		"RSA for HS256":     {with(rs, map[string]any{"alg": "HS256"}), ""},
		"RSA for none":      {with(rs, map[string]any{"alg": "none"}), ""},
		"RSA for RS512":     {with(rs, map[string]any{"alg": "RS512"}), ""},
		"EC for RS256":      {with(ec, map[string]any{"alg": "RS256"}), ""},
		"for encryption":    {with(rs, map[string]any{"use": "enc"}), ""},
		"for signing only":  {with(rs, map[string]any{"key_ops": []string{"sign"}}), ""},
		"1024 bits":         {with(signer{"k", jose.RS256, small}, nil), ""},
		"even modulus":      {jose.JSONWebKey{Key: even, KeyID: "k"}, ""},
		"exponent 1":        {with(rs, map[string]any{"e": "AQ"}), ""},
		"exponent even":     {with(rs, map[string]any{"e": "AQAA"}), ""},
		"exponent huge":     {with(rs, map[string]any{"e": "AQAAAAAAAAE"}), ""},
		"modulus no base64": {with(rs, map[string]any{"n": "***"}), ""},
		"modulus missing":   {with(rs, map[string]any{"n": ""}), ""},
		"P-384":             {with(ec, map[string]any{"crv": "P-384"}), ""},
		"off the curve":     {with(ec, map[string]any{"y": ec.public()["x"]}), ""},
		"short x":           {with(ec, map[string]any{"x": "AQAB"}), ""},
		"X25519":            {with(ed, map[string]any{"crv": "X25519"}), ""},
		"short Ed25519":     {with(ed, map[string]any{"x": "AQAB"}), ""},
		"symmetric":         {map[string]any{"kty": "oct", "k": "c2VjcmV0", "kid": "k", "alg": "HS256"}, ""},
		"kid as number":     {with(rs, map[string]any{"kid": 7}), ""},
		"not an object":     {"key", ""},
	} {
		k, err := parseKey(mustJSON(tc.key))
		got := ""
		if err == nil {
			got = fmt.Sprint(k.algs)
		}
		if got != tc.algs {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestKeysBesideUnusableOnes: what is not understood does not spoil the rest.
func TestKeysBesideUnusableOnes(t *testing.T) {
	c, p := newClock(), newTestProvider(t)
	p.publishRaw("nonsense", map[string]any{"kty": "oct", "k": "AAAA", "kid": "one"}, map[string]any{"kty": "new"}, keyOne().public())
	v := newTestVerifier(t, c, p)
	wantKnown(t, v, "good", "Bearer "+keyOne().sign(t, p.good(c), nil))
}

func FuzzParseKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-256","x":"","y":""},null,7]}`))
	f.Add(mustJSON(map[string]any{"keys": []any{keyOne().public(), signer{"e", jose.ES256, ecOne()}.public(), signer{"d", jose.EdDSA, edOne()}.public()}}))
	digest := make([]byte, 32)
	_, _ = rand.Read(digest)
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := parseKeys(body)
		if err != nil {
			return
		}
		for _, k := range keys {
			for _, alg := range k.algs {
				if alg != algRS256 && alg != algPS256 && alg != algES256 && alg != algEdDSA {
					t.Fatalf("a key for %q", alg)
				}
			}
			if r, ok := k.key.(*rsa.PublicKey); ok {
				_ = rsa.VerifyPKCS1v15(r, 0, digest, digest) // must not panic
			}
		}
	})
}

func wantKnown(t *testing.T, v *Verifier, name, header string) {
	t.Helper()
	if id, err := v.Authenticate(t.Context(), header); err != nil || !id.Authenticated {
		t.Errorf("%s: %v", name, err)
	}
}

func wantUnavailable(t *testing.T, v *Verifier, header string) {
	t.Helper()
	if id, err := v.Authenticate(t.Context(), header); !errors.Is(err, ErrUnavailable) || id.Authenticated {
		t.Errorf("%v, want ErrUnavailable", err)
	}
}

package identity

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func TestBearerGood(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	token := keyOne().sign(t, p.good(c), nil)
	want := Identity{
		Authenticated: true, Method: MethodBearer, Issuer: p.URL, Sub: "u-17", Email: "ana@corp.example", Name: "Ana Ruiz",
		Groups: []string{"staff", "ledger"}, Department: "finance", ACR: "2", AMR: []string{"pwd", "mfa"}, ACRS: []string{"c1"},
		ACRSAt: map[string]time.Time{"c1": c.Now()}, AuthTime: c.Now().Add(-time.Minute), Expiry: c.Now().Add(time.Hour + leeway),
		Claims: map[string]any{"tid": "t-1", "oid": "o-1", "azp": "cli", "idtyp": "user"},
	}
	for _, header := range []string{"Bearer " + token, "bearer   " + token, basic("", token), basic("anybody", token), basic(token, ""), "  Bearer " + token + " "} {
		got, err := v.Authenticate(t.Context(), header)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if p.fetches.Load() != 1 || p.discoveries.Load() != 1 {
		t.Errorf("asked %d and %d times", p.discoveries.Load(), p.fetches.Load())
	}
}

func TestBearerAlgorithms(t *testing.T) {
	signers := []signer{
		{"rs", jose.RS256, rsaOne()}, {"ps", jose.PS256, rsaOne()}, {"es", jose.ES256, ecOne()}, {"ed", jose.EdDSA, edOne()},
		{"", jose.ES256, ecOne()}, // no key id: any key that fits
	}
	c, p := newClock(), newTestProvider(t, signers[:4]...)
	v := newTestVerifier(t, c, p)
	for _, s := range signers {
		if _, err := v.Authenticate(t.Context(), "Bearer "+s.sign(t, p.good(c), nil)); err != nil {
			t.Errorf("%s %s: %v", s.kid, s.alg, err)
		}
	}
	for _, alg := range []jose.SignatureAlgorithm{jose.RS384, jose.RS512, jose.PS384, jose.PS512} {
		_, err := v.Authenticate(t.Context(), "Bearer "+signer{"rs", alg, rsaOne()}.sign(t, p.good(c), nil))
		wantReason(t, string(alg), err, ReasonAlg)
	}
}

func TestBearerRefused(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne(), signer{"es", jose.ES256, ecOne()})
	v := newTestVerifier(t, c, p)
	change := func(changes map[string]any) map[string]any {
		claims := p.good(c)
		maps.Copy(claims, changes)
		maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
		return claims
	}
	at := func(d time.Duration) int64 { return c.Now().Add(d).Unix() }
	good := keyOne().sign(t, p.good(c), nil)
	parts := strings.Split(good, ".")
	intruder := signer{"one", jose.RS256, rsaTwo()}

	for name, tc := range map[string]struct {
		token  string
		reason Reason
	}{
		"expired":                 {keyOne().sign(t, change(map[string]any{"exp": at(-leeway)}), nil), ReasonExpired},
		"no expiry":               {keyOne().sign(t, change(map[string]any{"exp": nil}), nil), ReasonMalformed},
		"expiry as text":          {keyOne().sign(t, change(map[string]any{"exp": "tomorrow"}), nil), ReasonMalformed},
		"expiry negative":         {keyOne().sign(t, change(map[string]any{"exp": -1}), nil), ReasonMalformed},
		"expiry absurd":           {keyOne().sign(t, change(map[string]any{"exp": 1e18}), nil), ReasonMalformed},
		"not yet valid":           {keyOne().sign(t, change(map[string]any{"nbf": at(leeway + time.Second)}), nil), ReasonNotYetValid},
		"issued in the future":    {keyOne().sign(t, change(map[string]any{"iat": at(leeway + time.Second)}), nil), ReasonNotYetValid},
		"nbf null":                {keyOne().sign(t, change(map[string]any{"nbf": json.RawMessage("null")}), nil), ReasonMalformed},
		"wrong audience":          {keyOne().sign(t, change(map[string]any{"aud": "payroll"}), nil), ReasonWrongAudience},
		"audience of others":      {keyOne().sign(t, change(map[string]any{"aud": []string{"sluice ", "SLUICE", ""}}), nil), ReasonWrongAudience},
		"no audience":             {keyOne().sign(t, change(map[string]any{"aud": nil}), nil), ReasonWrongAudience},
		"audience as number":      {keyOne().sign(t, change(map[string]any{"aud": 7}), nil), ReasonMalformed},
		"unknown issuer":          {keyOne().sign(t, change(map[string]any{"iss": "https://id.other.example"}), nil), ReasonUnknownIssuer},
		"issuer with slash":       {keyOne().sign(t, change(map[string]any{"iss": p.URL + "/"}), nil), ReasonUnknownIssuer},
		"issuer in capitals":      {keyOne().sign(t, change(map[string]any{"iss": strings.ToUpper(p.URL)}), nil), ReasonUnknownIssuer},
		"no issuer":               {keyOne().sign(t, change(map[string]any{"iss": nil}), nil), ReasonUnknownIssuer},
		"issuer as list":          {keyOne().sign(t, change(map[string]any{"iss": []string{p.URL}}), nil), ReasonUnknownIssuer},
		"no subject":              {keyOne().sign(t, change(map[string]any{"sub": ""}), nil), ReasonMalformed},
		"logout token":            {keyOne().sign(t, change(map[string]any{"events": map[string]any{"x": map[string]any{}}}), nil), ReasonMalformed},
		"logout type":             {keyOne().sign(t, p.good(c), map[string]any{"typ": "logout+jwt"}), ReasonMalformed},
		"security event type":     {keyOne().sign(t, p.good(c), map[string]any{"typ": "application/secevent+JWT"}), ReasonMalformed},
		"other key, same id":      {intruder.sign(t, p.good(c), nil), ReasonSignature},
		"other key, own jwk":      {intruder.sign(t, p.good(c), map[string]any{"jwk": intruder.public()}), ReasonSignature},
		"other key, jku":          {intruder.sign(t, p.good(c), map[string]any{"jku": p.URL + "/keys"}), ReasonSignature},
		"key id is a path":        {signer{"../../../../dev/null", jose.RS256, rsaTwo()}.sign(t, p.good(c), nil), ReasonSignature},
		"key id is a URL":         {signer{"https://evil.example/keys#one", jose.RS256, rsaTwo()}.sign(t, p.good(c), nil), ReasonSignature},
		"key id is SQL":           {signer{"x' UNION SELECT 'k", jose.RS256, rsaTwo()}.sign(t, p.good(c), nil), ReasonSignature},
		"no key id, other key":    {signer{"", jose.RS256, rsaTwo()}.sign(t, p.good(c), nil), ReasonSignature},
		"key of another kind":     {signer{"es", jose.RS256, rsaOne()}.sign(t, p.good(c), nil), ReasonSignature},
		"alg none":                {unsigned(t, `{"alg":"none"}`, p.good(c)) + ".", ReasonAlg},
		"alg None":                {unsigned(t, `{"alg":"None"}`, p.good(c)) + ".", ReasonAlg},
		"alg none, signature":     {unsigned(t, `{"alg":"none"}`, p.good(c)) + "." + parts[2], ReasonAlg},
		"alg missing":             {unsigned(t, `{"typ":"JWT"}`, p.good(c)) + "." + parts[2], ReasonAlg},
		"alg as list":             {unsigned(t, `{"alg":["RS256"]}`, p.good(c)) + "." + parts[2], ReasonAlg},
		"alg given twice":         {unsigned(t, `{"alg":"none","alg":"RS256","kid":"one"}`, p.good(c)) + ".", ReasonMalformed},
		"alg in capitals twice":   {unsigned(t, `{"alg":"RS256","ALG":"none","kid":"one"}`, p.good(c)) + ".", ReasonSignature},
		"HS256 with public PEM":   {confused(t, x509.MarshalPKCS1PublicKey(&rsaOne().PublicKey), "RSA PUBLIC KEY", p.good(c)), ReasonAlg},
		"HS256 with public PKIX":  {confused(t, pkix(t), "PUBLIC KEY", p.good(c)), ReasonAlg},
		"claims changed":          {parts[0] + "." + unsigned(t, "{}", change(map[string]any{"sub": "root"}))[4:] + "." + parts[2], ReasonSignature},
		"signature cut":           {good[:len(good)-8], ReasonSignature},
		"signature empty":         {parts[0] + "." + parts[1] + ".", ReasonSignature},
		"critical header":         {unsigned(t, `{"alg":"RS256","kid":"one","crit":["b64"],"b64":false}`, p.good(c)) + "." + parts[2], ReasonMalformed},
		"key id as number":        {unsigned(t, `{"alg":"RS256","kid":1}`, p.good(c)) + "." + parts[2], ReasonMalformed},
		"blank in the header":     {unsigned(t, "{ \"alg\":\"RS256\"}", p.good(c)) + "." + parts[2], ReasonSignature},
		"two parts":               {parts[0] + "." + parts[1], ReasonMalformed},
		"five parts":              {good + ".e30.e30", ReasonMalformed},
		"empty parts":             {"..", ReasonMalformed},
		"header no JSON":          {"eyJ." + parts[1] + "." + parts[2], ReasonMalformed},
		"header null":             {"bnVsbA." + parts[1] + "." + parts[2], ReasonMalformed},
		"header a list":           {"W10." + parts[1] + "." + parts[2], ReasonMalformed},
		"padding":                 {parts[0] + "==." + parts[1] + "." + parts[2], ReasonMalformed},
		"not a token":             {"hunter2", ReasonMalformed},
		"blank inside":            {"abc def", ReasonMalformed},
		"over 8 KiB":              {keyOne().sign(t, change(map[string]any{"name": strings.Repeat("n", maxToken)}), nil), ReasonMalformed},
		"claim source not listed": {keyOne().sign(t, change(map[string]any{"_claim_names": map[string]string{"groups": "gone"}}), nil), ReasonMalformed},
	} {
		id, err := v.Authenticate(t.Context(), "Bearer "+tc.token)
		wantReason(t, name, err, tc.reason)
		if id.Authenticated || id.Sub != "" {
			t.Errorf("%s: an identity came with the error", name)
		}
		for _, part := range strings.Split(tc.token, ".") {
			if len(part) > 4 && strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error shows the token: %v", name, err)
			}
		}
	}
	if _, err := v.Authenticate(t.Context(), "Bearer "+good); err != nil {
		t.Errorf("the good token: %v", err)
	}
	if n := p.fetches.Load(); n != 1 {
		t.Errorf("keys were fetched %d times", n)
	}
}

func TestBearerLeeway(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	claims := p.good(c)
	claims["exp"] = c.Now().Add(-leeway + time.Second).Unix()
	claims["nbf"] = c.Now().Add(leeway).Unix()
	claims["iat"] = float64(c.Now().Unix()) + .25
	header := "Bearer " + keyOne().sign(t, claims, nil)
	if _, err := v.Authenticate(t.Context(), header); err != nil {
		t.Error(err)
	}
	c.advance(2 * time.Second)
	_, err := v.Authenticate(t.Context(), header)
	wantReason(t, "after the leeway", err, ReasonExpired)
}

// TestSeveralIssuers: the keys of one issuer say nothing about another's tokens.
func TestSeveralIssuers(t *testing.T) {
	c := newClock()
	one, two := newTestProvider(t, keyOne()), newTestProvider(t, keyTwo())
	v := newTestVerifier(t, c, one, two)
	for _, tc := range []struct {
		p  *testProvider
		s  signer
		ok bool
	}{{one, keyOne(), true}, {two, keyTwo(), true}, {one, keyTwo(), false}, {two, keyOne(), false}} {
		id, err := v.Authenticate(t.Context(), "Bearer "+tc.s.sign(t, tc.p.good(c), nil))
		if tc.ok && (err != nil || id.Issuer != tc.p.URL) {
			t.Error(err)
		}
		if !tc.ok {
			wantReason(t, tc.s.kid, err, ReasonSignature)
		}
	}
}

func TestClaims(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v, err := New(Options{
		Issuers: []Issuer{{URL: p.URL, Audiences: []string{"sluice"}}}, HTTPClient: p.Client(), Now: c.Now,
		Claims: ClaimNames{
			Groups: "https://corp.example/roles", Department: "dept",
			Extra: []string{"roles", "cost_centre", "on_call", "secret_list", "not_there", "manager"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{
		"iss": p.URL, "aud": []string{"x", "sluice"}, "sub": "app-1", "exp": c.Now().Add(time.Hour).Unix(),
		"https://corp.example/roles": []string{"a", "", strings.Repeat("long", 200), "b"}, "groups": []string{"not", "these"},
		"dept": "legal", "department": "not this", "email": "x@corp.example", "email_verified": false,
		"preferred_username": "svc", "name": 7, "amr": "mfa", "acrs": []any{"c1", 2}, "auth_time": "soon",
		"tid": strings.Repeat("t", maxText+1), "oid": []string{"no"}, "ver": 2.5, "acct": true, "secret_claim": "x",
		"roles": []string{"reader", "", "writer"}, "cost_centre": "4711", "on_call": false, "secret_list": []any{1, 2}, "manager": map[string]any{"sub": "u-2"},
		"upn":          "svc@corp.example",
		"_claim_names": map[string]string{"roles": "s"}, "_claim_sources": map[string]any{"s": map[string]string{"endpoint": "https://graph.example/"}},
	}
	got, err := v.Authenticate(t.Context(), "Bearer "+keyOne().sign(t, claims, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Identity{
		Authenticated: true, Method: MethodBearer, Issuer: p.URL, Sub: "app-1", Name: "svc", Department: "legal",
		Groups: []string{"a", "b"}, AMR: []string{"mfa"}, Expiry: c.Now().Add(time.Hour + leeway),
		Claims:  map[string]any{"ver": 2.5, "acct": true, "roles": []any{"reader", "writer"}, "cost_centre": "4711", "on_call": false},
		Aliases: []string{"svc", "svc@corp.example"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGroupsOverage(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	for name, more := range map[string]map[string]any{
		"claim source": {
			"_claim_names":   map[string]string{"groups": "src1"},
			"_claim_sources": map[string]any{"src1": map[string]string{"endpoint": "https://graph.example/t/users/o/getMemberObjects"}},
		},
		"implicit flow": {"hasgroups": true},
		"too many":      {"groups": slices.Repeat([]string{"g"}, maxGroups+1)},
	} {
		claims := p.good(c)
		delete(claims, "groups")
		maps.Copy(claims, more)
		id, err := v.Authenticate(t.Context(), "Bearer "+keyOne().sign(t, claims, nil))
		if err != nil || !id.GroupsOverage || id.Groups != nil {
			t.Errorf("%s: %v, overage %v, groups %v", name, err, id.GroupsOverage, id.Groups)
		}
	}
}

func wantReason(t *testing.T, name string, err error, want Reason) {
	t.Helper()
	var r *RejectedError
	if !errors.As(err, &r) || !errors.Is(err, ErrRejected) || r.Reason != want {
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}

// unsigned is the first two parts of a token.
func unsigned(t *testing.T, header string, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
}

// confused is a token that is signed with the provider's public key as an HMAC
// secret.
func confused(t *testing.T, der []byte, kind string, claims map[string]any) string {
	t.Helper()
	var secret bytes.Buffer
	if err := pem.Encode(&secret, &pem.Block{Type: kind, Bytes: der}); err != nil {
		t.Fatal(err)
	}
	body := unsigned(t, `{"alg":"HS256","kid":"one"}`, claims)
	mac := hmac.New(sha256.New, secret.Bytes())
	mac.Write([]byte(body))
	return body + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func pkix(t *testing.T) []byte {
	der, err := x509.MarshalPKIXPublicKey(&rsaOne().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

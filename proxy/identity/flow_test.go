package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
)

const (
	flowRedirect = "https://sluice.internal/sign-in/callback"
	flowClient   = "sluice"
	flowSecret   = "s&cret +%"
	flowCode     = "code-that-must-not-show"
	flowNonce    = "n-0S6_WzA2Mj"
)

func newFlow(t testing.TB, c *clock, p *testProvider, change func(*ProviderOptions)) *Provider {
	t.Helper()
	o := ProviderOptions{Issuer: p.URL, ClientID: flowClient, ClientSecret: flowSecret, HTTPClient: p.Client(), Now: c.Now}
	if change != nil {
		change(&o)
	}
	f, err := NewProvider(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// answerToken makes the token endpoint answer with this body.
func (p *testProvider) answerToken(h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token = h
}

func tokenAnswer(idToken string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"access_token": "at", "token_type": "Bearer", "id_token": idToken})
	}
}

// idToken are the claims of an ID token that is accepted.
func (p *testProvider) idToken(c *clock, changes map[string]any) map[string]any {
	claims := p.good(c)
	delete(claims, "azp")
	claims["nonce"] = flowNonce
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

func TestAuthURL(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	f := newFlow(t, c, p, func(o *ProviderOptions) { o.Scopes = []string{"email", "openid", "roles"} })
	verifier := oauth2.GenerateVerifier()
	sum := sha256.Sum256([]byte(verifier))
	for name, tc := range map[string]struct {
		acrs   []string
		maxAge time.Duration
		more   url.Values
	}{
		"plain":        {nil, 0, nil},
		"one context":  {[]string{"c1"}, 0, url.Values{"claims": {`{"id_token":{"acrs":{"essential":true,"value":"c1"}}}`}}},
		"two contexts": {[]string{"c1", `c"2`}, 0, url.Values{"claims": {`{"id_token":{"acrs":{"essential":true,"values":["c1","c\"2"]}}}`}}},
		"fresh":        {nil, 90 * time.Second, url.Values{"max_age": {"90"}}},
	} {
		got, err := f.AuthURL(t.Context(), "st&te", flowNonce, verifier, flowRedirect, tc.acrs, tc.maxAge)
		if err != nil {
			t.Fatal(err)
		}
		address, query, _ := strings.Cut(got, "?")
		values, err := url.ParseQuery(query)
		if err != nil || address != p.URL+"/authorize" {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		want := url.Values{
			"response_type": {"code"}, "client_id": {flowClient}, "redirect_uri": {flowRedirect}, "scope": {"openid email roles"},
			"state": {"st&te"}, "nonce": {flowNonce}, "code_challenge_method": {"S256"},
			"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
		}
		maps.Copy(want, tc.more)
		if diff := cmp.Diff(want, values); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if n := p.discoveries.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestExchange(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	for name, tc := range map[string]struct {
		methods []string
		secret  string
		basic   bool
	}{
		"confidential":          {nil, flowSecret, true},
		"confidential, by both": {[]string{"client_secret_post", "client_secret_basic"}, flowSecret, true},
		"confidential, by post": {[]string{"client_secret_post"}, flowSecret, false},
		"public":                {[]string{"none"}, "", false},
	} {
		p.mu.Lock()
		p.discover = func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, map[string]any{
				"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/authorize",
				"token_endpoint": p.URL + "/token", "token_endpoint_auth_methods_supported": tc.methods,
			})
		}
		p.mu.Unlock()
		f := newFlow(t, c, p, func(o *ProviderOptions) { o.ClientSecret = tc.secret })
		p.answerToken(func(w http.ResponseWriter, r *http.Request) {
			user, password, ok := r.BasicAuth()
			if tc.basic && (user != flowClient || password != url.QueryEscape(flowSecret)) || ok != tc.basic {
				t.Errorf("%s: basic %q %q %v", name, user, password, ok)
			}
			_ = r.ParseForm()
			want := url.Values{"grant_type": {"authorization_code"}, "code": {flowCode}, "redirect_uri": {flowRedirect}, "code_verifier": {"verifier"}}
			if !tc.basic {
				want.Set("client_id", flowClient)
			}
			if !tc.basic && tc.secret != "" {
				want.Set("client_secret", flowSecret)
			}
			if diff := cmp.Diff(want, r.PostForm); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			tokenAnswer(keyOne().sign(t, p.idToken(c, map[string]any{"acrs": []string{"c1", "c2"}}), nil))(w, r)
		})
		got, err := f.Exchange(t.Context(), flowCode, "verifier", flowNonce, flowRedirect)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := Identity{
			Authenticated: true, Method: MethodOIDC, Issuer: p.URL, Sub: "u-17", Email: "ana@corp.example", Name: "Ana Ruiz",
			Groups: []string{"staff", "ledger"}, Department: "finance", ACR: "2", AMR: []string{"pwd", "mfa"}, ACRS: []string{"c1", "c2"},
			ACRSAt: map[string]time.Time{"c1": c.Now(), "c2": c.Now()}, AuthTime: c.Now().Add(-time.Minute), Expiry: c.Now().Add(time.Hour + leeway),
			Claims: map[string]any{"tid": "t-1", "oid": "o-1", "idtyp": "user"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestIDTokenRefused: each ID token that another request, client or issuer may use is
// refused here.
func TestIDTokenRefused(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne(), signer{"es", jose.ES256, ecOne()})
	f := newFlow(t, c, p, nil)
	with := func(changes map[string]any) string { return keyOne().sign(t, p.idToken(c, changes), nil) }
	for name, tc := range map[string]struct {
		token  string
		reason Reason // none: it is accepted
	}{
		"good":                          {with(nil), ""},
		"by another of its keys":        {signer{"es", jose.ES256, ecOne()}.sign(t, p.idToken(c, nil), nil), ""},
		"expired within the leeway":     {with(map[string]any{"exp": c.Now().Add(time.Second - leeway).Unix()}), ""},
		"several audiences, and azp":    {with(map[string]any{"aud": []string{"x", flowClient}, "azp": flowClient}), ""},
		"other nonce":                   {with(map[string]any{"nonce": "n-other"}), ReasonNonce},
		"no nonce":                      {with(map[string]any{"nonce": nil}), ReasonNonce},
		"nonce as list":                 {with(map[string]any{"nonce": []string{flowNonce}}), ReasonMalformed},
		"expired":                       {with(map[string]any{"exp": c.Now().Add(-leeway).Unix()}), ReasonExpired},
		"from the future":               {with(map[string]any{"iat": c.Now().Add(leeway + time.Second).Unix()}), ReasonNotYetValid},
		"other audience":                {with(map[string]any{"aud": "payroll"}), ReasonWrongAudience},
		"several audiences, no azp":     {with(map[string]any{"aud": []string{"x", flowClient}}), ReasonWrongAudience},
		"for another party":             {with(map[string]any{"azp": "payroll"}), ReasonWrongAudience},
		"party as list":                 {with(map[string]any{"azp": []string{flowClient}}), ReasonWrongAudience},
		"other issuer":                  {with(map[string]any{"iss": "https://id.other.example"}), ReasonUnknownIssuer},
		"no subject":                    {with(map[string]any{"sub": nil}), ReasonMalformed},
		"logout token":                  {with(map[string]any{"events": map[string]any{}}), ReasonMalformed},
		"unsigned":                      {unsigned(t, `{"alg":"none"}`, p.idToken(c, nil)) + ".", ReasonAlg},
		"other key, same id":            {signer{"one", jose.RS256, rsaTwo()}.sign(t, p.idToken(c, nil), nil), ReasonSignature},
		"keyed by the client's secret":  {confused(t, []byte(flowSecret), "x", p.idToken(c, nil)), ReasonAlg},
		"not a token":                   {"hunter2", ReasonMalformed},
		"an access token of the issuer": {keyOne().sign(t, p.good(c), map[string]any{"typ": "at+jwt"}), ReasonWrongAudience},
	} {
		p.answerToken(tokenAnswer(tc.token))
		id, err := f.Exchange(t.Context(), flowCode, "verifier", flowNonce, flowRedirect)
		if tc.reason == "" {
			if err != nil || !id.Authenticated {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantReason(t, name, err, tc.reason)
		if id.Authenticated || id.Sub != "" {
			t.Errorf("%s: an identity came with the error", name)
		}
		if strings.Contains(err.Error(), tc.token) || strings.Contains(err.Error(), flowCode) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := f.Exchange(t.Context(), flowCode, "verifier", "", flowRedirect); !errors.Is(err, ErrRejected) {
		t.Errorf("no nonce asked for: %v", err)
	}
}

// TestExchangeRotation: a key that was published after the last one was fetched.
func TestExchangeRotation(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	f := newFlow(t, c, p, nil)
	ask := func(s signer) error {
		p.answerToken(tokenAnswer(s.sign(t, p.idToken(c, nil), nil)))
		_, err := f.Exchange(t.Context(), flowCode, "verifier", flowNonce, flowRedirect)
		return err
	}
	if err := ask(keyOne()); err != nil {
		t.Error(err)
	}
	p.publish(keyTwo())
	c.advance(keysAgain)
	if err := ask(keyTwo()); err != nil {
		t.Error(err)
	}
	wantReason(t, "withdrawn", ask(keyOne()), ReasonSignature)

	p.breakWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	next := newFlow(t, c, p, func(o *ProviderOptions) { o.Previous = f })
	f = next // after a reload
	if err := ask(keyTwo()); err != nil {
		t.Errorf("what was known is kept: %v", err)
	}
}

// TestTokenEndpointFaults: whatever the provider answers, nobody is signed in, and
// nothing of it shows.
func TestTokenEndpointFaults(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	f := newFlow(t, c, p, nil)
	const marker = "secret-in-the-body"
	says := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	var redirected bool
	elsewhere := newTestProvider(t)
	elsewhere.answerToken(func(http.ResponseWriter, *http.Request) { redirected = true })
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		reason Reason // none: ErrUnavailable
		text   string
	}{
		"code used":           {says(400, "application/json", `{"error":"invalid_grant","error_description":"`+marker+`"}`), ReasonCode, ""},
		"code used, with 200": {says(200, "application/json", `{"error":"invalid_grant"}`), ReasonCode, ""},
		"client not known":    {says(401, "application/json", `{"error":"invalid_client","error_description":"`+marker+`"}`), "", "invalid_client"},
		"unknown error":       {says(400, "application/json", `{"error":"`+marker+`"}`), "", ""},
		"bad request, page":   {says(400, "text/html", marker), "", ""},
		"500":                 {says(500, "application/json", marker), "", "500"},
		"503":                 {says(503, "text/html", marker), "", "503"},
		"no JSON":             {says(200, "application/json", marker), "", ""},
		"empty":               {says(200, "application/json", ""), "", ""},
		"no ID token":         {says(200, "application/json", `{"access_token":"`+marker+`","token_type":"Bearer"}`), "", "no ID token"},
		"ID token a number":   {says(200, "application/json", `{"access_token":"at","id_token":7}`), "", "no ID token"},
		"ID token huge":       {says(200, "application/json", `{"access_token":"at","id_token":"`+strings.Repeat("x", maxIDToken+1)+`"}`), "", "no ID token"},
		"no access token":     {says(200, "application/json", `{"id_token":"x"}`), "", ""},
		"huge":                {says(200, "application/json", `{"access_token":"`+strings.Repeat("x", 2<<20)+`"}`), "", ""},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/token", http.StatusTemporaryRedirect)
		}, "", "redirected"},
		"the connection breaks": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", ""},
	} {
		p.answerToken(tc.answer)
		id, err := f.Exchange(t.Context(), flowCode, "verifier", flowNonce, flowRedirect)
		if tc.reason != "" {
			wantReason(t, name, err, tc.reason)
		} else if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if id.Authenticated || err == nil {
			t.Fatalf("%s: an identity", name)
		}
		for _, secret := range []string{marker, flowCode, flowSecret, url.QueryEscape(flowSecret)} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows %s: %v", name, secret, err)
			}
		}
		if !strings.Contains(err.Error(), tc.text) || len(err.Error()) > 2*maxErrorBytes {
			t.Errorf("%s: %v", name, err)
		}
	}
	if redirected {
		t.Error("the code went elsewhere")
	}
}

func TestFlowProviderDown(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	f := newFlow(t, c, p, nil)
	p.breakWith(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	for range 20 {
		if _, err := f.AuthURL(t.Context(), "s", "n", "v", flowRedirect, nil, 0); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
	if n := p.discoveries.Load(); n != 1 {
		t.Errorf("a provider that is down was asked %d times", n)
	}
	if err := f.Probe(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	p.breakWith(nil)
	c.advance(longestPause)
	if err := f.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]map[string]any{
		"no authorization endpoint": {"authorization_endpoint": ""},
		"over http":                 {"authorization_endpoint": "http://id.example/authorize"},
		"a script":                  {"authorization_endpoint": "javascript:alert(1)"},
		"no token endpoint":         {"token_endpoint": ""},
		"token endpoint over http":  {"token_endpoint": "http://id.example/token"},
	} {
		document := map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/a", "token_endpoint": p.URL + "/t"}
		maps.Copy(document, change)
		p.mu.Lock()
		p.discover = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, document) }
		p.mu.Unlock()
		if _, err := newFlow(t, c, p, nil).AuthURL(t.Context(), "s", "n", "v", flowRedirect, nil, 0); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTokenEndpointSlow: one that does not answer costs no more than its deadline.
func TestTokenEndpointSlow(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	f := newFlow(t, c, p, nil)
	p.answerToken(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // then the server sees the client leave
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := f.Exchange(ctx, flowCode, "verifier", flowNonce, flowRedirect); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if f.client.Timeout != exchangeTimeout {
		t.Errorf("the deadline is %v", f.client.Timeout)
	}
}

func TestAnswers(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	f := newFlow(t, c, p, nil)
	if !f.Answers("") || !f.Answers(p.URL) || f.Answers("https://id.other.example") || f.Answers(p.URL+"/") {
		t.Error("one that need not name itself")
	}
	p.mu.Lock()
	p.discover = func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/a", "token_endpoint": p.URL + "/t",
			"authorization_response_iss_parameter_supported": true,
		})
	}
	p.mu.Unlock()
	f = newFlow(t, c, p, nil)
	if err := f.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f.Answers("") || !f.Answers(p.URL) {
		t.Error("one that names itself")
	}
}

func TestNewProvider(t *testing.T) {
	for _, o := range []ProviderOptions{
		{}, {Issuer: "https://id.example"}, {ClientID: "x"}, {Issuer: "http://id.example", ClientID: "x"},
		{Issuer: "https://u@id.example", ClientID: "x"}, {Issuer: "https://id.example?x", ClientID: "x"}, {Issuer: "https:///x", ClientID: "x"},
	} {
		if _, err := NewProvider(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
	p, err := NewProvider(ProviderOptions{Issuer: "https://id.example/t", ClientID: "x"})
	if err != nil || p.Name() != "id.example" || p.Issuer() != "https://id.example/t" {
		t.Errorf("%v", err)
	}
}

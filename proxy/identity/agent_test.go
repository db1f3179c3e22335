package identity

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestAgents goes through the tokens of programs, as each issuer makes them, and
// through those of people that look like one.
func TestAgents(t *testing.T) {
	c, p := newClock(), newTestProvider(t, keyOne())
	v := newTestVerifier(t, c, p)
	type changes = map[string]any
	entra := func(more changes) changes {
		all := changes{"sub": "pairwise", "tid": "t", "oid": "o", "azp": "app-7"}
		maps.Copy(all, more)
		return all
	}
	application := func(id string) Agent { return Agent{Present: true, ID: id, Kind: KindApplication} }
	nested := changes{"sub": "first"}
	for range 64 {
		nested = changes{"sub": "before", "act": nested}
	}
	for name, tc := range map[string]struct {
		claims changes
		want   Agent
	}{
		"a person":                             {changes{"sub": "u-1", "azp": "cli", "client_id": "cli"}, Agent{}},
		"a person, idtyp":                      {entra(changes{"idtyp": "user"}), Agent{}},
		"a person whose client has their name": {changes{"sub": "cli", "azp": "cli", "idtyp": "user"}, Agent{}},
		"a device":                             {changes{"sub": "cli", "azp": "cli", "idtyp": "device"}, Agent{}},

		"Entra": {entra(changes{"idtyp": "app", "sub": "o", "app_displayname": "Nightly report"}),
			Agent{Present: true, ID: "app-7", Name: "Nightly report", Kind: KindApplication}},
		"Entra, v1":               {changes{"sub": "o", "tid": "t", "oid": "o", "idtyp": "app", "appid": "app-7"}, application("app-7")},
		"Entra, without idtyp":    {entra(changes{"sub": "o"}), application("app-7")},
		"Entra, relation":         {entra(changes{"xms_idrel": "1 7"}), application("app-7")},
		"Entra, other relation":   {entra(changes{"xms_idrel": "1"}), Agent{}},
		"RFC 9068, Cognito":       {changes{"sub": "c-1", "client_id": "c-1"}, application("c-1")},
		"Google":                  {changes{"sub": "1234", "azp": "1234", "email": "x@y.iam.gserviceaccount.com"}, application("1234")},
		"Okta":                    {changes{"sub": "0oa1", "cid": "0oa1"}, application("0oa1")},
		"Okta, a person":          {changes{"sub": "ana@corp.example", "cid": "0oa1", "uid": "00u1"}, Agent{}},
		"Auth0":                   {changes{"sub": "k3@clients", "azp": "k3", "gty": "client-credentials"}, application("k3")},
		"Auth0, old":              {changes{"sub": "k3@clients"}, application("k3")},
		"Auth0, a person":         {changes{"sub": "auth0|5f", "azp": "k3", "gty": "password"}, Agent{}},
		"Keycloak":                {changes{"sub": "f:1", "azp": "bot", "client_id": "bot", "preferred_username": "service-account-bot"}, application("bot")},
		"Keycloak, old":           {changes{"sub": "f:1", "azp": "Bot", "clientId": "Bot", "preferred_username": "service-account-bot"}, application("Bot")},
		"Keycloak, a name chosen": {changes{"sub": "f:1", "azp": "bot", "preferred_username": "service-account-bot"}, Agent{}},
		"Keycloak, a person":      {changes{"sub": "f:2", "azp": "bot", "preferred_username": "ana"}, Agent{}},

		"agent for a person": {entra(changes{"idtyp": "user", "xms_act_fct": "11", "xms_par_app_azp": "blue"}),
			Agent{Present: true, ID: "app-7", Kind: KindAgentIdentity, OnBehalfOf: "pairwise", Blueprint: "blue"}},
		"agent for a person, facets to come": {entra(changes{"idtyp": "user", "xms_act_fct": " 3  11 99 12 x -11 1e1 "}),
			Agent{Present: true, ID: "app-7", Kind: KindAgentIdentity, OnBehalfOf: "pairwise"}},
		"agent for a person, idtyp missing": {entra(changes{"xms_act_fct": "11"}),
			Agent{Present: true, ID: "app-7", Kind: KindAgentIdentity, OnBehalfOf: "pairwise"}},
		"agent on its own": {entra(changes{"idtyp": "app", "sub": "o", "xms_act_fct": "11 17", "xms_sub_fct": "17 11"}),
			Agent{Present: true, ID: "app-7", Kind: KindAgentIdentity}},
		"agent on its own, idtyp missing": {entra(changes{"xms_act_fct": "11", "xms_sub_fct": "11"}),
			Agent{Present: true, ID: "app-7", Kind: KindAgentIdentity}},
		"agent with an account": {entra(changes{"idtyp": "user", "xms_act_fct": "11", "xms_sub_fct": "13"}),
			Agent{Present: true, ID: "app-7", Kind: KindAgentUser}},
		"blueprint": {entra(changes{"idtyp": "app", "sub": "o", "xms_act_fct": "15", "xms_sub_fct": "15"}),
			Agent{Present: true, ID: "app-7", Kind: KindAgentBlueprint}},
		"facets that are even":             {entra(changes{"idtyp": "user", "xms_act_fct": "12 14", "xms_sub_fct": "10"}), Agent{}},
		"facets that mean nothing":         {entra(changes{"idtyp": "user", "xms_act_fct": "1 3 111 0011x 11.0"}), Agent{}},
		"facets with other blanks, commas": {entra(changes{"idtyp": "user", "xms_act_fct": "11,13"}), Agent{}},
		"facets as a list":                 {entra(changes{"idtyp": "user", "xms_act_fct": []int{11}}), Agent{}},
		"facets without end":               {entra(changes{"idtyp": "user", "xms_act_fct": strings.Repeat("11 ", 400)}), Agent{}},
		"facet of the tenant":              {entra(changes{"idtyp": "user", "xms_tnt_fct": "11"}), Agent{}},

		"delegation": {changes{"sub": "u-1", "azp": "cli", "act": changes{"sub": "bot-1", "name": "Bot", "act": changes{"sub": "bot-0"}}},
			Agent{Present: true, ID: "bot-1", Name: "Bot", Kind: KindDelegate, OnBehalfOf: "u-1"}},
		"delegation, a long chain":  {changes{"sub": "u-1", "act": nested}, Agent{Present: true, ID: "before", Kind: KindDelegate, OnBehalfOf: "u-1"}},
		"delegation, by client":     {changes{"sub": "u-1", "act": changes{"client_id": "bot-2"}}, Agent{Present: true, ID: "bot-2", Kind: KindDelegate, OnBehalfOf: "u-1"}},
		"delegation, own issuer":    {changes{"sub": "u-1", "act": changes{"sub": "b", "iss": p.URL}}, Agent{Present: true, ID: "b", Kind: KindDelegate, OnBehalfOf: "u-1"}},
		"delegation, other issuer":  {changes{"sub": "u-1", "act": changes{"sub": "b", "iss": "https://x.example"}}, Agent{Present: true, ID: "https://x.example|b", Kind: KindDelegate, OnBehalfOf: "u-1"}},
		"delegation to nobody":      {changes{"sub": "u-1", "act": changes{}}, Agent{Present: true, Kind: KindDelegate, OnBehalfOf: "u-1"}},
		"delegation, not an object": {changes{"sub": "u-1", "act": "bot"}, Agent{Present: true, Kind: KindDelegate, OnBehalfOf: "u-1"}},
		"delegation, null":          {changes{"sub": "u-1", "act": nil}, Agent{}},
		"may act":                   {changes{"sub": "u-1", "may_act": changes{"sub": "bot-1"}}, Agent{}},
		"a client for a client":     {changes{"sub": "c-1", "client_id": "c-1", "act": changes{"sub": "c-2"}}, Agent{Present: true, ID: "c-2", Kind: KindDelegate, OnBehalfOf: "c-1"}},
	} {
		claims := map[string]any{"iss": p.URL, "aud": "sluice", "exp": c.Now().Add(time.Hour).Unix()}
		maps.Copy(claims, tc.claims)
		id, err := v.Authenticate(t.Context(), "Bearer "+keyOne().sign(t, claims, nil))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !id.Authenticated || id.Method != MethodBearer || id.Sub != claims["sub"] {
			t.Errorf("%s: the identity is %+v", name, id)
		}
		if diff := cmp.Diff(tc.want, id.Agent); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

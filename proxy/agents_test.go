package proxy_test

import (
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// TestAgentsReachPolicy shows that rules and the record see the program that asks
// beside the person whom it asks for, and claims by mapping.
func TestAgentsReachPolicy(t *testing.T) {
	provider := newIssuer(t)
	verifier, err := identity.New(identity.Options{
		Issuers:    []identity.Issuer{{URL: provider.URL, Audiences: []string{"sluice"}}},
		HTTPClient: provider.Client(),
		Claims:     identity.ClaimNames{Department: "dept", Extra: []string{"roles"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, func(s *proxytest.Settings) {
		s.Required, s.Identity = true, verifier
		s.Policy = map[string]string{
			"connect/all.rego":   "package sluice.connect.all\n",
			"response/none.rego": "package sluice.response.none\n",
			"request/agents.rego": `package sluice.request.agents

# METADATA
# title: Agents only for people of research, or on their own as reader
# labels: {rule: agents.only}
# custom: {severity: low, remediation: none}
verdict contains {"id": "agents.only", "action": "block"} if not welcome

welcome if not input.agent.present

welcome if {
	input.agent.kind == "delegate"
	input.agent.id == "bot-1"
	input.agent.on_behalf_of == input.identity.sub
	input.identity.department == "research"
}

welcome if {
	input.agent.kind == "application"
	input.agent.on_behalf_of == ""
	"reader" in input.identity.claims.roles
}
`,
		}
	})
	for _, c := range []struct {
		name   string
		claims map[string]any
		status int
		agent  map[string]any // of the record
	}{
		{"a person", map[string]any{"dept": "sales"}, 200, nil},
		{"for a person", map[string]any{"dept": "research", "act": map[string]any{"sub": "bot-1", "name": "Bot"}}, 200,
			map[string]any{"id": "bot-1", "name": "Bot", "kind": "delegate", "on_behalf_of": "ada"}},
		{"for a person of sales", map[string]any{"dept": "sales", "act": map[string]any{"sub": "bot-1"}}, 403,
			map[string]any{"id": "bot-1", "name": "", "kind": "delegate", "on_behalf_of": "ada"}},
		{"another for a person", map[string]any{"dept": "research", "act": map[string]any{"sub": "bot-2", "act": map[string]any{"sub": "bot-1"}}}, 403,
			map[string]any{"id": "bot-2", "name": "", "kind": "delegate", "on_behalf_of": "ada"}},
		{"on its own", map[string]any{"sub": "job", "azp": "job", "roles": []string{"reader"}}, 200,
			map[string]any{"id": "job", "name": "", "kind": "application"}},
		{"on its own, without the role", map[string]any{"sub": "job", "azp": "job", "roles": []string{"writer"}}, 403,
			map[string]any{"id": "job", "name": "", "kind": "application"}},
		{"on its own, of a blueprint", map[string]any{"azp": "job", "idtyp": "app", "xms_act_fct": "11", "xms_par_app_azp": "blue"}, 403,
			map[string]any{"id": "job", "name": "", "kind": "agent_identity", "blueprint": "blue"}},
	} {
		resp := ask(t, p, "Bearer "+provider.token(t, jose.RS256, provider.key, c.claims))
		if resp.StatusCode != c.status || resp.Header.Get("Proxy-Authenticate") != "" {
			t.Errorf("%s: got %d, want %d", c.name, resp.StatusCode, c.status)
		}
		lines := p.Lines(t, "decision")
		if len(lines) != 2 { // of the CONNECT and of the request
			t.Fatalf("%s: %d decisions", c.name, len(lines))
		}
		for _, line := range lines {
			recorded, _ := line["agent"].(map[string]any)
			if diff := cmp.Diff(c.agent, recorded); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			if who := line["identity"].(map[string]any); who["authenticated"] != true || who["method"] != "bearer" {
				t.Errorf("%s: recorded as %v", c.name, who)
			}
		}
	}
}

package identity

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// An Agent is the program that asks, where the token says that it is one: on its
// own, or for the person that the Identity is of. The zero value is no agent.
type Agent struct {
	Present    bool
	ID         string // the client id, or the subject of an act claim; empty when the token does not tell
	Name       string
	Kind       string // a Kind
	OnBehalfOf string // the Sub of the person it acts for; empty when it acts on its own
	Blueprint  string // Entra's parent application: to be recorded, never decided on
}

// Kinds of agent, as policy and the record name them.
const (
	KindApplication    = "application"     // a client by its own credentials (RFC 6749 section 4.4)
	KindDelegate       = "delegate"        // named by an act claim (RFC 8693 section 4.1)
	KindAgentIdentity  = "agent_identity"  // Entra Agent ID, on its own or for a person
	KindAgentUser      = "agent_user"      // an Entra agent with a user account of its own
	KindAgentBlueprint = "agent_blueprint" // an Entra application that makes agents
)

// Facets of Entra Agent ID ("agent token claims", 2025-11-04), and relations of a
// subject to its tenant. Others may be added to a token at any time, even numbers
// are reserved: none of them is looked at.
const (
	facetAgent      = 11
	facetAgentUser  = 13
	facetBlueprint  = 15
	relationService = 7 // service principal
)

// agent finds out whether a program asks. sub is the token's subject.
//
// Facets come first, for they say most; then an act claim, whose outermost member
// is who acts now (those within are history, which RFC 8693 section 4.1 forbids to
// decide on); then whether the token is a client's own.
func (c claims) agent(sub string) Agent {
	client := c.first("azp", "appid", "client_id", "cid")
	a := Agent{Present: true, ID: client, Name: c.text("app_displayname"), Blueprint: c.text("xms_par_app_azp")}
	actor, subject := c.facets("xms_act_fct"), c.facets("xms_sub_fct")
	own := c.ownCredentials()
	switch {
	case slices.Contains(subject, facetAgentUser):
		a.Kind = KindAgentUser
	case slices.Contains(actor, facetAgent), slices.Contains(subject, facetAgent):
		a.Kind = KindAgentIdentity
		if !own && !slices.Contains(subject, facetAgent) {
			a.OnBehalfOf = sub
		}
	case slices.Contains(actor, facetBlueprint), slices.Contains(subject, facetBlueprint):
		a.Kind = KindAgentBlueprint
		if !own && !slices.Contains(subject, facetBlueprint) {
			a.OnBehalfOf = sub
		}
	case c.given("act"):
		a.Kind, a.OnBehalfOf = KindDelegate, sub
		a.ID, a.Name = c.actor()
	case own:
		a.Kind = KindApplication
		if a.ID == "" {
			a.ID = strings.TrimSuffix(sub, auth0Clients)
		}
	default:
		return Agent{}
	}
	return a
}

// actor names the outermost member of the act claim. One of another issuer has
// that issuer before it: the same subject elsewhere is somebody else. What cannot
// be read is an actor without a name.
func (c claims) actor() (id, name string) {
	var act claims
	if json.Unmarshal(c["act"], &act) != nil {
		return "", ""
	}
	id = act.first("sub", "client_id", "azp")
	if from := act.text("iss"); id != "" && from != "" && from != c.text("iss") {
		id = from + "|" + id
	}
	return id, act.text("name")
}

// auth0Clients ends the subject of a client that asks Auth0 for itself.
const auth0Clients = "@clients"

// ownCredentials reports whether a client got the token for itself, without a
// person. Where the issuer says so (Entra's idtyp) that is believed, else it shows
// in how issuers name the subject:
//
//   - RFC 9068 section 2.2, AWS Cognito, Google: sub is client_id, or azp;
//   - Okta: sub is cid;
//   - Auth0: gty is client-credentials, sub ends in @clients;
//   - Entra without idtyp: sub is oid, which are never the same for a person, or
//     xms_idrel says service principal;
//   - Keycloak: sub is a user made for the client, service-account- and its id. The
//     client's id stands beside it, in a claim that a person's token has not.
func (c claims) ownCredentials() bool {
	if kind := c.text("idtyp"); kind != "" {
		return kind == "app"
	}
	sub := c.text("sub")
	for _, name := range []string{"client_id", "azp", "cid"} {
		if sub != "" && sub == c.text(name) {
			return true
		}
	}
	azp := c.text("azp")
	switch {
	case c.text("gty") == "client-credentials", strings.HasSuffix(sub, auth0Clients):
		return true
	case c.text("tid") != "" && sub == c.text("oid"):
		return true
	case slices.Contains(c.facets("xms_idrel"), relationService):
		return true
	case azp != "" && strings.EqualFold(c.text("preferred_username"), "service-account-"+azp):
		return c.first("client_id", "clientId") == azp
	}
	return false
}

// facets reads odd integers with blanks between them, and drops what is none.
func (c claims) facets(name string) []int {
	var odd []int
	for _, word := range strings.Fields(c.text(name)) {
		if n, err := strconv.Atoi(word); err == nil && n > 0 && n%2 == 1 {
			odd = append(odd, n)
		}
	}
	return odd
}

// first returns the first of some claims that is a string and not empty.
func (c claims) first(names ...string) string {
	for _, name := range names {
		if s := c.text(name); s != "" {
			return s
		}
	}
	return ""
}

// given reports whether a claim is there and not null.
func (c claims) given(name string) bool {
	raw := c[name]
	return len(raw) > 0 && string(raw) != "null"
}

package identity

import (
	"encoding/json"
	"math"
	"time"
)

// ClaimNames says which claims hold what providers name differently. An empty
// field means its default, which stands beside it.
type ClaimNames struct {
	Groups     string   // groups
	Department string   // department
	Extra      []string // none: claims that policy sees under their own names, besides claimNames
}

func (n ClaimNames) orDefault() ClaimNames {
	if n.Groups == "" {
		n.Groups = "groups"
	}
	if n.Department == "" {
		n.Department = "department"
	}
	return n
}

// claimNames are the scalar claims that policy may see besides those that have a
// field of their own: tenant and object, the calling client, the kind of token
// (Entra ID access-token claims reference; RFC 9068), the Google domain.
var claimNames = []string{
	"tid", "oid", "azp", "azpacr", "appid", "appidacr", "client_id", "idtyp", "acct",
	"sid", "uti", "ver", "scp", "scope", "hd",
}

// Bounds of what is taken over from a token.
const (
	maxText   = 512 // bytes of a value; a longer one is left out
	maxGroups = 512 // and items of any other list
)

// claims are the members of a JSON object, by their exact names.
type claims map[string]json.RawMessage

// identity maps the claims. It fails when the token does not say who it is about,
// or is not about somebody's presence at all.
func (c claims) identity(names ClaimNames) (Identity, bool) {
	id := Identity{
		Authenticated: true,
		Method:        MethodBearer,
		Sub:           c.text("sub"),
		Email:         c.text("email"),
		Name:          c.text("name"),
		Department:    c.text(names.Department),
		ACR:           c.text("acr"),
		AMR:           c.texts("amr"),
		ACRS:          c.texts("acrs"),
		Groups:        c.texts(names.Groups),
		GroupsOverage: c.overage(names.Groups),
		Claims:        map[string]any{},
		Agent:         c.agent(c.text("sub")),
	}
	if id.Sub == "" || c["events"] != nil { // events: a logout or security event token
		return Identity{}, false
	}
	if raw := c["email_verified"]; raw != nil && string(raw) != "true" && string(raw) != `"true"` {
		id.Email = ""
	}
	if id.Name == "" {
		id.Name = c.text("preferred_username")
	}
	if id.GroupsOverage {
		id.Groups = nil // part of a list is none: a rule may be about who is not in a group
	}
	if at, ok := c.time("iat"); ok && len(id.ACRS) > 0 {
		id.ACRSAt = make(map[string]time.Time, len(id.ACRS))
		for _, context := range id.ACRS {
			id.ACRSAt[context] = at
		}
	}
	if at, ok := c.time("auth_time"); ok {
		id.AuthTime = at
	}
	for _, name := range []string{"preferred_username", "upn"} {
		if alias := c.text(name); alias != "" {
			id.Aliases = append(id.Aliases, alias)
		}
	}
	for _, name := range claimNames {
		if value, ok := c.scalar(name); ok {
			id.Claims[name] = value
		}
	}
	for _, name := range names.Extra {
		if value, ok := c.scalar(name); ok {
			id.Claims[name] = value
		} else if list := c.texts(name); len(list) > 0 {
			id.Claims[name] = values(list)
		}
	}
	return id, true
}

// checkTimes returns until when the token may be used, or why it may not.
func (c claims) checkTimes(now time.Time) (expiry time.Time, reason Reason) {
	expiry, ok := c.time("exp")
	if !ok {
		return time.Time{}, ReasonMalformed // a token without an end is none
	}
	expiry = expiry.Add(leeway)
	for _, name := range []string{"nbf", "iat"} {
		if c[name] == nil {
			continue
		}
		from, ok := c.time(name)
		if !ok {
			return time.Time{}, ReasonMalformed
		}
		if now.Add(leeway).Before(from) {
			return time.Time{}, ReasonNotYetValid
		}
	}
	if !now.Before(expiry) {
		return time.Time{}, ReasonExpired
	}
	return expiry, ""
}

// overage reports whether the token has more groups than it lists (Entra ID,
// "groups overage claim"), or lists more than are taken over.
func (c claims) overage(groups string) bool {
	var elsewhere map[string]json.RawMessage
	if json.Unmarshal(c["_claim_names"], &elsewhere) == nil && (elsewhere[groups] != nil || elsewhere["groups"] != nil) {
		return true
	}
	var has bool
	if json.Unmarshal(c["hasgroups"], &has) == nil && has {
		return true
	}
	var listed []json.RawMessage
	return json.Unmarshal(c[groups], &listed) == nil && len(listed) > maxGroups
}

// text returns a claim that is a string of bounded length, else nothing.
func (c claims) text(name string) string {
	var s string
	if json.Unmarshal(c[name], &s) != nil || len(s) > maxText {
		return ""
	}
	return s
}

// texts returns a claim that is a string or a list of strings.
func (c claims) texts(name string) []string {
	if s := c.text(name); s != "" {
		return []string{s}
	}
	var list []string
	if json.Unmarshal(c[name], &list) != nil {
		return nil
	}
	kept := list[:0]
	for _, s := range list {
		if s != "" && len(s) <= maxText && len(kept) < maxGroups {
			kept = append(kept, s)
		}
	}
	return kept
}

// values is a list as JSON decodes it.
func values(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// scalar returns a claim that is a string, a bool or a number.
func (c claims) scalar(name string) (any, bool) {
	var value any
	if json.Unmarshal(c[name], &value) != nil {
		return nil, false
	}
	switch value := value.(type) {
	case string:
		return value, len(value) <= maxText
	case bool, float64:
		return value, true
	}
	return nil, false
}

// time returns a claim that is a NumericDate (RFC 7519 section 2): seconds since
// 1970, a fraction allowed.
func (c claims) time(name string) (time.Time, bool) {
	var seconds float64
	if c[name] == nil || string(c[name]) == "null" || json.Unmarshal(c[name], &seconds) != nil {
		return time.Time{}, false
	}
	if seconds < 0 || seconds > 253402300799 {
		return time.Time{}, false
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9)), true
}

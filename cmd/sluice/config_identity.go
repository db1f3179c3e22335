package main

import (
	"fmt"
	"net/url"
	"slices"
	"time"
)

// ClaimsConfig says which claims of a token hold what providers name differently,
// and which others rules may see.
type ClaimsConfig struct {
	Groups     string   `yaml:"groups"`
	Department string   `yaml:"department"`
	Extra      []string `yaml:"extra"`
}

// CertificatesConfig says which fields of a client's certificate name the device and
// the person.
type CertificatesConfig struct {
	DeviceID string `yaml:"device_id"`
	User     string `yaml:"user"`
}

// GroupsConfig says which directory is asked for groups that a token does not list,
// and by which credentials.
type GroupsConfig struct {
	Endpoint         string   `yaml:"endpoint"`
	TokenURL         string   `yaml:"token_url"`
	ClientID         string   `yaml:"client_id"`
	ClientSecretFile string   `yaml:"client_secret_file"`
	Scope            string   `yaml:"scope"`
	TokenFile        string   `yaml:"token_file"`
	Cache            Duration `yaml:"cache"`
	Timeout          Duration `yaml:"timeout"`
}

// maxExtraClaims bounds identity.claims.extra: each is part of every decision.
const maxExtraClaims = 32

func defaultIdentity() IdentityConfig {
	return IdentityConfig{
		Challenge: "auto", Session: Duration(8 * time.Hour), ACRSFresh: Duration(time.Hour),
		Claims: ClaimsConfig{Groups: "groups", Department: "department"},

		ClientCertificates: CertificatesConfig{DeviceID: "san.uri"},
		Groups:             GroupsConfig{Cache: Duration(15 * time.Minute), Timeout: Duration(5 * time.Second)},
	}
}

// identity judges who may be known and how.
func (v *validator) identity(all *Config) {
	c := all.Identity
	v.oneOf("identity.challenge", c.Challenge, "auto", "basic", "none")
	for i, issuer := range c.Bearer.Issuers {
		path := fmt.Sprintf("identity.bearer.issuers[%d]", i)
		if u, err := url.Parse(issuer.Issuer); err != nil || u.Scheme != "https" || u.Host == "" {
			v.fail(path+".issuer", "%q is not an https URL", issuer.Issuer)
		}
		if len(issuer.Audiences) == 0 {
			v.fail(path+".audiences", "wants at least one: a token made for another service must not be accepted")
		}
	}
	v.claims(c.Claims)
	v.atLeast("identity.groups.cache", c.Groups.Cache, time.Second)
	v.atLeast("identity.groups.timeout", c.Groups.Timeout, 100*time.Millisecond)
	if g := c.Groups; g.Endpoint == "" && g.TokenURL+g.ClientID+g.ClientSecretFile+g.Scope+g.TokenFile != "" {
		v.fail("identity.groups.endpoint", "is missing, so that nobody would be asked")
	}
	certified := c.ClientCertificates.User != "" && all.Listen.TLS.ClientCAFile != ""
	if c.ClientCertificates.User != "" && !certified {
		v.fail("identity.client_certificates.user", "nobody is asked for a certificate: set listen.tls.client_ca_file")
	}
	if c.Required && len(c.Bearer.Issuers) == 0 && c.Bearer.TokenFile == "" && len(c.OIDC) == 0 && !certified {
		v.fail("identity.required", "nobody could get in: set identity.oidc, identity.bearer.issuers, identity.bearer.token_file or identity.client_certificates.user")
	}
	v.providers(c.OIDC)
	v.atLeast("identity.session", c.Session, time.Minute)
	v.atLeast("identity.acrs_fresh", c.ACRSFresh, time.Second)
}

func (v *validator) claims(c ClaimsConfig) {
	for _, one := range []struct{ path, name string }{{"groups", c.Groups}, {"department", c.Department}} {
		if one.name == "" {
			v.fail("identity.claims."+one.path, "wants the name of a claim")
		}
	}
	if len(c.Extra) > maxExtraClaims {
		v.fail("identity.claims.extra", "%d claims are more than %d", len(c.Extra), maxExtraClaims)
	}
	for i, name := range c.Extra {
		path := fmt.Sprintf("identity.claims.extra[%d]", i)
		switch {
		case name == "":
			v.fail(path, "wants the name of a claim")
		case slices.Contains(c.Extra[:i], name):
			v.fail(path, "%q is listed twice", name)
		}
	}
}

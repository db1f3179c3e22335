package main

import (
	"fmt"
	"net/url"
	"slices"
	"time"
)

// providers judges those at which people sign in.
func (v *validator) providers(list Providers) {
	var seen []string
	for i, p := range list {
		path := fmt.Sprintf("identity.oidc[%d]", i)
		if u, err := url.Parse(p.Issuer); err != nil || u.Scheme != "https" || u.Host == "" {
			v.fail(path+".issuer", "%q is not an https URL", p.Issuer)
		}
		if p.ClientID == "" {
			v.fail(path+".client_id", "is missing: the provider knows the proxy by it")
		}
		if p.Name == "" && len(list) > 1 {
			v.fail(path+".name", "is missing: with several providers people choose by name")
		}
		if slices.Contains(seen, p.Issuer) {
			v.fail(path+".issuer", "stands there twice")
		}
		seen = append(seen, p.Issuer)
	}
}

// sessions judges where state is kept. A fleet whose proxies do not share it would let
// each proxy count for itself.
func (v *validator) sessions(c SessionsConfig) {
	v.oneOf("sessions.store", c.Store, "memory", "redis")
	v.oneOf("sessions.on_error", c.OnError, "budget", "closed")
	if c.Memory < 1<<20 {
		v.fail("sessions.memory", "%d bytes is less than 1MiB", c.Memory)
	}
	switch b := c.Budget; {
	case b.Prompts < 0 || b.Values < 0 || b.Strangers < 0:
		v.fail("sessions.budget", "is less than nothing")
	case b.Strangers > b.Values:
		v.fail("sessions.budget.strangers", "%d is more than values, %d: of whom nothing is known, nothing more may leave", b.Strangers, b.Values)
	}
	r := c.Redis
	if c.Store != "redis" {
		if r.URL != "" {
			v.fail("sessions.redis", "is not used: set sessions.store to redis")
		}
		return
	}
	switch u, err := url.Parse(r.URL); {
	case r.URL == "":
		v.fail("sessions.redis.url", "is missing: redis://host:6379 or rediss://host:6379; with sentinel.addresses the name by which they know the primary")
	case err != nil: // the error would print the password
		v.fail("sessions.redis.url", "is not a URL")
	case u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix":
		v.fail("sessions.redis.url", "wants redis://, rediss:// or unix://")
	case u.User != nil:
		v.fail("sessions.redis.url", "holds a user or a password: use username and password_file")
	}
	for i, address := range r.Sentinel.Addresses {
		v.hostPort(fmt.Sprintf("sessions.redis.sentinel.addresses[%d]", i), address)
	}
	if (r.TLS.CertFile == "") != (r.TLS.KeyFile == "") {
		v.fail("sessions.redis.tls", "cert_file and key_file go together")
	}
	if r.WaitReplicas < 0 {
		v.fail("sessions.redis.wait_replicas", "is less than none")
	}
	v.atLeast("sessions.redis.timeout", r.Timeout, time.Millisecond)
}

package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sluice-proxy/sluice/proxy/admin"
	"github.com/sluice-proxy/sluice/proxy/audit"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/dial"
	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/signin"
)

// What a record needs of its disk: less than a week is told, less than the least
// is wrong.
const (
	leastSpace = 256 << 20
	enoughDays = 7
)

// seeDisk compares what is free with what the record grows by.
func (d *doctor) seeDisk(context.Context) {
	dir := filepath.Dir(d.config.Audit.File)
	for { // it may not be there yet
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	var space syscall.Statfs_t
	if err := syscall.Statfs(dir, &space); err != nil {
		d.warn("df -h "+quote(dir), "%s: %v", dir, err)
		return
	}
	free := int64(space.Bavail) * space.Bsize
	text := fmt.Sprintf("%d MB are free for the record in %s", free>>20, dir)
	days := -1.0
	if info, err := os.Stat(d.config.Audit.File); err == nil && info.Size() <= chainLimit {
		if r, err := audit.VerifyFile(d.config.Audit.File, audit.VerifyOptions{}); err == nil && r.Last.Sub(r.First) > time.Hour {
			days = float64(free) / (float64(info.Size()) / r.Last.Sub(r.First).Hours() * 24)
			text += fmt.Sprintf(", enough for %.0f days at its pace", days)
		}
	}
	rotate := "stop sluice, move " + quote(d.config.Audit.File) + " away, start it"
	switch {
	case free < leastSpace:
		d.fail(rotate, "%s; when it is full, %s", text, whenFull(d.config.Audit.OnFailure))
	case days >= 0 && days < enoughDays:
		d.warn(rotate, "%s; then %s", text, whenFull(d.config.Audit.OnFailure))
	default:
		d.ok("%s", text)
	}
}

func whenFull(onFailure string) string {
	if onFailure == audit.Refuse {
		return "every exchange is refused"
	}
	return "exchanges pass unrecorded"
}

// probeHosts are the services that the doctor asks for: those of the apps that the
// company approved, else the best known one.
func (d *doctor) probeHosts() []string {
	var hosts []string
	if catalogue, err := newCatalogue(d.config.Destinations); err == nil {
		asked := map[string]bool{} // one for each app
		for _, role := range []string{"api", "web"} {
			for _, m := range catalogue.Matches() {
				if m.Kind == "exact" && m.Role == role && m.App.Sanction == "sanctioned" && !asked[m.App.ID] {
					asked[m.App.ID] = true
					hosts = append(hosts, m.Pattern)
				}
			}
		}
	}
	if len(hosts) == 0 {
		hosts = []string{"api.openai.com"}
	}
	return hosts[:min(3, len(hosts))]
}

// seeDNS looks whether the resolver answers, with addresses that may be dialled.
func (d *doctor) seeDNS(ctx context.Context) {
	resolver := &net.Resolver{}
	portal := d.config.Portal.Host
	if addrs, err := resolver.LookupNetIP(ctx, "ip", portal); err == nil && len(addrs) > 0 {
		d.warn("", "%s has an address (%s): clients without the proxy reach that, not the portal", portal, addrs[0].Unmap())
	}
	if d.config.Upstream.Parent != "" {
		d.ok("the parent proxy resolves")
		return
	}
	for _, host := range d.probeHosts() {
		if to, fixed := d.config.Upstream.Resolve[host]; fixed {
			d.ok("%s is %s, by upstream.resolve", host, to)
			continue
		}
		addrs, err := resolver.LookupNetIP(ctx, "ip", host)
		if err != nil {
			d.fail("cat /etc/resolv.conf; upstream: {parent: \"http://proxy.corp.example:3128\"}   # if only another proxy resolves", "%s: %v", host, err)
			continue
		}
		own := slices.DeleteFunc(addrs, func(a netip.Addr) bool { return dial.IsPublic(a.Unmap()) })
		if len(own) > 0 {
			d.fail("upstream: {resolve: {"+host+": \"ADDRESS:443\"}}   # or mend the resolver",
				"%s is %s here, which is no public address: the resolver has a view of its own, or a sinkhole", host, own[0].Unmap())
			continue
		}
		d.ok("%s resolves", host)
	}
}

// The differences of two clocks that are told, and that are wrong: tokens are good
// for a minute or so beside their times, and certificates are backdated an hour.
const (
	smallSkew = 30 * time.Second
	largeSkew = 5 * time.Minute
)

// seeUpstream makes a verified connection the way that the proxy would, and
// compares the clock with what answers.
func (d *doctor) seeUpstream(ctx context.Context) {
	roots, err := newRoots(d.config.Upstream.CAFiles)
	if err != nil {
		d.fail("", "%v", err)
		return
	}
	dialer, err := newDialer(d.config, roots, nil)
	if err != nil {
		d.fail("", "%v", err)
		return
	}
	client := &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				target, err := destination.ParseAuthority(address, 443)
				if err != nil {
					return nil, err
				}
				return dialer.Dial(ctx, target)
			},
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		},
	}
	defer client.CloseIdleConnections()
	how := ""
	if parent, err := url.Parse(d.config.Upstream.Parent); err == nil && parent.Host != "" {
		how = " through the parent " + parent.Host
	}
	var skew *time.Duration
	for _, host := range d.probeHosts() {
		r, err := http.NewRequestWithContext(ctx, http.MethodHead, "https://"+host+"/", nil)
		if err != nil {
			d.fail("", "%v", err)
			continue
		}
		resp, err := client.Do(r)
		if err != nil {
			d.fail(d.remedy(err, host), "%s cannot be reached%s: %v", host, how, withoutURL(err))
			continue
		}
		_ = resp.Body.Close() // HEAD has none
		d.ok("%s answers%s, its certificate is good", host, how)
		if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil && skew == nil {
			s := time.Since(date).Round(time.Second)
			skew = &s
		}
	}
	d.check = "clock"
	switch {
	case skew == nil:
		d.ok("not known: no server told the time")
	case skew.Abs() > largeSkew:
		d.fail("timedatectl set-ntp true", "this clock is %s beside that of a server: tokens and certificates will be refused", *skew)
	case skew.Abs() > smallSkew:
		d.warn("timedatectl set-ntp true", "this clock is %s beside that of a server", *skew)
	default:
		d.ok("within %s of a server's", smallSkew)
	}
}

// remedy says what to do about an upstream that is not reached.
func (d *doctor) remedy(err error, host string) string {
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &verify):
		return "upstream: {ca_files: [/etc/sluice/inspection-ca.pem]}   # if another proxy reads TLS on the way"
	case d.config.Upstream.Parent != "":
		return "curl --proxy PARENT -I https://" + host + "/"
	}
	return "upstream: {parent: \"http://proxy.corp.example:3128\"}   # if only another proxy gets out"
}

// withoutURL is the cause of a failed request, without the request.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// seeIdentity asks every issuer for its keys.
func (d *doctor) seeIdentity(ctx context.Context) {
	c := d.config.Identity
	roots, err := newRoots(d.config.Upstream.CAFiles)
	if err != nil {
		return // told already
	}
	users, err := newIdentity(c, roots, nil)
	switch {
	case err != nil:
		for _, one := range each(err) {
			d.fail("", "%v", one)
		}
		return
	case users == nil && len(c.OIDC) == 0:
		d.ok("nobody signs in: no provider, no issuer and no token file is configured")
		return
	}
	d.seeProviders(ctx, roots)
	if users == nil {
		return
	}
	if c.Bearer.TokenFile != "" {
		d.ok("%s can be read", c.Bearer.TokenFile)
	}
	problems := users.Probe(ctx)
	for _, issuer := range slices.Sorted(maps.Keys(problems)) {
		if err := problems[issuer]; err != nil {
			d.fail("curl "+strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", "%v", err)
			continue
		}
		d.ok("%s gives its keys", issuer)
	}
}

// seeProviders asks every provider at which browsers sign in for what the proxy needs
// of it.
func (d *doctor) seeProviders(ctx context.Context, roots *x509.CertPool) {
	providers, err := newProviders(d.config.Identity, roots, nil)
	if err != nil {
		for _, one := range each(err) {
			d.fail("", "%v", one)
		}
	}
	for _, p := range providers {
		if err := p.Probe(ctx); err != nil {
			d.fail("curl "+strings.TrimSuffix(p.Issuer(), "/")+"/.well-known/openid-configuration", "%v", err)
			continue
		}
		d.ok("%s can sign people in; the redirect address to register there is https://%s%s", p.Issuer(), d.config.Portal.Host, signin.CallbackPath)
	}
}

// seeSessions looks at where sign-ins, permits and exposures are kept.
func (d *doctor) seeSessions(ctx context.Context) {
	c := d.config.Sessions
	if c.Store != "redis" {
		d.ok("sessions are kept in memory: a restart forgets them, and other proxies do not know them")
		return
	}
	options, err := redisOptions(c.Redis)
	if err != nil {
		for _, one := range each(err) {
			d.fail("", "%v", one)
		}
		return
	}
	store, err := session.NewRedis(options)
	if err != nil {
		d.fail("", "%v", err)
		return
	}
	defer func() { _ = store.Close() }() // nothing is lost by it
	report, err := store.Probe(ctx)
	if err != nil {
		d.fail("redis-cli -u "+c.Redis.URL+" ping", "sessions.redis cannot be used, so that %s: %v", whileAway(c.OnError), err)
		return
	}
	for _, problem := range report.Problems {
		d.warn("", "%s", problem)
	}
	if len(report.Problems) == 0 {
		d.ok("%s keeps sessions (%s, %d replicas)", report.Server, report.Mode, report.Replicas)
	}
}

// whileAway is what sessions.on_error comes to.
func whileAway(onError string) string {
	if onError == "closed" {
		return "prompts get 503"
	}
	return "each person may send a little, then prompts get 503"
}

// fewSilent is how many clients may leave without a word before it is told: a
// browser that changes its mind does so too.
const fewSilent = 3

// seePinned lists the clients that do not accept our certificate, with the line
// that lets their hosts through unread. Nobody but a person does that.
func (d *doctor) seePinned(ctx context.Context) {
	if d.running == nil {
		d.ok("only a running sluice knows which clients pin certificates")
		return
	}
	var seen struct {
		Hosts []admin.Pinned `json:"hosts"`
	}
	if code, err := d.ask(ctx, "/api/v1/pinned", &seen); err != nil || code != http.StatusOK {
		d.warn("systemctl restart sluice", "the running sluice does not say: it answers %d", code)
		return
	}
	told := 0
	passthrough := slices.Clone(d.config.Destinations.Passthrough)
	for _, h := range seen.Hosts {
		if h.Rejected == 0 && h.Silent < fewSilent {
			continue
		}
		told++
		who := cmp.Or(h.Agent, "a client")
		text := fmt.Sprintf("%s does not accept our certificate for %s: %d said so, %d left without a word, %d others asked", who, h.Host, h.Rejected, h.Silent, h.Accepted)
		if h.Accepted > h.Rejected+h.Silent {
			d.warn("roll the root out to the machines that lack it: http://PROXY/ca.pem", "%s", text)
			continue
		}
		line := fmt.Sprintf("destinations: {passthrough: [%s]}", strings.Join(append(passthrough, h.Host), ", "))
		d.warn(line+"   # if it pins; then it is tunnelled, unread. Else give it the root", "%s", text)
		passthrough = append(passthrough, h.Host)
	}
	if told == 0 {
		d.ok("no client refuses our certificate")
	}
}

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/audit"
	"github.com/sluice-proxy/sluice/proxy/ca"
)

// seeFiles looks at who may read what nobody else may, and write what sluice obeys.
func (d *doctor) seeFiles(context.Context) {
	c := d.config
	_, key, _ := c.caFiles()
	bad := false
	look := func(name string, wrong func(fs.FileInfo) bool, why, do string) {
		info, err := os.Stat(name)
		if name == "" || err != nil || !wrong(info) {
			return // what is missing is told by who needs it
		}
		bad = true
		d.fail(do+" "+quote(name), "%s has mode %04o: %s", name, info.Mode().Perm(), why)
	}
	has := func(forbidden fs.FileMode) func(fs.FileInfo) bool {
		return func(info fs.FileInfo) bool { return info.Mode().Perm()&forbidden != 0 }
	}
	look(c.DataDir, has(0o022), "others can put files there", "chmod go-w")
	for _, secret := range []string{c.SecretFile, c.Listen.AdminTokenFile, key, c.Listen.TLS.KeyFile, c.Classifiers.KeyFile} {
		look(secret, ca.Exposed, "others can read it", "chmod 600")
	}
	look(c.Audit.File, has(0o007), "everybody can read who asked what", "chmod o-rwx")
	for _, obeyed := range append([]string{c.Identity.Bearer.TokenFile, c.Policy.Dir, c.Classifiers.File}, append(c.Policy.DataFiles, c.Destinations.CatalogueFiles...)...) {
		look(obeyed, has(0o002), "everybody can change it", "chmod o-w")
	}
	if err := judgeSecret(c); err != nil && !bad { // else it is told
		bad = true
		d.fail("", "%v", err)
	}
	if !bad {
		d.ok("keys, token and secret in %s are its owner's alone", c.DataDir)
	}
}

// authority opens the authority without making one; nil when there is none.
func (d *doctor) authority() (*ca.Authority, error) {
	options := authorityOptions(d.config, nil)
	own := options.Make
	options.Make = false
	authority, err := ca.Open(options)
	if errors.Is(err, ca.ErrNotFound) && own {
		return nil, nil
	}
	return authority, err
}

// endsSoon is when a root that ends is told: replacing it on a fleet takes weeks.
const endsSoon = 90 * 24 * time.Hour

// seeAuthority looks at the root and at where its rotation stands.
func (d *doctor) seeAuthority(context.Context) {
	authority, err := d.authority()
	switch {
	case err != nil:
		d.fail("", "%v", err)
		return
	case authority == nil:
		d.ok("none yet: the first start makes one")
		return
	}
	info := authority.Info()
	text := fmt.Sprintf("%s, %s, until %s", info.Subject, info.Key, info.NotAfter.Format(time.DateOnly))
	if left := time.Until(info.NotAfter); left < endsSoon {
		do := "sluice ca rotate" + d.flags
		if !authorityOptions(d.config, nil).Make {
			do = "ask its issuer for a new one, for ca.cert_file"
		}
		d.warn(do, "%s: %d days are left", text, int(left.Hours()/24))
	} else {
		d.ok("%s", text)
	}
	if phase := authority.Phase(); phase != ca.Single {
		d.warn("", "a rotation is under way: %s", phaseText[phase])
	}
}

// seeTrust looks whether this machine trusts the roots, which matters for the
// clients on it.
func (d *doctor) seeTrust(context.Context) {
	authority, err := d.authority()
	if err != nil || authority == nil {
		d.ok("not known before there is an authority")
		return
	}
	for _, root := range []*x509.Certificate{authority.Root(), authority.Next()} {
		if root == nil {
			continue
		}
		if _, err := root.Verify(x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
			d.ok("this machine trusts %s", root.Subject.CommonName)
			continue
		}
		which := ""
		if root.Equal(authority.Next()) {
			which = " --root next"
		}
		do := "sluice ca export" + which + d.flags + " | sudo tee " + trustStore() + " >/dev/null && sudo " + trustCommand()
		d.warn(do, "this machine does not trust %s; clients on it that use the system's store will refuse", root.Subject.CommonName)
	}
}

// trustStore is where the distribution of this machine takes further roots from.
func trustStore() string {
	if _, err := os.Stat("/etc/pki/ca-trust/source/anchors"); err == nil {
		return "/etc/pki/ca-trust/source/anchors/sluice.pem"
	}
	return "/usr/local/share/ca-certificates/sluice.crt"
}

func trustCommand() string {
	if strings.HasPrefix(trustStore(), "/etc/pki") {
		return "update-ca-trust"
	}
	return "update-ca-certificates"
}

// seePorts looks whether the listeners are there, or could be.
func (d *doctor) seePorts(ctx context.Context) {
	for _, entry := range append(append([]string{}, d.config.Listen.Proxy...), d.config.Listen.Admin) {
		e := parseEndpoint(entry)
		if d.running != nil {
			conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, "tcp", reachable(e.address))
			if err != nil {
				d.fail("see its log", "%s does not answer, although sluice runs: %v", entry, err)
				continue
			}
			_ = conn.Close() // it was there
			d.ok("%s answers", entry)
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", e.address)
		switch {
		case err == nil:
			_ = l.Close() // it can be had
			d.ok("%s is free", entry)
		case errors.Is(err, syscall.EADDRINUSE):
			_, port, _ := net.SplitHostPort(e.address)
			d.fail("ss -ltnp 'sport = :"+port+"'", "%s is taken by another process", entry)
		case errors.Is(err, syscall.EACCES):
			d.fail("AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit, or a port from 1024 on", "%s: ports under 1024 need a capability", entry)
		default:
			d.fail("ip address", "%s cannot be had: %v", entry, err)
		}
	}
}

// seePAC looks at what browsers are given: that it is a script, and that its
// proxies can be reached.
func (d *doctor) seePAC(ctx context.Context) {
	near := nearest(configured(d.config))
	var script []byte
	if d.running != nil && !strings.HasSuffix(near.address, ":0") {
		body, err := d.fetch(ctx, near.url()+"/proxy.pac")
		if err != nil {
			d.fail("listen: {clients: [loopback, private]}   # if this machine is not served", "%s/proxy.pac cannot be fetched: %v", near.url(), err)
			return
		}
		script = body
	} else {
		catalogue, tenants, err := judge(ctx, d.config)
		if err == nil {
			script, err = newPAC(d.config, catalogue, tenants, near)
		}
		if err != nil {
			d.fail("sluice check"+d.flags, "cannot be made: the configuration has problems")
			return
		}
	}
	if !bytes.Contains(script, []byte("function FindProxyForURL(url, host)")) || bytes.Count(script, []byte("{")) != bytes.Count(script, []byte("}")) {
		d.fail("", "%s/proxy.pac is no PAC script", near.url())
		return
	}
	d.ok("%s/proxy.pac, %d KB, mode %s", near.url(), (len(script)+1023)/1024, d.config.PAC.Mode)
	if len(d.config.PAC.Proxies) == 0 {
		if host, _, err := net.SplitHostPort(near.address); err == nil && net.ParseIP(host).IsLoopback() {
			d.warn(`pac: {proxies: ["PROXY proxy.corp.example:8080"]}`, "it names %s, which is each client's own machine; fine while all clients are on this one", near.pac())
		}
	}
	for _, entry := range d.config.PAC.Proxies {
		_, address, _ := strings.Cut(entry, " ")
		conn, err := (&net.Dialer{Timeout: 3 * time.Second}).DialContext(ctx, "tcp", address)
		if err != nil {
			d.warn("", "%q cannot be reached from here: %v", entry, err)
			continue
		}
		_ = conn.Close() // it was there
		d.ok("%q can be reached", entry)
	}
}

// configured are the endpoints as the configuration names them.
func configured(c *Config) []endpoint {
	var all []endpoint
	for _, entry := range c.Listen.Proxy {
		all = append(all, parseEndpoint(entry))
	}
	return all
}

// fetch gets a small document of the proxy's own, whose certificate is looked at
// elsewhere.
func (d *doctor) fetch(ctx context.Context, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, //nolint:gosec // it is asked for by loopback, and no secret is sent
	}}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // read only
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %d", resp.StatusCode)
	}
	return io.ReadAll(io.LimitReader(resp.Body, 4<<20))
}

// seePolicy loads the rules and runs their tests.
func (d *doctor) seePolicy(ctx context.Context) {
	c := d.config.Policy
	if err := judgePolicy(ctx, c); err != nil {
		for _, one := range each(err) {
			d.fail("sluice policy check"+d.flags, "%v", one)
		}
		return
	}
	src, err := policySource(c)
	if err != nil {
		d.fail("", "%v", err)
		return
	}
	snapshot, err := policy.Load(ctx, src)
	if err != nil {
		d.fail("sluice policy check"+d.flags, "%v", err)
		return
	}
	results, err := policy.Test(ctx, src)
	passed, failed := 0, 0
	for _, r := range results {
		switch {
		case r.Skip:
		case r.Pass:
			passed++
		default:
			failed++
		}
	}
	text := fmt.Sprintf("%d rules, revision %s, %d tests pass", len(snapshot.Rules()), snapshot.Revision(), passed)
	switch {
	case err != nil:
		d.fail("sluice policy test"+d.flags, "the tests do not run: %v", err)
	case failed > 0:
		d.fail("sluice policy test"+d.flags, "%s, %d fail", text, failed)
	case passed == 0:
		d.warn("sluice policy init DIR   # its tests show how", "%s: rules without tests change unseen", text)
	default:
		d.ok("%s", text)
	}
	if c.Mode == "observe" {
		d.warn("policy: {mode: enforce}", "the mode is observe: verdicts are recorded and not enforced")
	}
	if d.running != nil && d.running.PolicyError != "" {
		d.fail("sluice policy check"+d.flags, "the running sluice keeps its last good policy: %s", d.running.PolicyError)
	} else if d.running != nil && d.running.Policy != snapshot.Revision() {
		d.warn("systemctl reload sluice", "revision %s is in force", d.running.Policy)
	}
}

// chainLimit is how much of a record is proven here; a bigger one takes long.
const chainLimit = 1 << 30

// seeAudit looks whether the record can be written and holds together.
func (d *doctor) seeAudit(context.Context) {
	file := d.config.Audit.File
	if d.running != nil && !d.running.AuditHealthy {
		d.fail("df -h "+quote(filepath.Dir(file)), "the running sluice cannot write %s", file)
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.ok("%s: none yet, the first start makes it", file)
		return
	case err != nil:
		d.fail("run doctor as the user of the service", "%v", err)
		return
	}
	w, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0) // nothing is written
	if err != nil {
		d.fail("chown it to the user of the service", "%s cannot be written: %v", file, err)
		return
	}
	_ = w.Close() // nothing was written
	if info.Size() > chainLimit {
		d.warn("sluice audit verify"+d.flags, "%s has %d MB; its chain is not proven here", file, info.Size()>>20)
		return
	}
	report, err := audit.VerifyFile(file, audit.VerifyOptions{})
	switch {
	case err != nil:
		d.fail("sluice audit verify"+d.flags, "%v", err)
	case !report.Intact():
		d.fail("sluice audit verify"+d.flags, "the chain of %s is broken from line %d on: %s", file, report.FirstBad, report.Problem)
	case report.Lost > 0:
		d.warn("sluice audit verify"+d.flags, "%d records, the chain is whole, and %d could not be written", report.Records, report.Lost)
	default:
		d.ok("%d records in %s, the chain is whole", report.Records, file)
	}
	if ahead := time.Until(report.Last); ahead > time.Minute {
		d.fail("timedatectl", "the last record is %s in the future: this clock went back", ahead.Round(time.Second))
	}
}

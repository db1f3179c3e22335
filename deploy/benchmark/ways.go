package main

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/elazarl/goproxy"
)

// ways of one run, by name.
const (
	direct   = "direct"
	tunnel   = "tunnel"
	pass     = "pass-through"
	warm     = "whole road"
	cold     = "whole road, cold"
	uncopied = "whole road, replies unread"
	plain    = "goproxy"
	squid    = "squid"
)

var every = []string{direct, tunnel, pass, warm, cold, uncopied, plain, squid}

// A running is one sluice and the ways through it.
type running struct {
	process             *process
	tunnel, pass, whole *way
}

// startSluice runs sluice as it ships, with what the origin needs. more is further
// configuration, rules such of the policy block; a pack is a rule file for the request phase beside the built-in ones.
func (s *site) startSluice(ctx context.Context, name, more, rules, pack string) (*running, error) {
	dir := filepath.Join(s.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	proxy, perr := freeAddress()
	admin, aerr := freeAddress()
	if err := errors.Join(perr, aerr); err != nil {
		return nil, err
	}
	if pack != "" {
		policy := filepath.Join(dir, "policy")
		if out, err := exec.CommandContext(ctx, s.sluice, "policy", "init", policy).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("policy init: %w\n%s", err, out)
		}
		if err := os.WriteFile(filepath.Join(policy, "request", "benchmark.rego"), []byte(pack), 0o600); err != nil {
			return nil, err
		}
		rules += "dir: " + policy + ", "
	}
	// A long policy.timeout, because a benchmark that shares its machine shall be slow
	// rather than fail; nothing else depends on it.
	config := fmt.Sprintf(`listen: {proxy: "%s", admin: "%s"}
data_dir: %s
destinations: {sanctioned: [openai-api]}
tenants: {microsoft: {tenant_id: 11111111-2222-3333-4444-555555555555, allowed_tenants: [example.com]}}
upstream:
  ca_files: [%s]
  resolve: {"%s": "%s", "%s": "%s", "%s": "%s"}
policy: {%stimeout: 10s}
%s`, proxy, admin, filepath.Join(dir, "data"), s.caFile, chatHost, s.origin, tenantHost, s.origin, plainHost, s.origin, rules, more)
	file := filepath.Join(dir, "sluice.yaml")
	logName := filepath.Join(dir, "log")
	log, err := os.Create(logName)
	if err := errors.Join(err, os.WriteFile(file, []byte(config), 0o600)); err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own
	cmd := exec.CommandContext(ctx, s.sluice, append([]string{"serve", "--config", file}, s.flags(name)...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
	p, err := start(name, cmd, log)
	if err != nil {
		return nil, err
	}
	s.procs = append(s.procs, p)
	if err := eventually(ctx, name+" is ready", func() bool { return ready(admin) }); err != nil {
		said, _ := os.ReadFile(logName)
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	authority, err := os.ReadFile(filepath.Join(dir, "data", "ca.pem"))
	if err != nil {
		return nil, err
	}
	roots, err := s.pool(authority)
	if err != nil {
		return nil, err
	}
	through := func(name, host string) *way {
		return &way{name: name, proxy: proxy, host: host, roots: roots, process: p}
	}
	return &running{process: p, tunnel: through(tunnel, plainHost), pass: through(pass, tenantHost), whole: through(warm, chatHost)}, nil
}

// repliesUnread is the configuration without reply inspection.
const repliesUnread = "response: {inspect: false}\n"

// ready reports whether a sluice says that it is.
func ready(admin string) bool {
	resp, err := http.Get("http://" + admin + "/readyz") //nolint:noctx // on loopback, asked again and again
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// coldPack makes no verdict cacheable: a value of its own in every request is read.
const coldPack = `# METADATA
# title: Reads what no two requests have in common
package sluice.request.benchmark

# METADATA
# title: Never
# labels: {rule: benchmark.never}
# custom: {severity: low, remediation: None.}
verdict contains {"id": "benchmark.never", "action": "block"} if input.request.id == "never"
`

// startGoproxy runs this program as plain goproxy.
func (s *site) startGoproxy(ctx context.Context) (*way, error) {
	self, serr := os.Executable()
	address, aerr := freeAddress()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: goproxy.GoproxyCa.Certificate[0]})
	roots, rerr := s.pool(authority)
	if err := errors.Join(serr, aerr, rerr); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "goproxy", address)
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+s.caFile, "SSL_CERT_DIR="+s.dir)
	p, err := start(plain, cmd, nil)
	if err != nil {
		return nil, err
	}
	s.procs = append(s.procs, p)
	err = eventually(ctx, "goproxy listens", func() bool { return listens(address) })
	return &way{name: plain, proxy: address, host: s.origin, roots: roots, process: p}, err
}

// serveGoproxy is the set-up of goproxy's README for interception.
func serveGoproxy(address string) error {
	proxy := goproxy.NewProxyHttpServer()
	proxy.Logger = log.New(discard{}, "", 0)
	proxy.OnRequest().HandleConnect(goproxy.AlwaysMitm)
	return http.ListenAndServe(address, proxy) //nolint:gosec // as the README has it
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// startSquid runs squid with ssl-bump, if it is installed with it.
func (s *site) startSquid(ctx context.Context) (*way, error) {
	const path, helper = "/usr/sbin/squid", "/usr/lib/squid/security_file_certgen" // where Debian has them
	for _, name := range []string{path, helper} {
		if _, err := exec.LookPath(name); err != nil {
			return &way{name: squid, absent: "not installed (Debian: squid-openssl)"}, nil //nolint:nilerr // that is the finding
		}
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, "squid")
	caFile := filepath.Join(dir, "ca.pem")
	cert, key, err := certificate(&x509.Certificate{
		Subject:               pkix.Name{CommonName: "benchmark squid"},
		BasicConstraintsValid: true, IsCA: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	})
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "squid.conf")
	_, originPort, _ := net.SplitHostPort(s.origin)
	text := fmt.Sprintf(`http_port %s ssl-bump tls-cert=%s generate-host-certificates=on dynamic_cert_mem_cache_size=4MB
sslcrtd_program %s -s %s -M 4MB
sslcrtd_children 2
acl step1 at_step SslBump1
ssl_bump peek step1
ssl_bump bump all
tls_outgoing_options cafile=%s
hosts_file %s
http_access allow all
cache deny all
cache_mem 8 MB
access_log none
cache_log %s
cache_store_log none
pid_filename %s
coredump_dir %s
shutdown_lifetime 0 seconds
workers 1
pinger_enable off
netdb_filename none
`, address, caFile, helper, filepath.Join(dir, "certs"), s.caFile, filepath.Join(dir, "hosts"), filepath.Join(dir, "cache.log"), filepath.Join(dir, "pid"), dir)
	if err := errors.Join(
		os.MkdirAll(dir, 0o755), //nolint:gosec // squid drops to another user
		os.WriteFile(caFile, append(cert, key...), 0o600),
		os.WriteFile(config, []byte(text), 0o600),
		os.WriteFile(filepath.Join(dir, "hosts"), []byte("127.0.0.1 "+chatHost+"\n"), 0o644), //nolint:gosec // the same
	); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, helper, "-c", "-s", filepath.Join(dir, "certs"), "-M", "4MB").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("squid: certificate store: %w: %s", err, out)
	}
	if os.Getuid() == 0 { // squid gives up root and must find its files all the same
		if err := giveAway(dir, "proxy"); err != nil {
			return nil, fmt.Errorf("squid: %w", err)
		}
		if err := os.Chmod(s.dir, 0o711); err != nil { //nolint:gosec // the same
			return nil, err
		}
	}
	p, err := start(squid, exec.CommandContext(ctx, path, "-N", "-f", config), nil)
	if err != nil {
		return nil, err
	}
	s.procs = append(s.procs, p)
	if err := eventually(ctx, "squid listens", func() bool { return listens(address) }); err != nil {
		said, _ := os.ReadFile(filepath.Join(dir, "cache.log"))
		return nil, fmt.Errorf("%w\n%s%s", err, p.out, said)
	}
	roots, err := s.pool(cert)
	return &way{name: squid, proxy: address, host: net.JoinHostPort(chatHost, originPort), roots: roots, process: p}, err
}

// giveAway makes everything in a directory another user's.
func giveAway(dir, name string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, uerr := strconv.Atoi(u.Uid)
	gid, gerr := strconv.Atoi(u.Gid)
	if err := errors.Join(uerr, gerr); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, gid)
	})
}

// flags are what this run gives to every sluice besides the configuration.
func (s *site) flags(name string) []string {
	if s.profiles == "" {
		return nil
	}
	return []string{"--cpu-profile", filepath.Join(s.profiles, strings.ReplaceAll(name, " ", "-")+".prof")}
}

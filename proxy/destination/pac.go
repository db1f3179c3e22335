package destination

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// The modes of a PAC file.
const (
	PACGenAI = "genai" // known GenAI and tenant hosts go to the proxies
	PACAll   = "all"   // everything does, but for plain names and loopback
)

// PACType is the media type of a PAC file.
const PACType = "application/x-ns-proxy-autoconfig"

// PACConfig shapes the file that sends browsers to the proxy.
type PACConfig struct {
	Mode        string   // genai, the default, or all
	Proxies     []string // "PROXY host:port" or "HTTPS host:port", tried in order; at least one
	Direct      []string // hosts that never go to a proxy; a leading dot: sub-domains too
	Passthrough []string // hosts that are never intercepted: in mode genai there is no reason to carry them
	FailOpen    bool     // go direct when no proxy answers
	PortalHost  string   // always goes to the proxies, which alone answer for it
	Catalogue   *Catalogue
	Tenants     []HostPattern // further hosts that are intercepted
}

// The tables of the script: a host maps to itself or to itself with its
// sub-domains.
const (
	pacExact     = 1
	pacSubdomain = 2
)

// PAC writes a proxy auto-configuration file: one function in ECMAScript 3 that
// resolves no names, looks at the host alone (browsers hide the rest), and takes
// as many table look-ups as the host has labels. It reports everything that is
// wrong with the configuration, joined.
func PAC(cfg PACConfig) ([]byte, error) {
	var errs []error
	if cfg.Mode == "" {
		cfg.Mode = PACGenAI
	}
	if cfg.Mode != PACGenAI && cfg.Mode != PACAll {
		errs = append(errs, errors.New("pac.mode: wants genai or all"))
	}
	if len(cfg.Proxies) == 0 {
		errs = append(errs, errors.New("pac.proxies: wants at least one"))
	}
	proxies := make([]string, 0, len(cfg.Proxies)+1)
	for i, s := range cfg.Proxies {
		proxy, err := parsePACProxy(s)
		if err != nil {
			errs = append(errs, fmt.Errorf("pac.proxies[%d]: %w", i, err))
		}
		proxies = append(proxies, proxy)
	}
	if cfg.FailOpen {
		proxies = append(proxies, "DIRECT")
	}
	direct, problems := parseHostPatterns("pac.direct", cfg.Direct)
	errs = append(errs, problems...)
	passthrough, problems := parseHostPatterns("destinations.passthrough", cfg.Passthrough)
	errs = append(errs, problems...)
	portal, err := ParseHost(cfg.PortalHost)
	if err != nil {
		errs = append(errs, fmt.Errorf("portal.host: %w", err))
	}
	if cfg.Catalogue == nil {
		errs = append(errs, errors.New("destination: write PAC: no catalogue"))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}

	if cfg.Mode == PACGenAI {
		direct = append(direct, passthrough...)
	}
	proxied, globs := pacTable{}, []string{}
	if cfg.Mode == PACGenAI {
		proxied, globs = pacProxied(cfg.Catalogue, cfg.Tenants)
	}
	directly := pacTable{}
	for _, p := range direct {
		directly.add(p)
	}
	return writePAC(pacScript{
		All:     cfg.Mode == PACAll,
		Proxies: strings.Join(proxies, "; "),
		Portal:  portal.Host,
		Direct:  directly,
		Proxied: proxied,
		Globs:   globs,
	})
}

// parsePACProxy reads what a PAC file may return for a proxy.
func parsePACProxy(s string) (string, error) {
	kind, authority, ok := strings.Cut(s, " ")
	if !ok || kind != "PROXY" && kind != "HTTPS" {
		return "", errors.New(`wants "PROXY host:port" or "HTTPS host:port"`)
	}
	t, err := ParseAuthority(authority, 0)
	if err != nil {
		return "", err
	}
	return kind + " " + t.Authority(), nil
}

// pacTable maps a host to pacExact or pacSubdomain.
type pacTable map[string]int

func (t pacTable) add(p HostPattern) {
	kind := pacExact
	if p.Subdomains {
		kind = pacSubdomain
	}
	t[p.Host] = max(t[p.Host], kind)
}

// pacProxied lists what is intercepted: catalogue hosts that are not mixed, the
// hosts below mixed patterns that are to be inspected, and tenant hosts.
func pacProxied(c *Catalogue, tenants []HostPattern) (pacTable, []string) {
	t := pacTable{}
	var globs []string
	for _, m := range c.matches {
		switch {
		case m.Mixed:
		case m.Kind == MatchGlob:
			globs = append(globs, globExpression(m.Pattern))
		default:
			t.add(HostPattern{Host: m.Pattern, Subdomains: m.Kind == MatchSuffix})
		}
	}
	for _, p := range c.inspect {
		t.add(p)
	}
	for _, p := range tenants {
		t.add(p)
	}
	slices.Sort(globs)
	return t, slices.Compact(globs)
}

// globExpression is a glob as a regular expression; a star is one or more
// labels, or before a hyphen the beginning of one. The pattern has passed
// normaliseGlob.
func globExpression(pattern string) string {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*-`, `[^.]+-`)
	return "^" + strings.ReplaceAll(quoted, `\*`, `[^.]+(\.[^.]+)*`) + "$"
}

// pacScript is everything in the script that comes from outside. Hosts and
// proxies are normalised; all of it is still written as JSON strings.
type pacScript struct {
	All             bool
	Proxies, Portal string
	Direct, Proxied pacTable
	Globs           []string
}

// writePAC fills in the script. Keys begin with a dot, so that none is a name
// that objects inherit.
func writePAC(s pacScript) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Written by sluice. Changes are lost.\n")
	for _, v := range []struct {
		name  string
		value any
	}{
		{"sluiceProxies", s.Proxies},
		{"sluicePortal", s.Portal},
		{"sluiceAll", s.All},
		{"sluiceGlobs", s.Globs},
	} {
		text, err := json.Marshal(v.value)
		if err != nil {
			return nil, fmt.Errorf("destination: write PAC: %w", err)
		}
		fmt.Fprintf(&b, "var %s = %s;\n", v.name, text)
	}
	for _, v := range []struct {
		name  string
		table pacTable
	}{
		{"sluiceDirect", s.Direct},
		{"sluiceProxied", s.Proxied},
	} {
		fmt.Fprintf(&b, "var %s = {", v.name)
		for i, host := range slices.Sorted(maps.Keys(v.table)) {
			if i > 0 {
				b.WriteByte(',')
			}
			text, err := json.Marshal("." + host)
			if err != nil {
				return nil, fmt.Errorf("destination: write PAC: %w", err)
			}
			fmt.Fprintf(&b, "\n%s:%d", text, v.table[host])
		}
		b.WriteString("};\n")
	}
	b.WriteString(pacFunctions)
	return b.Bytes(), nil
}

// pacFunctions is the same for every configuration.
const pacFunctions = `for (var sluiceI = 0; sluiceI < sluiceGlobs.length; sluiceI++) {
  sluiceGlobs[sluiceI] = new RegExp(sluiceGlobs[sluiceI]);
}
function sluiceHas(table, host) {
  if (table["." + host]) return true;
  var rest = host;
  for (var dot = rest.indexOf("."); dot >= 0; dot = rest.indexOf(".")) {
    rest = rest.substring(dot + 1);
    if (table["." + rest] === 2) return true;
  }
  return false;
}
function sluiceGlob(host) {
  for (var i = 0; i < sluiceGlobs.length; i++) {
    if (sluiceGlobs[i].test(host)) return true;
  }
  return false;
}
function FindProxyForURL(url, host) {
  host = String(host).toLowerCase();
  if (host.charAt(0) === "[") host = host.replace(/^\[|\]$/g, "");
  if (host.charAt(host.length - 1) === ".") host = host.substring(0, host.length - 1);
  if (host === sluicePortal) return sluiceProxies;
  if (sluiceHas(sluiceDirect, host)) return "DIRECT";
  if (sluiceAll) {
    if (host.indexOf(".") < 0 && host.indexOf(":") < 0) return "DIRECT";
    if (/^127\.\d+\.\d+\.\d+$/.test(host) || host === "::1" || /\.localhost$/.test(host)) return "DIRECT";
    return sluiceProxies;
  }
  if (sluiceHas(sluiceProxied, host) || sluiceGlob(host)) return sluiceProxies;
  return "DIRECT";
}
`

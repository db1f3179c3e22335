package proxytest

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/identity/identitytest"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// A plan is the Settings of a transcript, and what is around its proxy.
type plan struct {
	Settings
	limits  [][2]string
	origins [][2]string // names, and what is odd about their servers
	budget  int         // prompts that one person may send while the session store is down; 0: none
}

// parse reads the settings section of a transcript: one "name: value" a line,
// lists separated by commas.
func (s *plan) parse(t testing.TB, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		var list []string
		for item := range strings.SplitSeq(value, ",") {
			list = append(list, strings.TrimSpace(item))
		}
		block, key, _ := strings.Cut(name, ".")
		switch block {
		case "tenants":
			s.tenants(key, list)
			continue
		case "limits":
			s.limits = append(s.limits, [2]string{key, value})
			continue
		case "origin":
			s.origins = append(s.origins, [2]string{key, value})
			continue
		}
		var err error
		switch name {
		case "sanctioned":
			s.Sanctioned = list
		case "tolerated":
			s.Tolerated = list
		case "unsanctioned":
			s.Unsanctioned = list
		case "passthrough":
			s.Passthrough = list
		case "required":
			s.Required = value == "true"
		case "sign_in":
			s.Provider = identitytest.NewProvider(t)
		case "bearer":
			s.Provider = identitytest.NewProvider(t)
			s.Identity, err = identity.New(identity.Options{
				Issuers: []identity.Issuer{{URL: s.Provider.URL, Audiences: []string{identitytest.ClientID}}}, HTTPClient: s.Provider.Client(),
			})
		case "users":
			s.Users = list
		case "device_id":
			s.DeviceField = value
		case "user":
			s.UserField = value
		case "mode":
			s.Observe = value == "observe"
		case "parent":
			s.Parent, err = url.Parse("http://" + odd(t, value))
		case "budget":
			s.budget, err = strconv.Atoi(value)
		default:
			t.Fatalf("unknown setting %q", name)
		}
		must(t, err)
	}
	s.Limits = func(l *proxy.Limits) {
		for _, limit := range s.limits {
			setLimit(t, l, limit[0], limit[1])
		}
	}
}

// tenants sets one key of a block, as in "tenants.openai.organization_ids: org-a".
func (s *plan) tenants(path string, values []string) {
	block, key, _ := strings.Cut(path, ".")
	if s.Tenants == nil {
		s.Tenants = tenant.Blocks{}
	}
	if s.Tenants[block] == nil {
		s.Tenants[block] = map[string][]string{}
	}
	s.Tenants[block][key] = values
}

// setLimit sets a limit by the name that it has in the configuration, to bytes, a
// number or a duration.
func setLimit(t testing.TB, l *proxy.Limits, name, value string) {
	t.Helper()
	field := reflect.ValueOf(l).Elem().FieldByNameFunc(func(f string) bool { return strings.EqualFold(f, strings.ReplaceAll(name, "_", "")) })
	if !field.IsValid() {
		t.Fatalf("unknown limit %q", name)
	}
	if field.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(value)
		must(t, err)
		field.SetInt(int64(d))
		return
	}
	n, err := strconv.ParseInt(value, 10, 64)
	must(t, err)
	field.SetInt(n)
}

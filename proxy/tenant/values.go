package tenant

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

var (
	uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	orgForm  = regexp.MustCompile(`^org-[A-Za-z0-9]+$`)
)

// googleTokens widen Google's list and are no domains. gserviceaccounts.com is
// one too, and looks like a domain.
var googleTokens = []string{"consumer_accounts", "visitor_accounts"}

// maxHeaderValue is what common servers accept in one header line, in bytes.
const maxHeaderValue = 8 << 10

// validate reports what is wrong with the values, with their paths.
func (t *Tenants) validate() []error {
	var errs []error
	fail := func(path, text string) { errs = append(errs, fmt.Errorf("tenants.%s: %s", path, text)) }
	isUUID, isOrg := uuidForm.MatchString, orgForm.MatchString
	list := func(path string, values []string, ok func(string) bool, wants string) {
		size := 0
		for i, v := range values {
			size += len(v) + 1
			if !ok(v) {
				fail(fmt.Sprintf("%s[%d]", path, i), "wants "+wants)
			}
			if slices.ContainsFunc(values[:i], func(w string) bool { return v == w || !isOrg(v) && strings.EqualFold(v, w) }) {
				fail(fmt.Sprintf("%s[%d]", path, i), "is given twice")
			}
		}
		if size > maxHeaderValue {
			fail(path, "is longer than one header can be")
		}
	}

	if m := t.Microsoft; m != nil {
		if !isUUID(m.TenantID) {
			fail("microsoft.tenant_id", "wants the directory id, a UUID")
		}
		switch {
		case m.PolicyID != "":
			if !isUUID(m.PolicyID) {
				fail("microsoft.policy_id", "wants a UUID")
			}
			if len(m.AllowedTenants) > 0 {
				fail("microsoft.allowed_tenants", "cannot stand beside policy_id: tenant restrictions v2 keep the list in Entra")
			}
		case len(m.AllowedTenants) == 0:
			fail("microsoft.allowed_tenants", "wants at least one tenant, or set policy_id")
		}
		list("microsoft.allowed_tenants", m.AllowedTenants,
			func(s string) bool { return isUUID(s) || isDomain(s) }, "a verified domain or a directory id")
	}
	if g := t.Google; g != nil {
		list("google.allowed_domains", g.AllowedDomains,
			func(s string) bool { return slices.Contains(googleTokens, s) || isDomain(s) }, "a domain, consumer_accounts or visitor_accounts")
		if !slices.ContainsFunc(g.AllowedDomains, isDomain) {
			fail("google.allowed_domains", "wants at least one domain")
		}
	}
	if o := t.OpenAI; o != nil {
		if len(o.WorkspaceIDs)+len(o.OrganizationIDs) == 0 {
			fail("openai", "wants workspace_ids or organization_ids")
		}
		list("openai.workspace_ids", o.WorkspaceIDs, isUUID, "a UUID")
		list("openai.organization_ids", o.OrganizationIDs, isOrg, "an id such as org-AbC123")
	}
	if a := t.Anthropic; a != nil {
		if len(a.OrganizationIDs) == 0 {
			fail("anthropic.organization_ids", "wants at least one")
		}
		list("anthropic.organization_ids", a.OrganizationIDs, isUUID, "a UUID")
	}
	return errs
}

// errDomain is not shown; isDomain asks only whether there is an error.
var errDomain = errors.New("not a domain")

func isDomain(s string) bool { return checkDomain(s) == nil }

// checkDomain demands a plain domain of at least two labels, as it would stand
// after an @.
func checkDomain(s string) error {
	t, err := destination.ParseHost(s)
	if err != nil {
		return err
	}
	if t.IP.IsValid() || !strings.Contains(t.Host, ".") || !strings.EqualFold(s, t.Host) || strings.Contains(s, "_") {
		return errDomain
	}
	return nil
}

package tenant

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// Blocks are the values that are configured, by block and key. A block that is
// not there restricts nothing.
type Blocks map[string]map[string][]string

// key is one key of a block.
type key struct {
	block, name string
	form        form
	most        int // values; 0: as many as one header holds
}

// form is what a value must look like.
type form struct {
	wants string
	ok    func(string) bool
	exact bool // upper and lower case make two values
}

// keys is the table of all keys.
var keys = []key{
	{"microsoft", "tenant_id", directory, 1},
	{"microsoft", "policy_id", uuid, 1},
	{"microsoft", "allowed_tenants", form{wants: "a verified domain or a directory id", ok: either(isDirectory, isDomain)}, 0},
	{"google", "allowed_domains", form{wants: "a Workspace domain, consumer_accounts or visitor_accounts", ok: either(isGoogleToken, isWorkspaceDomain)}, 0},
	{"gemini_code_assist", "allowed_domains", domain, 0},
	{"google_cloud", "organizations", matching("the number of an organisation", `[1-9][0-9]{0,18}`), 0},
	{"google_cloud", "options", oneOf("strict", "cloudStorageReadAllowed"), 1},
	{"openai", "workspace_ids", uuid, 0},
	{"openai", "organization_ids", matching("an id such as org-AbC123", `org-[A-Za-z0-9]+`), 0},
	{"openai", "organization_names", form{wants: "a name such as acme-x1y2z3, as the openai-organization header of replies shows it", ok: isOrganizationName, exact: true}, 0},
	{"openai", "api_key_fingerprints", fingerprint, 0},
	{"anthropic", "organization_ids", uuid, 0},
	{"anthropic", "api_key_fingerprints", fingerprint, 0},
	{"github", "enterprise", matching("an enterprise id", `[A-Za-z0-9][A-Za-z0-9_-]*`), 20},
	{"slack", "workspaces", slackID, 0},
	{"slack", "requester", slackID, 1},
	{"dropbox", "team_ids", matching("a team id", `[A-Za-z0-9][A-Za-z0-9:_-]*`), 0},
	{"notion", "workspace_ids", matching("a workspace id, a UUID", `[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}`), 0},
	{"webex", "allowed_domains", domain, 0},
	{"zoom", "policy", matching("the label that Zoom issued", `[!-+\--~]+`), 1},
	{"ibm_cloud", "account_ids", matching("an account id, 32 hex digits", `[0-9a-fA-F]{32}`), 0},
	{"youtube", "restrict", oneOf("Strict", "Moderate"), 1},
	{"azure", "resources", matching("the name of a resource", `[A-Za-z0-9][A-Za-z0-9-]{0,62}`), 0},
}

// needs are keys of which at least one must be given in a block.
var needs = []struct {
	block string
	keys  []string
}{
	{"microsoft", []string{"tenant_id"}},
	{"microsoft", []string{"allowed_tenants", "policy_id"}},
	{"google", []string{"allowed_domains"}},
	{"gemini_code_assist", []string{"allowed_domains"}},
	{"google_cloud", []string{"organizations"}},
	{"openai", []string{"workspace_ids", "organization_ids", "organization_names", "api_key_fingerprints"}},
	{"anthropic", []string{"organization_ids", "api_key_fingerprints"}},
	{"github", []string{"enterprise"}},
	{"slack", []string{"workspaces"}},
	{"slack", []string{"requester"}}, // without it Slack restricts nothing
	{"dropbox", []string{"team_ids"}},
	{"notion", []string{"workspace_ids"}},
	{"webex", []string{"allowed_domains"}},
	{"zoom", []string{"policy"}},
	{"ibm_cloud", []string{"account_ids"}},
	{"youtube", []string{"restrict"}},
	{"azure", []string{"resources"}},
}

// maxHeaderValue is what common servers accept in one header line, in bytes.
const maxHeaderValue = 8 << 10

// validate reports everything that is wrong with the values, with their paths.
func (b Blocks) validate() []error {
	v := &validator{}
	for _, block := range slices.Sorted(maps.Keys(b)) {
		for _, name := range slices.Sorted(maps.Keys(b[block])) {
			at := slices.IndexFunc(keys, func(k key) bool { return k.block == block && k.name == name })
			if at < 0 {
				v.fail(block+"."+name, "unknown key")
				continue
			}
			v.list(keys[at], b[block][name])
		}
	}
	for _, need := range needs {
		given := func(key string) bool { return len(b[need.block][key]) > 0 }
		switch path := need.block + "." + need.keys[0]; {
		case b[need.block] == nil || slices.ContainsFunc(need.keys, given):
		case len(need.keys) == 1:
			v.fail(path, "is missing")
		default:
			v.fail(need.block, "wants "+strings.Join(need.keys, " or "))
		}
	}
	b.together(v)
	return v.errs
}

// together judges values that are right by themselves.
func (b Blocks) together(v *validator) {
	microsoft, google := b["microsoft"], b["google"]
	if len(microsoft["policy_id"]) > 0 && len(microsoft["allowed_tenants"]) > 0 {
		v.fail("microsoft.allowed_tenants", "cannot stand beside policy_id: tenant restrictions v2 keep the list in Entra")
	}
	if domains := google["allowed_domains"]; len(domains) > 0 && !slices.ContainsFunc(domains, isWorkspaceDomain) {
		v.fail("google.allowed_domains", "wants at least one domain")
	}
}

type validator struct{ errs []error }

func (v *validator) fail(path, text string) {
	v.errs = append(v.errs, fmt.Errorf("tenants.%s: %s", path, text))
}

func (v *validator) list(k key, list []string) {
	path, size := k.block+"."+k.name, 0
	if k.most > 0 && len(list) > k.most {
		v.fail(path, fmt.Sprintf("has %d values, %d is the most", len(list), k.most))
	}
	for i, value := range list {
		size += len(value) + 2
		at := path
		if k.most != 1 {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		if !k.form.ok(value) {
			v.fail(at, "wants "+k.form.wants)
		}
		same := func(other string) bool { return value == other || !k.form.exact && strings.EqualFold(value, other) }
		if slices.ContainsFunc(list[:i], same) {
			v.fail(at, "is given twice")
		}
	}
	if size > maxHeaderValue {
		v.fail(path, "is longer than one header can be")
	}
}

var (
	uuidForm        = whole(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
	nameForm        = whole(`[a-z0-9][a-z0-9_-]*`)
	fingerprintForm = whole(fingerprintPrefix + `[0-9a-f]{32}`)

	uuid        = form{wants: "a UUID", ok: uuidForm.MatchString}
	directory   = form{wants: "the directory id, a UUID", ok: isDirectory}
	domain      = form{wants: "a domain", ok: isDomain}
	slackID     = matching("a workspace or organisation id such as T012AB3CD", `[TE][A-Z0-9]{7,}`)
	fingerprint = form{wants: "what sluice tenants fingerprint prints", ok: fingerprintForm.MatchString}
)

// consumerTenant is the directory of all personal Microsoft accounts
// (learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
const consumerTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"

func isDirectory(s string) bool {
	return uuidForm.MatchString(s) && !strings.EqualFold(s, consumerTenant)
}

// googleTokens widen Google's list and are no domains. gserviceaccounts.com is
// one too, and looks like a domain.
var googleTokens = []string{"consumer_accounts", "visitor_accounts"}

func isGoogleToken(s string) bool { return slices.Contains(googleTokens, s) }

// isWorkspaceDomain leaves out the domains of personal accounts, which
// consumer_accounts stands for.
func isWorkspaceDomain(s string) bool { return isDomain(s) && !isGmail(s) }

func isGmail(s string) bool {
	return strings.EqualFold(s, "gmail.com") || strings.EqualFold(s, "googlemail.com")
}

// isOrganizationName knows the names that OpenAI shows in replies instead of
// ids. A personal organisation's begins with user-.
func isOrganizationName(s string) bool {
	return nameForm.MatchString(s) && !strings.HasPrefix(s, "org-") && !strings.HasPrefix(s, "proj_")
}

// isDomain demands a plain domain of at least two labels, as it would stand after
// an @.
func isDomain(s string) bool {
	t, err := destination.ParseHost(s)
	return err == nil && !t.IP.IsValid() && strings.Contains(t.Host, ".") && strings.EqualFold(s, t.Host) && !strings.Contains(s, "_")
}

func either(a, b func(string) bool) func(string) bool {
	return func(s string) bool { return a(s) || b(s) }
}

func oneOf(values ...string) form {
	return form{wants: strings.Join(values, " or "), ok: func(s string) bool { return slices.Contains(values, s) }, exact: true}
}

// matching is a form by a pattern. The ids of the vendors are no names: case counts.
func matching(wants, pattern string) form {
	return form{wants: wants, ok: whole(pattern).MatchString, exact: true}
}

func whole(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

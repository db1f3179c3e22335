package destination

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The kinds of match. An exact pattern covers one host; a suffix the host and
// its sub-domains; in a glob a star stands for one or more labels.
const (
	MatchExact  = "exact"
	MatchSuffix = "suffix"
	MatchGlob   = "glob"
)

// The states of sanction.
const (
	Sanctioned   = "sanctioned"
	Tolerated    = "tolerated"
	Unsanctioned = "unsanctioned"
	Unreviewed   = "unreviewed"
)

var (
	sanctions = []string{Sanctioned, Tolerated, Unsanctioned, Unreviewed}
	roles     = []string{"web", "api", "auth", "asset", "upload"}
)

//go:embed catalogue.json
var embedded []byte

// An App is a service in the catalogue. Apps are shared: do not change them.
type App struct {
	ID, Name, Vendor, Category string
	Country                    string // of the headquarters, two letters; "" when unknown
	Sanction                   string // sanctioned, tolerated, unsanctioned or unreviewed
	Risk                       int    // 0 to 100, see the table in risk.go unless an overlay says otherwise
	Wire                       string // a wire format, a prefix of several ("openai-*"), or ""
	Tags                       []string
}

// A Match says which pattern of which app covers a host.
type Match struct {
	App        *App
	Role       string // web, api, auth, asset or upload
	Kind       string // exact, suffix or glob
	Pattern    string
	PathPrefix string // "" for the whole host; a star stands for one segment
	Mixed      bool   // the host serves more than AI and no path tells which: tunnelled, unless configured otherwise
}

// CatalogueOptions are what a configuration adds to the embedded catalogue.
type CatalogueOptions struct {
	Overlays     []Overlay
	Sanctioned   []string // app ids; the three lists win over overlays
	Tolerated    []string
	Unsanctioned []string
	InspectMixed []string // mixed hosts that are to be intercepted; a leading dot: sub-domains too
}

// An Overlay is a file in the form of the embedded catalogue: {"entries":
// [...]}. For an id that exists, the given fields replace and hosts replace
// whole; other ids are added at the end.
type Overlay struct {
	Name string // for errors
	JSON []byte
}

// A Catalogue finds the service behind a host. It is immutable.
type Catalogue struct {
	apps    []*App
	byID    map[string]*App
	matches []Match // all, in the order of the files
	names   map[string]*named
	globs   map[string][]globbed // by the literal labels after the last star
	inspect []HostPattern        // below mixed patterns
}

// named is what one pattern text claims.
type named struct {
	self []Match // for the host itself: exact and suffix
	sub  []Match // for its sub-domains: suffix
}

type globbed struct {
	pattern string
	matches []Match
}

// NewCatalogue merges the embedded catalogue with the options. It reports
// everything that is wrong with them, joined.
func NewCatalogue(opts CatalogueOptions) (*Catalogue, error) {
	entries, errs := decodeEntries(embedded)
	position := make(map[string]int, len(entries))
	for i, e := range entries {
		position[e.ID] = i
	}
	for _, overlay := range opts.Overlays {
		over, problems := decodeEntries(overlay.JSON)
		for _, e := range over {
			if i, ok := position[e.ID]; ok {
				entries[i] = merge(entries[i], e)
				continue
			}
			if e.Hosts == nil {
				problems = append(problems, fmt.Errorf("%q: a new id wants hosts", e.ID))
				continue
			}
			position[e.ID] = len(entries)
			entries = append(entries, e)
		}
		for _, p := range problems {
			errs = append(errs, fmt.Errorf("destination: read catalogue %s: %w", overlay.Name, p))
		}
	}
	sanction, problems := sanctionLists(opts, position)
	errs = append(errs, problems...)

	c := &Catalogue{byID: map[string]*App{}, names: map[string]*named{}, globs: map[string][]globbed{}}
	for _, e := range entries {
		c.add(e, sanction[e.ID])
	}
	errs = append(errs, c.unmix(opts.InspectMixed)...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	c.index()
	return c, nil
}

// Candidates returns all matches for a normalised host, the most specific
// pattern first, and under one pattern the owner first; nil when the catalogue
// does not know the host. The result is shared: do not change it.
func (c *Catalogue) Candidates(host string) []Match {
	var (
		found   []Match
		owned   bool // found is a copy
		globbed bool // found in another order than that of length
	)
	take := func(more []Match) {
		if found == nil {
			found = more
			return
		}
		if !owned {
			found, owned = slices.Clone(found), true
		}
		found = append(found, more...)
	}
	for rest, more := host, true; more; _, rest, more = strings.Cut(rest, ".") {
		if n := c.names[rest]; n != nil {
			if len(rest) == len(host) {
				take(n.self)
			} else if len(n.sub) > 0 {
				take(n.sub)
			}
		}
		for _, g := range c.globs[rest] {
			if matchGlob(g.pattern, host) {
				take(g.matches)
				globbed = true
			}
		}
	}
	if globbed && len(found) > 1 {
		if !owned {
			found, owned = slices.Clone(found), true
		}
		slices.SortStableFunc(found, byPattern)
	}
	if len(c.inspect) > 0 && found != nil && anyPattern(c.inspect, host) {
		if !owned {
			found = slices.Clone(found)
		}
		for i := range found {
			found[i].Mixed = false
		}
	}
	return found
}

// byPattern orders the longest pattern first, and at equal length exact before
// suffix before glob. Patterns of one text stay as they are: their order is
// that of ownership.
func byPattern(a, b Match) int {
	if d := len(b.Pattern) - len(a.Pattern); d != 0 {
		return d
	}
	glob := func(m Match) int {
		if m.Kind == MatchGlob {
			return 1
		}
		return 0
	}
	return glob(a) - glob(b)
}

// Apps returns all services in the order of the files.
func (c *Catalogue) Apps() []*App { return slices.Clone(c.apps) }

// App returns the service with an id, or nil.
func (c *Catalogue) App(id string) *App { return c.byID[id] }

// Matches returns every pattern of every service in the order of the files.
func (c *Catalogue) Matches() []Match { return slices.Clone(c.matches) }

// merge lays an overlay's entry over an older one.
func merge(under, over *entry) *entry {
	e := *under
	set(&e.Name, over.Name)
	set(&e.Vendor, over.Vendor)
	set(&e.Category, over.Category)
	set(&e.Country, over.Country)
	set(&e.Hosts, over.Hosts)
	set(&e.Wire, over.Wire)
	set(&e.Sanction, over.Sanction)
	set(&e.Risk, over.Risk)
	set(&e.Tier, over.Tier)
	set(&e.Confidence, over.Confidence)
	set(&e.Trains, over.Trains)
	set(&e.SOC2, over.SOC2)
	set(&e.Enterprise, over.Enterprise)
	return &e
}

func set[T any](to **T, from *T) {
	if from != nil {
		*to = from
	}
}

// sanctionLists reads the three lists of app ids.
func sanctionLists(opts CatalogueOptions, known map[string]int) (map[string]string, []error) {
	var errs []error
	sanction := map[string]string{}
	for _, list := range []struct {
		name string
		ids  []string
	}{{Sanctioned, opts.Sanctioned}, {Tolerated, opts.Tolerated}, {Unsanctioned, opts.Unsanctioned}} {
		for i, id := range list.ids {
			switch _, ok := known[id]; {
			case !ok:
				errs = append(errs, fmt.Errorf("destinations.%s[%d]: the catalogue has no app %q", list.name, i, id))
			case sanction[id] != "" && sanction[id] != list.name:
				errs = append(errs, fmt.Errorf("destinations.%s[%d]: %q is also in destinations.%s", list.name, i, id, sanction[id]))
			}
			sanction[id] = list.name
		}
	}
	return sanction, errs
}

// add turns an entry into an app and its matches.
func (c *Catalogue) add(e *entry, sanction string) {
	app := &App{
		ID: e.ID, Name: deref(e.Name), Vendor: deref(e.Vendor), Category: deref(e.Category),
		Country: deref(e.Country), Wire: deref(e.Wire), Sanction: sanction,
	}
	if app.Name == "" {
		app.Name = app.ID
	}
	if app.Sanction == "" {
		app.Sanction = deref(e.Sanction)
	}
	if app.Sanction == "" {
		app.Sanction = Unreviewed
	}
	if app.Risk = computeRisk(e); e.Risk != nil {
		app.Risk = *e.Risk
	}
	if e.Trains != nil && *e.Trains {
		app.Tags = append(app.Tags, "trains_by_default")
	}
	c.apps = append(c.apps, app)
	c.byID[app.ID] = app

	for _, h := range *e.Hosts {
		m := Match{App: app, Role: h.Role, Kind: h.Match, Pattern: h.Pattern}
		m.Mixed = h.Shared && len(h.Prefixes) == 0
		if len(h.Prefixes) == 0 {
			c.matches = append(c.matches, m)
		}
		for _, m.PathPrefix = range h.Prefixes {
			c.matches = append(c.matches, m)
		}
	}
}

// unmix takes the mixed mark from the patterns that the list names, and
// remembers the hosts below mixed patterns.
func (c *Catalogue) unmix(list []string) []error {
	var mixed []*Match
	for i := range c.matches {
		if c.matches[i].Mixed {
			mixed = append(mixed, &c.matches[i])
		}
	}
	patterns, errs := parseHostPatterns("destinations.inspect_mixed", list)
	for _, p := range patterns {
		known := false
		for _, m := range mixed {
			switch {
			case m.Pattern == p.Host:
				m.Mixed, known = false, true
			case m.Kind == MatchSuffix && isSubdomain(p.Host, m.Pattern), m.Kind == MatchGlob && matchGlob(m.Pattern, p.Host):
				c.inspect = append(c.inspect, p)
				known = true
			}
		}
		if !known {
			errs = append(errs, fmt.Errorf("destinations.inspect_mixed: %q is not a shared host of the catalogue", p))
		}
	}
	return errs
}

// index builds the maps that Candidates walks.
func (c *Catalogue) index() {
	order := make(map[*App]int, len(c.apps))
	for i, app := range c.apps {
		order[app] = i
	}
	for _, m := range c.matches {
		if m.Kind == MatchGlob {
			tail := globTail(m.Pattern)
			at := slices.IndexFunc(c.globs[tail], func(g globbed) bool { return g.pattern == m.Pattern })
			if at < 0 {
				c.globs[tail] = append(c.globs[tail], globbed{pattern: m.Pattern})
				at = len(c.globs[tail]) - 1
			}
			c.globs[tail][at].matches = append(c.globs[tail][at].matches, m)
			continue
		}
		n := c.names[m.Pattern]
		if n == nil {
			n = &named{}
			c.names[m.Pattern] = n
		}
		n.self = append(n.self, m)
		if m.Kind == MatchSuffix {
			n.sub = append(n.sub, m)
		}
	}
	// Under one pattern: the owner first; of one entry exact before suffix, then
	// the longest path prefix.
	specific := func(a, b Match) int {
		return cmp.Or(
			cmp.Compare(order[a.App], order[b.App]),
			strings.Compare(a.Kind, b.Kind), // "exact" < "suffix"
			len(b.PathPrefix)-len(a.PathPrefix),
		)
	}
	for _, n := range c.names {
		slices.SortStableFunc(n.self, specific)
		slices.SortStableFunc(n.sub, specific)
		n.self, n.sub = slices.Clip(n.self), slices.Clip(n.sub)
	}
	for _, globs := range c.globs {
		for i := range globs {
			slices.SortStableFunc(globs[i].matches, specific)
			globs[i].matches = slices.Clip(globs[i].matches)
		}
	}
}

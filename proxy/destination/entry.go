package destination

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// entry is a service in catalogue.json or in an overlay. A field that is absent
// or null is not given; in an overlay it leaves what was there.
type entry struct {
	ID         string       `json:"id"`
	Name       *string      `json:"name"`
	Vendor     *string      `json:"vendor"`
	Category   *string      `json:"category"`
	Country    *string      `json:"country"`
	Hosts      *[]entryHost `json:"hosts"`
	Wire       *string      `json:"wire_format"`
	Sanction   *string      `json:"sanction"`
	Risk       *int         `json:"risk"`
	Tier       *string      `json:"tier"`
	Confidence *string      `json:"confidence"`
	Trains     *bool        `json:"trains_by_default"`
	SOC2       *bool        `json:"soc2"`
	Enterprise *bool        `json:"enterprise_tier"`
}

type entryHost struct {
	Pattern  string   `json:"pattern"`
	Match    string   `json:"match"` // exact, suffix (the default) or glob
	Role     string   `json:"role"`  // web (the default), api, auth, asset or upload
	Prefixes []string `json:"path_prefixes"`
	Shared   bool     `json:"shared"`
}

const (
	maxOverlay = 16 << 20 // bytes
	maxText    = 200      // bytes of a name
)

// decodeEntries reads a catalogue file strictly and reports everything wrong
// with it. Entries that are wrong are left out of the result.
func decodeEntries(data []byte) ([]*entry, []error) {
	if len(data) > maxOverlay {
		return nil, []error{fmt.Errorf("larger than %d bytes", maxOverlay)}
	}
	var file struct {
		Provenance json.RawMessage   `json:"provenance"`
		Entries    []json.RawMessage `json:"entries"`
	}
	if err := decodeStrict(data, &file); err != nil {
		return nil, []error{err}
	}
	var (
		entries []*entry
		errs    []error
		seen    = map[string]bool{}
	)
	for i, raw := range file.Entries {
		e := &entry{}
		if err := decodeStrict(raw, e); err != nil {
			errs = append(errs, fmt.Errorf("entries[%d]: %w", i, err))
			continue
		}
		problems := e.normalise()
		if seen[e.ID] {
			problems = append(problems, errors.New("id: given twice in this file"))
		}
		seen[e.ID] = true
		for _, p := range problems {
			errs = append(errs, fmt.Errorf("entries[%d] (%q): %w", i, e.ID, p))
		}
		if len(problems) == 0 {
			entries = append(entries, e)
		}
	}
	return entries, errs
}

func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end")
	}
	return nil
}

// normalise brings the values to one spelling and reports what is wrong.
func (e *entry) normalise() []error {
	var errs []error
	if e.ID == "" || len(e.ID) > 64 || strings.Trim(e.ID, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		errs = append(errs, errors.New("id: wants 1 to 64 of a-z, 0-9, hyphen, dot and underscore"))
	}
	for _, text := range []struct {
		name  string
		value *string
	}{{"name", e.Name}, {"vendor", e.Vendor}, {"category", e.Category}, {"country", e.Country}, {"wire_format", e.Wire}} {
		if len(deref(text.value)) > maxText {
			errs = append(errs, fmt.Errorf("%s: longer than %d bytes", text.name, maxText))
		}
	}
	if c := deref(e.Country); c != "" && (len(c) != 2 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		errs = append(errs, errors.New("country: wants two capital letters"))
	}
	if e.Sanction != nil && !slices.Contains(sanctions, *e.Sanction) {
		errs = append(errs, fmt.Errorf("sanction: wants one of %s", strings.Join(sanctions, ", ")))
	}
	if e.Risk != nil && (*e.Risk < 0 || *e.Risk > 100) {
		errs = append(errs, errors.New("risk: wants 0 to 100"))
	}
	if e.Hosts != nil && len(*e.Hosts) == 0 {
		errs = append(errs, errors.New("hosts: wants at least one"))
	}
	if e.Hosts != nil {
		for i := range *e.Hosts {
			for _, err := range (*e.Hosts)[i].normalise() {
				errs = append(errs, fmt.Errorf("hosts[%d]: %w", i, err))
			}
		}
	}
	return errs
}

func (h *entryHost) normalise() []error {
	var errs []error
	if h.Match == "" {
		h.Match = MatchSuffix
	}
	if h.Role == "" {
		h.Role = "web"
	}
	if !slices.Contains(roles, h.Role) {
		errs = append(errs, fmt.Errorf("role: wants one of %s", strings.Join(roles, ", ")))
	}
	switch h.Match {
	case MatchExact, MatchSuffix:
		t, err := ParseHost(h.Pattern)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("pattern: %w", err))
		case h.Match == MatchSuffix && (t.IP.IsValid() || !strings.Contains(t.Host, ".")):
			errs = append(errs, errors.New("pattern: a suffix wants a name of at least two labels"))
		default:
			h.Pattern = t.Host
		}
	case MatchGlob:
		pattern, err := normaliseGlob(h.Pattern)
		if err != nil {
			errs = append(errs, fmt.Errorf("pattern: %w", err))
		} else {
			h.Pattern = pattern
		}
	default:
		errs = append(errs, errors.New("match: wants exact, suffix or glob"))
	}
	for i, prefix := range h.Prefixes {
		if !strings.HasPrefix(prefix, "/") || prefix == "/" || len(prefix) > maxText || strings.ContainsAny(prefix, " %?#\\;") || strings.Contains(prefix, "//") || strings.Contains(prefix, "/.") {
			errs = append(errs, fmt.Errorf("path_prefixes[%d]: wants a plain path such as /chat", i))
			continue
		}
		h.Prefixes[i] = strings.TrimSuffix(prefix, "/")
	}
	return errs
}

// normaliseGlob reads a host in which one or more labels are "*", each standing
// for one or more labels, or begin with "*-", where the star stands for the
// beginning of the label; at least two literal labels follow.
func normaliseGlob(pattern string) (string, error) {
	literal := strings.ReplaceAll(pattern, "*", "x")
	t, err := ParseHost(literal)
	if err != nil {
		return "", err
	}
	pattern = strings.TrimSuffix(strings.ToLower(pattern), ".")
	if t.IP.IsValid() || len(t.Host) != len(pattern) {
		return "", fmt.Errorf("a glob is written in ASCII: %w", ErrHost)
	}
	stars := 0
	for _, label := range strings.Split(pattern, ".") {
		if label == "*" {
			stars++
		} else if part, ok := strings.CutPrefix(label, "*-"); ok && part != "" && !strings.Contains(part, "*") {
			stars++
		} else if strings.Contains(label, "*") {
			return "", errors.New("a star stands for whole labels, or for the beginning of one before a hyphen")
		}
	}
	if stars == 0 || stars > 3 {
		return "", errors.New("a glob wants one to three stars")
	}
	if !strings.Contains(globTail(pattern), ".") {
		return "", errors.New("a glob wants at least two labels after the last star")
	}
	return pattern, nil
}

// globTail returns the literal labels after the last star.
func globTail(pattern string) string {
	_, tail, _ := strings.Cut(pattern[strings.LastIndexByte(pattern, '*'):], ".")
	return tail
}

// matchGlob reports whether a host fits a normalised glob. The work is bounded
// by the product of the lengths for one star, and stars are few.
func matchGlob(pattern, host string) bool {
	literal, rest, found := strings.Cut(pattern, "*")
	if !found {
		return host == pattern
	}
	host, ok := strings.CutPrefix(host, literal)
	if !ok {
		return false
	}
	inLabel := strings.HasPrefix(rest, "-")
	for i := 1; i < len(host); i++ { // at least one character, ending before a dot or a hyphen
		if inLabel && host[i-1] == '.' {
			return false
		}
		if host[i] == rest[0] && matchGlob(rest, host[i:]) {
			return true
		}
	}
	return false
}

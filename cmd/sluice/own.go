package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/custom"
	"github.com/sluice-proxy/sluice/classifiers/standard"
	"github.com/sluice-proxy/sluice/proxy/destination"
)

// findingsCache is the memory for findings of text that was seen before: the
// history that agents send again with each turn.
const findingsCache = 64 << 20

// newClassifiers makes the Set, or keeps the old one, with what it remembers, where
// the rules are the same. Those of a remote may have changed without our knowing.
func newClassifiers(s *secret, own *standard.Own, remote classifiers.Remote, mayFail bool, old *classifiers.Set) (*classifiers.Set, error) {
	set, err := standard.New(standard.Options{
		Key: s.derive("findings cache"), CacheBytes: findingsCache, Own: own, Remote: remote, RemoteMayFail: mayFail,
	})
	if err != nil {
		return nil, inOwnFile(err)
	}
	if remote == nil && old != nil && old.Snapshot() == set.Snapshot() {
		return old, nil
	}
	return set, nil
}

// ownKey is the key of indexes, fingerprints and hashes of allowed values: that of its
// own file, else one of the fleet's secret.
func ownKey(c *Config, fleet func() (*secret, error)) ([32]byte, error) {
	if c.Classifiers.KeyFile != "" {
		s, err := readKey("classifiers.key_file", c.Classifiers.KeyFile)
		if err != nil {
			return [32]byte{}, err
		}
		return *s, nil
	}
	s, err := fleet()
	if err != nil {
		return [32]byte{}, err
	}
	return s.derive("own data"), nil
}

// openOwn reads what classifiers.file names; of nothing it makes an Own that is empty.
// A nil catalogue knows every app.
func openOwn(c *Config, s *secret, catalogue *destination.Catalogue) (*standard.Own, error) {
	return openOwnWith(c, catalogue, func() (*secret, error) { return s, nil })
}

func openOwnWith(c *Config, catalogue *destination.Catalogue, fleet func() (*secret, error)) (*standard.Own, error) {
	none := &standard.Own{File: new(custom.File)}
	if c.Classifiers.File == "" {
		return none, nil
	}
	own, err := standard.OpenOwn(c.Classifiers.File, func() ([32]byte, error) { return ownKey(c, fleet) })
	if err == nil && catalogue != nil {
		err = knowApps(own.File, catalogue)
	}
	if err != nil {
		return none, inOwnFile(err)
	}
	return own, nil
}

// knowApps tells destinations that are neither an app of the catalogue nor a host.
func knowApps(f *custom.File, catalogue *destination.Catalogue) error {
	var errs []error
	check := func(list string, all []custom.Allowed) {
		for i, a := range all {
			for n, id := range a.Destinations {
				if !strings.Contains(id, ".") && catalogue.App(id) == nil {
					errs = append(errs, f.Errorf(custom.At("allow", list, i, "destinations", n), "no app has the id %q; ask `sluice catalogue lookup HOST`", id))
				}
			}
		}
	}
	check("values", f.Allow.Values)
	check("entities", f.Allow.Entities)
	return errors.Join(errs...)
}

// inOwnFile puts the key before each problem that does not name another.
func inOwnFile(err error) error {
	all := each(err)
	for i, one := range all {
		if key := keyOf(one); key != "classifiers.key_file" && key != "secret_file" {
			all[i] = fmt.Errorf("classifiers.file: %w", one)
		}
	}
	return errors.Join(all...)
}

// judgeOwn judges classifiers.file and all that it names, with the secret that is there.
func judgeOwn(c *Config, catalogue *destination.Catalogue) (*standard.Own, error) {
	own, err := openOwnWith(c, catalogue, func() (*secret, error) { return readSecret(c.SecretFile) })
	if err != nil || c.Classifiers.File == "" {
		return own, err
	}
	_, err = standard.New(standard.Options{Own: own})
	return own, inOwnFile(err)
}

// seeClassifiers looks at what the company tells of its own data.
func (d *doctor) seeClassifiers(context.Context) {
	own, err := judgeOwn(d.config, nil)
	switch {
	case err != nil:
		for _, one := range each(err) {
			d.fail("sluice classifiers test "+quote(d.config.Classifiers.File)+d.flags, "%v", one)
		}
	case d.config.Classifiers.File == "":
		d.ok("none of your own (classifiers.file)")
	default:
		d.ok("%s: %s", d.config.Classifiers.File, tellOwn(own))
	}
}

// tellOwn says in a line what there is.
func tellOwn(own *standard.Own) string {
	f := own.File
	words := 0
	for _, k := range f.Keywords {
		words += len(k.Words)
	}
	return fmt.Sprintf("%d keywords in %d lists, %d rules, %d indexes, %d sets of documents, %d values and %d entities allowed",
		words, len(f.Keywords), len(f.Rules), len(f.Exact), len(f.Documents), len(f.Allow.Values), len(f.Allow.Entities))
}

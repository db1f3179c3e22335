package standard

import (
	"errors"
	"os"
	"slices"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/custom"
	"github.com/sluice-proxy/sluice/classifiers/exact"
	"github.com/sluice-proxy/sluice/classifiers/fingerprint"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
)

// Own is what a company tells of its own data, ready for a Set. It never changes.
type Own struct {
	Families  []classifiers.Classifier // keyword, custom, exact, fingerprint: those that the file has something for
	Allowance *classifiers.Allowance
	Internal  []string // names of internal packages
	Labels    []string // names of the company's sensitivity labels
	File      *custom.File
}

// OpenOwn reads classifiers.yaml and every file that it names. The key is asked for
// only where hashes are used. The error joins all problems, with file and line.
func OpenOwn(name string, key func() ([32]byte, error)) (*Own, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	file, err := custom.Read(name, data)
	if err != nil {
		return nil, err
	}
	own := &Own{File: file, Families: file.Families(), Internal: file.InternalPackages, Labels: file.Labels}
	var secret [32]byte
	if len(file.Exact)+len(file.Documents)+len(file.Allow.Values) > 0 {
		if secret, err = key(); err != nil {
			return nil, err
		}
	}
	own.Allowance = newAllowance(secret, file.Allow)
	hash := keyed.NewKey(secret)
	err = errors.Join(own.addExact(hash), own.addDocuments(hash))
	if err != nil {
		return nil, err
	}
	return own, nil
}

func newAllowance(key [32]byte, allow custom.Allow) *classifiers.Allowance {
	var all []classifiers.Allowed
	for _, a := range slices.Concat(allow.Values, allow.Entities) {
		all = append(all, classifiers.Allowed{Entity: a.Entity, Hash: a.Hash, Destinations: a.Destinations})
	}
	return classifiers.NewAllowance(key, all)
}

func (own *Own) addExact(key *keyed.Key) error {
	var lists []exact.List
	var errs []error
	for i, e := range own.File.Exact {
		data, err := exact.Open(own.File.Path(e.File), key)
		if err != nil {
			errs = append(errs, own.File.Errorf(custom.At("exact", i, "file"), "%w", err))
			continue
		}
		list := exact.List{Name: e.Name, Entity: e.Entity, Data: data, Rules: e.Rules, Within: e.Within}
		if _, err := exact.New([]exact.List{list}); err != nil { // by itself, for its line
			errs = append(errs, own.File.Errorf(custom.At("exact", i, "rules"), "%w", err))
		}
		lists = append(lists, list)
	}
	if len(lists) == 0 || len(errs) > 0 {
		return errors.Join(errs...)
	}
	family, err := exact.New(lists)
	if err == nil {
		own.Families = append(own.Families, family)
	}
	return err
}

func (own *Own) addDocuments(key *keyed.Key) error {
	var lists []fingerprint.List
	var errs []error
	for i, d := range own.File.Documents {
		data, err := fingerprint.Open(own.File.Path(d.File), key)
		if err != nil {
			errs = append(errs, own.File.Errorf(custom.At("documents", i, "file"), "%w", err))
			continue
		}
		list := fingerprint.List{Name: d.Name, Entity: d.Entity, Data: data, Words: d.Words}
		if _, err := fingerprint.New([]fingerprint.List{list}); err != nil {
			errs = append(errs, own.File.Errorf(custom.At("documents", i, "words"), "%w", err))
		}
		lists = append(lists, list)
	}
	if len(lists) == 0 || len(errs) > 0 {
		return errors.Join(errs...)
	}
	family, err := fingerprint.New(lists)
	if err == nil {
		own.Families = append(own.Families, family)
	}
	return err
}

// fits tells what of the file does not go with the built-in families: an entity that is
// theirs, and one that is allowed and that nobody finds.
func (own *Own) fits(builtIn []classifiers.Classifier) error {
	family := map[string]string{}
	for _, c := range builtIn {
		d := c.Describe()
		for _, entity := range d.Entities {
			family[entity] = d.Family
		}
	}
	f, errs := own.File, []error(nil)
	taken := func(list string, i int, entity string) {
		if theirs := family[entity]; theirs != "" {
			errs = append(errs, f.Errorf(custom.At(list, i, "entity"), "%s is an entity of the built-in family %s: take another name", entity, theirs))
		}
	}
	for i, k := range f.Keywords {
		taken("keywords", i, k.Entity)
	}
	for i, r := range f.Rules {
		taken("rules", i, r.Entity)
	}
	for i, e := range f.Exact {
		taken("exact", i, e.Entity)
	}
	for i, d := range f.Documents {
		taken("documents", i, d.Entity)
	}
	for _, c := range own.Families {
		d := c.Describe()
		for _, entity := range d.Entities {
			family[entity] = d.Family
		}
	}
	for _, list := range []struct {
		key string
		all []custom.Allowed
	}{{"values", own.File.Allow.Values}, {"entities", own.File.Allow.Entities}} {
		for i, a := range list.all {
			if family[a.Entity] == "" {
				errs = append(errs, own.File.Errorf(custom.At("allow", list.key, i, "entity"), "nothing is found as %s", a.Entity))
			}
		}
	}
	return errors.Join(errs...)
}

package custom

import (
	"encoding/hex"
	"errors"
	"os"
	"regexp"
	"strings"
)

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	entityForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`)
)

const maxWithin = 1000

// checker collects problems.
type checker struct {
	file  *File
	errs  []error
	names map[string]bool   // "rules customer-number"
	owner map[string]string // of an entity: the list that it is in
}

func (c *checker) fail(path []any, format string, args ...any) {
	c.errs = append(c.errs, c.file.Errorf(path, format, args...))
}

// check reports what is wrong with the values, and compiles them.
func (f *File) check() error {
	c := &checker{file: f, names: map[string]bool{}, owner: map[string]string{}}
	for i := range f.Keywords {
		c.keyword(&f.Keywords[i], At("keywords", i))
	}
	for i := range f.Rules {
		c.rule(&f.Rules[i], At("rules", i))
	}
	for i, e := range f.Exact {
		path := At("exact", i)
		c.named(path, e.Name, e.Entity)
		if e.File == "" {
			c.fail(path, "wants a file, which `sluice classifiers index` makes")
		}
		if len(e.Rules) == 0 {
			c.fail(path, "wants rules: the columns of which values must be found together")
		}
		c.within(append(path, "within"), e.Within)
	}
	for i, d := range f.Documents {
		path := At("documents", i)
		c.named(path, d.Name, d.Entity)
		if d.File == "" {
			c.fail(path, "wants a file, which `sluice classifiers fingerprint` makes")
		}
	}
	for i, a := range f.Allow.Values {
		if b, err := hex.DecodeString(a.Hash); err != nil || len(b) != 16 || a.Hash != strings.ToLower(a.Hash) {
			c.fail(At("allow", "values", i, "hash"), "is no hash of `sluice classifiers allow`: 32 small hexadecimal digits")
		}
		c.allowed(At("allow", "values", i), a)
	}
	for i, a := range f.Allow.Entities {
		if a.Hash != "" {
			c.fail(At("allow", "entities", i, "hash"), "belongs under values: here all values of the entity are meant")
		}
		c.allowed(At("allow", "entities", i), a)
	}
	for i, name := range f.InternalPackages {
		if len(name) < 4 {
			c.fail(At("internal_packages", i), "%q is shorter than 4 bytes and stands in anybody's code", name)
		}
	}
	for i, label := range f.Labels {
		if len(strings.TrimSpace(label)) < 3 {
			c.fail(At("labels", i), "%q is shorter than 3 bytes", label)
		}
	}
	return errors.Join(c.errs...)
}

func (c *checker) allowed(path []any, a Allowed) {
	if !entityForm.MatchString(a.Entity) {
		c.fail(path, "wants an entity as in CREDIT_CARD, not %q", a.Entity)
	}
	for i, d := range a.Destinations {
		if d == "" {
			c.fail(append(path, "destinations", i), "is empty")
		}
	}
}

// named checks name and entity of an entry of a list.
func (c *checker) named(path []any, name, entity string) {
	list, _ := path[0].(string)
	switch {
	case !nameForm.MatchString(name):
		c.fail(path, "wants a name of small letters, digits and . _ -, not %q", name)
	case c.names[list+" "+name]:
		c.fail(append(path, "name"), "%q is the name of another entry", name)
	}
	c.names[list+" "+name] = true
	switch {
	case !entityForm.MatchString(entity):
		c.fail(path, "wants an entity as in PROJECT_NAME, not %q", entity)
	case c.owner[entity] != "" && c.owner[entity] != list:
		c.fail(append(path, "entity"), "%s stands under %s too; an entity is in one of them", entity, c.owner[entity])
	default:
		c.owner[entity] = list
	}
}

func (c *checker) within(path []any, within int) {
	if within < 0 || within > maxWithin {
		c.fail(path, "%d is not between 1 and %d bytes", within, maxWithin)
	}
}

func (c *checker) confidence(path []any, given *float64) {
	switch {
	case *given == 0:
		*given = 0.8
	case !(*given > 0 && *given <= 1):
		c.fail(path, "%v is not more than 0 and at most 1", *given)
	}
}

// lines reads a file of one word or phrase each line; # begins a comment.
func (c *checker) lines(path []any, name string) (words []string) {
	data, err := os.ReadFile(c.file.Path(name))
	if err != nil {
		c.fail(path, "%w", err)
		return nil
	}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			words = append(words, line)
		}
	}
	return words
}

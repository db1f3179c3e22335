package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A problem is what is wrong with one key of the configuration.
type problem struct {
	where string // file:line, or a variable of the environment; empty for values
	key   string // its path, as limits.body; empty for what is no key
	text  string
}

func (p *problem) Error() string {
	parts := slices.DeleteFunc([]string{p.where, p.key, p.text}, func(s string) bool { return s == "" })
	return strings.Join(parts, ": ")
}

// once joins what was found wrong in stages. Only the first stage that speaks of
// a key does so: a value that could not be read is not also out of range, and one
// that is out of range does not fail again where it is used.
func once(stages ...error) error {
	var all []error
	for _, stage := range stages {
		before := all
		for _, err := range each(stage) {
			key := keyOf(err)
			if !slices.ContainsFunc(before, func(told error) bool { return related(keyOf(told), key) }) {
				all = append(all, err)
			}
		}
	}
	return errors.Join(all...)
}

// each takes apart what errors.Join put together, and nothing else.
func each(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error }) // not errors.As: what wraps a join has a text of its own
	if !ok || err.Error() != errors.Join(joined.Unwrap()...).Error() {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, each(one)...)
	}
	return all
}

// keyOf is the key that an error is about: errors about values begin with it.
func keyOf(err error) string {
	var p *problem
	if errors.As(err, &p) {
		return p.key
	}
	key, _, _ := strings.Cut(err.Error(), ": ")
	return key
}

// related tells whether two keys are the same or one holds the other.
func related(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	rest, ok := strings.CutPrefix(b, a)
	return ok && a != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// under puts a key before each of the joined errors that does not begin with one
// of the same block.
func under(key string, err error) error {
	block, _, _ := strings.Cut(key, ".")
	all := each(err)
	for i, one := range all {
		if !strings.HasPrefix(one.Error(), block+".") {
			all[i] = fmt.Errorf("%s: %w", key, one)
		}
	}
	return errors.Join(all...)
}

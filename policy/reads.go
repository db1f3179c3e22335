package policy

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

// reads finds the fields that the verdicts of some packs can depend on, and whether their answers may be cached.
//
// It follows OPA's rule graph from the verdict rules and takes every reference to input in the compiled rules, cut at its
// first variable. A reference to part of a field counts as the field, one to a group as all its fields, `input` alone as
// everything. This is coarser than OPA's dependencies package, which follows variables, and so cannot miss a read.
func reads(c *ast.Compiler, phase string, packs []string) (fs []field, cacheable bool) {
	seen := map[util.T]struct{}{}
	read := make([]bool, len(fields))
	var follow func(rule util.T)
	follow = func(rule util.T) {
		if _, ok := seen[rule]; ok {
			return
		}
		seen[rule] = struct{}{}
		ast.WalkRefs(rule, func(ref ast.Ref) bool {
			if ref.HasPrefix(ast.InputRootRef) {
				markRead(read, ref.ConstantPrefix())
			}
			return false
		})
		for next := range c.Graph.Dependencies(rule) {
			follow(next)
		}
	}
	for _, pack := range packs {
		for _, rule := range c.GetRulesExact(ast.MustParseRef(verdictRef(phase, pack))) {
			follow(rule)
		}
	}
	cacheable = true
	for i, f := range fields {
		if read[i] {
			fs = append(fs, f)
			cacheable = cacheable && f.path != "request.id" && f.path != "request.time_ns"
		}
	}
	return fs, cacheable
}

func markRead(read []bool, ref ast.Ref) {
	words := make([]string, 0, len(ref)-1)
	for _, t := range ref[1:] {
		s, ok := t.Value.(ast.String)
		if !ok {
			break
		}
		words = append(words, string(s))
	}
	prefix := strings.Join(words, ".")
	for i, f := range fields {
		if prefix == "" || within(f.path, prefix) || within(prefix, f.path) {
			read[i] = true
		}
	}
}

// within reports whether the path is the prefix or stands below it.
func within(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+".")
}

package policy

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// However a rule reaches the input, the analysis sees it.
func TestReads(t *testing.T) {
	const content = "content.format content.matched content.model content.conversation content.parts content.inspected " +
		"content.opaque content.truncated content.unread_bytes content.language content.found content.entities content.entities_new " +
		"content.entities_other content.families content.labels content.files content.tools content.scores"
	for body, want := range map[string]string{
		`input.tenant.match == "foreign"`:                            "tenant.match",
		`input["tenant"]["match"] == "foreign"`:                      "tenant.match",
		`input.content.entities.X.count > 1`:                         "content.entities",
		`some e, f in input.content.entities; f.count > 1; e != "X"`: "content.entities",
		`"a" in input.identity.groups`:                               "identity.groups",
		`c := input.content; c.model == "x"`:                         content,
		`c := input; c.v == 1`:                                       "*",
		`input`:                                                      "*",
		`walk(input, [_, "x"])`:                                      "*",
		`k := "tenant"; input[k].match == "foreign"`:                 "*",
		`some k in ["match", "value"]; input.tenant[k] == "x"`:       "tenant.header tenant.value tenant.observed tenant.match",
		`count([1 | input.agent.present]) > 0`:                       "agent.present",
		`not input.agent.present`:                                    "agent.present",
		`every l in input.content.labels { l.rank < 2 }`:             "content.labels",
		`helper`:                                "session.prompts",
		`fn(1)`:                                 "session.leak_score",
		`alternative == 2`:                      "session.blocked_24h session.coached_24h",
		`lib.agreed`:                            "destination.sanction",
		`lib.limit("X").bulk > 1`:               "identity.department destination.app",
		`deep`:                                  "identity.device.managed",
		`sprintf("%v", [input.request.kind])`:   "request.kind",
		`indirect.a`:                            "identity.sub",
		`fn(1) with input.session.prompts as 3`: "session.leak_score session.prompts",
	} {
		text := `package sluice.request.p

import data.sluice.lib

# METADATA
# title: A rule
# labels: {rule: p.r}
# custom: {severity: low, remediation: x}
verdict contains {"id": "p.r", "action": "block"} if { ` + body + ` }

helper if input.session.prompts > 1

fn(x) if input.session.leak_score > x

alternative := 1 if input.session.blocked_24h > 1

else := 2 if input.session.coached_24h > 1

deep if {
	some x in [y | y := inner]
	x
}

inner := input.identity.device.managed

indirect.a if input.identity.sub == "x"

uses_lib if lib.brings_content
`
		t.Run(body, func(t *testing.T) {
			dir := fstest.MapFS{
				"connect/c.rego":  {Data: []byte("package sluice.connect.c\n")},
				"request/p.rego":  {Data: []byte(text)},
				"response/r.rego": {Data: []byte("package sluice.response.r\n")},
			}
			for _, name := range []string{"data/limits.json", "data/settings.json", "data/other.json"} {
				body, err := fs.ReadFile(packs, name)
				if err != nil {
					t.Fatal(err)
				}
				dir[name] = &fstest.MapFile{Data: body}
			}
			s, err := Load(context.Background(), Source{Embedded: packs, Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			var got, all []string
			for _, f := range s.phases[PhaseRequest].reads {
				got = append(got, f.path)
			}
			for _, f := range fields {
				all = append(all, f.path)
			}
			words := strings.Fields(want)
			if want == "*" {
				words = all
			}
			for _, w := range words {
				if !slices.Contains(got, w) {
					t.Errorf("%s is not among %v", w, got)
				}
			}
			if len(got) != len(words) {
				t.Errorf("got %v, want %v", got, words)
			}
			for _, path := range append(all, "identity", "identity.group", "nothing") {
				want := slices.ContainsFunc(got, func(read string) bool {
					return read == path || path == "identity" && strings.HasPrefix(read, "identity.")
				})
				if s.Reads(PhaseRequest, path) != want || s.Reads(PhaseConnect, path) || s.Reads("no phase", path) {
					t.Errorf("it reads %s: %v", path, !want)
				}
			}
		})
	}
}

// The packs that ship read no groups: who has more of them than a token lists gets to
// the services without a directory.
func TestPacksReadNoGroups(t *testing.T) {
	s, err := Load(context.Background(), Source{Embedded: packs})
	if err != nil {
		t.Fatal(err)
	}
	for _, phase := range phases {
		if s.Reads(phase, "identity.groups") {
			t.Errorf("%s reads identity.groups", phase)
		}
	}
}

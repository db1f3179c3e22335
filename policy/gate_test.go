package policy

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// ruled is a snapshot with the given rules, enforced and of the request phase unless they say otherwise.
func ruled(list ...known) *Snapshot {
	s := &Snapshot{revision: "r", rules: map[string]known{}}
	for _, k := range list {
		if k.Mode == "" {
			k.Mode = ModeEnforce
		}
		if k.phase == "" {
			k.phase = PhaseRequest
		}
		s.rules[k.ID] = k
	}
	return s
}

func rule(id, severity string) known {
	return known{Rule: Rule{ID: id, Severity: severity, Remediation: "do " + id}}
}

func TestGate(t *testing.T) {
	set := func(entities ...string) []string { return append([]string{}, entities...) }
	satisfied := Circumstances{Satisfied: func(v *Verdict) Satisfaction { return map[bool]Satisfaction{true: Satisfied}[v.ID == "a"] }}
	cases := []struct {
		name     string
		verdicts []Verdict
		c        Circumstances
		in       func(*Input)
		want     Decision // Action, Redact, Style, Message, ACRS, SafeHarbour, Obligations
	}{
		{name: "nothing said", want: Decision{Action: ActionAllow}},
		{name: "allow", verdicts: []Verdict{{ID: "a", Action: ActionAllow}}, want: Decision{Action: ActionAllow, Message: "do a"}},
		{name: "the strongest wins", want: Decision{Action: ActionBlock, Message: "do c"},
			verdicts: []Verdict{{ID: "a", Action: ActionCoach}, {ID: "b", Action: ActionStepUp}, {ID: "c", Action: ActionBlock}}},
		{name: "coach is weaker than justify", want: Decision{Action: ActionJustify, Message: "do b"},
			verdicts: []Verdict{{ID: "a", Action: ActionCoach}, {ID: "b", Action: ActionJustify}}},
		{name: "step up is stronger than justify", want: Decision{Action: ActionStepUp, Message: "do b", ACRS: set("c1", "c2")},
			verdicts: []Verdict{{ID: "a", Action: ActionJustify}, {ID: "b", Action: ActionStepUp, ACRS: set("c2", "c1")}}},
		{name: "redact is the union", want: Decision{Action: ActionRedact, Redact: set("A", "B", "C"), Style: "pseudonym", Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact, Redact: set("B", "C")}, {ID: "b", Action: ActionAllow, Redact: set("A", "B")}}},
		{name: "redact stands beside a gate", want: Decision{Action: ActionCoach, Redact: set("A"), Style: "pseudonym", Message: "do b"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact, Redact: set("A")}, {ID: "b", Action: ActionCoach}}},
		{name: "mask beats pseudonym", want: Decision{Action: ActionRedact, Redact: set("A", "B"), Style: "mask", Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact, Redact: set("A"), Style: "mask"}, {ID: "b", Action: ActionRedact, Redact: set("B"), Style: "pseudonym"}}},
		{name: "a style without redaction is nothing", want: Decision{Action: ActionAllow, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionAllow, Style: "mask"}}},
		{name: "redact nothing is block", want: Decision{Action: ActionBlock, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact, Redact: set()}}},
		{name: "redact without a set is block", want: Decision{Action: ActionBlock, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact}}},
		{name: "allow that redacts nothing is block", want: Decision{Action: ActionBlock, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionAllow, Redact: set()}}},
		{name: "unrewritable is block", want: Decision{Action: ActionBlock, Redact: set("A", "B"), Style: "pseudonym", Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact, Redact: set("A", "B")}}, c: Circumstances{Unrewritable: set("B")}},
		{name: "another entity may be unrewritable", want: Decision{Action: ActionRedact, Redact: set("A"), Style: "pseudonym", Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact, Redact: set("A")}}, c: Circumstances{Unrewritable: set("B")}},
		{name: "truncated cannot be redacted", want: Decision{Action: ActionBlock, Redact: set("A"), Style: "pseudonym", Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionRedact, Redact: set("A")}}, in: func(in *Input) { in.Content.Truncated = true }},
		{name: "nobody can answer a coach", want: Decision{Action: ActionBlock, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionCoach}}, in: func(in *Input) { in.Identity.Authenticated = false }},
		{name: "satisfied is allow", want: Decision{Action: ActionAllow, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionCoach}}, c: satisfied},
		{name: "satisfied still redacts", want: Decision{Action: ActionRedact, Redact: set("A"), Style: "pseudonym", Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionCoach, Redact: set("A")}}, c: satisfied},
		{name: "satisfied is not for the others", want: Decision{Action: ActionCoach, Message: "do b"},
			verdicts: []Verdict{{ID: "a", Action: ActionJustify}, {ID: "b", Action: ActionCoach}}, c: satisfied},
		{name: "a satisfied step up asks for nothing", want: Decision{Action: ActionAllow, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionStepUp, ACRS: set("c1")}}, c: satisfied},
		{name: "block is never satisfied", want: Decision{Action: ActionBlock, Message: "do a"},
			verdicts: []Verdict{{ID: "a", Action: ActionBlock}}, c: satisfied},
		{name: "severity decides between equals", want: Decision{Action: ActionBlock, Message: "do d"},
			verdicts: []Verdict{{ID: "a", Action: ActionBlock}, {ID: "d", Action: ActionBlock}}},
		{name: "then the lowest id", want: Decision{Action: ActionBlock, Message: "do a"},
			verdicts: []Verdict{{ID: "b", Action: ActionBlock}, {ID: "a", Action: ActionBlock}}},
		{name: "obligations and harbour", want: Decision{Action: ActionBlock, Message: "do a", SafeHarbour: "app1", Obligations: set("notify", "watch")},
			verdicts: []Verdict{{ID: "a", Action: ActionBlock, SafeHarbour: "app1", Obligations: set("watch")}, {ID: "b", Action: ActionCoach, SafeHarbour: "app2", Obligations: set("notify", "watch")}}},
	}
	s := ruled(rule("a", "low"), rule("b", "low"), rule("c", "low"), rule("d", "critical"))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := NewInput(PhaseRequest)
			in.Identity.Authenticated = true
			if c.in != nil {
				c.in(in)
			}
			got, err := s.merge(in, c.verdicts, c.c, false)
			if err != nil {
				t.Fatal(err)
			}
			for _, list := range []*[]string{&c.want.Redact, &c.want.ACRS, &c.want.Obligations} {
				if *list == nil {
					*list = []string{}
				}
			}
			c.want.Headers, c.want.Revision, c.want.Rules, c.want.Shadow, c.want.Asks = map[string]string{}, "r", got.Rules, got.Shadow, got.Asks
			c.want.Unasked = got.Unasked
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if len(got.Rules) != len(c.verdicts) {
				t.Errorf("%d rules", len(got.Rules))
			}
		})
	}
}

func TestSatisfiedStaysInTheRecord(t *testing.T) {
	in := NewInput(PhaseRequest)
	in.Identity.Authenticated = true
	d, err := ruled(rule("a", "low")).merge(in, []Verdict{{ID: "a", Action: ActionCoach}},
		Circumstances{Satisfied: func(*Verdict) Satisfaction { return Satisfied }}, false)
	if err != nil || !d.Forward() || !d.Rules[0].Satisfied || d.Rules[0].Action != ActionCoach {
		t.Fatalf("%+v %v", d, err)
	}
}

// TestAsIs shows what sending something as it is takes out of a decision, and when it is offered.
func TestAsIs(t *testing.T) {
	s := ruled(rule("a", "low"), rule("b", "low"))
	asIs := Circumstances{Satisfied: func(*Verdict) Satisfaction { return SatisfiedAsIs }}
	offered := Verdict{ID: "a", Action: ActionCoach, Redact: []string{"A", "B"}, AsIs: true}
	for _, c := range []struct {
		name     string
		verdicts []Verdict
		c        Circumstances
		action   Action
		redact   []string
		asks     []Ask // Rule left out
	}{
		{"not answered", []Verdict{offered}, Circumstances{}, ActionCoach, []string{"A", "B"}, []Ask{{Redact: []string{"A", "B"}, Redactable: true, AsIs: true}}},
		{"answered", []Verdict{offered}, asIs, ActionAllow, nil, nil},
		{"another's redaction stays", []Verdict{offered, {ID: "b", Action: ActionRedact, Redact: []string{"B"}}}, asIs, ActionRedact, []string{"B"}, nil},
		{"the rule does not allow it", []Verdict{{ID: "a", Action: ActionCoach, Redact: []string{"A"}}}, asIs, ActionCoach, []string{"A"}, []Ask{{Redact: []string{"A"}, Redactable: true}}},
		{"a step up is no choice", []Verdict{{ID: "a", Action: ActionStepUp, AsIs: true, ACRS: []string{"c1"}}}, asIs, ActionStepUp, nil, []Ask{{ACRS: []string{"c1"}}}},
		{"only as it is", []Verdict{offered}, Circumstances{Unrewritable: []string{"B"}}, ActionCoach, []string{"A", "B"}, []Ask{{Redact: []string{"A", "B"}, AsIs: true}}},
		{"and so answered", []Verdict{offered}, Circumstances{Unrewritable: []string{"B"}, Satisfied: asIs.Satisfied}, ActionAllow, nil, nil},
		{"redaction that cannot be", []Verdict{offered}, Circumstances{Unrewritable: []string{"B"}, Satisfied: func(*Verdict) Satisfaction { return Satisfied }}, ActionBlock, []string{"A", "B"}, nil},
		{"a block leaves nothing to ask", []Verdict{offered, {ID: "b", Action: ActionBlock}}, Circumstances{}, ActionBlock, []string{"A", "B"}, nil},
	} {
		in := NewInput(PhaseRequest)
		in.Identity.Authenticated = true
		d, err := s.merge(in, c.verdicts, c.c, false)
		if err != nil || d.Action != c.action || !slices.Equal(d.Redact, c.redact) {
			t.Errorf("%s: %+v %v", c.name, d, err)
		}
		for i := range d.Asks {
			d.Asks[i].Rule = Rule{}
		}
		if diff := cmp.Diff(c.asks, d.Asks, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestUnasked tells a block that signing in would turn into a question.
func TestUnasked(t *testing.T) {
	s := ruled(rule("a", "low"), rule("b", "low"))
	coach, block, allow := Verdict{ID: "a", Action: ActionCoach}, Verdict{ID: "b", Action: ActionBlock}, Verdict{ID: "b", Action: ActionAllow}
	for i, c := range []struct {
		verdicts []Verdict
		known    bool
		want     bool
	}{
		{[]Verdict{coach}, false, true}, {[]Verdict{coach, allow}, false, true}, {[]Verdict{coach, block}, false, false},
		{[]Verdict{block}, false, false}, {[]Verdict{coach}, true, false}, {nil, false, false},
	} {
		in := NewInput(PhaseRequest)
		in.Identity.Authenticated = c.known
		if d, err := s.merge(in, c.verdicts, Circumstances{}, false); err != nil || d.Unasked != c.want {
			t.Errorf("%d: %v %v", i, d.Unasked, err)
		}
	}
}

func TestModes(t *testing.T) {
	shadow, off := rule("shadow", "high"), rule("off", "high")
	shadow.Mode, off.Mode = ModeShadow, ModeOff
	s := ruled(shadow, off, rule("on", "low"))
	d, err := s.merge(NewInput(PhaseRequest), []Verdict{
		{ID: "shadow", Action: ActionBlock}, {ID: "off", Action: ActionBlock}, {ID: "on", Action: ActionAllow},
	}, Circumstances{}, false)
	if err != nil || d.Action != ActionAllow || len(d.Rules) != 1 || len(d.Shadow) != 1 || d.Shadow[0].ID != "shadow" {
		t.Fatalf("%+v %v", d, err)
	}
}

func TestObserve(t *testing.T) {
	connect := func(id string) known {
		k := rule(id, "low")
		k.phase = PhaseConnect
		return k
	}
	s := ruled(rule("a", "low"), rule("b", "high"), connect("block"), connect("tunnel"))
	d, err := s.merge(NewInput(PhaseRequest), []Verdict{{ID: "a", Action: ActionRedact, Redact: []string{"A"}}, {ID: "b", Action: ActionBlock}}, Circumstances{}, true)
	if err != nil || d.Action != ActionAllow || len(d.Redact) != 0 || len(d.Rules) != 0 || len(d.Shadow) != 2 || d.Shadow[0].Action != ActionBlock {
		t.Fatalf("%+v %v", d, err)
	}
	in := NewInput(PhaseConnect)
	in.Destination.Known = true
	for _, c := range []struct {
		verdicts []Verdict
		want     Action
	}{
		{[]Verdict{{ID: "block", Action: ActionBlock}}, ActionIntercept},
		{[]Verdict{{ID: "tunnel", Action: ActionTunnel}}, ActionTunnel}, // passthrough is never read
	} {
		if d, err := s.merge(in, c.verdicts, Circumstances{}, true); err != nil || d.Action != c.want {
			t.Errorf("%+v %v", d, err)
		}
	}
}

func TestConnectUnsaid(t *testing.T) {
	for known, want := range map[bool]Action{true: ActionIntercept, false: ActionTunnel} {
		in := NewInput(PhaseConnect)
		in.Destination.Known = known
		if d, err := ruled().merge(in, nil, Circumstances{}, false); err != nil || d.Action != want || !d.Forward() {
			t.Errorf("known %v: %+v %v", known, d, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	in := NewInput(PhaseRequest)
	headers := func(name, value string) Verdict {
		return Verdict{Action: ActionAllow, Headers: map[string]string{name: value}}
	}
	s := ruled(rule("a", "low"), rule("b", "low"))
	merge := func(list ...Verdict) (Decision, error) {
		for i := range list {
			list[i].ID = string(rune('a' + i))
		}
		return s.merge(in, list, Circumstances{}, false)
	}
	d, err := merge(headers("x-notice", "1"), headers("X-Notice", "1"))
	if err != nil || d.Headers["X-Notice"] != "1" {
		t.Fatalf("%+v %v", d, err)
	}
	for name, list := range map[string][]Verdict{
		"two values":  {headers("x-notice", "1"), headers("X-Notice", "2")},
		"host":        {headers("host", "a")},
		"hop":         {headers("connection", "close")},
		"credential":  {headers("AUTHORIZATION", "x")},
		"tenant":      {headers("chatgpt-allowed-workspace-id", "x")},
		"underscores": {headers("chatgpt_allowed_workspace-id", "x")},
		"numbered":    {headers("anthropic-allowed-org-ids1", "x")},
		"bad name":    {headers("a b", "x")},
		"split value": {headers("x-a", "x\r\ny: z")},
	} {
		if _, err := merge(list...); !errors.Is(err, ErrHeaders) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVerdictsOutOfPlace(t *testing.T) {
	s := ruled(rule("a", "low"))
	for name, v := range map[string]Verdict{
		"unknown rule":   {ID: "z", Action: ActionAllow},
		"illegal action": {ID: "a", Action: ActionTunnel},
	} {
		if _, err := s.merge(NewInput(PhaseRequest), []Verdict{v}, Circumstances{}, false); !errors.Is(err, ErrVerdict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.merge(NewInput(PhaseResponse), []Verdict{{ID: "a"}}, Circumstances{}, false); !errors.Is(err, ErrVerdict) {
		t.Error("a rule of another phase was heard")
	}
}

func TestZeroDecisionBlocks(t *testing.T) {
	var d Decision
	if d.Forward() || !d.Blocked() || d.Action.String() != "block" || Action(200).String() != "block" {
		t.Fatal("the zero decision forwards")
	}
	d = Decision{Action: ActionAllow, Error: "x"}
	if d.Forward() {
		t.Fatal("an error forwards")
	}
	for a := range Action(len(actionNames)) {
		want := a >= ActionRedact
		if d := (Decision{Action: a}); d.Forward() != want {
			t.Errorf("%s forwards: %v", a, !want)
		}
	}
}

func TestActionText(t *testing.T) {
	for i := range actionNames {
		var back Action
		text, err := Action(i).MarshalText()
		if err != nil || back.UnmarshalText(text) != nil || back != Action(i) {
			t.Errorf("%s", text)
		}
	}
	a := ActionAllow
	if a.UnmarshalText([]byte("blok")) == nil || a != ActionAllow {
		t.Error("an unknown word was read")
	}
	if _, ok := (&Decision{}).Deciding(); ok {
		t.Error("nothing decided, and yet a rule did")
	}
}

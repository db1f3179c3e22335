package policy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mustBlock says that Decide failed with the error and that its decision cannot be mistaken for anything but a block.
func mustBlock(t *testing.T, d policy.Decision, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, not %v", err, want)
	}
	if d.Action != policy.ActionBlock || d.Forward() || d.Error == "" || d.Revision == "" {
		t.Fatalf("%+v", d)
	}
}

func TestFailsClosed(t *testing.T) {
	cases := []struct {
		name, body string
		want       error
	}{
		{"a builtin error", `to_number(input.request.method) == 1`, policy.ErrEvaluation},
		{"a builtin error in a rule that would not block", `not to_number(input.request.method) == 1`, policy.ErrEvaluation},
		{"a conflict", `twice(input.request.kind)`, policy.ErrEvaluation},
		{"a long search", `slow`, policy.ErrTimeout},
	}
	helpers := fmt.Sprintf(`
twice(x) := true if x == "prompt"

twice(x) := false if x != "other"

slow if {
	some a in letters
	some b in letters
	some c in letters
	some d in letters
	concat("", [a, b, c, d]) == "none"
}

letters := split(%q, "")
`, strings.Repeat("x", 300))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := pack("block", c.body) + helpers
			e := engine(t, load(t, custom(t, request(text))), policy.Options{Timeout: 20 * time.Millisecond})
			in := policy.NewInput(policy.PhaseRequest)
			in.Request.Kind, in.Request.Method = "prompt", "hunter2"
			for range 2 { // errors are not cached
				d, err := e.Decide(context.Background(), in, policy.Circumstances{})
				mustBlock(t, d, err, c.want)
				if strings.Contains(err.Error(), "hunter2") || strings.Contains(d.Error, "hunter2") {
					t.Error("the error quotes the input")
				}
			}
		})
	}
}

func TestMalformedVerdicts(t *testing.T) {
	for name, extra := range map[string]string{
		"redact is no set":            `"redact": ["A"]`,
		"redact has a number":         `"redact": {1}`,
		"redact has an empty name":    `"redact": {""}`,
		"an unknown style":            `"style": concat("", ["bl", input.request.method])`,
		"headers are no object":       `"headers": {"X-A"}`,
		"a header without text":       `"headers": {"X-A": 1}`,
		"acrs are no set":             `"acrs": "c1"`,
		"as_is is no truth":           `"as_is": "yes"`,
		"an unknown obligation":       `"obligations": {"dance"}`,
		"a safe harbour without name": `"safe_harbour": ""`,
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(pack("allow", "input.v == 1"), `"allow"`, `"allow", `+extra, 1)
			e := engine(t, load(t, custom(t, request(text))), policy.Options{})
			d, err := e.Decide(context.Background(), policy.NewInput(policy.PhaseRequest), policy.Circumstances{})
			mustBlock(t, d, err, policy.ErrVerdict)
		})
	}
}

func TestBadInput(t *testing.T) {
	e := engine(t, defaults(t), policy.Options{})
	for name, spoil := range map[string]func(*policy.Input){
		"zero":             func(in *policy.Input) { *in = policy.Input{} },
		"no version":       func(in *policy.Input) { in.V = 0 },
		"no phase":         func(in *policy.Input) { in.Phase = "" },
		"an unknown phase": func(in *policy.Input) { in.Phase = "requests" },
		"no kind":          func(in *policy.Input) { in.Request.Kind = "" },
		"no match":         func(in *policy.Input) { in.Tenant.Match = "" },
		"no sanction":      func(in *policy.Input) { in.Destination.Sanction = "" },
		"unknown sanction": func(in *policy.Input) { in.Destination.Sanction = "Sanctioned" },
		"claims":           func(in *policy.Input) { in.Identity.Claims = map[string]any{"x": make(chan int)} },
	} {
		t.Run(name, func(t *testing.T) {
			in := policy.NewInput(policy.PhaseRequest)
			spoil(in)
			s := load(t, custom(t, request(pack("block", "input.identity.claims.x == 1"))))
			for _, e := range []*policy.Engine{e, engine(t, s, policy.Options{})} {
				if d, err := e.Decide(context.Background(), in, policy.Circumstances{}); name != "claims" || err != nil {
					mustBlock(t, d, err, policy.ErrInput)
				}
			}
		})
	}
	d, err := e.Decide(context.Background(), nil, policy.Circumstances{})
	mustBlock(t, d, err, policy.ErrInput)
}

func TestCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d, err := engine(t, defaults(t), policy.Options{}).Decide(ctx, reference(t), policy.Circumstances{})
	mustBlock(t, d, err, context.Canceled)
}

func TestPanicBlocks(t *testing.T) {
	e := engine(t, load(t, custom(t, request(pack("coach", "input.v == 1")))), policy.Options{})
	in := policy.NewInput(policy.PhaseRequest)
	in.Identity.Authenticated = true
	d, err := e.Decide(context.Background(), in, policy.Circumstances{Satisfied: func(*policy.Verdict) policy.Satisfaction { panic("hunter2") }})
	mustBlock(t, d, err, policy.ErrEvaluation)
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("the error quotes the panic")
	}
}

func TestNoSnapshotNoEngine(t *testing.T) {
	if _, err := policy.NewEngine(nil, policy.Options{}); err == nil {
		t.Error("an engine without a policy")
	}
}

func TestDecideDefaults(t *testing.T) {
	e := engine(t, defaults(t), policy.Options{})
	d, err := e.Decide(context.Background(), reference(t), policy.Circumstances{})
	if err != nil || d.Action != policy.ActionRedact || d.Style != "pseudonym" {
		t.Fatalf("%+v %v", d, err)
	}
	if got := strings.Join(d.Redact, " "); got != "AWS_ACCESS_TOKEN CREDIT_CARD GITHUB_PAT JWT US_SSN" {
		t.Error(got)
	}
	d, err = e.Decide(context.Background(), reference(t), policy.Circumstances{Unrewritable: []string{"JWT"}})
	if r, ok := d.Deciding(); err != nil || d.Action != policy.ActionBlock || !ok || r.ID != "secrets.redact" {
		t.Fatalf("%+v %v", d, err)
	}
	in := policy.NewInput(policy.PhaseResponse)
	if d, err := e.Decide(context.Background(), in, policy.Circumstances{}); err != nil || d.Action != policy.ActionAllow {
		t.Fatalf("%+v %v", d, err)
	}
}

func TestDecisionJSON(t *testing.T) {
	for _, in := range []*policy.Input{reference(t), policy.NewInput("x")} {
		d, _ := engine(t, defaults(t), policy.Options{}).Decide(context.Background(), in, policy.Circumstances{})
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields("action rules redact style headers acrs safe_harbour obligations message shadow revision cached eval_us error") {
			if v, ok := m[name]; !ok || v == nil {
				t.Errorf("%s is %v in %s", name, v, text)
			}
		}
	}
}

func TestCacheIsExact(t *testing.T) {
	e := engine(t, load(t, custom(t, request(pack("block", `input.content.entities.X.count > 1; input.identity.department == "hr"`)))), policy.Options{})
	in := policy.NewInput(policy.PhaseRequest)
	in.Content.Entities = map[string]policy.Entity{"X": {Count: 2}}
	in.Identity.Department = "hr"
	decide := func(cached bool, want policy.Action) {
		t.Helper()
		d, err := e.Decide(context.Background(), in, policy.Circumstances{})
		if err != nil || d.Cached != cached || d.Action != want {
			t.Errorf("%+v %v", d, err)
		}
	}
	decide(false, policy.ActionBlock)
	decide(true, policy.ActionBlock)
	in.Request.ID, in.Session.Prompts = "another", 7 // what no rule reads
	decide(true, policy.ActionBlock)
	in.Content.Entities["X"] = policy.Entity{Count: 1}
	decide(false, policy.ActionAllow)
	in.Content.Entities["X"] = policy.Entity{Count: 2}
	decide(true, policy.ActionBlock)
	in.Identity.Department = "it"
	decide(false, policy.ActionAllow)
	in.Phase = policy.PhaseResponse
	decide(false, policy.ActionAllow)

	in.Phase, in.Identity.Department = policy.PhaseRequest, "hr"
	e = e.With(load(t, custom(t, request(pack("coach", "input.identity.department == \"hr\"")))))
	decide(false, policy.ActionBlock) // nobody is authenticated
	if d, _ := e.Decide(context.Background(), in, policy.Circumstances{}); d.Rules[0].ID != "p.r" || !d.Cached {
		t.Errorf("%+v", d)
	}
}

// Two ordinary prompts of one person to one service differ in much that no standard rule reads: they are decided once.
func TestPromptsShareDecisions(t *testing.T) {
	e := engine(t, load(t, policy.Source{Embedded: rego.FS}), policy.Options{})
	for i := range 10 {
		in := policy.NewInput(policy.PhaseRequest)
		in.Request.Kind, in.Request.Host = "prompt", "api.openai.com"
		in.Request.ID, in.Request.TimeNS, in.Request.Bytes = fmt.Sprint(i), int64(i), int64(1000+i)
		in.Content.Format, in.Content.Matched, in.Content.Parts, in.Content.Conversation = "openai-chat", true, i, fmt.Sprint(i)
		if d, err := e.Decide(context.Background(), in, policy.Circumstances{}); err != nil || d.Cached != (i > 0) {
			t.Errorf("prompt %d: cached %v, %v", i, d.Cached, err)
		}
	}
}

func TestNoCacheForIDAndTime(t *testing.T) {
	for body, cached := range map[string]bool{
		`input.request.id == "x"`:              false,
		`input.request.time_ns > 1`:            false,
		`object.get(input, "v", 0) == 1`:       false, // reads everything
		`input.request[_] == "x"`:              false,
		`some x in [input.request]; x.id`:      false,
		`lib.brings_content; input.phase != 1`: true,
		`input.request.kind == "prompt"`:       true,
	} {
		text := pack("block", body)
		if strings.Contains(body, "lib.") {
			text = strings.Replace(text, "request.p\n", "request.p\n\nimport data.sluice.lib\n", 1)
		}
		e := engine(t, load(t, custom(t, request(text))), policy.Options{})
		var d policy.Decision
		for range 2 {
			var err error
			if d, err = e.Decide(context.Background(), policy.NewInput(policy.PhaseRequest), policy.Circumstances{}); err != nil {
				t.Fatal(err)
			}
		}
		if d.Cached != cached {
			t.Errorf("%s: cached %v", body, d.Cached)
		}
	}
}

// A permit is good for one send: the same prompt a moment later finds its verdicts in the cache, and not their satisfaction.
func TestSatisfactionIsNotCached(t *testing.T) {
	e := engine(t, load(t, custom(t, request(pack("coach", "input.v == 1")))), policy.Options{})
	in := policy.NewInput(policy.PhaseRequest)
	in.Identity.Authenticated = true
	permits := 1
	use := policy.Circumstances{Satisfied: func(v *policy.Verdict) policy.Satisfaction {
		permits--
		if v.ID == "p.r" && permits >= 0 {
			return policy.Satisfied
		}
		return policy.Unsatisfied
	}}
	for i, want := range []policy.Action{policy.ActionAllow, policy.ActionCoach, policy.ActionCoach} {
		d, err := e.Decide(context.Background(), in, use)
		if err != nil || d.Action != want || d.Cached != (i > 0) || d.Rules[0].Satisfied != (i == 0) {
			t.Errorf("send %d: %+v %v", i, d, err)
		}
	}
	if d, _ := e.Decide(context.Background(), in, policy.Circumstances{Unrewritable: []string{"X"}}); d.Forward() {
		t.Error("the finished decision was cached")
	}
}

// While snapshots are swapped every decision is wholly by one of them, and none is lost.
func TestSwapUnderLoad(t *testing.T) {
	snapshots := map[string]policy.Action{}
	var list []*policy.Snapshot
	for word, action := range map[string]policy.Action{"block": policy.ActionBlock, "allow": policy.ActionAllow} {
		s := load(t, custom(t, request(pack(word, `input.request.method != "GET"`))))
		snapshots[s.Revision()] = action
		list = append(list, s)
	}
	var e atomic.Pointer[policy.Engine]
	e.Store(engine(t, list[0], policy.Options{CacheSize: 8}))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			in := policy.NewInput(policy.PhaseRequest)
			for i := range 300 {
				in.Request.Method = string(rune('A' + i%16))
				d, err := e.Load().Decide(context.Background(), in, policy.Circumstances{})
				if want, ok := snapshots[d.Revision]; err != nil || !ok || d.Action != want || len(d.Rules) != 1 {
					t.Errorf("%+v %v", d, err)
				}
			}
		})
	}
	for i := range 300 {
		e.Store(e.Load().With(list[i%2]))
	}
	wg.Wait()
}

func TestObserveStillFailsClosed(t *testing.T) {
	e := engine(t, load(t, policy.Source{Embedded: rego.FS}), policy.Options{Observe: true})
	in := reference(t)
	in.Tenant.Match = "foreign"
	d, err := e.Decide(context.Background(), in, policy.Circumstances{})
	if err != nil || d.Action != policy.ActionAllow || len(d.Redact) != 0 || d.Shadow[0].ID != "tenant.foreign" {
		t.Fatalf("%+v %v", d, err)
	}
	in.Phase = ""
	d, err = e.Decide(context.Background(), in, policy.Circumstances{})
	mustBlock(t, d, err, policy.ErrInput)
}

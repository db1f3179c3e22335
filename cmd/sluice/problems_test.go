package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestOnce shows that a key is spoken of by the first stage that knows of it, and
// that nothing else is lost.
func TestOnce(t *testing.T) {
	decoded := errors.Join(
		&problem{"f:1", "limits.body", "not a size"},
		&problem{"f:2", "listen.proxy", "wants a list"},
		&problem{"environment: SLUICE_X", "", "names no configuration key"},
		&problem{"f:3", "identity.bearer.issuers[0].issuer", "wants one value"},
	)
	values := errors.Join(
		&problem{key: "limits.body", text: "too small"},
		&problem{key: "limits.body_more", text: "kept"},
		&problem{key: "listen.proxy[0]", text: "not host:port"},
		&problem{key: "pac.mode", text: "first"},
		&problem{key: "pac.mode", text: "second"},
	)
	parts := errors.Join(
		errors.New("identity.bearer.issuers[0]: not https"),
		errors.New("identity.bearer.issuers[1]: kept"),
		fmt.Errorf("ca: two texts: %w: %w", errors.New("a"), errors.New("b")),
	)
	want := `f:1: limits.body: not a size
f:2: listen.proxy: wants a list
environment: SLUICE_X: names no configuration key
f:3: identity.bearer.issuers[0].issuer: wants one value
limits.body_more: kept
pac.mode: first
pac.mode: second
identity.bearer.issuers[1]: kept
ca: two texts: a: b`
	if got := once(decoded, errors.Join(values, nil), parts); got.Error() != want {
		t.Errorf("got\n%v", got)
	}
	if err := once(nil, nil); err != nil {
		t.Error(err)
	}
}

// TestDecodeLeavesValues shows that what cannot be read is not judged further.
func TestDecodeLeavesValues(t *testing.T) {
	const file = `
limits: {body: much, idle: soon, ratio: some}
policy: {timeout: fast}
identity: {required: perhaps}
`
	c := defaultConfig()
	err := decodeConfig("f", []byte(file), c)
	if got := strings.Count(fmt.Sprint(err), "\n") + 1; got != 5 {
		t.Errorf("%d problems: %v", got, err)
	}
	if err := c.validate(); err != nil {
		t.Error(err)
	}
	c = defaultConfig()
	err = decodeEnvironment([]string{"SLUICE_LIMITS_BODY=big"}, c)
	if again := once(err, &problem{key: "limits.body", text: "again"}); again.Error() != err.Error() {
		t.Error(again)
	}
}

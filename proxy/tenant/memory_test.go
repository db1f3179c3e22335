package tenant

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFingerprint(t *testing.T) {
	one := Fingerprint([32]byte{1}, "sk-one")
	if !regexp.MustCompile(`^key_[0-9a-f]{32}$`).MatchString(one) || strings.Contains(one, "sk-") {
		t.Errorf("%q", one)
	}
	if one != Fingerprint([32]byte{1}, "sk-one") || one == Fingerprint([32]byte{2}, "sk-one") || one == Fingerprint([32]byte{1}, "sk-two") {
		t.Error("a fingerprint hangs on the secret and the key, and on nothing else")
	}
}

func TestCredentials(t *testing.T) {
	rules := newRules(t, nil)
	key := func(s string) Credential { return Credential{Fingerprint([32]byte{1}, s), true} }
	token := func(s string) Credential { return Credential{Fingerprint([32]byte{1}, s), false} }
	for _, tt := range []struct {
		app    string
		header http.Header
		want   []Credential
	}{
		{"openai-api", http.Header{"Authorization": {"Bearer sk-proj-1"}}, []Credential{key("sk-proj-1")}},
		{"openai-api", http.Header{"Authorization": {"bearer  sk-proj-1 "}}, []Credential{key("sk-proj-1")}},
		{"openai-api", http.Header{"Authorization": {"Bearer sk-1", "Bearer sk-2"}}, []Credential{key("sk-1"), key("sk-2")}},
		{"openai-api", http.Header{"Authorization": {"Bearer sk-1"}, "Sec-Websocket-Protocol": {"realtime, openai-insecure-api-key.sk-1, openai-beta.realtime-v1"}}, []Credential{key("sk-1")}},
		{"openai-api", http.Header{"Authorization": {"Bearer eyJh.e30.c"}}, nil},
		{"openai-api", http.Header{"Authorization": {"Basic sk-1"}, "X-Api-Key": {"sk-1"}}, nil},
		{"chatgpt", http.Header{"Authorization": {"Bearer eyJh.e30.c"}}, nil},
		{"anthropic-api", http.Header{"X-Api-Key": {"sk-ant-api03-1"}}, []Credential{key("sk-ant-api03-1")}},
		{"anthropic-api", http.Header{"Authorization": {"Bearer sk-ant-api03-1"}}, []Credential{key("sk-ant-api03-1")}},
		{"claude-code", http.Header{"Authorization": {"Bearer sk-ant-oat01-1"}}, []Credential{token("sk-ant-oat01-1")}},
		{"anthropic-api", http.Header{"X-Api-Key": {"sk-1"}}, nil},
		{"deepseek", http.Header{"Authorization": {"Bearer sk-1"}}, nil},
	} {
		if got := rules.Credentials(tt.app, tt.header); !slices.Equal(got, tt.want) {
			t.Errorf("%s %v: %v, want %v", tt.app, tt.header, got, tt.want)
		}
	}
}

func TestMemory(t *testing.T) {
	now := time.Unix(0, 0)
	m := newMemory(2, func() time.Time { return now })
	one, two := []Credential{{"key_1", true}}, []Credential{{"key_2", false}}
	learn := func(app string, used []Credential, want string, header http.Header) {
		t.Helper()
		if id := m.Learn(app, used, header); id != want {
			t.Errorf("%s learned %q, want %q", app, id, want)
		}
	}
	recall := func(used []Credential, want ...string) {
		t.Helper()
		if got := m.Recall(used); !slices.Equal(got, want) {
			t.Errorf("%v: %v, want %v", used, got, want)
		}
	}
	recall(one)
	learn("openai-api", one, "user-x", http.Header{"Openai-Organization": {"user-x"}})
	learn("claude-code", two, uuidA, http.Header{"Anthropic-Organization-Id": {uuidA}})
	recall(one, "user-x")
	recall(two, uuidA)
	recall(slices.Concat(one, two), "user-x", uuidA)

	// The newest reply is right, and what shows nothing changes nothing.
	learn("openai-api", one, "corp-1", http.Header{"Openai-Organization": {"corp-1"}})
	learn("openai-api", one, "", http.Header{})
	learn("openai-api", one, "", http.Header{"Anthropic-Organization-Id": {uuidA}})
	learn("openai-api", one, "", http.Header{"Openai-Organization": {"a", "b"}})
	learn("openai-api", one, "", http.Header{"Openai-Organization": {strings.Repeat("a", maxReplyID+1)}})
	learn("deepseek", one, "", http.Header{"Openai-Organization": {"x"}})
	recall(one, "corp-1")

	// Without a credential, or with two, it is known for this reply alone.
	learn("openai-api", nil, "corp-2", http.Header{"Openai-Organization": {"corp-2"}})
	learn("openai-api", slices.Concat(one, two), "corp-2", http.Header{"Openai-Organization": {"corp-2"}})
	recall(one, "corp-1")

	// It holds for a day.
	now = now.Add(rememberFor - time.Second)
	recall(one, "corp-1")
	now = now.Add(time.Second)
	recall(one)
	recall(two)

	// And it is bounded.
	for i := range 10 {
		learn("openai-api", []Credential{{fmt.Sprint("key_", i), true}}, "corp", http.Header{"Openai-Organization": {"corp"}})
	}
	if m.seen.Len() != 2 {
		t.Errorf("%d keys are kept", m.seen.Len())
	}
}

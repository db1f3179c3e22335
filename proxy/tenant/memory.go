package tenant

import (
	"net/http"
	"slices"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// rememberFor is how long a reply tells of the requests after it.
	rememberFor = 24 * time.Hour
	// rememberKeys bounds the keys that are remembered; the least used go first.
	// One takes some 300 bytes.
	rememberKeys = 1 << 14
	// maxReplyID is more than any id of a tenant has.
	maxReplyID = 128
)

// replyHeaders are the headers of replies that name the organisation of the key
// that was used. Anthropic: docs.anthropic.com/en/api/overview; OpenAI, which
// shows the name and not the id: platform.openai.com/docs/api-reference/debugging-requests.
var replyHeaders = []struct{ block, header string }{
	{"openai", "Openai-Organization"},
	{"anthropic", "Anthropic-Organization-Id"},
}

// A Memory keeps what only replies show: the tenant of a key, by the key's
// fingerprint. It is this process's alone and safe for concurrent use.
type Memory struct {
	seen *lru.Cache[string, shown]
	now  func() time.Time
}

type shown struct {
	id    string
	until time.Time
}

// NewMemory returns an empty memory.
func NewMemory() *Memory { return newMemory(rememberKeys, time.Now) }

func newMemory(size int, now func() time.Time) *Memory {
	seen, err := lru.New[string, shown](size)
	if err != nil {
		panic(err) // only a size under 1 fails
	}
	return &Memory{seen: seen, now: now}
}

// Learn notes which tenant a reply shows, and returns it. Of a request with more
// than one credential nobody knows which one the reply is about.
func (m *Memory) Learn(appID string, used []Credential, reply http.Header) (id string) {
	blocks := blocksOf(appID)
	for _, r := range replyHeaders {
		values := reply[r.header]
		if !slices.Contains(blocks, r.block) || len(values) != 1 || values[0] == "" || len(values[0]) > maxReplyID {
			continue
		}
		id = strings.Clone(values[0])
		if len(used) == 1 {
			m.seen.Add(used[0].Fingerprint, shown{id, m.now().Add(rememberFor)})
		}
		return id
	}
	return ""
}

// Recall returns the tenants that earlier replies showed for the credentials.
func (m *Memory) Recall(used []Credential) []string {
	var ids []string
	for _, c := range used {
		if s, ok := m.seen.Get(c.Fingerprint); ok && m.now().Before(s.until) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

package secrets_test

import (
	"context"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
)

// Two kilobytes each of clean prose and clean code, as prompts hold them.
var (
	prose = `Please read the minutes below and draft a short note for the board. The review of the loyalty programme
took most of the morning. Anna presented the key figures: members visit twice as often, spend a third more, and
their feedback is better in every region except the north. Mark asked whether the basic tier should stay free. He
thinks that a token fee of five euros would keep the bearer of an old card from holding on to it for years. Nobody
had numbers on that, so finance will look into it. The secret of the spring campaign was its timing, said Lena, and
she wants to do it again. The press team needs access to the photographs before the tenth. The author of the article
in the trade journal has asked for an interview; passing on the contact is enough. Facebook and Twitter brought few
visitors this time, while the newsletter did well. We agreed to let the agency curate the pictures and to pass the
texts to legal first. On the new warehouse: the building permit is there, the keys will be handed over in May, and
the contract with the carrier has been authenticated by the notary. Jira tickets for the move are in the backlog,
see https://tickets.example.com/browse/MOVE-12 for the list. Open points are the credentials for the gate, the
password for the guest network, which somebody should write on the board, and the alarm. In the afternoon we spoke
about training. Sales would like a course on negotiation, support one on difficult callers. Both are fine as long
as they stay within the budget of the year. The workshop in Linz was a success and will be repeated. Ask the team
in Graz whether they want to take part. Last, the office party: it will be on the first Friday in July, by the
lake, with music. Volunteers please tell Susan by the end of the month. Thank you all for coming, and for keeping
the discussion on track despite the heat. The next meeting is on the ninth, at ten, in the small room.
`
	code = `package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
)

// Session is what a signed-in user holds. The token is opaque to callers.
type Session struct {
	Token    string
	UserKey  string
	authTime int64
	mu       sync.Mutex
}

var errNoKey = errors.New("store: no key")

// Options configure a Store. Password is read from the environment.
type Options struct {
	Host, Password string
	Port           int
	APIKey         string ` + "`json:\"api_key\" yaml:\"api_key\"`" + `
}

func New(ctx context.Context, opts Options) (*Store, error) {
	if opts.Password == "" {
		opts.Password = os.Getenv("STORE_PASSWORD")
	}
	if opts.APIKey == "" {
		return nil, errNoKey
	}
	s := &Store{keys: make(map[string]*Session), authenticate: defaultAuth}
	url := fmt.Sprintf("https://%s:%d/v1/sessions", opts.Host, opts.Port)
	if err := s.connect(ctx, url, opts.Password); err != nil {
		return nil, fmt.Errorf("store: connect: %w", err)
	}
	return s, nil
}

// Get returns the session with the key, or an error when the token is stale.
func (s *Store) Get(key string) (*Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.keys[key]
	if !ok {
		return nil, errNoKey
	}
	if token := session.Token; len(token) < minTokenLength {
		return nil, fmt.Errorf("store: token of user %s is too short", session.UserKey)
	}
	for _, k := range sortedKeys(s.keys) {
		if k == key && s.authenticate(k, session.secret()) {
			return session, nil
		}
	}
	return nil, errors.New("store: not authorized")
}

const tokenHeader = "X-Auth-Token"

func (s *Store) header(h map[string]string) {
	h[tokenHeader] = s.current.Token
	h["Authorization"] = "Bearer " + s.current.Token
	secretName := os.Getenv("SECRET_NAME")
	h["X-Secret-Name"] = secretName
}
`
)

func benchmark(b *testing.B, text string) {
	s := newSet(b)
	text = (text + text)[:2048]
	samples := []classifiers.Sample{{Text: text}}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		found, err := s.Classify(context.Background(), samples)
		if err != nil || len(found) > 0 {
			b.Fatal(found, err)
		}
	}
}

func BenchmarkProse2K(b *testing.B) { benchmark(b, prose) }
func BenchmarkCode2K(b *testing.B)  { benchmark(b, code) }

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		family(b)
	}
}

// What holds no secret is read without memory of its own.
func TestNoMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's pools forget")
	}
	s := newSet(t)
	for name, text := range map[string]string{"prose": prose, "code": code} {
		samples := []classifiers.Sample{{Text: text}}
		if n := testing.AllocsPerRun(200, func() {
			if _, err := s.Classify(context.Background(), samples); err != nil {
				t.Fatal(err)
			}
		}); n >= 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

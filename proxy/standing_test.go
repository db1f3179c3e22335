package proxy_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
	"github.com/sluice-proxy/sluice/proxy/session"
)

// TestSocketOutlivesNobody: a socket is good for as long as whoever opened it may ask.
// What they say after they signed out, or after their provider or token was withdrawn,
// is not sent on.
func TestSocketOutlivesNobody(t *testing.T) {
	for name, c := range map[string]struct {
		token bool // else signed in with a browser
		end   func(*testing.T, *proxytest.Proxy, *tab)
		goes  bool
	}{
		"nothing happens": {end: func(*testing.T, *proxytest.Proxy, *tab) {}, goes: true},
		"they sign out": {end: func(t *testing.T, _ *proxytest.Proxy, b *tab) {
			if status, _ := b.ask(http.MethodPost, "https://sluice.internal/sign-out", "", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"); status != http.StatusOK {
				t.Fatal(status)
			}
		}},
		"browsers do not sign in any more": {end: func(t *testing.T, p *proxytest.Proxy, _ *tab) {
			change(t, p, func(parts *proxy.Parts) { parts.SignIn = nil })
		}},
		"the token is as good":    {token: true, end: users("ana", "bob"), goes: true},
		"the token was withdrawn": {token: true, end: users("bob")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard []string
			talk := echo(&heard)
			p, provider := office(t, func(s *proxytest.Settings) {
				s.Drain = 100 * time.Millisecond
				s.Hosts, s.Sanctioned, s.Users = []string{socketHost}, []string{"character-ai"}, []string{"ana", "bob"}
			})
			p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Upgrade") == "" {
					return
				}
				conn, err := websocket.Accept(w, r, nil)
				if err != nil {
					t.Errorf("origin: %v", err)
					return
				}
				talk(r.Context(), conn)
				conn.CloseNow()
			}))
			b := newTab(t, p, provider)
			client := p.Client("ana", false)
			if !c.token {
				b.open("https://" + socketHost + "/")
				client = b.client
			}
			conn, _, err := websocket.Dial(t.Context(), "wss://"+socketHost+"/ws/", &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"User-Agent": {b.agent}}})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseNow()
			say := func() error {
				if err := conn.Write(context.Background(), websocket.MessageText, []byte(`{"text":"hello there"}`)); err != nil {
					return err
				}
				_, _, err := conn.Read(t.Context())
				return err
			}
			if err := say(); err != nil {
				t.Fatal(err)
			}
			p.Lines(t, "decision")
			c.end(t, p, b)
			err = say()
			var closed websocket.CloseError
			switch {
			case c.goes && (err != nil || len(heard) != 2):
				t.Errorf("got %v, heard %q", err, heard)
			case !c.goes && (!errors.As(err, &closed) || closed.Code != websocket.StatusPolicyViolation || len(heard) != 1):
				t.Errorf("got %v, heard %q", err, heard)
			}
		})
	}
}

func change(t *testing.T, p *proxytest.Proxy, how func(*proxy.Parts)) {
	t.Helper()
	parts := p.Server.Parts()
	how(&parts)
	if err := p.Server.Reload(parts); err != nil {
		t.Fatal(err)
	}
}

func users(names ...string) func(*testing.T, *proxytest.Proxy, *tab) {
	return func(t *testing.T, p *proxytest.Proxy, _ *tab) {
		t.Helper()
		change(t, p, func(parts *proxy.Parts) { parts.Identity = proxytest.Users(t, names...) })
	}
}

// TestPortalAfterReload: a connection to the portal that is kept over a reload leads to
// the portal of today. Who signs out there is out at once, and whose token was withdrawn
// is nobody there.
func TestPortalAfterReload(t *testing.T) {
	store := session.NewMemory(session.MemoryOptions{})
	settings := func(s *proxytest.Settings) { s.Store, s.Users, s.Drain = store, []string{"eve"}, 100*time.Millisecond }
	p, provider := office(t, settings)
	b := newTab(t, p, provider)
	b.open("https://chatgpt.com/")
	eve := p.Client("eve", false)
	eve.Transport.(*http.Transport).DisableKeepAlives = false
	activity := func() (int, string) {
		t.Helper()
		resp, err := eve.Get("https://sluice.internal/activity")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		said, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(said)
	}
	if status, said := activity(); status != http.StatusOK || !strings.Contains(said, "eve") {
		t.Fatalf("%d %s", status, said)
	}
	other := proxytest.Start(t, proxytest.Settings{Provider: provider, Store: store})
	change(t, p, func(parts *proxy.Parts) {
		parts.SignIn, parts.Portal = other.Server.Parts().SignIn, other.Server.Parts().Portal
		parts.Identity = proxytest.Users(t, "ana")
	})
	if status, said := activity(); status != http.StatusUnauthorized || strings.Contains(said, "eve") {
		t.Errorf("withdrawn: %d %s", status, said)
	}
	if status, _ := b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/x", `{}`); status != http.StatusOK {
		t.Errorf("after a reload: %d", status)
	}
	if status, _ := b.ask(http.MethodPost, "https://sluice.internal/sign-out", "", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"); status != http.StatusOK {
		t.Fatal(status)
	}
	if status, _ := b.fetch(http.MethodPost, "https://chatgpt.com/backend-api/x", `{}`); status != http.StatusUnauthorized {
		t.Errorf("after signing out: %d", status)
	}
}

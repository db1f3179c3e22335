package identity

import "testing"

func TestPerson(t *testing.T) {
	seen := map[string]bool{}
	for name, tc := range map[string]struct {
		id   Identity
		want string
	}{
		"nobody":         {Identity{Sub: "x"}, ""},
		"subject":        {Identity{Authenticated: true, Issuer: "https://a", Sub: "u 1", Email: "x@y"}, "https://a u%201"},
		"other issuer":   {Identity{Authenticated: true, Issuer: "https://b", Sub: "u 1", Email: "x@y"}, "https://b u%201"},
		"object":         {Identity{Authenticated: true, Issuer: "https://a", Sub: "u", Claims: map[string]any{"tid": "t", "oid": "o"}}, "https://a t|o"},
		"separator":      {Identity{Authenticated: true, Issuer: "https://a", Sub: "t|o"}, "https://a t%7Co"},
		"no tenant":      {Identity{Authenticated: true, Issuer: "https://a", Sub: "u", Claims: map[string]any{"oid": "o"}}, "https://a u"},
		"token file":     {Identity{Authenticated: true, Sub: "ci", Claims: map[string]any{"tid": "t", "oid": "o"}}, " ci"},
		"object, number": {Identity{Authenticated: true, Issuer: "https://a", Sub: "v", Claims: map[string]any{"tid": 1.0, "oid": "o"}}, "https://a v"},
	} {
		got := tc.id.Person()
		if got != tc.want || seen[got] {
			t.Errorf("%s: %q", name, got)
		}
		seen[got] = true
	}
}

package signin

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/identity"
)

// BenchmarkMemory reports what a person who is signed in takes: in the store, and in
// the process besides where it is remembered.
func BenchmarkMemory(b *testing.B) {
	const people = 20_000
	c := newClock()
	heap := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	for b.Loop() {
		before := heap()
		s := newRoad(b, c, newWire(c), nil)
		for i := range people {
			who := identity.Identity{
				Authenticated: true, Method: identity.MethodOIDC, Issuer: "https://login.corp.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
				Sub: fmt.Sprintf("AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bb%05d", i), Name: fmt.Sprint("Ana Ruiz ", i), Email: fmt.Sprintf("ana.ruiz.%d@corp.example", i),
				Groups: []string{"3fa85f64-5717-4562-b3fc-2c963f66afa6", "3fa85f64-5717-4562-b3fc-2c963f66afa7", "3fa85f64-5717-4562-b3fc-2c963f66afa8"},
				ACRS:   []string{"c1"}, ACRSAt: map[string]time.Time{"c1": c.Now()}, AuthTime: c.Now(),
				Claims: map[string]any{"tid": "9188040d-6c67-4c5b-b112-36a304b66dad", "oid": fmt.Sprintf("9188040d-6c67-4c5b-b112-36a304b%05d", i), "ver": "2.0"},
			}
			_, sent := signIn(b, s, who, anasLaptop, "chatgpt.com")
			if _, _, err := s.Find(b.Context(), sent, "chatgpt.com", anasLaptop); err != nil {
				b.Fatal(err)
			}
		}
		all := heap()
		s.seen.Purge()
		s.surrogates.Purge()
		stored := heap()
		b.ReportMetric((stored-before)/people, "stored-B/person")
		b.ReportMetric((all-stored)/people, "remembered-B/person")
		runtime.KeepAlive(s)
	}
}

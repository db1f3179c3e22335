package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// A Wire is the way to a server, and can be made a bad one.
type Wire struct {
	Address string

	t     testing.TB
	proxy *toxiproxy.Proxy
}

// A Fault is what is wrong with a wire.
type Fault struct {
	Kind       string // a toxic of toxiproxy
	Up         bool   // on the way to the server; else on the way back
	Attributes map[string]int
}

// NewWire puts a wire before a server.
func NewWire(t testing.TB, address string) *Wire {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w := &Wire{t: t, proxy: toxiproxy.NewProxy(server, "wire", "127.0.0.1:0", address)}
	if err := w.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	w.Address = w.proxy.Listen
	t.Cleanup(w.Cut)
	return w
}

// Wire puts a wire before the server of a name, and of all names that it has.
func (o *Origin) Wire(name string) *Wire {
	o.t.Helper()
	place := o.places[name]
	w := NewWire(o.t, place)
	for other, at := range o.places {
		if at == place {
			o.places[other] = w.Address
		}
	}
	return w
}

// Spoil adds a fault, for the connections that there are and for new ones.
func (w *Wire) Spoil(f Fault) {
	w.t.Helper()
	direction := "downstream"
	if f.Up {
		direction = "upstream"
	}
	toxic, err := json.Marshal(map[string]any{"type": f.Kind, "stream": direction, "attributes": f.Attributes})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(string(toxic))); err != nil {
		w.t.Fatal(err)
	}
}

// Cut closes all connections, and takes no new ones.
func (w *Wire) Cut() { w.proxy.Stop() }

// Mend makes it a good wire again. What was connected is not any more.
func (w *Wire) Mend() {
	w.t.Helper()
	w.Cut()
	w.proxy.Toxics.ResetToxics(context.Background())
	if err := w.proxy.Start(); err != nil {
		w.t.Fatal(err)
	}
}

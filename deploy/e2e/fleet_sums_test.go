package e2e

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// counting ends what one person may ask, so that a test sees how much was counted.
const counting = `# METADATA
# title: Not any number of prompts
package sluice.request.counting

# METADATA
# title: That is enough
# labels: {rule: counting.prompts}
# custom: {severity: low, remediation: Ask somebody else.}
verdict contains {"id": "counting.prompts", "action": "block"} if {
	input.request.kind == "prompt"
	input.session.prompts >= 40
}
`

// What a person may let out in a day, and ask in a month.
const (
	mostAddresses = 10
	mostPrompts   = 40
)

// A fleet is two proxies with one secret and one Redis, and ana, who uses both.
type fleet struct {
	t       *testing.T
	o       *Origin
	proxies [2]*Sluice
	clients [2]*http.Client
}

// serveFleet starts them; sessions is what they are told of the store.
func serveFleet(t *testing.T, sessions string) *fleet {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	rules := filepath.Join(dir, "policy")
	if out, err := finish(t, command(t, t.TempDir(), "policy", "init", rules)); err != nil {
		t.Fatalf("policy init: %v: %s", err, out)
	}
	write(t, filepath.Join(rules, "request", "counting.rego"), counting)
	limits := file("limits.json", fmt.Sprintf(`{"limits": {"entities": {"EMAIL_ADDRESS": {"redact": 20, "bulk": 100, "day": %d}}}}`, mostAddresses))
	sum := sha256.Sum256([]byte(Pass))
	tokens := file("tokens", "ana:"+hex.EncodeToString(sum[:])+"\n")
	secret := make([]byte, 32)
	rand.Read(secret)
	key := file("secret", string(secret))

	f := &fleet{t: t, o: NewOrigin(t)}
	for i := range f.proxies {
		f.proxies[i] = Serve(t, f.o, fmt.Sprintf("secret_file: %s\ndestinations: {sanctioned: [openai-api, anthropic-api]}\n", key)+
			fmt.Sprintf("policy: {dir: %s, data_files: [%s]}\nidentity: {required: true, bearer: {token_file: %s}}\n", rules, limits, tokens)+
			"sessions: {store: redis, "+sessions+"}\n")
		f.clients[i] = f.client(i)
	}
	return f
}

// client is ana's, at one of the proxies.
func (f *fleet) client(i int) *http.Client {
	f.t.Helper()
	pem, err := os.ReadFile(f.proxies[i].CA)
	if err != nil {
		f.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{
		Proxy:           http.ProxyURL(&url.URL{Scheme: "http", Host: f.proxies[i].Proxy, User: url.UserPassword("ana", Pass)}),
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	f.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// send sends a prompt through one of the proxies. The status is 0 when there is no
// answer.
func (f *fleet) send(i int, prompt string) (status int, said string) {
	body := text(map[string]any{"model": "model-e2e", "messages": []any{map[string]any{"role": "user", "content": prompt}}})
	resp, err := f.clients[i].Post(openAI, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(answer)
}

// sends sends a prompt that must pass.
func (f *fleet) sends(i int, prompt string) {
	f.t.Helper()
	if status, said := f.send(i, prompt); status != http.StatusOK {
		f.t.Errorf("proxy %d: %q: %d %s", i, prompt, status, said)
	}
}

// came is what came to the origin, and how many addresses in it.
func (f *fleet) came() (bodies []string, addresses int) {
	distinct := map[string]bool{}
	for _, r := range f.o.Got("api.openai.com", "/v1/chat/completions") {
		bodies = append(bodies, r.Body)
		for _, address := range customers.FindAllString(r.Body, -1) {
			distinct[address] = true
		}
	}
	return bodies, len(distinct)
}

func customer(n int) string { return fmt.Sprintf("Ask customer%d"+Customers, n) }

var customers = regexp.MustCompile(`customer\d+` + regexp.QuoteMeta(Customers))

// sendAll sends more addresses than may leave, each with a prompt of its own, by
// several clients at both proxies, each until it has an answer; it calls middle when
// half of them have. Whatever happens there, as many leave as may.
func (f *fleet) sendAll(middle func()) {
	f.t.Helper()
	const addresses = 3 * mostAddresses
	numbers := make(chan int)
	var answered atomic.Int32
	var once sync.Once
	halfway := make(chan struct{})
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for n := range numbers {
				for i := worker; ; i++ {
					status, said := f.send(i%2, customer(n))
					if status == http.StatusOK {
						break
					}
					if status != 0 && status != http.StatusServiceUnavailable || ctx.Err() != nil {
						f.t.Errorf("address %d: %d %s", n, status, said)
						break
					}
					time.Sleep(20 * time.Millisecond)
				}
				if answered.Add(1) == mostAddresses/2 {
					once.Do(func() { close(halfway) })
				}
			}
		})
	}
	all.Go(func() {
		defer close(numbers)
		for n := range addresses {
			numbers <- n
		}
	})
	<-halfway
	middle()
	all.Wait()
	if _, n := f.came(); n != mostAddresses {
		f.t.Errorf("%d addresses left, want %d", n, mostAddresses)
	}
}

// A card number that is cut over two prompts, one by each proxy, is caught by the
// second. Addresses that leave one at a time, by both, are replaced from the limit of
// a day on.
func TestFleetSums(t *testing.T) {
	t.Parallel()
	f := serveFleet(t, fmt.Sprintf("redis: {url: \"redis://%s\"}", StartRedis(t).Addr))

	f.sends(0, Marker+". The first half is "+Card[:9])
	f.sends(1, "and this is the rest: "+Card[10:]+", thanks")
	bodies, _ := f.came()
	if len(bodies) != 2 || !strings.Contains(bodies[0], Card[:9]) || strings.Contains(bodies[1], Card[10:]) || !strings.Contains(bodies[1], "[CREDIT_CARD_") {
		t.Errorf("the card came as %q", bodies)
	}

	for n := range mostAddresses {
		f.sends(n%2, customer(n))
		if _, came := f.came(); came != n+1 {
			t.Fatalf("after %d addresses %d came", n+1, came)
		}
	}
	for i := range 2 {
		f.sends(i, customer(mostAddresses+i))
		f.sends(i, customer(i)) // known
		bodies, came := f.came()
		redacted, known := bodies[len(bodies)-2], bodies[len(bodies)-1]
		if came != mostAddresses || !strings.Contains(redacted, "[EMAIL_ADDRESS_") || !strings.Contains(known, customer(i)) {
			t.Errorf("proxy %d: %d addresses came, the last as %q and %q", i, came, redacted, known)
		}
		if d := f.proxies[i].Decisions("api.openai.com"); !d[len(d)-2].Ruled("session.bleed") || d[len(d)-1].Ruled("session.bleed") {
			t.Errorf("proxy %d decided %+v", i, d[len(d)-2:])
		}
	}
}

// A proxy that is killed in the middle of a series takes no count with it.
func TestFleetKilled(t *testing.T) {
	t.Parallel()
	f := serveFleet(t, fmt.Sprintf("redis: {url: \"redis://%s\"}", StartRedis(t).Addr))
	f.sendAll(f.proxies[0].Kill)
	f.proxies[0].Start()
	f.clients[0] = f.client(0)
	f.sends(0, customer(1000))
	if _, n := f.came(); n != mostAddresses {
		t.Errorf("after it is back %d addresses left, want %d", n, mostAddresses)
	}
	f.proxies[0].Stop() // before what it was started by ends
}

// Redis fails over in the middle of a series: what was counted stays counted, and
// nothing goes beyond the limit. Meanwhile prompts are refused.
func TestFleetFailover(t *testing.T) {
	t.Parallel()
	primary, sentinels := StartWatched(t, 2)
	f := serveFleet(t, fmt.Sprintf("on_error: closed, redis: {url: \"redis://primary\", wait_replicas: 1, sentinel: {addresses: [%s]}}",
		strings.Join(addresses(sentinels), ", ")))
	f.sendAll(func() {
		primary.Kill()
		eventually(t, "there is another primary", func() bool { return sentinels[0].Primary(t) != primary.Addr })
	})
	refused := 0
	for _, s := range f.proxies {
		refused += len(s.Record(func(l Line) bool { return l.Record == "completion" && l.Reason == "session_unavailable" }))
	}
	if refused == 0 {
		t.Error("nothing was refused: did it fail over?")
	}
}

// While Redis is down, who is known may let a little more out; then nothing. What left
// meanwhile is counted afterwards, once.
func TestFleetOutage(t *testing.T) {
	t.Parallel()
	redis := StartRedis(t, "--appendonly", "yes", "--appendfsync", "always")
	f := serveFleet(t, fmt.Sprintf("on_error: budget, budget: {prompts: 5, values: 3}, redis: {url: \"redis://%s\"}", redis.Addr))
	refused := func(i int, prompt string) {
		t.Helper()
		if status, said := f.send(i, prompt); status != http.StatusServiceUnavailable || !strings.Contains(said, "What was sent before cannot be looked up now") {
			t.Errorf("proxy %d: %q: %d %s", i, prompt, status, said)
		}
	}
	for n := range 4 {
		f.sends(n%2, customer(n))
	}

	redis.Kill()
	for n := 4; n < 7; n++ {
		f.sends(0, customer(n))
	}
	refused(0, customer(7)) // the fourth value
	f.sends(0, customer(0)) // known
	f.sends(0, Marker)      // the fifth prompt
	refused(0, Marker)      // the sixth
	f.sends(1, customer(6)) // the other proxy has a budget of its own
	f.sends(1, customer(2)) // known to both
	if bodies, n := f.came(); len(bodies) != 11 || n != 7 {
		t.Fatalf("%d prompts with %d addresses came", len(bodies), n)
	}

	redis.Start(t)
	for i := range 2 {
		eventually(t, "it goes on", func() bool {
			status, _ := f.send(i, Marker)
			return status == http.StatusOK
		})
	}
	for n := 7; n < 12; n++ {
		f.sends(n%2, customer(n))
	}
	if bodies, n := f.came(); len(bodies) != 18 || n != mostAddresses {
		t.Errorf("%d prompts with %d addresses came", len(bodies), n)
	}
	through := 0
	for ; through < 2*mostPrompts; through++ {
		if status, _ := f.send(through%2, Marker); status != http.StatusOK {
			break
		}
	}
	if bodies, _ := f.came(); len(bodies) != mostPrompts {
		t.Errorf("%d prompts came, want %d", len(bodies), mostPrompts)
	}
}

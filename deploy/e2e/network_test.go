package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An haproxy stands before two listeners, one in clear and one with TLS to the
// proxy. Who is served, recorded and logged is the client that it names; its health
// checks go well.
func TestLoadBalancer(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	cert, key := o.Intranet.Files(t, "127.0.0.1")
	log := filepath.Join(t.TempDir(), "access.log")
	s := ServeConfig(t, fmt.Sprintf(`listen:
  proxy: ["127.0.0.1:0", "https://127.0.0.1:0"]
  admin: 127.0.0.1:0
  clients: [%s/32, %s/32]
  proxy_protocol: [%[2]s/32]
  tls: {cert_file: %s, key_file: %s}
destinations: {sanctioned: [openai-api]}
log: {access: squid, access_file: %s}
`, officeIP, balancerIP, cert, key, log)+o.upstream())
	plainly, secure := Balance(t, s.Proxies[0]), Balance(t, s.Proxies[1])
	plainly.Healthy()

	from := func(ip, proxy string, args ...string) Fetched {
		t.Helper()
		return s.Curl(t, s.CA, append(args, "--interface", ip, "--proxy", proxy, "--proxy-cacert", o.Intranet.File, "--header", "X-Forwarded-For: 192.0.2.1")...)
	}
	for i, proxy := range []string{"http://" + plainly.Address, "https://" + secure.Address} {
		got := from(officeIP, proxy, Chat(openAI, prompt)...)
		came := o.Got("api.openai.com", "/v1/chat/completions")
		if got.Status != 200 || len(came) != i+1 {
			t.Fatalf("%s: %+v, %d requests came", proxy, got, len(came))
		}
		redacted(t, came[i].Body)
		if got := s.Curl(t, o.Intranet.File, "https://"+intranet+"/", "--interface", officeIP, "--proxy", proxy, "--proxy-cacert", o.Intranet.File); got.Status != 200 {
			t.Errorf("%s: a tunnel: %+v", proxy, got)
		}
		if got := from(guestIP, proxy, Chat(openAI, prompt)...); got.Exit == 0 || got.Connect != 0 {
			t.Errorf("%s: a client that is not served: %+v", proxy, got)
		}
	}
	for _, l := range s.Record(func(l Line) bool { return l.Record == "decision" }) {
		if l.Client.IP != officeIP {
			t.Errorf("recorded for %s: %+v", l.Client.IP, l)
		}
	}
	if n := metric(s.Metrics(), `sluice_connections_refused_total{reason="client_address"}`); n != "2" {
		t.Errorf("turned away: %q, want 2", n)
	}
	// time elapsed client code/status bytes method URL user hierarchy/peer type
	line := regexp.MustCompile(`(?m)^\d+\.\d{3} +\d+ ` + officeIP + ` (\S+) \d+ (\S+ \S+) - (HIER_\S+)/(\S+) (\S+)$`)
	var lines [][]string
	eventually(t, "every exchange has its line", func() bool {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		lines = line.FindAllStringSubmatch(string(text), -1)
		return len(lines) == strings.Count(string(text), "\n") && len(lines) == 6
	})
	count := map[string]int{}
	for _, l := range lines {
		count[l[1]+" "+l[2]+" "+l[3]]++
	}
	for _, want := range []string{
		"TCP_MISS/200 POST https://api.openai.com/v1/chat/completions HIER_DIRECT",
		"NONE_NONE/200 CONNECT api.openai.com:443 HIER_NONE",
		"TCP_TUNNEL/200 CONNECT " + intranet + ":443 HIER_DIRECT",
	} {
		if count[want] != 2 {
			t.Errorf("%d lines %q in %v", count[want], want, count)
		}
	}
}

// metric is the value of one line of the metrics, "" without one.
func metric(text, name string) string {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// A tinyproxy is the only way out, and wants a password. What is read, what is
// tunnelled and what the parent refuses are told apart.
func TestParentProxy(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	parent := NewParent(t, o)
	port := func(name string) string {
		_, port, err := net.SplitHostPort(o.places[name])
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	s := ServeConfig(t, fmt.Sprintf(`listen: {proxy: "127.0.0.1:0", admin: "127.0.0.1:0"}
upstream:
  parent: %q
  ca_files: [%s]
  ports: [443, 80, %s, %s]
destinations: {sanctioned: [openai-api]}
`, parent.URL, o.CA.File, port("api.openai.com"), port(intranet)))

	chat := "api.openai.com:" + port("api.openai.com")
	if got := s.Curl(t, s.CA, Chat("https://"+chat+"/v1/chat/completions", prompt)...); got.Status != 200 {
		t.Errorf("a chat: %+v", got)
	}
	came := o.One("api.openai.com", "/v1/chat/completions")
	redacted(t, came.Body)
	tunnel := intranet + ":" + port(intranet)
	if got := s.Curl(t, o.Intranet.File, "https://"+tunnel+"/"); got.Status != 200 {
		t.Errorf("a tunnel: %+v", got)
	}
	for _, authority := range []string{chat, tunnel} {
		if !parent.Carried(authority) {
			t.Errorf("%s did not go through the parent", authority)
		}
	}
	if got := s.Curl(t, o.Intranet.File, "https://"+intranet+"/"); got.Connect != 502 { // the parent does not carry port 443
		t.Errorf("what the parent refuses: %+v", got)
	}
	eventually(t, "the parent's refusal is recorded", func() bool {
		return len(s.Record(func(l Line) bool { return l.Record == "completion" && l.Reason == "parent_refused" })) == 1
	})
}

// The browser's first proxy is dead, the second is the same sluice with TLS to
// itself: the browser goes on with that, and a chat works.
func TestBrowserFailover(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	cert, key := o.Intranet.Files(t, "127.0.0.1")
	dead, secure := free(t), free(t)
	s := ServeConfig(t, fmt.Sprintf(`listen:
  proxy: ["127.0.0.1:0", "https://%s"]
  admin: 127.0.0.1:0
  tls: {cert_file: %s, key_file: %s}
pac: {proxies: ["PROXY %s", "HTTPS %[1]s"]}
destinations: {sanctioned: [chatgpt]}
log: {access: json, access_file: %s}
`, secure, cert, key, dead, filepath.Join(t.TempDir(), "access.log"))+o.upstream())
	b := s.Browse(t, o)
	page := b.Open("https://chatgpt.com/")
	if page.Status != 200 || page.Title != "ChatGPT" || page.Protocol != "h2" || !strings.HasPrefix(page.Issuer, "Sluice") {
		t.Errorf("the page: %+v", page)
	}
	signIn(b)
	chat(b, prompt)
	page = b.Until("document.querySelector('.end')")
	came := o.Got("chatgpt.com", "/backend-api/f/conversation")
	if len(came) != 1 || redacted(t, came[0].Body) != redacted(t, page.Text) {
		t.Errorf("%d turns came; the page shows:\n%s", len(came), page.Text)
	}
}

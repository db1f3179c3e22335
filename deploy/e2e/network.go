package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Where Debian has them.
const (
	haproxy   = "/usr/sbin/haproxy"
	tinyproxy = "/usr/bin/tinyproxy"
)

// The addresses of a load balancer and of clients that a test tells apart. All of
// 127.0.0.0/8 is loopback.
const (
	balancerIP = "127.0.0.9"
	officeIP   = "127.0.0.7" // served
	guestIP    = "127.0.0.8" // not served
)

// A Balancer is an haproxy that stands before a proxy and says in a PROXY header,
// version 2, who its clients are.
type Balancer struct {
	Address string
	t       testing.TB
	stats   string // its socket
}

// Balance starts one before a proxy. Its health check asks for the PAC file.
func Balance(t testing.TB, to string) *Balancer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "sluice-e2e-") // a socket's name may not be long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b := &Balancer{Address: l.Addr().String(), t: t, stats: filepath.Join(dir, "s")}
	config := filepath.Join(dir, "haproxy.cfg")
	text := fmt.Sprintf(`global
	stats socket %s mode 600 level user
defaults
	mode tcp
	timeout connect 10s
	timeout client 60s
	timeout server 60s
listen proxies
	bind fd@3
	option httpchk GET /proxy.pac
	server sluice %s source %s send-proxy-v2 check check-send-proxy inter 200ms
`, b.stats, strings.TrimPrefix(to, "https://"), balancerIP)
	if strings.HasPrefix(to, "https://") { // the check speaks no TLS: it only connects
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\toption httpchk GET /proxy.pac\n", ""), " check check-send-proxy inter 200ms", "")
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(haproxy, "-db", "-f", config)
	cmd.ExtraFiles = []*os.File{socket} // its 3
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	start(t, cmd, nil)
	socket.Close()
	l.Close() // haproxy has the socket
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("haproxy:\n%s", out)
		}
	})
	return b
}

// Healthy waits until the health check has gone well.
func (b *Balancer) Healthy() {
	b.t.Helper()
	eventually(b.t, "haproxy's check goes well", func() bool {
		conn, err := net.Dial("unix", b.stats)
		if err != nil {
			return false
		}
		defer conn.Close()
		fmt.Fprintln(conn, "show stat")
		text, err := io.ReadAll(conn)
		return err == nil && bytes.Contains(text, []byte(",L7OK,"))
	})
}

// A Parent is a tinyproxy through which a proxy reaches everything. It wants a
// password, and it alone knows where the names are.
type Parent struct {
	URL string
	log string
	t   testing.TB
}

// NewParent starts one that knows the places of the origins.
func NewParent(t testing.TB, o *Origin) *Parent {
	t.Helper()
	wrapper, err := filepath.Glob("/usr/lib/*/libnss_wrapper.so")
	if err != nil || len(wrapper) != 1 {
		t.Fatalf("libnss-wrapper: %q, %v: deploy/test installs what is needed", wrapper, err)
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	address := free(t)
	_, port, _ := net.SplitHostPort(address)
	hosts, ports := "", ""
	for name, place := range o.places {
		hosts += "127.0.0.1 " + name + "\n"
		_, far, _ := net.SplitHostPort(place)
		ports += "ConnectPort " + far + "\n"
	}
	p := &Parent{URL: "http://sluice:" + Pass + "@" + address, log: at("log"), t: t}
	for name, text := range map[string]string{
		"hosts": hosts,
		"conf":  "Port " + port + "\nListen 127.0.0.1\nBasicAuth sluice " + Pass + "\nLogFile \"" + p.log + "\"\nLogLevel Connect\nMaxClients 50\n" + ports,
	} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(tinyproxy, "-d", "-c", at("conf"))
	cmd.Env = []string{"LD_PRELOAD=" + wrapper[0], "NSS_WRAPPER_HOSTS=" + at("hosts")}
	start(t, cmd, nil)
	eventually(t, "tinyproxy listens", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return p
}

// Carried reports whether a tunnel to an authority went through it.
func (p *Parent) Carried(authority string) bool {
	p.t.Helper()
	text, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Contains(string(text), "CONNECT "+authority+" HTTP/1.1")
}

// free is an address that nobody listens on, for who must know it beforehand.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

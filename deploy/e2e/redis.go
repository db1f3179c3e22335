package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A RedisServer is a real one on loopback that keeps nothing on disk and ends with
// the test.
type RedisServer struct {
	Addr string
	args []string
	cmd  *exec.Cmd
	end  <-chan error
}

// StartRedis starts a server with further settings: "--maxmemory", "2mb". An address
// of its own is chosen, unless the settings name a port.
func StartRedis(t testing.TB, settings ...string) *RedisServer {
	t.Helper()
	addr := free(t)
	_, port, _ := net.SplitHostPort(addr)
	return startRedisAt(t, addr, append([]string{
		"--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--maxmemory-policy", "noeviction",
	}, settings...)...)
}

// StartSentinel starts one that watches a primary under the name "primary".
func StartSentinel(t testing.TB, primary *RedisServer, quorum int) *RedisServer {
	t.Helper()
	addr := free(t)
	host, port, _ := net.SplitHostPort(addr)
	primaryHost, primaryPort, _ := net.SplitHostPort(primary.Addr)
	dir := t.TempDir()
	file := filepath.Join(dir, "sentinel.conf")
	config := fmt.Sprintf("bind %s\nport %s\ndir %s\nsentinel monitor primary %s %s %d\n"+
		"sentinel down-after-milliseconds primary 1000\nsentinel failover-timeout primary 5000\n",
		host, port, dir, primaryHost, primaryPort, quorum)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return startRedisAt(t, addr, file, "--sentinel")
}

// StartWatched starts a primary with replicas, and three Sentinels that know them all
// and each other.
func StartWatched(t testing.TB, replicas int) (primary *RedisServer, sentinels []*RedisServer) {
	t.Helper()
	primary = StartRedis(t, "--repl-diskless-sync-delay", "0")
	host, port, _ := net.SplitHostPort(primary.Addr)
	for range replicas {
		r := StartRedis(t, "--replicaof", host+" "+port)
		eventually(t, "the replica is connected", func() bool {
			return strings.Contains(r.Do(t, "INFO", "replication"), "master_link_status:up")
		})
	}
	for range 3 {
		sentinels = append(sentinels, StartSentinel(t, primary, 2))
	}
	known := fmt.Sprintf("num-slaves\n%d", replicas)
	for _, s := range sentinels {
		eventually(t, "the Sentinels know each other and the replicas", func() bool {
			told := s.Do(t, "SENTINEL", "MASTER", "primary")
			return strings.Contains(told, "num-other-sentinels\n2") && strings.Contains(told, known) && strings.HasPrefix(s.Do(t, "SENTINEL", "CKQUORUM", "primary"), "OK")
		})
	}
	return primary, sentinels
}

// Primary is the address that a Sentinel tells.
func (r *RedisServer) Primary(t testing.TB) string {
	t.Helper()
	host, port, _ := strings.Cut(r.Do(t, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "primary"), "\n")
	return net.JoinHostPort(host, port)
}

func addresses(servers []*RedisServer) []string {
	var all []string
	for _, s := range servers {
		all = append(all, s.Addr)
	}
	return all
}

func startRedisAt(t testing.TB, addr string, args ...string) *RedisServer {
	t.Helper()
	r := &RedisServer{Addr: addr, args: args}
	r.Start(t)
	return r
}

// Start starts it, also again after Kill: it has forgotten everything then.
func (r *RedisServer) Start(t testing.TB) {
	t.Helper()
	r.cmd = exec.Command("redis-server", r.args...)
	var out strings.Builder
	r.cmd.Stdout = &out
	r.end = start(t, r.cmd, nil)
	eventually(t, "redis-server answers", func() bool {
		select {
		case err := <-r.end:
			t.Fatalf("redis-server ended: %v\n%s", err, out.String())
		default:
		}
		conn, err := net.DialTimeout("tcp", r.Addr, time.Second)
		if err != nil {
			return false
		}
		defer conn.Close()
		if strings.Contains(strings.Join(r.args, " "), "--tls-port") {
			return true
		}
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		fmt.Fprint(conn, "PING\r\n")
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return strings.HasPrefix(line, "+PONG") || strings.HasPrefix(line, "-NOAUTH")
	})
}

// Kill ends it as a loss of power does.
func (r *RedisServer) Kill() {
	_ = r.cmd.Process.Kill()
	<-r.end
}

// Pause stops it from answering; what is sent to it waits.
func (r *RedisServer) Pause() { _ = r.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets it go on.
func (r *RedisServer) Resume() { _ = r.cmd.Process.Signal(syscall.SIGCONT) }

// Do runs a command with redis-cli and returns what it prints.
func (r *RedisServer) Do(t testing.TB, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, port, _ := net.SplitHostPort(r.Addr)
	out, err := exec.CommandContext(ctx, "redis-cli", append([]string{"-h", "127.0.0.1", "-p", port}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("redis-cli %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

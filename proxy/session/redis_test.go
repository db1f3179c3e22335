package session_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sluice-proxy/sluice/proxy/session"
)

// What a real server does is proven on one in deploy/e2e. The servers here do what a
// real one does rarely, or never.

// speak starts a server that answers commands with what answer returns: what stands
// on the wire. Where that is "hang up" it does. What a client says when it connects
// is answered as by an old primary, unless answer does.
func speak(t *testing.T, answer func(command string, args []string) string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				for r := bufio.NewReader(conn); ; {
					args, err := readCommand(r)
					if err != nil {
						return
					}
					reply := answer(strings.ToUpper(args[0]), args[1:])
					if reply == "" {
						reply = map[string]string{"CLIENT": "+OK\r\n", "INFO": bulk("role:master\r\n")}[strings.ToUpper(args[0])]
					}
					if reply == "" {
						reply = "-ERR unknown command\r\n"
					}
					if reply == "hang up" {
						return
					}
					if _, err := io.WriteString(conn, reply); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

func readCommand(r *bufio.Reader) (args []string, err error) {
	length := func() int {
		var line string
		if line, err = r.ReadString('\n'); err != nil {
			return 0
		}
		n, _ := strconv.Atoi(strings.TrimSpace(line[1:]))
		return n
	}
	for range length() {
		b := make([]byte, length()+2)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, err
		}
		args = append(args, string(b[:len(b)-2]))
	}
	if len(args) == 0 && err == nil {
		err = io.EOF
	}
	return args, err
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

func openRedis(t *testing.T, o session.RedisOptions) *session.Redis {
	t.Helper()
	r, err := session.NewRedis(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

const theValue = "\x00\x00\x00\x00\x00\x00\x00\x07data"

// A Put whose answer was lost knows itself when it is made again, and does not take
// another's place for a conflict.
func TestRedisLostAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answers []string // to the script, one after the other
		put     error    // what Put says
		take    error
		asked   int // by Put
	}{
		"done":               {[]string{":1\r\n"}, nil, session.ErrUnavailable, 1},
		"in conflict":        {[]string{bulk(theValue)}, session.ErrConflict, nil, 1},
		"none there":         {[]string{"$-1\r\n"}, session.ErrConflict, nil, 1},
		"lost and found":     {[]string{"hang up", ":1\r\n"}, nil, session.ErrUnavailable, 2},
		"lost twice":         {[]string{"hang up", "hang up", ":1\r\n"}, nil, session.ErrUnavailable, 3},
		"lost, and another":  {[]string{"hang up", bulk(theValue)}, session.ErrUnavailable, session.ErrUnavailable, 2},
		"lost, and none":     {[]string{"hang up", "$-1\r\n"}, session.ErrUnavailable, session.ErrUnavailable, 2},
		"lost for good":      {[]string{"hang up", "hang up", "hang up", ":1\r\n"}, session.ErrUnavailable, session.ErrUnavailable, 3},
		"lost, then not now": {[]string{"hang up", "-LOADING x\r\n", bulk(theValue)}, session.ErrUnavailable, session.ErrUnavailable, 3},
		"half of it":         {[]string{"$12\r\n\x00\x00", ":1\r\n"}, session.ErrUnavailable, session.ErrUnavailable, 1},
		"not now":            {[]string{"-LOADING Redis is loading the dataset in memory\r\n", ":1\r\n"}, nil, session.ErrUnavailable, 2},
		"a replica":          {[]string{"-READONLY You can't write against a read only replica.\r\n", bulk(theValue)}, session.ErrConflict, nil, 2},
		"moved":              {[]string{"-MOVED 3999 127.0.0.1:6381\r\n", ":1\r\n"}, session.ErrUnavailable, session.ErrUnavailable, 1},
		"full":               {[]string{"-OOM command not allowed when used memory > 'maxmemory'.\r\n", ":1\r\n"}, session.ErrUnavailable, session.ErrUnavailable, 1},
		"new to the script":  {[]string{"-NOSCRIPT No matching script.\r\n", ":1\r\n"}, nil, session.ErrUnavailable, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			asked := 0
			var values []string
			addr := speak(t, func(command string, args []string) string {
				if !strings.HasPrefix(command, "EVAL") {
					return ""
				}
				mu.Lock()
				defer mu.Unlock()
				asked++
				if len(args) > 4 {
					values = append(values, args[4])
				}
				if asked > len(c.answers) {
					return "-ERR asked too often\r\n"
				}
				return c.answers[asked-1]
			})
			store := openRedis(t, session.RedisOptions{URL: "redis://" + addr, Timeout: time.Second})
			v, err := store.Put(t.Context(), "k", 0, []byte("mine"), time.Minute)
			mu.Lock()
			if !errors.Is(err, c.put) || c.put == nil && err != nil || asked != c.asked {
				t.Errorf("put: %v, asked %d times", err, asked)
			}
			for _, value := range values {
				if value != values[0] {
					t.Error("it was made again as another")
				}
			}
			if err == nil && string(v.Data) != "mine" {
				t.Errorf("put gave %q", v.Data)
			}
			if errors.Is(err, session.ErrConflict) && !strings.Contains(strings.Join(c.answers, ""), "$-1") && (v.Version != 7 || string(v.Data) != "data") {
				t.Errorf("in conflict with %v", v)
			}
			asked = 0
			mu.Unlock()
			if _, err := store.Take(t.Context(), "k"); !errors.Is(err, c.take) || c.take == nil && err != nil {
				t.Errorf("take: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if c.answers[0] == "hang up" && asked != 1 {
				t.Errorf("a take whose answer was lost was made %d times", asked)
			}
		})
	}
}

// A server that answers what is no answer costs a call, not the process.
func TestRedisNonsense(t *testing.T) {
	for _, nonsense := range []string{
		"HTTP/1.1 400 Bad Request\r\n\r\n", "\x00\x00\x00\x00\r\n", "\r\n", "\n", "SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01\x00\x02\x02\x46",
		"$9223372036854775807\r\n", "$9223372036854775806\r\nx", "$99999999999\r\n", "$16777225\r\n", "$-2\r\n", "$x\r\n", "$\r\n", "$" + strings.Repeat("1", 100) + "\r\n",
		"*9223372036854775807\r\n", "*99999\r\n", "*-2\r\n", ">3\r\n+a\r\n+b\r\n+c\r\n", "%1\r\n+a\r\n+b\r\n", "=15\r\ntxt:Some string\r\n", "(12345678901234567890\r\n", "#t\r\n", "_\r\n", ",1.5\r\n",
		"+" + strings.Repeat("x", 100_000) + "\r\n", "-" + strings.Repeat("x", 100_000),
		":1x\r\n", ":\r\n", ":99999999999999999999\r\n", ":2\r\n", "+OK\r\n", "+\r\n", "-\r\n", "- \r\n", "*0\r\n", "*2\r\n:1\r\n:1\r\n", strings.Repeat("*1\r\n", 1000) + ":1\r\n",
		bulk(""), bulk("short"), bulk("\x00\x00\x00\x00\x00\x00\x00\x00zero"), "$5\r\nabcdefgh\r\n", bulk("\x00\x00\x00\x00\x00\x00\x00\x07data") + "+more\r\n",
	} {
		for _, at := range []string{"HELLO", "CLIENT", "INFO", "GET", "EVALSHA"} {
			t.Run(fmt.Sprintf("%.20q at %s", nonsense, at), func(t *testing.T) {
				t.Parallel()
				addr := speak(t, func(command string, args []string) string {
					if command == at {
						return nonsense
					}
					return ""
				})
				store := openRedis(t, session.RedisOptions{URL: "redis://" + addr, Timeout: 200 * time.Millisecond})
				for _, call := range []func() (session.Value, error){
					func() (session.Value, error) { return store.Get(t.Context(), "a-key") },
					func() (session.Value, error) {
						return store.Put(t.Context(), "a-key", 1, []byte("a-value"), time.Minute)
					},
					func() (session.Value, error) { return store.Take(t.Context(), "a-key") },
				} {
					began := time.Now()
					v, err := call()
					if took := time.Since(began); took > 5*time.Second {
						t.Errorf("it took %v", took)
					}
					switch {
					case errors.Is(err, session.ErrUnavailable):
					case v.Version == 7 && string(v.Data) == "data" && strings.HasSuffix(nonsense, "+more\r\n"): // a value, and then nonsense
					case at == "GET" || at == "EVALSHA":
						t.Errorf("%q was understood as %v, %v", nonsense, v, err)
					}
					if err != nil && (strings.Contains(err.Error(), "a-key") || strings.Contains(err.Error(), "a-value")) {
						t.Errorf("an error tells of what was stored: %v", err)
					}
				}
			})
		}
	}
}

// What a server repeats of what it was told is not in an error.
func TestRedisErrorsTellNothing(t *testing.T) {
	for _, said := range []string{"-ERR unknown command 'SET', with args beginning with: 'the-secret'\r\n", "-the-secret\r\n", "-THESECRETTHESECRETTHESECRET x\r\n"} {
		addr := speak(t, func(command string, args []string) string {
			if command == "GET" {
				return said
			}
			return ""
		})
		_, err := openRedis(t, session.RedisOptions{URL: "redis://" + addr}).Get(t.Context(), "k")
		if err == nil || err.Error() != "session: store not available: the server says ERR" {
			t.Errorf("got %v", err)
		}
	}
}

// A server that takes its time is not waited for beyond the call's.
func TestRedisSlow(t *testing.T) {
	silent := make(chan struct{})
	defer close(silent)
	for _, at := range []string{"HELLO", "CLIENT", "INFO", "GET", "EVALSHA"} {
		addr := speak(t, func(command string, args []string) string {
			if command == at {
				<-silent
			}
			return ""
		})
		store := openRedis(t, session.RedisOptions{URL: "redis://" + addr, Timeout: 50 * time.Millisecond})
		for _, ctx := range []context.Context{t.Context(), context.WithoutCancel(t.Context())} {
			began := time.Now()
			if _, err := store.Get(ctx, "k"); at != "EVALSHA" && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("slow at %s: %v", at, err)
			}
			if _, err := store.Take(ctx, "k"); at != "GET" && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("slow at %s: %v", at, err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("two calls of 50 ms took %v", took)
			}
		}
	}
}

// A Sentinel that answers nonsense, or names what is no primary, costs a call.
func TestRedisSentinelNonsense(t *testing.T) {
	replica := speak(t, func(command string, args []string) string {
		if command == "INFO" {
			return bulk("role:slave\r\n")
		}
		return ""
	})
	name := func(addr string) string {
		host, port, _ := net.SplitHostPort(addr)
		return "*2\r\n" + bulk(host) + bulk(port)
	}
	for _, answer := range []string{
		"*0\r\n", "*1\r\n+x\r\n", "*3\r\n+a\r\n+b\r\n+c\r\n", "*-1\r\n", "$-1\r\n", ":1\r\n", "HTTP/1.1 200 OK\r\n", "-ERR No such master with that name\r\n",
		"*2\r\n*0\r\n*0\r\n", "*2\r\n$-1\r\n$-1\r\n", "*2\r\n+\r\n+\r\n", "*2\r\n+127.0.0.1\r\n+99999\r\n", "*2\r\n+127.0.0.1\r\n+1\r\n", "hang up", name(replica),
	} {
		sentinel := speak(t, func(command string, args []string) string {
			if command == "SENTINEL" {
				return answer
			}
			return ""
		})
		store := openRedis(t, session.RedisOptions{URL: "redis://primary", Sentinels: []string{sentinel, sentinel, "127.0.0.1:1"}})
		if v, err := store.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%q: %v, %v", answer, v, err)
		}
	}

	// Most name the primary, one an old one that is gone, one is not there.
	primary := speak(t, func(command string, args []string) string {
		if command == "GET" {
			return bulk(theValue)
		}
		return ""
	})
	says := func(answer string) string {
		return speak(t, func(command string, args []string) string {
			if command == "SENTINEL" {
				if strings.Join(args, " ") != "get-master-addr-by-name the-primary" {
					return "-ERR\r\n"
				}
				return answer
			}
			return ""
		})
	}
	store := openRedis(t, session.RedisOptions{
		URL: "redis://the-primary", Timeout: time.Second,
		Sentinels: []string{says(name("127.0.0.1:1")), "127.0.0.1:1", says(name(primary)), says(name(primary))},
	})
	if v, err := store.Get(t.Context(), "k"); err != nil || v.Version != 7 {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestNewRedisRefuses(t *testing.T) {
	for _, o := range []session.RedisOptions{
		{}, {URL: "redis://"}, {URL: "localhost:6379"}, {URL: "http://h"}, {URL: "redis://:pass-word@h/x"}, {URL: "redis://:pass-word@h:port"},
		{URL: "redis://:pass word@h"}, {URL: "redis://:pass-word%zz@h"}, {URL: "rediss://:pass-word@h?skip_verify=true"}, {URL: "redis://h?max_retries=9"}, {URL: "redis://h#pass-word"},
		{URL: "redis://h", WaitReplicas: -1}, {URL: "redis://primary:6379", Sentinels: []string{"a:1"}}, {URL: "redis://primary", Sentinels: []string{"a"}}, {URL: "unix:///x", Sentinels: []string{"a:1"}},
	} {
		r, err := session.NewRedis(o)
		if err == nil {
			t.Errorf("%+v was taken", o)
			r.Close()
		} else if !strings.HasPrefix(err.Error(), "session: redis: ") || strings.Contains(err.Error(), "pass") {
			t.Errorf("%v", err)
		}
	}
	for _, url := range []string{"redis://h", "redis://h:1/3", "redis://user:x@h", "rediss://h", "unix:///run/redis.sock"} {
		r, err := session.NewRedis(session.RedisOptions{URL: url})
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		r.Close()
	}
}

// The client underneath prints nothing, and leaves nothing running once it is closed.
func TestRedisQuiet(t *testing.T) {
	before := goleak.IgnoreCurrent()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = w
	store, err := session.NewRedis(session.RedisOptions{URL: "redis://127.0.0.1:1", Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, err := store.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) {
			t.Error(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	if _, err := store.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("after it was closed: %v", err)
	}
	os.Stderr = stderr
	w.Close()
	if printed, _ := io.ReadAll(r); len(printed) > 0 {
		t.Errorf("it printed %q", printed)
	}
	time.Sleep(1100 * time.Millisecond) // the client looks each second whether it is closed
	goleak.VerifyNone(t, before)
}

func TestRedisTooLarge(t *testing.T) {
	store := openRedis(t, session.RedisOptions{URL: "redis://127.0.0.1:1"})
	if _, err := store.Put(t.Context(), "k", 0, make([]byte, 16<<20+1), time.Minute); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("got %v", err)
	}
}

// What may be lost is refused while the server is more than three quarters full, and is
// taken again afterwards; what may not be lost is always taken.
func TestRedisSpare(t *testing.T) {
	for name, c := range map[string]struct {
		memory string
		spare  error
	}{
		"room":             {"used_memory:750\r\nmaxmemory:1000\r\n", nil},
		"none":             {"used_memory:751\r\nmaxmemory:1000\r\n", session.ErrUnavailable},
		"no bound":         {"used_memory:751\r\nmaxmemory:0\r\n", nil},
		"not said":         {"role:master\r\n", nil},
		"cannot be looked": {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var looks atomic.Int32
			r := openRedis(t, session.RedisOptions{URL: "redis://" + speak(t, func(command string, args []string) string {
				switch {
				case command == "EVALSHA":
					return ":1\r\n"
				case command == "INFO" && len(args) > 0 && args[0] == "memory":
					looks.Add(1)
					if c.memory == "" {
						return "-NOPERM no\r\n"
					}
					return bulk(c.memory)
				}
				return ""
			})})
			spare := r.Spare()
			for range 3 {
				if _, err := spare.Put(t.Context(), "k", 0, []byte("x"), time.Hour); !errors.Is(err, c.spare) {
					t.Errorf("spare: %v", err)
				}
				if _, err := r.Put(t.Context(), "k", 0, []byte("x"), time.Hour); err != nil {
					t.Error(err)
				}
			}
			if n := looks.Load(); n != 1 {
				t.Errorf("it looked %d times", n)
			}
		})
	}
}

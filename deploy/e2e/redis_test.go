package e2e

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-proxy/sluice/proxy/session"
	"github.com/sluice-proxy/sluice/proxy/session/sessiontest"
)

func openRedis(t testing.TB, o session.RedisOptions) *session.Redis {
	t.Helper()
	r, err := session.NewRedis(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// slow is the time of a call where a test is of something else than time: a loaded
// machine with the race detector takes its time.
const slow = 5 * time.Second

func TestRedisStore(t *testing.T) {
	server := StartRedis(t)
	o := session.RedisOptions{URL: "redis://" + server.Addr, Timeout: slow}
	store := openRedis(t, o)
	sessiontest.Run(t, func() session.Store { return store })
	t.Run("two proxies", func(t *testing.T) { sessiontest.Increments(t, store, openRedis(t, o)) })
	t.Run("prefix", func(t *testing.T) {
		all, ours := server.Do(t, "EVAL", "return #redis.call('KEYS', '*')", "0"), server.Do(t, "EVAL", "return #redis.call('KEYS', 'sluice:sessiontest:*')", "0")
		if all != ours || all == "0" {
			t.Errorf("of %s keys %s are under the prefix", all, ours)
		}
	})
	t.Run("name", func(t *testing.T) {
		if list := server.Do(t, "CLIENT", "LIST"); !strings.Contains(list, "name=sluice") {
			t.Errorf("no client is named sluice:\n%s", list)
		}
	})
	// A server that has forgotten the scripts is sent them again.
	t.Run("scripts", func(t *testing.T) {
		server.Do(t, "SCRIPT", "FLUSH", "SYNC")
		v, err := store.Put(t.Context(), "after the flush", 0, []byte("x"), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		server.Do(t, "SCRIPT", "FLUSH", "SYNC")
		if got, err := store.Take(t.Context(), "after the flush"); err != nil || got.Version != v.Version {
			t.Errorf("took %v, %v", got, err)
		}
	})
}

// The user that the documentation of session.Redis gives, over TLS.
func TestRedisStoreSecured(t *testing.T) {
	authority := NewAuthority(t, "Redis CA")
	cert, key := authority.Files(t, "127.0.0.1")
	addr := free(t)
	_, port, _ := net.SplitHostPort(addr)
	startRedisAt(t, addr, append([]string{"--port", "0", "--tls-port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "",
		"--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", authority.File, "--tls-auth-clients", "no",
		"--user", "default", "off", "--user"},
		strings.Fields("sluice on >open-sesame resetchannels -@all ~sluice:* +eval +evalsha +get +getrange +set +del +wait +info +client|setname")...)...)
	pem, err := os.ReadFile(authority.File)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	o := session.RedisOptions{
		URL: "rediss://" + addr, Username: "sluice", Password: "open-sesame",
		TLS: &tls.Config{RootCAs: roots}, Timeout: slow,
	}
	store := openRedis(t, o)
	sessiontest.Run(t, func() session.Store { return store })
	report, err := store.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Problems) != 1 || !strings.Contains(report.Problems[0], "append-only") {
		t.Errorf("found %q", report.Problems)
	}

	refused := func(name, says string, change func(*session.RedisOptions)) {
		t.Run(name, func(t *testing.T) {
			other := o
			change(&other)
			_, err := openRedis(t, other).Put(t.Context(), "x", 0, nil, time.Minute)
			if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "sesame") {
				t.Errorf("got %v", err)
			}
		})
	}
	refused("another CA", "certificate", func(o *session.RedisOptions) { o.TLS = nil })
	refused("another name", "certificate", func(o *session.RedisOptions) {
		o.TLS = &tls.Config{RootCAs: roots, ServerName: "redis.example"}
	})
	refused("wrong password", "WRONGPASS", func(o *session.RedisOptions) { o.Password = "sesame" })
	refused("no password", "NO", func(o *session.RedisOptions) { o.Username, o.Password = "", "" })
	refused("without TLS", "", func(o *session.RedisOptions) { o.URL, o.TLS = "redis://"+addr, nil })
	refused("outside its keys", "NOPERM", func(o *session.RedisOptions) { o.Prefix = "other:" })
}

func TestRedisProbe(t *testing.T) {
	server := StartRedis(t, "--appendonly", "yes")
	o := session.RedisOptions{URL: "redis://" + server.Addr, Timeout: slow}
	store := openRedis(t, o)
	report, err := store.Probe(t.Context())
	if err != nil || len(report.Problems) != 0 || report.Mode != "standalone" || !strings.HasPrefix(report.Server, "redis ") || report.Clock.Abs() > time.Second {
		t.Errorf("got %+v, %v", report, err)
	}
	if left := server.Do(t, "DBSIZE"); left != "0" {
		t.Errorf("the probe left %s keys", left)
	}
	server.Do(t, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	report, err = store.Probe(t.Context())
	if err != nil || len(report.Problems) != 1 || !strings.Contains(report.Problems[0], "allkeys-lru") {
		t.Errorf("got %+v, %v", report, err)
	}
	for _, missing := range []string{"eval", "evalsha", "get", "getrange", "set", "del", "info", "client|setname"} {
		server.Do(t, "ACL", "SETUSER", "partly", "reset", "on", ">x", "~*", "+@all")
		if missing == "client|setname" {
			server.Do(t, "ACL", "SETUSER", "partly", "-client")
		} else {
			server.Do(t, "ACL", "SETUSER", "partly", "-"+missing)
		}
		server.Do(t, "SCRIPT", "FLUSH", "SYNC")
		o.Username, o.Password = "partly", "x"
		if _, err := openRedis(t, o).Probe(t.Context()); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "NOPERM") {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	server.Do(t, "ACL", "SETUSER", "partly", "reset", "on", ">x", "~*", "+@all", "-wait")
	o.WaitReplicas = 1
	if _, err := openRedis(t, o).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "NOPERM") {
		t.Errorf("without wait: %v", err)
	}
}

// What a server may suffer costs calls their time at most, and is over when it is.
func TestRedisTroubles(t *testing.T) {
	const timeout = 300 * time.Millisecond
	server := StartRedis(t)
	store := openRedis(t, session.RedisOptions{URL: "redis://" + server.Addr, Timeout: timeout, Connections: 4})
	works := func() bool {
		_, err := store.Put(t.Context(), "works "+time.Now().String(), 0, []byte("x"), time.Minute)
		return err == nil
	}
	// fails proves that every kind of call, or only those that write, is refused in
	// time, by many callers at once.
	fails := func(t *testing.T, says string, reads bool) {
		t.Helper()
		key := rand.Text()
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				began := time.Now()
				var err error
				switch i % 3 {
				case 0:
					_, err = store.Put(t.Context(), key, 0, make([]byte, 1000), time.Minute)
				case 1:
					if _, err = store.Get(t.Context(), key); !reads {
						if err != nil {
							t.Errorf("reading failed: %v", err)
						}
						return
					}
				case 2:
					if _, err = store.Take(t.Context(), key); !reads {
						return // nothing is there: it may say so
					}
				}
				if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), says) && !strings.Contains(err.Error(), "all connections") || strings.Contains(err.Error(), key) {
					t.Errorf("call %d: %v", i, err)
				}
				if took := time.Since(began); took > timeout+time.Second {
					t.Errorf("call %d took %v", i, took)
				}
			})
		}
		all.Wait()
	}
	eventually(t, "the store works", works)

	t.Run("paused", func(t *testing.T) {
		server.Pause()
		fails(t, "deadline", true)
		server.Resume()
		eventually(t, "the store works", works)
	})
	t.Run("cancelled", func(t *testing.T) {
		server.Pause()
		defer server.Resume()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		began := time.Now()
		_, err := store.Get(ctx, "x")
		if !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took > timeout-50*time.Millisecond {
			t.Errorf("a call that was cancelled after 20 ms took %v", took)
		}
	})
	t.Run("full", func(t *testing.T) {
		eventually(t, "the store works", works)
		server.Do(t, "CONFIG", "SET", "maxmemory", "1")
		fails(t, "OOM", false)
		server.Do(t, "CONFIG", "SET", "maxmemory", "0")
		eventually(t, "the store works", works)
	})
	t.Run("replica", func(t *testing.T) {
		if _, err := store.Put(t.Context(), "kept", 0, []byte("x"), time.Minute); err != nil {
			t.Fatal(err)
		}
		other := StartRedis(t)
		host, port, _ := net.SplitHostPort(other.Addr)
		server.Do(t, "REPLICAOF", host, port)
		server.Do(t, "CLIENT", "KILL", "TYPE", "normal") // as a Sentinel does
		fails(t, "", true)
		server.Do(t, "REPLICAOF", "NO", "ONE")
		eventually(t, "the store works", works)
	})
	t.Run("read-only", func(t *testing.T) { // a replica whose connections were kept
		other := StartRedis(t)
		host, port, _ := net.SplitHostPort(other.Addr)
		server.Do(t, "REPLICAOF", host, port)
		if _, err := store.Put(t.Context(), "x", 0, nil, time.Minute); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		server.Do(t, "REPLICAOF", "NO", "ONE")
		eventually(t, "the store works", works)
	})
	t.Run("too few replicas", func(t *testing.T) {
		server.Do(t, "CONFIG", "SET", "min-replicas-to-write", "1")
		fails(t, "NOREPLICAS", false)
		server.Do(t, "CONFIG", "SET", "min-replicas-to-write", "0")
		eventually(t, "the store works", works)
	})
	t.Run("connections cut", func(t *testing.T) {
		var cut atomic.Bool
		var cutting sync.WaitGroup
		cutting.Go(func() {
			for range 40 {
				server.Do(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
			}
			cut.Store(true)
		})
		// Conflicts are none: a key is put by one alone.
		var calls, failed int
		for i := 0; !cut.Load(); i++ {
			calls++
			key := fmt.Sprint("cut ", i)
			if _, err := store.Put(t.Context(), key, 0, []byte("x"), time.Minute); errors.Is(err, session.ErrConflict) {
				t.Errorf("%d is in conflict with itself", i)
			} else if err != nil {
				failed++
			}
		}
		cutting.Wait()
		if failed > calls/10 {
			t.Errorf("%d of %d calls failed for connections that were cut", failed, calls)
		}
		eventually(t, "the store works", works)
	})
	t.Run("wrong type", func(t *testing.T) {
		server.Do(t, "RPUSH", "sluice:list", "x")
		server.Do(t, "SET", "sluice:short", "x")
		for _, key := range []string{"list", "short"} {
			if v, err := store.Get(t.Context(), key); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("%s was read as %v, %v", key, v, err)
			}
			if v, err := store.Put(t.Context(), key, 0, nil, time.Minute); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("%s was written as %v, %v", key, v, err)
			}
		}
	})
	t.Run("killed", func(t *testing.T) {
		server.Kill()
		fails(t, "", true)
		server.Start(t)
		began := time.Now()
		eventually(t, "the store works", works)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it worked again only after %v", took)
		}
	})
}

// What replicas have not got is not acknowledged.
func TestRedisWaits(t *testing.T) {
	primary := StartRedis(t)
	host, port, _ := net.SplitHostPort(primary.Addr)
	replica := StartRedis(t, "--replicaof", host+" "+port)
	o := session.RedisOptions{URL: "redis://" + primary.Addr, WaitReplicas: 1, Timeout: 500 * time.Millisecond}
	store := openRedis(t, o)
	eventually(t, "the replica has what is put", func() bool {
		_, err := store.Put(t.Context(), rand.Text(), 0, []byte("x"), time.Minute)
		return err == nil
	})
	stands, err := store.Put(t.Context(), "stands", 0, []byte("x"), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	replica.Pause()
	for name, call := range map[string]func() error{
		"put":  func() error { _, err := store.Put(t.Context(), "new", 0, []byte("x"), time.Minute); return err },
		"take": func() error { _, err := store.Take(t.Context(), "stands"); return err },
	} {
		began := time.Now()
		if err := call(); !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(err.Error(), "too few replicas") {
			t.Errorf("%s without a replica: %v", name, err)
		}
		if took := time.Since(began); took > o.Timeout+time.Second {
			t.Errorf("%s without a replica took %v", name, took)
		}
	}
	// What changes nothing needs no replica.
	if v, err := store.Put(t.Context(), "stands", stands.Version, nil, time.Minute); !errors.Is(err, session.ErrConflict) || v.Version != 0 {
		t.Errorf("a conflict without a replica: %v, %v", v, err)
	}
	if v, err := store.Take(t.Context(), "stands"); err != nil || v.Version != 0 {
		t.Errorf("taking what is not there without a replica: %v, %v", v, err)
	}
	if v, err := store.Get(t.Context(), "new"); err != nil || string(v.Data) != "x" {
		t.Errorf("reading without a replica: %v, %v", v, err)
	}
	o.WaitReplicas = 0
	if _, err := openRedis(t, o).Put(t.Context(), "not waited for", 0, nil, time.Minute); err != nil {
		t.Error(err)
	}
	replica.Resume()
	eventually(t, "the replica has what is put", func() bool {
		_, err := store.Put(t.Context(), rand.Text(), 0, []byte("x"), time.Minute)
		return err == nil
	})
	replica.Kill()
	eventually(t, "the primary knows", func() bool { return strings.Contains(primary.Do(t, "INFO", "replication"), "connected_slaves:0") })
	report, err := openRedis(t, session.RedisOptions{URL: "redis://" + primary.Addr}).Probe(t.Context())
	if err != nil || report.Replicas != 0 {
		t.Errorf("got %+v, %v", report, err)
	}
	if _, err := store.Probe(t.Context()); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("a probe of what acknowledges nothing: %v", err)
	}
}

// A primary dies in the middle of increments, its Sentinels choose a replica: what
// was acknowledged is there. The same through a failover that is asked for, where
// the old primary lives.
func TestRedisFailover(t *testing.T) {
	for _, way := range []string{"killed", "asked for", "paused"} {
		t.Run(way, func(t *testing.T) { failover(t, way) })
	}
}

func failover(t *testing.T, way string) {
	primary, sentinels := StartWatched(t, 2)
	asked := sentinels[2]
	dead := free(t) // of four Sentinels one is not there
	store := openRedis(t, session.RedisOptions{URL: "redis://primary", Sentinels: append(addresses(sentinels), dead), WaitReplicas: 2, Timeout: time.Second})
	report, err := store.Probe(t.Context())
	if err != nil || report.Mode != "sentinel" || report.Replicas != 2 {
		t.Fatalf("got %+v, %v", report, err)
	}

	const keys = 4
	var acknowledged, unknown [keys]atomic.Int64
	var after atomic.Int64 // acknowledged since the new primary is there
	var moved atomic.Bool
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			key := i % keys
			for ctx.Err() == nil {
				if err := sessiontest.Increment(t.Context(), store, fmt.Sprint("count ", key)); err == nil {
					acknowledged[key].Add(1)
					if moved.Load() {
						after.Add(1)
					}
				} else {
					unknown[key].Add(1)
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	eventually(t, "it counts", func() bool { return acknowledged[0].Load() > 50 })
	old := primary.Addr
	switch way {
	case "killed":
		primary.Kill()
	case "paused":
		primary.Pause()
	case "asked for":
		asked.Do(t, "SENTINEL", "FAILOVER", "primary")
	}
	eventually(t, "there is another primary", func() bool { return asked.Primary(t) != old })
	switch way { // the other replica alone is too few: it comes back as one
	case "killed":
		primary.Start(t)
	case "paused":
		primary.Resume()
	}
	moved.Store(true)
	eventually(t, "it counts again", func() bool { return after.Load() > 100 })
	stop()
	all.Wait()
	for key := range keys {
		n, err := sessiontest.Count(t.Context(), store, fmt.Sprint("count ", key))
		if err != nil {
			t.Fatal(err)
		}
		got, yes, maybe := int64(n), acknowledged[key].Load(), unknown[key].Load()
		t.Logf("counted %d: %d acknowledged, %d unknown", got, yes, maybe)
		if got < yes || got > yes+maybe {
			t.Errorf("counted %d, of %d acknowledged and %d unknown", got, yes, maybe)
		}
	}
}

// BenchmarkRedis is what a store on the same machine costs, with a value of the size
// of a ledger.
func BenchmarkRedis(b *testing.B) {
	server := StartRedis(b)
	store := openRedis(b, session.RedisOptions{URL: "redis://" + server.Addr, Timeout: slow})
	data := make([]byte, 1_700)
	var n atomic.Int64
	each := func(b *testing.B, call func(key string) error) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			key := fmt.Sprint("bench ", n.Add(1))
			for pb.Next() {
				if err := call(key); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	b.Run("Get", func(b *testing.B) {
		each(b, func(key string) error { _, err := store.Get(b.Context(), key); return err })
	})
	b.Run("GetAndPut", func(b *testing.B) {
		each(b, func(key string) error {
			v, err := store.Get(b.Context(), key)
			if err == nil {
				_, err = store.Put(b.Context(), key, v.Version, data, time.Minute)
			}
			return err
		})
	})
	b.Run("PutAndTake", func(b *testing.B) {
		each(b, func(key string) error {
			key = "taken " + key
			_, err := store.Put(b.Context(), key, 0, data, time.Minute)
			if err == nil {
				_, err = store.Take(b.Context(), key)
			}
			return err
		})
	})
}

// TestRedisSpare: on a server that is almost full, what may be lost is refused and what
// may not be lost is written.
func TestRedisSpare(t *testing.T) {
	server := StartRedis(t)
	store := openRedis(t, session.RedisOptions{URL: "redis://" + server.Addr, Timeout: slow})
	if _, err := store.Spare().Put(t.Context(), "early", 0, []byte("x"), time.Minute); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(server.Do(t, "INFO", "memory"), "used_memory:")
	used, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	server.Do(t, "CONFIG", "SET", "maxmemory", strconv.Itoa(used+used/5))
	if _, err := store.Spare().Put(t.Context(), "late", 0, []byte("x"), time.Minute); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("what may be lost: %v", err)
	}
	if _, err := store.Put(t.Context(), "needed", 0, []byte("x"), time.Minute); err != nil {
		t.Errorf("what may not: %v", err)
	}
}

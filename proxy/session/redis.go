package session

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// RedisOptions are what NewRedis needs.
type RedisOptions struct {
	// URL is redis://[user[:password]@]host[:port][/database], rediss:// over TLS, or
	// unix:///path; it takes no parameters. With Sentinels its host is the name by
	// which they know the primary, without a port.
	URL string
	// Username and Password are used instead of those in the URL.
	Username, Password string
	// TLS is for rediss://, also to the Sentinels; nil: the roots of the system. The
	// server is always verified, by the name or address it is reached by where there
	// is no ServerName.
	TLS *tls.Config

	Sentinels                          []string // host:port of each
	SentinelUsername, SentinelPassword string

	// WaitReplicas is how many replicas must have what was written before a Put or a
	// Take returns; see Redis.
	WaitReplicas int

	Prefix      string        // of every key; "": "sluice:"
	Timeout     time.Duration // of a call, in all; 0: 250 ms
	Connections int           // at most; 0: 32
}

const (
	defaultPrefix      = "sluice:"
	defaultTimeout     = 250 * time.Millisecond
	defaultConnections = 32

	// maxValue bounds what is put, and so what a server may answer.
	maxValue = 16 << 20
	// connLifetime bounds how long a connection is used to a server that has become a
	// replica, or has been cut off from its Sentinels, and says so to nobody.
	connLifetime = 15 * time.Second
)

// Redis is a Store in Redis 6 or later, or Valkey: for a fleet. It is not for Redis
// Cluster. A value is a string: its version in 8 bytes, big-endian, and the data, of
// 16 MiB at most. Data and times to live are the server's to keep: it must not evict
// (maxmemory-policy noeviction) and should write an append-only file. Probe tells
// what is amiss.
//
// The user of the server needs no more than
//
//	ACL SETUSER sluice on >PASSWORD resetchannels -@all ~sluice:*
//	    +eval +evalsha +get +getrange +set +del +wait +info +client|setname
//
// and that of a Sentinel: sentinel|get-master-addr-by-name.
//
// A call ends after Timeout, whatever the server does, with ErrUnavailable: when it
// is slow, gone, loading, full, a replica, or answers what is not an answer. A call
// that the server certainly has not done is made again within that time, and so is a
// Get or a Put whose connection broke: a Put carries the version it will have, by
// which it knows itself. If another has written after the first of two such tries,
// nobody can tell whether that came before or upon ours: ErrUnavailable, not
// ErrConflict. A Take is never made twice.
//
// # Failover
//
// Replication is asynchronous: what a primary acknowledged and no replica has yet is
// lost when it dies. With WaitReplicas a Put or a Take returns only when so many
// replicas have it (WAIT), else with ErrUnavailable. If that is the number of
// replicas that may be promoted, nothing acknowledged is lost by a failover; if it is
// less, a failover may choose a replica that has not got it. A primary that has been
// cut off from its replicas acknowledges nothing then; what it still answers to Get
// may be old, for as long as a connection lives (15 s), and what is decided from that
// cannot be put. min-replicas-to-write on the server refuses most such writes before
// they are done, but alone does not promise any of this. What remains: replicas hold
// writes in memory before they are on disk, so that a loss of power to all of them
// loses some; a primary that restarts empty, before it is failed over, empties its
// replicas (persist, or do not restart it by itself); a value lives longer or shorter
// by the difference of the servers' clocks.
type Redis struct {
	client   *redis.Client
	prefix   string
	timeout  time.Duration
	wait     int
	sentinel bool
}

// putScript writes ARGV[2], a version and data, where the version ARGV[1] stands, or
// its own: then it was done before, and is done again so that WAIT waits for it.
var putScript = redis.NewScript(`
local stands = redis.call('GETRANGE', KEYS[1], 0, 7)
if stands ~= ARGV[1] and stands ~= string.sub(ARGV[2], 1, 8) then
  return redis.call('GET', KEYS[1])
end
local done = redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if done.err then return done end
return 1`)

var takeScript = redis.NewScript(`
local stands = redis.call('GET', KEYS[1])
if not stands then return stands end
local done = redis.pcall('DEL', KEYS[1])
if type(done) == 'table' then return done end
return stands`)

// NewRedis returns a store that connects when it is asked. It starts nothing; Close
// ends its connections.
func NewRedis(o RedisOptions) (*Redis, error) {
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Connections <= 0 {
		o.Connections = defaultConnections
	}
	opt, d, err := parseRedis(o)
	if err != nil {
		return nil, fmt.Errorf("session: redis: %w", err)
	}
	redis.SetLogger(silence{}) // what matters is in the errors
	opt.Dialer = d.dial
	opt.OnConnect = primaryOnly
	opt.ClientName = "sluice"
	opt.PoolSize = o.Connections
	opt.MaxActiveConns = o.Connections
	opt.ConnMaxLifetime, opt.ConnMaxLifetimeJitter = connLifetime, connLifetime/4
	return &Redis{
		client: redis.NewClient(opt), prefix: o.Prefix, timeout: o.Timeout,
		wait: o.WaitReplicas, sentinel: len(o.Sentinels) > 0,
	}, nil
}

// Close ends the connections. Calls after it fail.
func (r *Redis) Close() error { return r.client.Close() }

// Get is Store's.
func (r *Redis) Get(ctx context.Context, key string) (Value, error) {
	reply, _, err := r.call(ctx, true, func(ctx context.Context) (any, error) {
		return r.client.Do(ctx, "GET", r.prefix+key).Result() // with its type, which Get would lose
	})
	if err != nil {
		return Value{}, failed(err)
	}
	return decode(reply)
}

// Put is Store's. A time to live below a millisecond counts as one.
func (r *Redis) Put(ctx context.Context, key string, old uint64, data []byte, ttl time.Duration) (Value, error) {
	if len(data) > maxValue {
		return Value{}, unavailable(errTooLarge)
	}
	var stands []byte
	if old != 0 {
		stands = binary.BigEndian.AppendUint64(nil, old)
	}
	version := newVersion()
	value := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(data)), version)
	value = append(value, data...)
	reply, lost, err := r.call(ctx, true, func(ctx context.Context) (any, error) {
		return r.run(ctx, putScript, key, stands, value, max(ttl.Milliseconds(), 1))
	})
	if _, other := reply.(string); other && errors.Is(err, errReplicas) {
		err = nil // nothing was written that replicas could lack
	}
	switch {
	case err != nil:
		return Value{}, failed(err)
	case reply == int64(1):
		return Value{Data: value[8:], Version: version}, nil
	case lost:
		return Value{}, unavailable(errLost)
	}
	v, err := decode(reply)
	if err != nil {
		return Value{}, err
	}
	return v, ErrConflict
}

// Take is Store's.
func (r *Redis) Take(ctx context.Context, key string) (Value, error) {
	reply, _, err := r.call(ctx, false, func(ctx context.Context) (any, error) {
		return r.run(ctx, takeScript, key)
	})
	if err != nil {
		return Value{}, failed(err)
	}
	return decode(reply)
}

// decode reads a value as it stands in the server; nil is none.
func decode(reply any) (Value, error) {
	if reply == nil {
		return Value{}, nil
	}
	stands, ok := reply.(string)
	if !ok || len(stands) < 8 {
		return Value{}, unavailable(errNonsense)
	}
	v := Value{Data: []byte(stands[8:]), Version: binary.BigEndian.Uint64([]byte(stands[:8]))}
	if v.Version == 0 {
		return Value{}, unavailable(errNonsense)
	}
	return v, nil
}

// parseRedis reads the options. Its errors hold nothing of a URL, for that may hold
// a password.
func parseRedis(o RedisOptions) (*redis.Options, *dialer, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, nil, errors.New("the URL cannot be read")
	}
	switch {
	case u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix":
		return nil, nil, errors.New("the URL is none of redis://, rediss:// and unix://")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, nil, errors.New("the URL takes no parameters")
	case u.Scheme != "unix" && u.Hostname() == "":
		return nil, nil, errors.New("the URL has no host")
	case o.TLS != nil && u.Scheme != "rediss":
		return nil, nil, errors.New("TLS is for rediss://")
	case o.TLS != nil && o.TLS.InsecureSkipVerify:
		return nil, nil, errors.New("the server must be verified")
	case o.WaitReplicas < 0:
		return nil, nil, errors.New("replicas to wait for are none or more")
	case len(o.Sentinels) > 0 && (u.Scheme == "unix" || u.Port() != ""):
		return nil, nil, errors.New("with Sentinels the host of the URL is the name of the primary, without a port")
	}
	opt, err := redis.ParseURL(o.URL)
	if err != nil {
		return nil, nil, errors.New("the URL cannot be read: is the database a number?")
	}
	if o.Username != "" {
		opt.Username = o.Username
	}
	if o.Password != "" {
		opt.Password = o.Password
	}
	d := &dialer{sentinels: o.Sentinels, username: o.SentinelUsername, password: o.SentinelPassword, timeout: o.Timeout}
	if len(o.Sentinels) > 0 {
		d.primary = u.Hostname()
	}
	for _, addr := range o.Sentinels {
		if !strings.Contains(addr, ":") {
			return nil, nil, errors.New("a Sentinel is host:port")
		}
	}
	if u.Scheme == "rediss" {
		d.tls = &tls.Config{}
		if o.TLS != nil {
			d.tls = o.TLS.Clone()
		}
		d.tls.MinVersion = max(d.tls.MinVersion, tls.VersionTLS12)
		opt.TLSConfig = nil // the dialer's
	}
	d.bound(opt)
	return opt, d, nil
}

// bound closes what is unsafe by default: a retry that makes a Put its own rival,
// five dials for one, waits beyond the call's, the parts of a protocol that lets a
// server speak unasked, and questions that old servers do not understand.
func (d *dialer) bound(opt *redis.Options) {
	opt.MaxRetries = -1
	opt.DialerRetries = 1
	opt.DialTimeout = 4 * d.timeout // a dial that takes longer than its call serves the next
	opt.ReadTimeout, opt.WriteTimeout, opt.PoolTimeout = d.timeout, d.timeout, d.timeout
	opt.ContextTimeoutEnabled = true
	opt.Protocol = 2
	opt.DisableIdentity = true
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	opt.PipelinePoolSize = -1
	opt.ConnMaxIdleTime = time.Minute
}

type silence struct{}

// Printf is redis.Logging's.
func (silence) Printf(context.Context, string, ...any) {}

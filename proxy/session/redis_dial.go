package session

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

var errNoPrimary = errors.New("no Sentinel names a primary")

// A dialer connects to the server, or to that which the Sentinels name. It asks them
// for each connection (the client's own failover keeps a goroutine for it, and panics
// in that when a Sentinel answers nonsense).
type dialer struct {
	primary            string // as the Sentinels know it
	sentinels          []string
	username, password string // for the Sentinels
	tls                *tls.Config
	timeout            time.Duration
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if len(d.sentinels) == 0 {
		return d.connect(ctx, network, addr)
	}
	named := d.ask(ctx)
	err := errNoPrimary
	for i, addr := range named {
		// One that does not answer leaves time for the next.
		part, cancel := ctx, context.CancelFunc(func() {})
		if deadline, ok := ctx.Deadline(); ok && i < len(named)-1 {
			part, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		}
		var conn net.Conn
		conn, err = d.connect(part, "tcp", addr)
		cancel()
		if err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// connect returns a connection that lets only answers of the protocol through.
func (d *dialer) connect(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	guarded := &replies{Conn: conn, socket: conn}
	if d.tls == nil {
		return guarded, nil
	}
	config := d.tls.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(addr)
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	guarded.Conn = secure
	return guarded, nil
}

// ask returns the addresses that Sentinels name, that which most name first. Those
// that have not answered a moment after the first are not waited for.
func (d *dialer) ask(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	answers := make(chan string, len(d.sentinels))
	for _, addr := range d.sentinels {
		go func() {
			named, err := await(ctx, func(ctx context.Context) (any, error) { return d.askOne(ctx, addr) })
			if err != nil {
				named = ""
			}
			answers <- named.(string)
		}()
	}
	votes := map[string]int{}
	var named []string
	late := ctx.Done()
	for range d.sentinels {
		select {
		case addr := <-answers:
			if addr == "" {
				continue
			}
			if votes[addr]++; votes[addr] == 1 {
				named = append(named, addr)
			}
			if len(named) == 1 && votes[addr] == 1 {
				moment, stop := context.WithTimeout(ctx, d.timeout/10)
				defer stop()
				late = moment.Done()
			}
			continue
		case <-late:
		}
		break
	}
	slices.SortStableFunc(named, func(a, b string) int { return votes[b] - votes[a] })
	return named
}

func (d *dialer) askOne(ctx context.Context, sentinel string) (string, error) {
	opt := &redis.Options{Addr: sentinel, Username: d.username, Password: d.password, Dialer: d.connect, PoolSize: 2}
	d.bound(opt)
	client := redis.NewSentinelClient(opt)
	defer func() { _ = client.Close() }()
	addr, err := client.GetMasterAddrByName(ctx, d.primary).Result()
	if err != nil {
		return "", err
	}
	if len(addr) != 2 {
		return "", errNonsense
	}
	return net.JoinHostPort(addr[0], addr[1]), nil
}

// primaryOnly refuses a connection to a replica: what it answers may be old, also
// when it takes no writes.
func primaryOnly(ctx context.Context, conn *redis.Conn) error {
	info, err := conn.Info(ctx, "replication").Result()
	if err != nil {
		return err
	}
	switch readInfo(info)["role"] {
	case "master":
		return nil
	case "slave":
		return errNotPrimary
	}
	return errNonsense
}

// readInfo reads what INFO answers: lines of name:value.
func readInfo(info string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields
}

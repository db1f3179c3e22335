package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// A RedisReport is what Probe found.
type RedisReport struct {
	Server   string        // "redis 7.0.15"
	Mode     string        // standalone, sentinel (reached through Sentinels), cluster
	Replicas int           // that are connected
	Policy   string        // of eviction
	Clock    time.Duration // of the server, ahead of ours
	Problems []string      // a sentence each; empty: nothing is amiss
}

const clockTolerance = 2 * time.Second

// Probe writes, reads and takes a value as the store would, and looks at how the
// server is set up. Its error is that the store cannot be used: the server does not
// answer, or the user lacks a permission (NOPERM). Problems are what it can be used
// with and loses state by.
func (r *Redis) Probe(ctx context.Context) (RedisReport, error) {
	if err := r.tryOut(ctx); err != nil {
		return RedisReport{}, fmt.Errorf("session: probe: %w", err)
	}
	reply, _, err := r.call(ctx, true, func(ctx context.Context) (any, error) { return r.client.Info(ctx).Result() })
	if err != nil {
		return RedisReport{}, fmt.Errorf("session: probe: %w", failed(err))
	}
	info := readInfo(reply.(string))
	report := RedisReport{
		Server:   "redis " + info["redis_version"],
		Mode:     info["redis_mode"],
		Policy:   info["maxmemory_policy"],
		Replicas: number(info["connected_slaves"]),
	}
	if info["valkey_version"] != "" {
		report.Server = "valkey " + info["valkey_version"]
	}
	if r.sentinel && report.Mode == "standalone" {
		report.Mode = "sentinel"
	}
	if us, err := strconv.ParseInt(info["server_time_usec"], 10, 64); err == nil {
		report.Clock = time.Until(time.UnixMicro(us)).Round(time.Millisecond)
	}
	report.judge(info, r.wait)
	return report, nil
}

// tryOut does all that the store does.
func (r *Redis) tryOut(ctx context.Context) error {
	key := fmt.Sprintf("probe:%016x", newVersion())
	if _, err := r.Put(ctx, key, 0, []byte("probe"), time.Minute); err != nil {
		return err
	}
	v, err := r.Get(ctx, key)
	if err != nil {
		return err
	}
	if string(v.Data) != "probe" {
		return errors.New("what was written is not there to read")
	}
	_, err = r.Take(ctx, key)
	return err
}

func (p *RedisReport) judge(info map[string]string, wait int) {
	problem := func(format string, args ...any) { p.Problems = append(p.Problems, fmt.Sprintf(format, args...)) }
	if p.Mode == "cluster" {
		problem("The server is part of a cluster, of which the store would use one node.")
	}
	if p.Policy != "noeviction" {
		problem("The server may evict values when it is full (maxmemory-policy %s): set noeviction.", p.Policy)
	}
	if n := number(info["evicted_keys"]); n > 0 {
		problem("The server has evicted %d keys since it started.", n)
	}
	if info["aof_enabled"] == "0" {
		problem("The server keeps no append-only file: a restart forgets what was written since its last snapshot.")
	}
	if p.Clock.Abs() > clockTolerance {
		problem("The clock of the server differs from ours by %v: after a failover between such clocks values live longer or shorter.", p.Clock.Abs())
	}
	switch {
	case p.Replicas < wait:
		problem("%d replicas are connected, of %d that every write waits for: no write is acknowledged.", p.Replicas, wait)
	case p.Replicas > wait:
		problem("%d replicas are connected and every write waits for %d: a failover may lose what was acknowledged.", p.Replicas, wait)
	}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

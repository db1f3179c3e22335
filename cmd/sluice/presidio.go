package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/presidio"
	"github.com/sluice-proxy/sluice/proxy/content"
)

// PresidioConfig is a Microsoft Presidio analyzer, or what answers as it does.
type PresidioConfig struct {
	URL       string   `yaml:"url"`
	OnError   string   `yaml:"on_error"`
	Language  string   `yaml:"language"`
	Entities  []string `yaml:"entities"`
	Threshold float64  `yaml:"threshold"`
	Timeout   Duration `yaml:"timeout"`
	MaxBatch  int      `yaml:"max_batch"`
	MaxCalls  int      `yaml:"max_calls"`
	Failures  int      `yaml:"failures"`
	Pause     Duration `yaml:"pause"`
	CAFile    string   `yaml:"ca_file"`
	TokenFile string   `yaml:"token_file"`
}

func defaultPresidio() PresidioConfig {
	return PresidioConfig{
		OnError: "fail", Language: "en", Entities: []string{"PERSON", "LOCATION", "NRP"}, Threshold: 0.5,
		Timeout: Duration(2 * time.Second), MaxBatch: 16, MaxCalls: 8, Failures: 5, Pause: Duration(10 * time.Second),
	}
}

// shownRoles are those of what people and their programs send as content. Replies
// come in pieces and cannot wait for somebody else.
func shownRoles() []string {
	var roles []string
	for _, r := range []content.Role{content.RolePrompt, content.RoleSystem, content.RoleToolResult, content.RoleFile} {
		roles = append(roles, r.String())
	}
	return roles
}

// newPresidio is nil when none is configured.
func newPresidio(c PresidioConfig, metrics *presidio.Metrics, log *zap.Logger) (*presidio.Client, error) {
	if c.URL == "" {
		return nil, nil
	}
	client, err := presidio.New(presidio.Options{
		URL: c.URL, Language: c.Language, Entities: c.Entities, Threshold: c.Threshold, Roles: shownRoles(),
		Timeout: time.Duration(c.Timeout), MaxBatch: c.MaxBatch, MaxCalls: c.MaxCalls, Failures: c.Failures, Pause: time.Duration(c.Pause),
		CAFile: c.CAFile, TokenFile: c.TokenFile, Metrics: metrics, Log: log,
	})
	var errs []error
	for _, one := range each(err) {
		errs = append(errs, fmt.Errorf("classifiers.presidio.%w", one))
	}
	return client, errors.Join(errs...)
}

// remote is the analyzer of the configuration, nil when there is none, and warns of
// what it means.
func (s *assembly) remote(c PresidioConfig) (classifiers.Remote, error) {
	client, err := newPresidio(c, s.presidio, s.log)
	if err != nil || client == nil {
		return nil, err // and no nil Client
	}
	s.log.Warn("the text of prompts is sent to the Presidio analyzer", zap.String("url", c.URL))
	if inClear(c.URL) {
		s.log.Warn("it goes there without TLS: whoever is on the way can read it", zap.String("url", c.URL))
	}
	return client, nil
}

// inClear tells whether text leaves this machine unencrypted.
func inClear(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

// seePresidio asks the analyzer for a text that nobody wrote.
func (d *doctor) seePresidio(ctx context.Context) {
	c := d.config.Classifiers.Presidio
	client, err := newPresidio(c, nil, nil)
	if err != nil {
		for _, one := range each(err) {
			d.fail("", "%v", one)
		}
		return
	}
	if client == nil {
		d.ok("none is configured: no text is sent to anybody but its destination")
		return
	}
	if inClear(c.URL) {
		d.warn("use https, or run it on this machine", "the text of prompts goes to %s without TLS", c.URL)
	}
	start := time.Now()
	if err := client.Probe(ctx); err != nil {
		what := "prompts get 503"
		if c.OnError == "ignore" {
			what = "only the built-in families look at prompts"
		}
		d.fail(`curl -H 'Content-Type: application/json' -d '{"text":["I am John Smith"],"language":"`+c.Language+`"}' `+quote(c.URL),
			"%s does not answer as it should, so that %s: %v", c.URL, what, err)
		return
	}
	d.ok("%s answers in %s and is sent the text of prompts", c.URL, time.Since(start).Round(time.Millisecond))
}

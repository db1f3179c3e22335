package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/listener"
)

// secureScheme stands before the addresses of listen.proxy whose clients speak
// TLS to the proxy itself.
const secureScheme = "https://"

// An endpoint is an entry of listen.proxy.
type endpoint struct {
	address string // host:port
	secure  bool
}

func parseEndpoint(entry string) endpoint {
	address, secure := strings.CutPrefix(entry, secureScheme)
	return endpoint{address, secure}
}

// url is how clients are told of it.
func (e endpoint) url() string {
	if e.secure {
		return secureScheme + e.address
	}
	return "http://" + e.address
}

// pac is how a PAC file tells of it.
func (e endpoint) pac() string {
	if e.secure {
		return "HTTPS " + e.address
	}
	return "PROXY " + e.address
}

// endpointOf is where an open listener stands.
func endpointOf(l net.Listener) endpoint {
	_, secure := l.(*listener.Secure)
	return endpoint{l.Addr().String(), secure}
}

// nearest is the endpoint that clients on this machine are told of: one in clear
// where there is one, for a certificate seldom names this machine as loopback.
func nearest(all []endpoint) endpoint {
	e := all[max(0, slices.IndexFunc(all, func(e endpoint) bool { return !e.secure }))]
	return endpoint{reachable(e.address), e.secure}
}

// listen opens the listeners first of all, so that the ports are known and an
// address in use is told before anything is made. Those that are given, by a
// service manager, are open already.
func listen(c *Config, given []net.Listener) (proxies []net.Listener, admin net.Listener, err error) {
	defer func() {
		if err != nil {
			for _, l := range append(proxies, given...) {
				err = errors.Join(err, l.Close())
			}
			proxies, admin = nil, nil
		}
	}()
	secure, err := newListenerTLS(c.Listen.TLS)
	if err != nil {
		return nil, nil, err
	}
	var config net.ListenConfig
	open := func(address string) (l net.Listener, err error) {
		if l, given = take(given, address); l != nil {
			return l, nil
		}
		if l, err = config.Listen(context.Background(), "tcp", address); err != nil {
			return nil, fmt.Errorf("listen: %w", err)
		}
		return l, nil
	}
	for _, entry := range c.Listen.Proxy {
		e := parseEndpoint(entry)
		l, err := open(e.address)
		if err != nil {
			return proxies, nil, err
		}
		if e.secure {
			l = &listener.Secure{Listener: l, TLS: secure}
		}
		proxies = append(proxies, l)
	}
	if admin, err = open(c.Listen.Admin); err != nil {
		return proxies, nil, err
	}
	if len(given) > 0 {
		return append(proxies, admin), nil, fmt.Errorf("listen: the service manager hands over %s, which neither listen.proxy nor listen.admin names", given[0].Addr())
	}
	return proxies, admin, nil
}

// newListenerTLS reads what the HTTPS proxy shows of itself; nil without it.
func newListenerTLS(c ListenTLSConfig) (*listener.TLS, error) {
	if c.CertFile == "" || c.KeyFile == "" {
		return nil, nil // judged where the values are
	}
	secure, err := listener.New(listener.Files{Cert: c.CertFile, Key: c.KeyFile, ClientCA: c.ClientCAFile, ClientCRLs: c.ClientCRL})
	return secure, inListenTLS(err)
}

// inListenTLS completes the keys that the errors begin with.
func inListenTLS(err error) error {
	var errs []error
	for _, one := range each(err) {
		errs = append(errs, fmt.Errorf("listen.tls.%w", one))
	}
	return errors.Join(errs...)
}

// watchListenerTLS puts changed files of the HTTPS proxy in force.
func (s *assembly) watchListenerTLS(ctx context.Context) error {
	if s.secure == nil {
		return nil
	}
	s.secure.Watch(ctx, policyPoll, func(err error) {
		if errors.Is(err, listener.ErrLapsed) {
			s.secureFailed.Set(1)
			s.log.Error("certificates of clients are refused", zap.Error(inListenTLS(err)))
			return
		}
		if err != nil {
			s.secureFailed.Set(1)
			s.log.Error("listen.tls not loaded; the last good certificate stays in force", zap.Time("expires", s.secure.Expiry()), zap.Error(inListenTLS(err)))
			return
		}
		s.secureFailed.Set(0)
		s.log.Info("listen.tls loaded", zap.Time("expires", s.secure.Expiry()))
	})
	return nil
}

// secureMetrics are there where there is an HTTPS proxy.
func (s *assembly) secureMetrics(r prometheus.Registerer) {
	if s.secure == nil {
		return
	}
	s.secureFailed = prometheus.NewGauge(prometheus.GaugeOpts{Name: "sluice_listener_tls_load_failed",
		Help: "1 while the files of listen.tls do not load and the last good ones are in force, or a list of client_crl_file is out of date."})
	r.MustRegister(s.secureFailed, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "sluice_listener_certificate_expiry_timestamp_seconds",
		Help: "When the certificate of the HTTPS proxy ends, Unix time."}, func() float64 { return float64(s.secure.Expiry().Unix()) }))
}

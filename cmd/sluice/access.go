package main

import (
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/sluice-proxy/sluice/proxy/access"
)

// openAccess opens the access log; nil where none is asked for.
func (s *assembly) openAccess(c LogConfig) (*access.Log, error) {
	if c.Access == "" {
		return nil, nil
	}
	l, err := access.Open(access.Options{
		Format: c.Access, File: c.AccessFile, Output: os.Stdout, Software: "sluice " + version(),
		OnError: func(err error) { s.log.Error("access log loses lines", zap.Error(err)) },
	})
	if err != nil {
		return nil, fmt.Errorf("log.access_file: %w", err)
	}
	counter := func(name, help string, value func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value()) })
	}
	s.registry.MustRegister(
		counter("sluice_access_lines_total", "Lines written to the access log.", l.Written),
		counter("sluice_access_lost_total", "Exchanges without a line in the access log, because its disk was slow or full.", l.Lost),
	)
	return l, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sync/errgroup"
)

func serveCommand(g *globals) *cobra.Command {
	var profileFile string
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run the proxy",
		Example: "  sluice serve\n  sluice serve --config /etc/sluice/sluice.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stop, err := profile(profileFile)
			if err != nil {
				return wrong(err)
			}
			return errors.Join(serve(cmd.Context(), g), wrong(stop()))
		},
	}
	cmd.Flags().StringVar(&profileFile, "cpu-profile", "", "file to write a CPU profile of the whole run to (pprof)")
	return cmd
}

// serve runs the proxy until ctx ends, then drains.
func serve(ctx context.Context, g *globals) (err error) {
	hangup := make(chan os.Signal, 1) // one that waits stands for all
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	c, err := g.read()
	if err != nil {
		_, _, more := judge(ctx, c)
		return badConfig(once(err, more))
	}
	logger, level, err := newLogger(c.Log)
	if err != nil {
		return wrong(err)
	}
	given, err := handedOver(os.Getenv, firstHandedOver)
	if err != nil {
		return wrong(err)
	}
	listeners, admin, err := listen(c, given)
	if err != nil {
		return wrong(err)
	}
	s, err := assemble(ctx, g, c, logger, level, listeners, admin)
	if err != nil {
		for _, l := range append(listeners, admin) {
			err = errors.Join(err, l.Close())
		}
		return wrong(err)
	}
	defer func() { err = errors.Join(err, wrong(s.close())) }()
	s.welcome(os.Stderr, c, g.again())

	// A failure of one part ends all; what runs beside the proxy ends after it.
	beside, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var parts errgroup.Group
	parts.Go(func() error { return s.attention(beside, hangup) })
	parts.Go(func() error { return s.watchListenerTLS(beside) })
	parts.Go(func() error {
		s.sessions.ledger.Run(beside)
		return nil
	})
	if s.access != nil {
		parts.Go(func() error { return s.access.Run(beside) })
	}
	parts.Go(func() error { return serveAdmin(beside, s.admin, admin) })
	parts.Go(func() error {
		<-s.proxy.Draining() // before Serve returns
		logger.Info("draining", zap.Duration("most", s.proxy.Parts().Options.Drain))
		return nil
	})
	err = s.proxy.Serve(ctx, listeners...)
	stop()
	return wrong(errors.Join(err, parts.Wait()))
}

// serveAdmin serves the admin handler until ctx ends.
func serveAdmin(ctx context.Context, handler http.Handler, l net.Listener) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          zap.NewStdLog(zap.NewNop()),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("admin listener: %w", err)
	case <-ctx.Done():
	}
	err := server.Close()
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// newLogger writes JSON lines, or lines for people, to standard error. Its level
// can be changed.
func newLogger(c LogConfig) (*zap.Logger, zap.AtomicLevel, error) {
	log.SetOutput(io.Discard) // net/http writes there what an origin says unasked on an idle connection
	level, err := zap.ParseAtomicLevel(c.Level)
	if err != nil {
		return nil, level, err
	}
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	encoder := zapcore.NewJSONEncoder(config)
	if c.Format == "console" {
		encoder = zapcore.NewConsoleEncoder(config)
	}
	out := &lateWriter{out: os.Stderr}
	core := zapcore.RegisterHooks(zapcore.NewCore(encoder, out, level), func(e zapcore.Entry) error {
		if e.Level < zapcore.WarnLevel {
			return nil
		}
		return out.Sync()
	})
	return zap.New(core, zap.ErrorOutput(zapcore.Lock(os.Stderr))), level, nil
}

// welcome tells a person what to do next; a service's log gets one line. The flags
// make other commands find the same configuration.
func (s *assembly) welcome(w io.Writer, c *Config, flags string) {
	proxy := s.near.url()
	s.log.Info("sluice serves",
		zap.String("version", version()), zap.Strings("proxy", s.listening()), zap.String("admin", s.adminAddress),
		zap.String("data_dir", c.DataDir), zap.String("policy", s.revision()), zap.String("mode", c.Policy.Mode))
	_ = s.log.Sync() // before what follows it
	if !isTerminal(os.Stderr) && c.Log.Format == "json" && os.Getenv("INVOCATION_ID") != "" {
		return // started by a service manager
	}
	see := "See it work, without the internet: this prompt is stopped or redacted before it leaves."
	if c.Policy.Mode == "observe" {
		see = "See what it would do (policy.mode is observe): this prompt leaves as it is, and the\nrecord tells what would be done with it."
	}
	fmt.Fprintf(w, `
sluice %s

  proxy      %s        (PAC: %s/proxy.pac)
  admin      http://%s   (token: %s)
  authority  %s
  record     %s

%s

  curl --proxy %s --cacert %s \
    https://api.openai.com/v1/chat/completions -H 'Content-Type: application/json' \
    -d '{"model":"gpt-5","messages":[{"role":"user","content":"My card is 4111 1111 1111 1111"}]}'

Then see what was decided:

  sluice audit tail%s

Edit the rules, and serve them:

  sluice policy init DIR
  sluice serve%s --policy-dir DIR

`, version(), proxy, proxy, s.adminAddress, c.Listen.AdminTokenFile, s.caFile, c.Audit.File, see, proxy, quote(s.caFile), flags, flags)
}

// again is the flags by which another command finds the same files.
func (g *globals) again() string {
	text := ""
	if g.config != "" {
		text += " --config " + quote(g.config)
	}
	if g.dataDir != "" {
		text += " --data-dir " + quote(g.dataDir)
	}
	return text
}

// quote writes a file's name as a shell reads it.
func quote(name string) string {
	if !strings.ContainsAny(name, " \t\n'\"\\$`&|;<>()*?[]#~!{}") {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// reachable is an address that clients on this machine can use: a wildcard
// becomes loopback.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

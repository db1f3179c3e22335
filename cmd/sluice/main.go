// Command sluice is an inline AI-safety egress proxy: see `sluice --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	exitFine  = 0
	exitWrong = 1 // something was found to be wrong
	exitUsage = 2 // the command was used wrongly
)

func main() { os.Exit(run()) }

// run is main with an exit code, so that tests can call it.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := newRoot()
	err := root.ExecuteContext(ctx)
	code := exitCode(err)
	if err != nil && !errors.Is(err, errSaid) {
		fmt.Fprintln(os.Stderr, "sluice:", err)
	}
	if code == exitUsage {
		fmt.Fprintln(os.Stderr, "Run 'sluice --help' for usage.")
	}
	return code
}

func exitCode(err error) int {
	var wrong *wrongError
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errSaid), errors.As(err, &wrong):
		return exitWrong
	}
	return exitUsage
}

// errSaid ends a command that has already printed what is wrong.
var errSaid = errors.New("wrong")

// wrongError is a failure of the work itself and not of how it was asked for.
type wrongError struct{ err error }

func (e *wrongError) Error() string { return e.err.Error() }
func (e *wrongError) Unwrap() error { return e.err }

// wrong marks err as a failure of the work, exit code 1.
func wrong(err error) error {
	if err == nil || errors.Is(err, errSaid) {
		return err
	}
	return &wrongError{err}
}

// globals are the flags that every command understands.
type globals struct {
	config  string
	listen  []string
	admin   string
	dataDir string
	policy  string
	level   string
}

// newRoot builds the command tree. Plain `sluice` is `sluice serve`.
func newRoot() *cobra.Command {
	g := &globals{}
	root := &cobra.Command{
		Use:   "sluice",
		Short: "Inline AI-safety egress proxy",
		Long: `Sluice is a forward proxy that recognises GenAI services, reads prompts on
their way out, and lets policy redact or block what must not leave.

Without a command it serves, as 'sluice serve' does.`,
		Example:       "  sluice --config /etc/sluice/sluice.yaml\n  sluice catalogue lookup chatgpt.com",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), g) },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&g.config, "config", os.Getenv("SLUICE_CONFIG"), "configuration file (YAML)")
	flags.StringSliceVar(&g.listen, "listen", nil, "address of the proxy listener, over listen.proxy")
	flags.StringVar(&g.admin, "admin", "", "address of the admin listener, over listen.admin")
	flags.StringVar(&g.dataDir, "data-dir", "", "directory for the CA, the secret and the record, over data_dir")
	flags.StringVar(&g.policy, "policy-dir", "", "directory of rule packs, over policy.dir")
	flags.StringVar(&g.level, "log-level", "", "debug, info, warn or error, over log.level")
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(
		serveCommand(g), checkCommand(g), scanCommand(g), classifiersCommand(g), policyCommand(g),
		caCommand(g), auditCommand(g), catalogueCommand(g), tenantsCommand(g),
		doctorCommand(g), healthcheckCommand(g), versionCommand(),
	)
	return root
}

// group is a command that only holds others, and is used wrongly without one.
func group(cmd *cobra.Command, subcommands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(subcommands...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var names []string
		for _, sub := range subcommands {
			names = append(names, sub.Name())
		}
		said := "no command given"
		if len(args) > 0 {
			said = fmt.Sprintf("unknown command %q", args[0])
		}
		return fmt.Errorf("%s: %s; known here: %s", cmd.CommandPath(), said, strings.Join(names, ", "))
	}
	return cmd
}

// load is read for commands that need a configuration without problems.
func (g *globals) load() (*Config, error) {
	c, err := g.read()
	if err != nil {
		return nil, badConfig(err)
	}
	return c, nil
}

func badConfig(err error) error { return wrong(fmt.Errorf("configuration:\n%w", err)) }

// read reads the configuration: defaults, then the file, then the environment,
// then flags. It reports every problem at once, and returns what it could read
// beside them.
func (g *globals) read() (*Config, error) {
	c := defaultConfig()
	var errs []error
	if g.config != "" {
		data, err := os.ReadFile(g.config)
		if err == nil {
			err = decodeConfig(g.config, data, c)
		}
		errs = append(errs, err)
	}
	errs = append(errs, decodeEnvironment(os.Environ(), c))
	if len(g.listen) > 0 {
		c.Listen.Proxy = g.listen
	}
	for _, flag := range []struct{ value, over *string }{
		{&g.admin, &c.Listen.Admin}, {&g.dataDir, &c.DataDir}, {&g.policy, &c.Policy.Dir}, {&g.level, &c.Log.Level},
	} {
		if *flag.value != "" {
			*flag.over = *flag.value
		}
	}
	return c, once(errors.Join(errs...), errors.Join(c.validate(), c.fillPaths()))
}

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

func policyCommand(g *globals) *cobra.Command {
	return group(&cobra.Command{
		Use:     "policy",
		Short:   "Work with rule packs",
		Example: "  sluice policy init ./policy\n  sluice policy test --policy-dir ./policy",
	},
		&cobra.Command{
			Use:     "init DIR",
			Short:   "Write the built-in packs and tables to a directory, to edit",
			Example: "  sluice policy init ./policy",
			Args:    cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				if err := policy.Init(args[0], rego.FS); err != nil {
					return wrong(err)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Wrote the packs to %s. Edit, then:\n  sluice policy check --policy-dir %s\n  sluice policy test --policy-dir %s\n", args[0], args[0], args[0])
				return nil
			},
		},
		&cobra.Command{
			Use:     "check",
			Short:   "Compile and lint the packs and tables",
			Example: "  sluice policy check --policy-dir ./policy",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				src, err := g.policySource()
				if err != nil {
					return err
				}
				return checkPolicy(cmd, src)
			},
		},
		&cobra.Command{
			Use:     "test",
			Short:   "Run the packs' own tests",
			Example: "  sluice policy test --policy-dir ./policy",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				src, err := g.policySource()
				if err != nil {
					return err
				}
				return testPolicy(cmd, src)
			},
		},
	)
}

func (g *globals) policySource() (policy.Source, error) {
	c, err := g.load()
	if err != nil {
		return policy.Source{}, err
	}
	src, err := policySource(c.Policy)
	return src, wrong(err)
}

func checkPolicy(cmd *cobra.Command, src policy.Source) error {
	if problems := policy.Check(cmd.Context(), src); len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(cmd.OutOrStdout(), p)
		}
		return errSaid
	}
	snapshot, err := policy.Load(cmd.Context(), src)
	if err != nil {
		return wrong(err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "policy: %d rules, revision %s\n", len(snapshot.Rules()), snapshot.Revision())
	return nil
}

func testPolicy(cmd *cobra.Command, src policy.Source) error {
	results, err := policy.Test(cmd.Context(), src)
	var problems policy.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Fprintln(cmd.OutOrStdout(), p)
		}
		return errSaid
	}
	if err != nil {
		return wrong(err)
	}
	out := cmd.OutOrStdout()
	passed, failed, skipped := 0, 0, 0
	for _, r := range results {
		switch {
		case r.Skip:
			skipped++
			continue
		case r.Pass:
			passed++
			continue
		}
		failed++
		fmt.Fprintf(out, "%s:%d: %s.%s failed", r.File, r.Line, r.Package, r.Name)
		for _, name := range r.Failed {
			fmt.Fprintf(out, "\n  case %s", name)
		}
		if r.Error != "" {
			fmt.Fprintf(out, "\n  %s", r.Error)
		}
		if r.Output != "" {
			fmt.Fprintf(out, "\n  %s", r.Output)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if failed > 0 || passed == 0 {
		return errSaid
	}
	return nil
}

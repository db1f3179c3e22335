package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/policy"
)

func checkCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "check",
		Short:   "Validate configuration, policy and catalogue without serving",
		Example: "  sluice check --config /etc/sluice/sluice.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.load()
			if err != nil {
				return err
			}
			return check(cmd, c)
		},
	}
}

// check looks at everything that serve would build, makes nothing, and reports
// all problems at once.
func check(cmd *cobra.Command, c *Config) error {
	out := cmd.OutOrStdout()
	catalogue, catalogueErr := newCatalogue(c.Destinations)
	tenants, tenantsErr := newTenants(c.Tenants)
	roots, rootsErr := newRoots(c.Upstream.CAFiles)
	_, dialerErr := newDialer(c, roots, nil)
	_, identityErr := newIdentity(c.Identity)
	source, sourceErr := policySource(c.Policy)
	var policyErr error
	if sourceErr == nil {
		if problems := policy.Check(cmd.Context(), source); len(problems) > 0 {
			policyErr = problems
		}
	}
	var pacErr error
	if catalogueErr == nil && tenantsErr == nil {
		_, pacErr = newPAC(c, catalogue, tenants, reachable(c.Listen.Proxy[0]))
	}
	if err := errors.Join(catalogueErr, tenantsErr, rootsErr, dialerErr, identityErr, sourceErr, policyErr, pacErr); err != nil {
		fmt.Fprintln(out, err)
		return errSaid
	}
	for _, product := range tenants.Hosts() {
		var hosts []string
		for _, h := range product.Hosts {
			hosts = append(hosts, h.String())
		}
		fmt.Fprintf(out, "tenants.%s adds %s\n", product.Product, strings.Join(hosts, " "))
	}
	fmt.Fprintf(out, "configuration, policy and catalogue (%d apps) are fine\n", len(catalogue.Apps()))
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/ca"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

func checkCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "check",
		Short:   "Validate configuration, policy and catalogue without serving",
		Example: "  sluice check --config /etc/sluice/sluice.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return check(cmd, g) },
	}
}

// check reports everything that would keep serve from starting.
func check(cmd *cobra.Command, g *globals) error {
	out := cmd.OutOrStdout()
	c, err := g.read()
	catalogue, tenants, problems := judge(cmd.Context(), c)
	if err := once(err, problems); err != nil {
		fmt.Fprintln(out, err)
		return errSaid
	}
	for _, block := range tenants.Hosts() {
		fmt.Fprintf(out, "tenants.%s adds %s\n", block.Block, spell(block.Hosts))
		if len(block.Exclude) > 0 {
			fmt.Fprintf(out, "tenants.%s never touches %s\n", block.Block, spell(block.Exclude))
		}
	}
	fmt.Fprintf(out, "configuration, policy and catalogue (%d apps) are fine\n", len(catalogue.Apps()))
	return nil
}

// spell writes host patterns as configuration would.
func spell(patterns []destination.HostPattern) string {
	var hosts []string
	for _, p := range patterns {
		hosts = append(hosts, p.String())
	}
	return strings.Join(hosts, " ")
}

// judge looks at everything that serve would build, makes nothing, and reports
// all problems at once. The configuration may be one that does not validate.
func judge(ctx context.Context, c *Config) (*destination.Catalogue, *tenant.Rules, error) {
	catalogue, catalogueErr := newCatalogue(c.Destinations)
	tenants, tenantsErr := newTenants(c.Tenants, nil)
	roots, rootsErr := newRoots(c.Upstream.CAFiles)
	_, dialerErr := newDialer(c, roots, nil)
	_, identityErr := newIdentity(c.Identity, roots, nil)
	_, groupsErr := newGroups(c.Identity.Groups, roots, nil)
	_, certificatesErr := newCertificates(c.Identity.ClientCertificates)
	_, providersErr := newProviders(c.Identity, roots, nil)
	_, redisErr := redisOptions(c.Sessions.Redis)
	_, passthroughErr := parsePassthrough(c.Destinations.Passthrough)
	_, presidioErr := newPresidio(c.Classifiers.Presidio, nil, nil)
	_, secureErr := newListenerTLS(c.Listen.TLS)
	_, ownErr := judgeOwn(c, catalogue)
	err := errors.Join(judgeSecret(c), judgeAuthority(c), secureErr, catalogueErr, passthroughErr, rootsErr, dialerErr,
		identityErr, groupsErr, certificatesErr, providersErr, redisErr, presidioErr, tenantsErr, ownErr, judgePolicy(ctx, c.Policy))
	if catalogueErr != nil || tenantsErr != nil { // the PAC is judged by itself
		catalogue, catalogueErr = destination.NewCatalogue(destination.CatalogueOptions{})
		tenants, tenantsErr = newTenants(TenantsConfig{}, nil)
	}
	// The listener stands in for its address, which is judged where it is set.
	_, pacErr := newPAC(c, catalogue, tenants, parseEndpoint(defaultConfig().Listen.Proxy[0]))
	return catalogue, tenants, once(err, errors.Join(catalogueErr, tenantsErr, pacErr))
}

// judgeSecret judges the secret that is there; the first start makes a missing one.
func judgeSecret(c *Config) error {
	if _, err := readSecret(c.SecretFile); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// judgeAuthority judges a given authority; sluice's own is made by the first start.
func judgeAuthority(c *Config) error {
	options := authorityOptions(c, nil)
	if options.Make {
		return nil
	}
	_, err := ca.Open(options)
	return err
}

// judgePolicy judges what can be read of the policy, and tells what cannot.
func judgePolicy(ctx context.Context, c PolicyConfig) error {
	source, err := policySource(c)
	errs := []error{err}
	for _, p := range policy.Check(ctx, source) {
		key := "policy.dir"
		if slices.Contains(c.DataFiles, p.File) {
			key = "policy.data_files"
		}
		errs = append(errs, fmt.Errorf("%s: %s", key, p))
	}
	return errors.Join(errs...)
}

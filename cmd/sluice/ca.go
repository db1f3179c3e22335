package main

import (
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/proxy/ca"
)

func caCommand(g *globals) *cobra.Command {
	return group(&cobra.Command{
		Use:     "ca",
		Short:   "Show, export or rotate the certificate authority",
		Example: "  sluice ca show\n  sluice ca export --out sluice-ca.pem",
	},
		&cobra.Command{
			Use:     "show",
			Short:   "Print the root that clients have to trust",
			Example: "  sluice ca show",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				authority, err := g.authority(nil)
				if err != nil {
					return err
				}
				printAuthority(cmd, authority)
				return nil
			},
		},
		caExportCommand(g),
		&cobra.Command{
			Use:   "rotate",
			Short: "Replace the root that sluice made",
			Long: `Replace the root that sluice made by a new one. The old certificate stays
beside it as ca-previous.pem. A running proxy keeps signing with the old root
until it is started again: roll the new one out first.`,
			Example: "  sluice ca rotate",
			Args:    cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				c, err := g.load()
				if err != nil {
					return err
				}
				authority, err := ca.Rotate(authorityOptions(c, nil))
				if err != nil {
					return wrong(err)
				}
				printAuthority(cmd, authority)
				fmt.Fprintf(cmd.OutOrStdout(), "\nThe previous root is kept as %s.\nA running sluice signs with it until it is restarted.\n",
					filepath.Join(c.DataDir, "ca-previous.pem"))
				return nil
			},
		},
	)
}

func caExportCommand(g *globals) *cobra.Command {
	var out, format string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write the root certificate (never the key)",
		Example: "  sluice ca export --out sluice-ca.pem\n  sluice ca export --format der --out sluice-ca.cer",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			authority, err := g.authority(nil)
			if err != nil {
				return err
			}
			var data []byte
			switch format {
			case "pem":
				data = authority.PEM()
				if previous := authority.Previous(); previous != nil {
					data = append(data, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: previous.Raw})...)
				}
			case "der":
				data = authority.DER()
			default:
				return fmt.Errorf("--format %q is none of pem, der", format)
			}
			if out == "" {
				_, err = cmd.OutOrStdout().Write(data)
				return wrong(err)
			}
			return wrong(os.WriteFile(out, data, 0o644))
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write; standard output without it")
	cmd.Flags().StringVar(&format, "format", "pem", "pem (with the previous root, after a rotation) or der")
	return cmd
}

// authority opens the certificate authority, making it where it is sluice's own
// and not there yet.
func (g *globals) authority(s *secret) (*ca.Authority, error) {
	c, err := g.load()
	if err != nil {
		return nil, err
	}
	authority, err := ca.Open(authorityOptions(c, s))
	return authority, wrong(err)
}

func authorityOptions(c *Config, s *secret) ca.Options {
	cert, key, own := c.caFiles()
	o := ca.Options{CertFile: cert, KeyFile: key, Make: own}
	if s != nil {
		tickets := s.derive("tls tickets")
		o.Secret = tickets[:]
	}
	return o
}

func printAuthority(cmd *cobra.Command, authority *ca.Authority) {
	out := cmd.OutOrStdout()
	info := authority.Info()
	fmt.Fprintf(out, "subject      %s\nkey          %s\nvalid        %s to %s\nSHA-256      %s\n",
		info.Subject, info.Key, info.NotBefore.Format("2006-01-02"), info.NotAfter.Format("2006-01-02"), info.Fingerprint)
	for _, c := range info.Constraints {
		fmt.Fprintf(out, "constraint   %s\n", c)
	}
	if previous := authority.Previous(); previous != nil {
		fmt.Fprintf(out, "previous     %s (until %s)\n", ca.Describe(previous).Fingerprint, previous.NotAfter.Format("2006-01-02"))
	}
}

package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

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
			Short:   "Print the roots that clients have to trust",
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
		caRotateCommand(g),
	)
}

func caRotateCommand(g *globals) *cobra.Command {
	var switchOver, finish, cancel bool
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Replace the root that sluice made, step by step",
		Long: `Replace the root that sluice made, with an overlap in which clients get both:

  sluice ca rotate            a new root is made and handed out beside the old one,
                              which still signs; roll the new one out now
  sluice ca rotate --switch   the new root signs, the old one is still handed out;
                              clients that trust the old one alone stop working,
                              and there is no way back
  sluice ca rotate --finish   the old root is not handed out any more

A rotation that has not switched can be taken back with --cancel. A running sluice
takes up each step at its next reload (kill -HUP, systemctl reload).`,
		Example: "  sluice ca rotate\n  sluice ca rotate --switch",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			step := ca.Rotate
			switch {
			case switchOver:
				step = ca.Switch
			case finish:
				step = ca.Finish
			case cancel:
				step = ca.Cancel
			}
			c, err := g.load()
			if err != nil {
				return err
			}
			authority, err := step(authorityOptions(c, nil))
			if err != nil {
				return wrong(err)
			}
			printAuthority(cmd, authority)
			fmt.Fprintln(cmd.OutOrStdout(), "\nA running sluice takes this up at its next reload: kill -HUP, systemctl reload.")
			return nil
		},
	}
	cmd.Flags().BoolVar(&switchOver, "switch", false, "let the new root sign")
	cmd.Flags().BoolVar(&finish, "finish", false, "hand out the new root alone")
	cmd.Flags().BoolVar(&cancel, "cancel", false, "take back a rotation that has not switched")
	cmd.MarkFlagsMutuallyExclusive("switch", "finish", "cancel")
	return cmd
}

func caExportCommand(g *globals) *cobra.Command {
	var out, format, which string
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Write the root certificate (never the key)",
		Example: "  sluice ca export --out sluice-ca.pem\n  sluice ca export --format der --root next --out sluice-ca.cer",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			authority, err := g.authority(nil)
			if err != nil {
				return err
			}
			root, ok := map[string]*x509.Certificate{"": authority.Root(), "next": authority.Next(), "previous": authority.Previous()}[which]
			if !ok {
				return fmt.Errorf("--root %q is none of next, previous", which)
			}
			if root == nil {
				return wrong(fmt.Errorf("there is no %s root: %s", which, phaseText[authority.Phase()]))
			}
			var data []byte
			switch {
			case format == "pem" && which == "":
				data = authority.PEM()
			case format == "pem":
				data = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
			case format == "der":
				data = root.Raw
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
	cmd.Flags().StringVar(&format, "format", "pem", "pem (all roots of a rotation) or der (the one that signs)")
	cmd.Flags().StringVar(&which, "root", "", "one root of a rotation alone: next or previous")
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

// phaseText tells where a rotation stands, and what comes next.
var phaseText = map[ca.Phase]string{
	ca.Single:    "no rotation is under way",
	ca.Published: "the next root is handed out, the old one signs (then: sluice ca rotate --switch)",
	ca.Switched:  "the new root signs, the old one is still handed out (then: sluice ca rotate --finish)",
}

func printAuthority(cmd *cobra.Command, authority *ca.Authority) {
	out := cmd.OutOrStdout()
	info := authority.Info()
	fmt.Fprintf(out, "subject      %s\nkey          %s\nvalid        %s to %s\nSHA-256      %s\n",
		info.Subject, info.Key, info.NotBefore.Format("2006-01-02"), info.NotAfter.Format("2006-01-02"), info.Fingerprint)
	for _, c := range info.Constraints {
		fmt.Fprintf(out, "constraint   %s\n", c)
	}
	for _, other := range []struct {
		name string
		root *x509.Certificate
	}{{"next", authority.Next()}, {"previous", authority.Previous()}} {
		if other.root != nil {
			i := ca.Describe(other.root)
			fmt.Fprintf(out, "\n%-12s %s\nvalid        %s to %s\nSHA-256      %s\n", other.name, i.Subject,
				i.NotBefore.Format("2006-01-02"), i.NotAfter.Format("2006-01-02"), i.Fingerprint)
		}
	}
	if phase := authority.Phase(); phase != ca.Single {
		fmt.Fprintf(out, "\nrotation     %s\n", phaseText[phase])
	}
}

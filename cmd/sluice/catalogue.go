package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

func catalogueCommand(g *globals) *cobra.Command {
	return group(&cobra.Command{
		Use:     "catalogue",
		Short:   "Ask which GenAI service a host belongs to",
		Example: "  sluice catalogue lookup chatgpt.com",
	}, &cobra.Command{
		Use:     "lookup HOST",
		Short:   "Show the apps that claim a host; exit 1 when none does",
		Example: "  sluice catalogue lookup api.openai.com",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := g.load()
			if err != nil {
				return err
			}
			catalogue, err := newCatalogue(c.Destinations)
			if err != nil {
				return wrong(err)
			}
			target, err := destination.ParseAuthority(args[0], 443)
			if err != nil {
				return err
			}
			return printMatches(cmd, target.Host, catalogue.Candidates(target.Host))
		},
	})
}

func printMatches(cmd *cobra.Command, host string, matches []destination.Match) error {
	out := cmd.OutOrStdout()
	if len(matches) == 0 {
		fmt.Fprintf(out, "%s is not in the catalogue: it is tunnelled\n", host)
		return errSaid
	}
	for _, m := range matches {
		app := m.App
		fmt.Fprintf(out, "%s  %s (%s)\n", app.ID, app.Name, app.Vendor)
		fmt.Fprintf(out, "  category  %s\n  country   %s\n  sanction  %s\n  risk      %d\n", app.Category, orUnknown(app.Country), app.Sanction, app.Risk)
		pattern := m.Kind + " " + m.Pattern
		if m.PathPrefix != "" {
			pattern += " under " + m.PathPrefix
		}
		fmt.Fprintf(out, "  matched   %s, role %s\n", pattern, m.Role)
		tags := app.Tags
		if m.Mixed {
			tags = append([]string{"mixed (shared host: tunnelled unless in destinations.inspect_mixed)"}, tags...)
		}
		if len(tags) > 0 {
			fmt.Fprintf(out, "  tags      %s\n", strings.Join(tags, ", "))
		}
		if app.Wire != "" {
			fmt.Fprintf(out, "  speaks    %s\n", app.Wire)
		}
	}
	return nil
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthcheckCommand is for containers, whose image holds nothing else that could
// ask.
func healthcheckCommand(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "healthcheck",
		Short:   "Ask the sluice that runs here whether it is ready",
		Long:    "Asks /readyz of the admin listener that the configuration names. Exits 1 when it does not answer, or is not ready.",
		Example: "  sluice healthcheck --config /etc/sluice/sluice.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := g.load()
			if err != nil {
				return err
			}
			r, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, "http://"+reachable(c.Listen.Admin)+"/readyz", nil)
			if err != nil {
				return wrong(err)
			}
			client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{}} // no proxy from the environment
			resp, err := client.Do(r)
			if err != nil {
				return wrong(fmt.Errorf("healthcheck: %w", err))
			}
			if err := resp.Body.Close(); err != nil {
				return wrong(fmt.Errorf("healthcheck: %w", err))
			}
			if resp.StatusCode != http.StatusOK {
				return wrong(errors.New("healthcheck: not ready"))
			}
			fmt.Fprintln(cmd.OutOrStdout(), "ready")
			return nil
		},
	}
}

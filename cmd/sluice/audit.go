package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/proxy/audit"
)

func auditCommand(g *globals) *cobra.Command {
	return group(&cobra.Command{
		Use:     "audit",
		Short:   "Read and verify the record",
		Example: "  sluice audit tail\n  sluice audit verify",
	}, auditTailCommand(g), auditVerifyCommand(g))
}

func auditTailCommand(g *globals) *cobra.Command {
	var lines int
	var follow, raw bool
	var id string
	cmd := &cobra.Command{
		Use:   "tail [FILE]",
		Short: "Print the last records, one line each",
		Long: `Print the last records, one line each. With --id print all records of one
exchange, as an employee quotes it; exit 1 when there is none.`,
		Example: "  sluice audit tail\n  sluice audit tail --follow --json\n  sluice audit tail --id 01JZ...",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := g.auditFile(args)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			show := func(line []byte) error {
				if raw {
					_, err := out.Write(append(line, '\n'))
					return err
				}
				_, err := fmt.Fprintln(out, audit.Format(line))
				return err
			}
			if id != "" {
				return wrong(showExchange(cmd.Context(), file, id, show))
			}
			return wrong(audit.Tail(cmd.Context(), file, lines, follow, show))
		},
	}
	cmd.Flags().IntVarP(&lines, "lines", "n", 20, "how many records to begin with")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "wait for more")
	cmd.Flags().BoolVar(&raw, "json", false, "print the records as they are")
	cmd.Flags().StringVar(&id, "id", "", "print all records of the exchange with this id")
	cmd.MarkFlagsMutuallyExclusive("id", "lines")
	cmd.MarkFlagsMutuallyExclusive("id", "follow")
	return cmd
}

// showExchange shows all records with an id, of the whole file.
func showExchange(ctx context.Context, file, id string, show func(line []byte) error) error {
	found := false
	err := audit.Tail(ctx, file, math.MaxInt, false, func(line []byte) error {
		var record struct {
			ID string `json:"id"`
		}
		if !bytes.Contains(line, []byte(id)) {
			return nil
		}
		_ = json.Unmarshal(line, &record) // what is no record has no id
		if record.ID != id {
			return nil
		}
		found = true
		return show(line)
	})
	if err == nil && !found {
		err = fmt.Errorf("%s holds no record of %s", file, id)
	}
	return err
}

func auditVerifyCommand(g *globals) *cobra.Command {
	var head string
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Prove that no record was changed, removed or put in",
		Long: `Prove the hash chain of the record, and name the decisions that have no
completion: exchanges that are open, or were cut off when the process ended.

A chain cannot show by itself that its end was cut off. Note the head that verify
prints somewhere else, and give it to a later run with --head.`,
		Example: "  sluice audit verify\n  sluice audit verify --head 8879ca6e7a01...",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := g.auditFile(args)
			if err != nil {
				return err
			}
			report, err := audit.VerifyFile(name, audit.VerifyOptions{Contains: head})
			if err != nil {
				return wrong(err)
			}
			return printReport(cmd, name, report)
		},
	}
	cmd.Flags().StringVar(&head, "head", "", "a head that was noted earlier and must be in the record")
	return cmd
}

func printReport(cmd *cobra.Command, name string, report audit.Report) error {
	out := cmd.OutOrStdout()
	for _, id := range report.Unfinished {
		fmt.Fprintf(out, "no completion: %s\n", id)
	}
	if report.Gaps > 0 {
		fmt.Fprintf(out, "%d gaps name %d records that could not be written\n", report.Gaps, report.Lost)
	}
	if report.Torn > 0 {
		fmt.Fprintf(out, "the last line is unfinished (%d bytes): a crash, or a record in use\n", report.Torn)
	}
	if !report.Intact() {
		fmt.Fprintf(out, "%s:%d: %s\n", name, report.FirstBad, report.Problem)
		return errSaid
	}
	fmt.Fprintf(out, "%d records, the chain is whole; its head is %s\n", report.Records, report.Head)
	return nil
}

func (g *globals) auditFile(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	c, err := g.load()
	if err != nil {
		return "", err
	}
	return c.Audit.File, nil
}

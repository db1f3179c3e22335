package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/exact"
	"github.com/sluice-proxy/sluice/classifiers/fingerprint"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

func classifiersCommand(g *globals) *cobra.Command {
	return group(&cobra.Command{
		Use:     "classifiers",
		Short:   "Teach sluice your own data",
		Example: "  sluice classifiers index customers.csv --out customers.edm --columns name,birthday,account\n  sluice classifiers test classifiers.yaml",
	}, indexCommand(g), fingerprintCommand(g), allowCommand(g), classifiersTestCommand(g), wrongCommand(g))
}

// ownKeyFlag adds --key-file and returns what reads the key: of the flag, else as the
// configuration says. The first use makes a secret where there is none.
func ownKeyFlag(cmd *cobra.Command, g *globals) func() ([32]byte, error) {
	var file string
	cmd.Flags().StringVar(&file, "key-file", "", "32 bytes that hash your data, over classifiers.key_file; default: from the fleet's secret")
	return func() ([32]byte, error) {
		c, err := g.load()
		if err != nil {
			return [32]byte{}, err
		}
		if file != "" {
			c.Classifiers.KeyFile = file
		}
		return ownKey(c, func() (*secret, error) { return openSecret(c.SecretFile) })
	}
}

func indexCommand(g *globals) *cobra.Command {
	var out, columns, comma string
	var dayFirst bool
	cmd := &cobra.Command{
		Use:   "index TABLE.csv",
		Short: "Make an index of a table's values, for exact matches",
		Long: `Make an index of a table, for the list exact of classifiers.yaml. The table is CSV
in UTF-8, with the names of the columns in its first line. The index holds keyed
hashes and no value in clear. Values of fewer than 3 or more than 63 letters and
digits are left out.`,
		Example: "  sluice classifiers index customers.csv --out customers.edm --columns name,birthday,account",
		Args:    cobra.ExactArgs(1),
	}
	key := ownKeyFlag(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		comma, size := utf8.DecodeRuneInString(strings.ReplaceAll(comma, `\t`, "\t"))
		if out == "" || columns == "" || size == 0 {
			return errors.New("wants --out and --columns, and a sign for --comma")
		}
		secret, err := key()
		if err != nil {
			return wrong(err)
		}
		table, err := os.Open(args[0])
		if err != nil {
			return wrong(err)
		}
		defer func() { _ = table.Close() }() // read only
		var about exact.About
		hash := keyed.NewKey(secret)
		err = writeWhole(out, func(w io.Writer) (err error) {
			about, err = exact.Index(hash, exact.Source{CSV: bufio.NewReaderSize(table, 1<<20), Comma: comma, Columns: strings.Split(columns, ","), DayFirst: dayFirst}, w)
			return err
		})
		if err != nil {
			return wrong(fmt.Errorf("%s: %w", args[0], err))
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %d values of %d rows, key %s\n", out, about.Values, about.Rows, hash.ID())
		if about.Skipped > 0 {
			fmt.Fprintf(cmd.OutOrStdout(), "left out: %d that are empty, too short or too long\n", about.Skipped)
		}
		if about.Common > 0 {
			fmt.Fprintf(cmd.OutOrStdout(), "left out: %d that stand in so many rows that they tell nobody\n", about.Common)
		}
		return nil
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	cmd.Flags().StringVar(&columns, "columns", "", "names of the columns to index, with commas between")
	cmd.Flags().StringVar(&comma, "comma", ",", `what stands between columns; \t for a tab`)
	cmd.Flags().BoolVar(&dayFirst, "day-first", false, "3/4/1980 in the table is in April")
	return cmd
}

// writeWhole writes a file that appears when all of it is there.
func writeWhole(name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // mode 0600
	if err != nil {
		return err
	}
	buffer := bufio.NewWriterSize(file, 1<<20)
	err = write(buffer)
	err = errors.Join(err, buffer.Flush(), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func fingerprintCommand(g *globals) *cobra.Command {
	var out, public string
	cmd := &cobra.Command{
		Use:   "fingerprint DIR",
		Short: "Make fingerprints of confidential documents",
		Long: `Make fingerprints of all documents below a directory, for the list documents of
classifiers.yaml. Documents are text in UTF-8 (TXT, Markdown, HTML, CSV ...); others
are named and left out. The file holds keyed hashes and no words.

--except names a directory of public documents: what they share with the others,
notices and letterheads, is left out.`,
		Example: "  sluice classifiers fingerprint ./board --out board.fpr --except ./website",
		Args:    cobra.ExactArgs(1),
	}
	key := ownKeyFlag(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if out == "" {
			return errors.New("wants --out")
		}
		secret, err := key()
		if err != nil {
			return wrong(err)
		}
		skipped := func(name string) { fmt.Fprintf(cmd.ErrOrStderr(), "%s: no text in UTF-8, left out\n", name) }
		var about fingerprint.About
		hash := keyed.NewKey(secret)
		err = writeWhole(out, func(w io.Writer) (err error) {
			about, err = fingerprint.Index(hash, textsIn(args[0], skipped), textsIn(public, skipped), w)
			return err
		})
		if err != nil {
			return wrong(fmt.Errorf("%s: %w", args[0], err))
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %d runs of words of %d documents (%d too short, %d runs public), key %s\n",
			out, about.Runs, about.Documents, about.Short, about.Public, hash.ID())
		return nil
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	cmd.Flags().StringVar(&public, "except", "", "directory of public documents")
	return cmd
}

func allowCommand(g *globals) *cobra.Command {
	var entity, note string
	var at []string
	cmd := &cobra.Command{
		Use:   "allow VALUE|-",
		Short: "Print the line that allows a value, which it does not show",
		Long: `Print the entry of allow.values in classifiers.yaml by which a value may be there.
It holds a keyed hash, so the file does not tell the value. With - the value is read
from standard input and does not stand in the shell's history.`,
		Example: "  sluice classifiers allow support@acme.example --entity EMAIL_ADDRESS --at openai-api",
		Args:    cobra.ExactArgs(1),
	}
	key := ownKeyFlag(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		value, err := argument(cmd, args[0])
		if err != nil {
			return wrong(err)
		}
		secret, err := key()
		if err != nil {
			return wrong(err)
		}
		family, err := g.familyOf(entity, func() ([32]byte, error) { return secret, nil })
		if err != nil {
			return wrong(err)
		}
		f := classifiers.Finding{Family: family, Entity: entity, End: len(value)}
		line := fmt.Sprintf("- {entity: %s, hash: %s", entity, classifiers.AllowHash(secret, entity, f.Value(value)))
		if len(at) > 0 {
			line += ", destinations: [" + strings.Join(at, ", ") + "]"
		}
		if note != "" {
			line += fmt.Sprintf(", note: %q", note)
		}
		fmt.Fprintln(cmd.OutOrStdout(), line+"}")
		return nil
	}
	cmd.Flags().StringVar(&entity, "entity", "", "what the value is found as, for instance EMAIL_ADDRESS")
	cmd.Flags().StringSliceVar(&at, "at", nil, "ids of the apps where it may be; default: everywhere")
	cmd.Flags().StringVar(&note, "note", "", "why, for people")
	return cmd
}

// familyOf finds the family of an entity, built in or of classifiers.file.
func (g *globals) familyOf(entity string, key func() ([32]byte, error)) (string, error) {
	c, err := g.load()
	if err != nil {
		return "", err
	}
	var own *standard.Own
	if c.Classifiers.File != "" {
		if own, err = standard.OpenOwn(c.Classifiers.File, key); err != nil {
			return "", err
		}
	}
	set, err := standard.New(standard.Options{Own: own})
	if err != nil {
		return "", err
	}
	all := set.Entities()
	i := slices.IndexFunc(all, func(e classifiers.Entity) bool { return e.Name == entity })
	if i < 0 {
		return "", fmt.Errorf("nothing is found as %q: --entity wants a name as `sluice scan` prints it, and --config the file that names classifiers.file", entity)
	}
	return all[i].Family, nil
}

// argument is a text, or standard input for -, without the end of its last line.
func argument(cmd *cobra.Command, text string) (string, error) {
	if text != "-" {
		return text, nil
	}
	data, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxScan+1))
	if err == nil && len(data) > maxScan {
		err = fmt.Errorf("standard input: more than %d MiB", maxScan>>20)
	}
	return strings.TrimRight(string(data), "\r\n"), err
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// textsIn are the documents below a directory, in the order of their names; of "" none.
// What is no text is told to skipped.
func textsIn(dir string, skipped func(name string)) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if dir == "" {
			return
		}
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if info.Size() > maxScan {
				return fmt.Errorf("%s: more than %d MiB", name, maxScan>>20)
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
				skipped(name)
				return nil
			}
			if !yield(string(data), nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield("", err)
		}
	}
}

// A regression is a line of the file that classifiers.yaml names as tests: a text in
// which an entity is not.
type regression struct {
	Entity string `json:"entity"`
	Text   string `json:"text"`
}

func classifiersTestCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test FILE",
		Short: "Check classifiers.yaml and all that it names, and run its examples",
		Long: `Check classifiers.yaml and all that it names, run the positives and negatives of its
rules, and the file that it names as tests: JSON lines {"entity","text"}, texts in
which the entity must not be found. Exits 1 when something is wrong.`,
		Example: "  sluice classifiers test classifiers.yaml",
		Args:    cobra.ExactArgs(1),
	}
	key := ownKeyFlag(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		out := cmd.OutOrStdout()
		own, set, err := openSet(args[0], key)
		if err != nil {
			fmt.Fprintln(out, err)
			return errSaid
		}
		ran, failed := 0, 0
		if name := own.File.Tests; name != "" {
			name = own.File.Path(name)
			if ran, failed, err = runTests(cmd.Context(), set, name, out); err != nil {
				return wrong(err)
			}
		}
		examples := 0
		for _, r := range own.File.Rules {
			examples += len(r.Positives) + len(r.Negatives)
		}
		fmt.Fprintf(out, "%s\n%d examples and %d tests passed, %d failed\n", tellOwn(own), examples, ran-failed, failed)
		if failed > 0 {
			return errSaid
		}
		return nil
	}
	return cmd
}

// openSet reads classifiers.yaml and makes the Set with it, without a name the built-in one.
func openSet(name string, key func() ([32]byte, error)) (*standard.Own, *classifiers.Set, error) {
	if name == "" {
		set, err := standard.New(standard.Options{})
		return new(standard.Own), set, err
	}
	own, err := standard.OpenOwn(name, key)
	if err != nil {
		return nil, nil, err
	}
	set, err := standard.New(standard.Options{Own: own})
	return own, set, err
}

// runTests runs a file of regressions and tells those that fail, by their lines.
func runTests(ctx context.Context, set *classifiers.Set, name string, out io.Writer) (ran, failed int, err error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil // nothing was wrong yet
	}
	if err != nil {
		return 0, 0, err
	}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var test regression
		if err := json.Unmarshal(line, &test); err != nil || test.Entity == "" {
			return ran, failed, fmt.Errorf("%s:%d: is no {\"entity\",\"text\"}", name, number)
		}
		found, err := findsEntity(ctx, set, test)
		if err != nil {
			return ran, failed, fmt.Errorf("%s:%d: %w", name, number, err)
		}
		if ran++; found {
			failed++
			fmt.Fprintf(out, "%s:%d: %s is found\n", name, number, test.Entity)
		}
	}
	return ran, failed, nil
}

func findsEntity(ctx context.Context, set *classifiers.Set, test regression) (bool, error) {
	found, err := set.Classify(ctx, []classifiers.Sample{{Text: test.Text, Role: "prompt"}})
	return slices.ContainsFunc(found, func(f classifiers.Finding) bool { return f.Entity == test.Entity }), err
}

func wrongCommand(g *globals) *cobra.Command {
	var entity string
	cmd := &cobra.Command{
		Use:   "wrong FILE TEXT|-",
		Short: "Note that something is found where it is not, as a test",
		Long: `Add a text to the tests of classifiers.yaml: the entity is found in it and should not
be. The text stands there in clear, so take one that you made up. Mend the rule until
'sluice classifiers test' passes; for a single value, 'sluice classifiers allow' is
enough.`,
		Example: "  sluice classifiers wrong classifiers.yaml --entity PROJECT_NAME 'a heron stood in the blue water'",
		Args:    cobra.ExactArgs(2),
	}
	key := ownKeyFlag(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text, err := argument(cmd, args[1])
		if err != nil {
			return wrong(err)
		}
		own, set, err := openSet(args[0], key)
		if err != nil {
			return wrong(err)
		}
		test := regression{Entity: entity, Text: text}
		switch found, err := findsEntity(cmd.Context(), set, test); {
		case err != nil:
			return wrong(err)
		case own.File.Tests == "":
			return wrong(fmt.Errorf("%s names no file of tests; add a line such as:\ntests: wrong.jsonl", args[0]))
		case !found:
			return wrong(fmt.Errorf("%q is not found in this text", entity))
		}
		name := own.File.Path(own.File.Tests)
		line, err := json.Marshal(test)
		if err != nil {
			return wrong(err)
		}
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return wrong(err)
		}
		_, err = file.Write(append(line, '\n'))
		if err = errors.Join(err, file.Close()); err != nil {
			return wrong(err)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "added to %s; run: sluice classifiers test %s\n", name, quote(args[0]))
		return nil
	}
	cmd.Flags().StringVar(&entity, "entity", "", "what is found, for instance PROJECT_NAME")
	return cmd
}

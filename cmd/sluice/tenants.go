package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// newTenants has no secret in sluice check, where nothing is fingerprinted.
func newTenants(c TenantsConfig, s *secret) (*tenant.Rules, error) {
	if s == nil {
		s = &secret{}
	}
	return tenant.New(c.blocks(), s.derive(fingerprintUse))
}

// fingerprintUse is the label of the key that fingerprints API keys.
const fingerprintUse = "api key fingerprints"

func tenantsCommand(g *globals) *cobra.Command {
	return group(&cobra.Command{
		Use:     "tenants",
		Short:   "Keep the company's accounts apart from others",
		Example: "  sluice tenants fingerprint < key.txt",
	}, &cobra.Command{
		Use:   "fingerprint",
		Short: "Print what stands for an API key in api_key_fingerprints",
		Long: "Reads API keys, one a line, and prints for each the keyed hash that stands for it under\n" +
			"tenants.openai.api_key_fingerprints and tenants.anthropic.api_key_fingerprints. The hash holds for the\n" +
			"secret_file of this configuration alone. A key is read from standard input only: other users of the\n" +
			"machine see a command's arguments, and the shell remembers them.",
		Example: "  sluice tenants fingerprint --config /etc/sluice/sluice.yaml < key.txt",
		Args:    noKeys,
		RunE:    func(cmd *cobra.Command, _ []string) error { return printFingerprints(cmd, g) },
	})
}

// noKeys refuses arguments without showing them: they may be keys.
func noKeys(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return errors.New("takes no arguments: give the key on standard input")
	}
	return nil
}

func printFingerprints(cmd *cobra.Command, g *globals) error {
	c, err := g.load()
	if err != nil {
		return err
	}
	s, err := readSecret(c.SecretFile)
	if errors.Is(err, fs.ErrNotExist) { // one made here would not be that of the proxy
		return wrong(fmt.Errorf("secret_file: %s is not there: start sluice once, or copy the fleet's", c.SecretFile))
	}
	if err != nil {
		return wrong(err)
	}
	keys, err := readKeys(cmd)
	if err != nil {
		return wrong(err)
	}
	for _, key := range keys {
		fmt.Fprintln(cmd.OutOrStdout(), tenant.Fingerprint(s.derive(fingerprintUse), key))
	}
	return nil
}

// maxKeyLine bounds a line with a key, in bytes.
const maxKeyLine = 16 << 10

// readKeys reads one key from a terminal, without showing it, or one a line.
func readKeys(cmd *cobra.Command) ([]string, error) {
	var lines []string
	if file, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(cmd.ErrOrStderr(), "API key: ")
		line, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(cmd.ErrOrStderr())
		if err != nil {
			return nil, fmt.Errorf("read key: %w", err)
		}
		lines = []string{string(line)}
	} else {
		scan := bufio.NewScanner(cmd.InOrStdin())
		scan.Buffer(nil, maxKeyLine)
		for scan.Scan() {
			lines = append(lines, scan.Text())
		}
		if err := scan.Err(); err != nil {
			return nil, fmt.Errorf("read keys: %w", err)
		}
	}
	var keys []string
	for i, line := range lines {
		key := strings.TrimSpace(line)
		switch {
		case key == "":
			continue
		case strings.ContainsFunc(key, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsGraphic(r) || r == ' ' }):
			return nil, fmt.Errorf("read keys: line %d is not a key", i+1)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("read keys: no key on standard input")
	}
	return keys, nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-proxy/sluice/proxy/admin"
)

// A finding is one line of the doctor: what is so, and what to do about it.
type finding struct {
	Check string `json:"check"`
	Level string `json:"level"`
	Text  string `json:"text"`
	Do    string `json:"do,omitempty"` // a command, or a line of the configuration
}

// The levels. What is wrong stops exchanges, or will; what is to be looked at may
// be meant so.
const (
	levelOK   = "ok"
	levelWarn = "warn"
	levelFail = "fail"
)

// A doctor looks at one configuration, on this machine, and at the sluice that
// runs by it, if one does. It changes nothing.
type doctor struct {
	config  *Config
	flags   string // by which other commands find the same configuration
	running *status
	admin   *http.Client
	token   string
	tell    func(finding)
	check   string // that looks now
}

// status is what GET /api/v1/status answers.
type status struct {
	admin.Status
	UptimeSeconds int64 `json:"uptime_seconds"`
}

// examination is one check. They run in this order, because later ones use what
// earlier ones found.
type examination struct {
	name string
	run  func(*doctor, context.Context)
}

func examinations() []examination {
	return []examination{
		{"running", (*doctor).seeRunning},
		{"files", (*doctor).seeFiles},
		{"authority", (*doctor).seeAuthority},
		{"trust", (*doctor).seeTrust},
		{"ports", (*doctor).seePorts},
		{"pac", (*doctor).seePAC},
		{"policy", (*doctor).seePolicy},
		{"classifiers", (*doctor).seeClassifiers},
		{"audit", (*doctor).seeAudit},
		{"disk", (*doctor).seeDisk},
		{"dns", (*doctor).seeDNS},
		{"upstream", (*doctor).seeUpstream}, // and clock
		{"identity", (*doctor).seeIdentity},
		{"sessions", (*doctor).seeSessions},
		{"presidio", (*doctor).seePresidio},
		{"pinned", (*doctor).seePinned},
	}
}

// longestCheck bounds one check: what does not answer is told, not waited for.
const longestCheck = 20 * time.Second

func doctorCommand(g *globals) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything that sluice needs, and say what to do",
		Long: `Look at everything that sluice needs on this machine: trust, ports, PAC, policy,
record, disk, DNS, upstream, clock, identity providers, sessions and the Presidio analyzer, and at the sluice that
runs here, if one does. It changes nothing. Each line says ok, warn or fail, and
what to do. Exits 1 when a line says fail.`,
		Example: "  sluice doctor --config /etc/sluice/sluice.yaml\n  sluice doctor --format json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			switch format {
			case "text":
				return examine(cmd.Context(), g, newChart(out))
			case "json":
				return examine(cmd.Context(), g, &sheet{out: out})
			}
			return fmt.Errorf("--format %q is none of text, json", format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// A report of findings, for people or for programs.
type findings interface {
	add(finding)
	end(warnings, failures int) error
}

// examine runs all checks. A configuration that cannot be read is the only finding.
func examine(ctx context.Context, g *globals, report findings) error {
	counts := map[string]int{}
	d := &doctor{
		flags: g.again(), check: "configuration",
		admin: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}, // no proxy from the environment
		tell:  func(f finding) { counts[f.Level]++; report.add(f) },
	}
	var err error
	if d.config, err = g.read(); err != nil {
		for _, one := range each(err) {
			d.fail("sluice check"+d.flags, "%v", one)
		}
	} else {
		file := g.config
		if file == "" {
			file = "no file: the defaults, the environment and the flags"
		}
		d.ok("%s", file)
		for _, e := range examinations() {
			d.check = e.name
			limited, cancel := context.WithTimeout(ctx, longestCheck)
			e.run(d, limited)
			cancel()
		}
	}
	if err := report.end(counts[levelWarn], counts[levelFail]); err != nil {
		return wrong(err)
	}
	if counts[levelFail] > 0 {
		return errSaid
	}
	return nil
}

func (d *doctor) ok(format string, args ...any) {
	d.tell(finding{Check: d.check, Level: levelOK, Text: fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(do, format string, args ...any) {
	d.tell(finding{d.check, levelWarn, fmt.Sprintf(format, args...), do})
}

func (d *doctor) fail(do, format string, args ...any) {
	d.tell(finding{d.check, levelFail, fmt.Sprintf(format, args...), do})
}

// seeRunning asks the sluice that runs here how it is.
func (d *doctor) seeRunning(ctx context.Context) {
	c := d.config.Listen
	token, err := os.ReadFile(c.AdminTokenFile)
	d.token = strings.TrimSpace(string(token))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		d.warn("run doctor as the user of the service", "its token cannot be read (%v), so what only the running process knows is left out", err)
		return
	}
	var s status
	switch code, err := d.ask(ctx, "/api/v1/status", &s); {
	case err != nil:
		d.ok("sluice does not run here (nobody answers at %s); what only a running one knows is left out", c.Admin)
		return
	case code == http.StatusUnauthorized:
		d.warn("give doctor the same --config and --data-dir as the service", "somebody answers at %s and does not know the token in %s", c.Admin, c.AdminTokenFile)
		return
	case code != http.StatusOK:
		d.fail("see its log", "the admin listener at %s answers %d", c.Admin, code)
		return
	}
	d.running = &s
	d.ok("version %s, for %s, policy %s, mode %s", s.Version, time.Duration(s.UptimeSeconds)*time.Second, s.Policy, s.Mode)
	if s.Version != version() {
		d.warn("systemctl restart sluice", "this doctor is version %s", version())
	}
	if s.ReloadError != "" {
		d.fail("mend it, then: systemctl reload sluice", "the last reload changed nothing: %s", s.ReloadError)
	}
	if len(s.NeedsRestart) > 0 {
		d.warn("systemctl restart sluice", "keys that differ from what is in force wait for a restart: %s", strings.Join(s.NeedsRestart, ", "))
	}
	if code, err := d.ask(ctx, "/readyz", nil); err != nil || code != http.StatusOK {
		d.fail("see its log", "it is not ready: it drains, or its record cannot be written")
	}
}

// ask asks the admin listener, and decodes a good answer where one is wanted.
func (d *doctor) ask(ctx context.Context, path string, into any) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(d.config.Listen.Admin)+path, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	resp, err := d.admin.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }() // read only
	if resp.StatusCode != http.StatusOK || into == nil {
		return resp.StatusCode, nil
	}
	return resp.StatusCode, json.NewDecoder(io.LimitReader(resp.Body, 4<<20)).Decode(into)
}

// chart shows findings to people, as they come.
type chart struct {
	out    io.Writer
	colour bool
	last   string // the check of the last line
	err    error
}

func newChart(out io.Writer) *chart {
	file, isFile := out.(*os.File)
	return &chart{out: out, colour: isFile && isTerminal(file) && os.Getenv("NO_COLOR") == ""}
}

// What is wrong is red, what is to be looked at yellow, the rest green.
var colours = map[string]string{levelOK: "\x1b[32m", levelWarn: "\x1b[33m", levelFail: "\x1b[31m"}

func (c *chart) add(f finding) {
	check := f.Check
	if check == c.last {
		check = ""
	}
	c.last = f.Check
	level := fmt.Sprintf("%-4s", f.Level)
	if c.colour {
		level = colours[f.Level] + level + "\x1b[0m"
	}
	c.print("%-14s %s  %s\n", check, level, indent(f.Text))
	if f.Do != "" {
		c.print("%21s-> %s\n", "", indent(f.Do))
	}
}

// indent puts the lines of a text below its first one.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+strings.Repeat(" ", 21))
}

func (c *chart) end(warnings, failures int) error {
	switch {
	case failures > 0:
		c.print("\n%d wrong, %d to look at.\n", failures, warnings)
	case warnings > 0:
		c.print("\nNothing is wrong, %d to look at.\n", warnings)
	default:
		c.print("\nNothing is wrong.\n")
	}
	return c.err
}

func (c *chart) print(format string, args ...any) {
	if _, err := fmt.Fprintf(c.out, format, args...); err != nil {
		c.err = err
	}
}

// sheet gives findings to programs, at the end.
type sheet struct {
	out io.Writer
	all []finding
}

func (s *sheet) add(f finding) { s.all = append(s.all, f) }

func (s *sheet) end(warnings, failures int) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Findings []finding `json:"findings"`
		Warnings int       `json:"warnings"`
		Failures int       `json:"failures"`
	}{s.all, warnings, failures})
}

package audit

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Format turns a line into one for people:
//
//	2026-01-02T15:04:05.000Z  block      ann@example.com  chatgpt  POST chatgpt.com/backend-api/conversation  pci.bulk  [CREDIT_CARD×12]  id
//
// What would have been done stands before the id: would block: pci.bulk, +1 more.
// Whatever could steer a terminal is shown escaped. A line that is not a record is
// said to be one, and not shown.
func Format(line []byte) string {
	e, err := parse(bytes.TrimSuffix(line, []byte("\n")))
	if err != nil {
		return "(not a record: " + err.Error() + ")"
	}
	switch {
	case e.Decision != nil:
		return formatDecision(e.Decision)
	case e.Completion != nil:
		return formatCompletion(e.Completion)
	case e.Gap != nil:
		return formatGap(e.Gap)
	}
	return "(a " + plain(e.Record) + " of a later version)"
}

func formatDecision(d *Decision) string {
	who := first(d.Identity.Email, d.Identity.Sub, d.Client.IP)
	where := d.Destination.Host
	if d.Destination.Port != 443 && d.Destination.Port != 0 {
		where += ":" + strconv.Itoa(int(d.Destination.Port))
	}
	var rules, found []string
	for _, r := range d.Decision.Rules {
		rules = append(rules, r.ID)
	}
	for _, f := range d.Findings {
		found = append(found, f.Entity+"×"+strconv.Itoa(f.Count))
	}
	action := d.Decision.Action
	if action == "allow" && len(d.Decision.Redact) > 0 {
		action = "redact"
	}
	if d.Decision.Error != "" {
		action += "(" + d.Decision.Error + ")"
	}
	cols := []string{
		stamp(d.Time), fmt.Sprintf("%-9s", plain(action)), plain(who), plain(first(d.Destination.App, "-")),
		plain(d.Request.Method + " " + where + d.Request.Path),
		plain(first(strings.Join(rules, ","), "-")),
	}
	if len(found) > 0 {
		cols = append(cols, "["+plain(strings.Join(found, " "))+"]")
	}
	if shadow := d.Decision.Shadow; len(shadow) > 0 {
		would := "would " + plain(shadow[0].Action) + ": " + plain(shadow[0].ID)
		if len(shadow) > 1 {
			would += fmt.Sprintf(", +%d more", len(shadow)-1)
		}
		cols = append(cols, would)
	}
	return strings.Join(append(cols, plain(d.ID)), "  ")
}

func formatCompletion(c *Completion) string {
	outcome := c.Outcome
	if c.Reason != "" {
		outcome += "(" + c.Reason + ")"
	}
	return fmt.Sprintf("%s  %-9s  %d  in %d  out %d  %.1f ms  %s", stamp(c.Time), plain(first(outcome, "done")), c.Status,
		c.BytesIn, c.BytesOut, c.Timings.Total, plain(c.ID))
}

func formatGap(g *Gap) string {
	s := fmt.Sprintf("%s  GAP(%s)  since %s: %d decisions and %d completions not recorded", stamp(g.Time), plain(g.Reason),
		stamp(g.Since), g.Decisions, g.Completions)
	if g.Forwarded {
		s += ", exchanges went on unrecorded"
	}
	if g.TornBytes > 0 {
		s += fmt.Sprintf(", unfinished line of %d bytes cut off", g.TornBytes)
	}
	return s
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func first(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// plain escapes what does not print: control characters, line ends, direction marks.
func plain(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0 {
		return s
	}
	q := strconv.QuoteToGraphic(s)
	return q[1 : len(q)-1]
}

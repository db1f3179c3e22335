package access

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A format makes lines of entries, and what stands before the first.
type format struct {
	head func(software string, now time.Time) string
	line func(b []byte, e *Entry) []byte
}

// formats are the values of log.access.
var formats = map[string]format{
	JSON:  {noHead, jsonLine},
	Squid: {noHead, squidLine},
	W3C:   {w3cHead, w3cLine},
}

// The formats.
const (
	JSON  = "json"  // an object a line, schema sluice.access.v1
	Squid = "squid" // Squid's native access.log
	W3C   = "w3c"   // W3C extended log file format
)

func noHead(string, time.Time) string { return "" }

func jsonLine(b []byte, e *Entry) []byte {
	line, err := json.Marshal(struct {
		Schema   string  `json:"schema"`
		Time     string  `json:"time"`
		ID       string  `json:"id"`
		Client   string  `json:"client"`
		User     string  `json:"user,omitempty"`
		Method   string  `json:"method"`
		Target   string  `json:"target"`
		Host     string  `json:"host"`
		Port     uint16  `json:"port"`
		Proto    string  `json:"proto"`
		Status   int     `json:"status"`
		In       int64   `json:"bytes_in"`
		Out      int64   `json:"bytes_out"`
		Millis   float64 `json:"ms"`
		Type     string  `json:"content_type,omitempty"`
		Upstream string  `json:"upstream,omitempty"`
		App      string  `json:"app,omitempty"`
		Action   string  `json:"action"`
		Outcome  string  `json:"outcome"`
		Reason   string  `json:"reason,omitempty"`
	}{
		"sluice.access.v1", e.Ended.UTC().Format(time.RFC3339Nano), e.ID, address(e), clip(e.User), clip(e.Method), clip(e.target()), clip(e.Host), e.Port,
		e.Proto, e.Status, e.In, e.Out, float64(e.Took.Microseconds()) / 1000, clip(e.Type), e.Upstream, e.App, e.Action, e.Outcome, e.Reason,
	})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return append(append(b, line...), '\n')
}

// squidLine is the native format of Squid (http://www.squid-cache.org/Doc/config/logformat/):
//
//	%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt
//
// The size is that of bodies; Squid counts headers too.
func squidLine(b []byte, e *Entry) []byte {
	b = fmt.Appendf(b, "%d.%03d %6d %s %s/%03d %d ",
		e.Ended.Unix(), e.Ended.Nanosecond()/1e6, e.Took.Milliseconds(), address(e), squidResult(e), e.Status, e.Out)
	b = bare(b, e.Method, false)
	target := e.target()
	if target == "" {
		target = "error:invalid-request" // as Squid says it
	}
	b = bare(append(b, ' '), target, false)
	b = bare(append(b, ' '), e.User, true)
	if peer := e.peer(); peer != "" {
		b = append(b, " HIER_DIRECT/"+peer+" "...)
	} else {
		b = append(b, " HIER_NONE/- "...)
	}
	return append(bare(b, e.Type, false), '\n')
}

// squidResult is what became of an exchange in Squid's result codes
// (https://wiki.squid-cache.org/SquidFaq/SquidLogs). An intercepted CONNECT is
// NONE_NONE, as a bumped one is there: its requests have lines of their own.
func squidResult(e *Entry) string {
	code := "TCP_MISS"
	switch {
	case e.Method == http.MethodConnect && e.Action == "tunnel" && e.Status == http.StatusOK:
		code = "TCP_TUNNEL"
	case e.Method == http.MethodConnect && e.Status == http.StatusOK:
		code = "NONE_NONE"
	case e.Outcome != "refused":
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden, e.Status == http.StatusProxyAuthRequired:
		code = "TCP_DENIED"
	case e.Status != http.StatusBadGateway && e.Status != http.StatusGatewayTimeout:
		code = "NONE_NONE"
	}
	if e.Outcome == "cancelled" || e.Outcome == "broken" {
		code += "_ABORTED"
	}
	return code
}

// w3cFields are those of a W3C line (https://www.w3.org/TR/WD-logfile). Names
// that begin with x- are ours; cs-username, s-action, sc-bytes and cs-bytes are
// what other proxies call the same.
const w3cFields = "date time time-taken c-ip cs-username cs-method cs-uri cs-host sc-status sc-bytes cs-bytes rs(Content-Type) r-ip s-action x-exchange-id x-app x-action x-outcome x-reason"

func w3cHead(software string, now time.Time) string {
	return "#Version: 1.0\n#Software: " + software + "\n#Date: " + now.UTC().Format(time.DateTime) + "\n#Fields: " + w3cFields + "\n"
}

// w3cLine writes times in UTC and time-taken in seconds, as the draft says.
func w3cLine(b []byte, e *Entry) []byte {
	b = e.Ended.UTC().AppendFormat(b, "2006-01-02 15:04:05 ")
	b = strconv.AppendFloat(b, e.Took.Seconds(), 'f', 3, 64)
	for _, field := range []struct {
		text    string
		percent bool
	}{
		{address(e), false}, {e.User, true}, {e.Method, false}, {e.target(), false}, {e.Host, false}, {fmt.Sprintf("%03d", e.Status), false},
		{strconv.FormatInt(e.Out, 10), false}, {strconv.FormatInt(e.In, 10), false},
	} {
		b = bare(append(b, ' '), field.text, field.percent)
	}
	b = quoted(append(b, ' '), e.Type)
	for _, text := range []string{e.peer(), squidResult(e), e.ID, e.App, e.Action, e.Outcome, e.Reason} {
		b = bare(append(b, ' '), text, false)
	}
	return append(b, '\n')
}

// quoted appends a <string> of the draft: in quotes, with a quote doubled.
func quoted(b []byte, text string) []byte {
	if text == "" {
		return append(b, '-')
	}
	b = append(b, '"')
	for _, c := range []byte(clip(text)) {
		switch {
		case c == '"':
			b = append(b, `""`...)
		case c < ' ' || c >= 0x7f:
			b = append(b, '?')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

func address(e *Entry) string {
	if !e.Client.IsValid() {
		return "-"
	}
	return e.Client.String()
}

// clip cuts what a client chose to a bounded length.
func clip(text string) string { return strings.ToValidUTF8(text[:min(len(text), maxField)], "�") }

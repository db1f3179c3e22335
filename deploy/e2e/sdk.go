package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// An SDK is a vendor's own client at work.
type SDK struct {
	t     testing.TB
	lines chan Saw
}

// Saw is one thing that a client saw: a delta, a whole reply, an error or its end.
type Saw struct {
	Event     string `json:"event"`
	Text      string `json:"text"`
	Name      string `json:"name"` // of the error's class
	Status    int    `json:"status"`
	Message   string `json:"message"`
	Code      string `json:"code"`
	Type      string `json:"type"`
	RequestID string `json:"request_id"`
	MS        int64  `json:"ms"`
}

// Ask runs an SDK against the proxy: its script, what kind of call, the prompt.
func (s *Sluice) Ask(t testing.TB, script, kind, prompt string) *SDK {
	t.Helper()
	cmd := exec.Command("node", script, kind, "model-e2e", prompt)
	cmd.Dir = "clients"
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "API_KEY=" + Key,
		"HTTPS_PROXY=http://" + s.Proxy, "NODE_EXTRA_CA_CERTS=" + s.CA,
	}
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c := &SDK{t: t, lines: make(chan Saw, 64)}
	ended := start(t, cmd, func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var saw Saw
			if json.Unmarshal(lines.Bytes(), &saw) != nil {
				saw = Saw{Event: "not understood", Text: lines.Text()}
			}
			c.lines <- saw
		}
	})
	go func() {
		if code := exitCode(<-ended); code != 0 {
			c.lines <- Saw{Event: "crash", Text: errors.String()}
		}
		close(c.lines)
	}()
	return c
}

// Next waits for what the client sees next.
func (c *SDK) Next() Saw {
	c.t.Helper()
	select {
	case saw, ok := <-c.lines:
		if !ok {
			c.t.Fatal("the client ended and said nothing more")
		}
		if saw.Event == "crash" {
			c.t.Fatalf("the client crashed: %s", saw.Text)
		}
		return saw
	case <-time.After(patience):
		c.t.Fatal("the client sees nothing")
	}
	return Saw{}
}

// Reply is the whole text that the client got, from one reply or from deltas.
func (c *SDK) Reply() string {
	c.t.Helper()
	var deltas strings.Builder
	reply := ""
	for {
		switch saw := c.Next(); saw.Event {
		case "delta":
			deltas.WriteString(saw.Text)
		case "reply":
			reply = saw.Text
		case "end":
			if reply != "" && deltas.Len() > 0 && deltas.String() != reply {
				c.t.Errorf("the deltas are %q, the reply is %q", deltas.String(), reply)
			}
			if reply == "" {
				reply = deltas.String()
			}
			return reply
		default:
			c.t.Fatalf("the client saw %+v", saw)
		}
	}
}

// Error is the typed error that the client threw.
func (c *SDK) Error() Saw {
	c.t.Helper()
	for {
		switch saw := c.Next(); saw.Event {
		case "delta":
		case "error":
			return saw
		default:
			c.t.Fatalf("the client saw %+v, want an error", saw)
		}
	}
}

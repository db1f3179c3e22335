package e2e

import (
	"net"
	"strings"
	"testing"
)

// A stream that runs when the proxy is told to end comes to its end; new clients
// are not taken; then the proxy ends.
func TestDrain(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	next := o.Paced()
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\n")
	c := s.Ask(t, "openai.mjs", "chat-stream", prompt)
	next()
	next()
	reply := c.Next().Text
	s.Terminate()
	eventually(t, "the listener is closed", func() bool {
		conn, err := net.Dial("tcp", s.Proxy)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	for range 2 {
		next()
		reply += c.Next().Text
	}
	next()
	if saw := c.Next(); saw.Event != "end" {
		t.Errorf("the client saw %+v, want the end of the stream", saw)
	}
	redacted(t, reply)
	s.Ended()
	s.Verify()
	done := s.Record(func(l Line) bool { return l.Record == "completion" && l.Outcome == "forwarded" })
	if len(done) != 1 {
		t.Errorf("recorded as %+v", done)
	}
}

// A proxy that dies leaves a record that verifies, and goes on with it when it is
// started again.
func TestCrash(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	next := o.Paced()
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\n")
	c := s.Ask(t, "openai.mjs", "chat-stream", prompt)
	next()
	next()
	if saw := c.Next(); saw.Event != "delta" {
		t.Fatalf("the client saw %+v", saw)
	}
	s.Kill()
	if saw := c.Error(); saw.Event != "error" {
		t.Errorf("the client saw %+v, want a broken stream", saw)
	}
	d := s.Decided("api.openai.com", "/v1/chat/completions")
	if out, code := s.Run("audit", "verify"); code != 0 || !strings.Contains(out, "no completion: "+d.ID) {
		t.Errorf("audit verify: exit code %d\n%s", code, out)
	}

	s.Start()
	if got := s.Curl(t, s.CA, Chat("https://api.openai.com/v1/chat/completions", Marker+"\n"+privateKey)...); got.Status != 403 {
		t.Errorf("after the restart: %+v", got)
	}
	s.Stop()
	if n := len(s.Decisions("api.openai.com")); n != 2 {
		t.Errorf("the record holds %d decisions, want 2", n)
	}
}

// A stream that goes on for longer than limits.drain is cut, so that the client sees
// it, and the proxy ends all the same.
func TestDrainLimit(t *testing.T) {
	t.Parallel()
	o := NewOrigin(t)
	next := o.Paced()
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\nlimits: {drain: 1s}\n")
	c := s.Ask(t, "openai.mjs", "chat-stream", prompt)
	next()
	next()
	if saw := c.Next(); saw.Event != "delta" {
		t.Fatalf("the client saw %+v", saw)
	}
	s.Terminate()
	if saw := c.Error(); saw.Event != "error" {
		t.Errorf("the client saw %+v, want a broken stream", saw)
	}
	s.Ended()
	s.Verify()
}

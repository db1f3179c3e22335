package e2e

import (
	"fmt"
	"os/exec"
	"regexp"
	"testing"
)

// TestSlowHTTP runs slowhttptest in its three modes against the proxy: headers
// that never end, bodies that drip, and replies that are not read. All its
// connections are closed long before it gives up, and others are served meanwhile.
func TestSlowHTTP(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string][]string{
		"headers": {"-H", "-i", "1", "-x", "4"},
		"bodies":  {"-B", "-i", "1", "-x", "4", "-s", "8192"},
		"replies": {"-X", "-w", "1", "-y", "2", "-n", "5", "-z", "1", "-k", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := NewOrigin(t)
			s := Serve(t, o, "limits: {header_timeout: 2s, body_grace: 2s, idle: 2s}\n")
			cmd := exec.Command("slowhttptest", append(mode, "-c", "40", "-r", "40", "-l", "600", "-p", "5", "-d", s.Proxy, "-u", "http://"+plain+"/slow")...)
			ended := start(t, cmd, nil)
			eventually(t, "its connections", func() bool { return gauge(s.Metrics(), "sluice_connections_open") >= 10 })
			if got := s.Curl(t, s.CA, Chat("https://api.openai.com/v1/models", prompt)...); got.Connect != 200 {
				t.Errorf("another client meanwhile: %+v", got)
			}
			eventually(t, "all are closed", func() bool { return gauge(s.Metrics(), "sluice_connections_open") == 0 })
			killGroup(cmd) // where it does not see that it has ended
			<-ended
		})
	}
}

// gauge reads one number out of the metrics.
func gauge(metrics, name string) (value float64) {
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(metrics)
	if found == nil {
		return -1
	}
	_, _ = fmt.Sscan(found[1], &value)
	return value
}

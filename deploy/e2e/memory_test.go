package e2e

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// resident is how much memory the process takes now (VmRSS) or took at most
// (VmHWM), in bytes.
func (s *Sluice) resident(field string) int64 {
	s.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var kib int64
	found := regexp.MustCompile(`(?m)^` + field + `:\s+(\d+) kB$`).FindSubmatch(text)
	if found == nil {
		s.t.Fatalf("no %s in %s", field, text)
	}
	_, _ = fmt.Sscan(string(found[1]), &kib)
	return kib << 10
}

// TestIdleTunnels holds 1,000 tunnels that say nothing. They take less than 32 MiB
// of the proxy's memory, and a request is served as fast as before.
func TestIdleTunnels(t *testing.T) {
	const many = 1000
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\n")
	probe := func() time.Duration {
		started := time.Now()
		if got := s.Curl(t, s.CA, Chat("https://api.openai.com/v1/chat/completions", prompt)...); got.Status != 200 {
			t.Fatalf("got %+v", got)
		}
		return time.Since(started)
	}
	warm := s.client(t)
	for range 500 { // so that the collector's garbage is there before
		resp, err := warm.Get("http://" + plain + "/")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	alone := probe()
	before := s.resident("VmRSS")
	for range many {
		conn, err := net.Dial("tcp", s.Proxy)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n", intranet, intranet)
		resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("CONNECT: %v, %v", resp, err)
		}
		if err := tls.Client(conn, &tls.Config{ServerName: intranet, InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}).Handshake(); err != nil {
			t.Fatal(err)
		}
	}
	grown := s.resident("VmRSS") - before
	t.Logf("%d idle tunnels add %.1f MiB; a request took %s, before %s", many, float64(grown)/(1<<20), probe(), alone)
	if grown > 32<<20 {
		t.Errorf("%d tunnels add %d KiB", many, grown>>10)
	}
}

// TestMemoryLimit sends 64 bodies of 15 MiB at once to a proxy that may hold
// 128 MiB of them and take 256 MiB in all. Each is served or told to come again,
// and the process stays within its limit, but for what the collector is late by.
func TestMemoryLimit(t *testing.T) {
	o := NewOrigin(t)
	s := Serve(t, o, "destinations: {sanctioned: [openai-api]}\nlimits: {inspecting: 128MiB, memory: 256MiB}\n")
	body := []byte(Chat("", strings.Repeat("lorem ipsum dolor sit amet ", 15<<20/27))[6])
	client := s.client(t)
	statuses := make(chan int, 64)
	var wait sync.WaitGroup
	for range 64 {
		wait.Go(func() {
			r, err := http.NewRequest(http.MethodPost, "https://api.openai.com/v1/chat/completions", bytes.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/json")
			resp, err := client.Do(r)
			if err != nil {
				statuses <- 0 // the connection was not kept
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			statuses <- resp.StatusCode
		})
	}
	wait.Wait()
	count := map[int]int{}
	for range 64 {
		count[<-statuses]++
	}
	peak := s.resident("VmHWM")
	t.Logf("statuses %v; at its peak the process took %d MiB", count, peak>>20)
	if peak > 320<<20 {
		t.Errorf("the process took %d MiB", peak>>20)
	}
	if served := count[400]; served == 0 || served+count[503] < 60 { // 400 is what the origin says to more than it reads
		t.Errorf("statuses are %v", count)
	}
}

// client asks through the proxy, trusts its authority, and keeps no connection.
func (s *Sluice) client(t *testing.T) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(s.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyURL(&url.URL{Scheme: "http", Host: s.Proxy}),
		TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DisableKeepAlives: true,
	}}
}

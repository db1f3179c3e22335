package proxy_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/sluice-proxy/sluice/proxy"
	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

// A peer speaks HTTP/2 frame by frame in an intercepted connection.
type peer struct {
	*http2.Framer
	conn    *tls.Conn
	packed  bytes.Buffer
	encoder *hpack.Encoder
}

func newPeer(t testing.TB, p *proxytest.Proxy) *peer {
	t.Helper()
	conn, resp := p.Connect(t, host+":443")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("CONNECT: %s", resp.Status)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.CA.Root())
	secure := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: roots, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12})
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	secure.SetDeadline(time.Now().Add(time.Minute))
	w := &peer{Framer: http2.NewFramer(secure, secure), conn: secure}
	w.encoder = hpack.NewEncoder(&w.packed)
	w.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	io.WriteString(secure, http2.ClientPreface)
	w.WriteSettings()
	return w
}

// block packs header fields; the names and values alternate.
func (w *peer) block(fields ...string) []byte {
	w.packed.Reset()
	for i := 0; i+1 < len(fields); i += 2 {
		w.encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return bytes.Clone(w.packed.Bytes())
}

func request(path string, more ...string) []string {
	return append([]string{":method", "GET", ":scheme", "https", ":authority", host, ":path", path}, more...)
}

func (w *peer) get(stream uint32, path string, more ...string) error {
	return w.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: w.block(request(path, more...)...), EndStream: true, EndHeaders: true})
}

// end reads until the connection ends, and returns the code of the last GOAWAY.
func (w *peer) end(t testing.TB) (code http2.ErrCode) {
	t.Helper()
	code = 0xff // none was seen
	for {
		frame, err := w.ReadFrame()
		if err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				t.Error("the connection stays open")
			}
			return code
		}
		if away, ok := frame.(*http2.GoAwayFrame); ok {
			code = away.ErrCode
		}
	}
}

// bounded fails the test when the process has grown by more than most bytes of
// heap, or keeps goroutines, at the end of f.
func bounded(t *testing.T, p *proxytest.Proxy, most int64, f func()) {
	t.Helper()
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, goroutines := heap(), runtime.NumGoroutine()
	stop, peak := make(chan struct{}), make(chan int64)
	go func() {
		top := before
		for {
			select {
			case <-stop:
				peak <- top
				return
			case <-time.After(50 * time.Millisecond):
				top = max(top, heap())
			}
		}
	}()
	f()
	close(stop)
	if grown := <-peak - before; grown > most {
		t.Errorf("the heap grew by %d KiB, %d are allowed", grown>>10, most>>10)
	}
	waitFor(t, "end of goroutines", func() bool { return runtime.NumGoroutine() <= goroutines+4 })
	if resp, _ := post(t, p, true, strings.NewReader(chat("still there"))); resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards a request gets %d", resp.StatusCode)
	}
}

// TestFloods sends what HTTP/2 lets a client send for little and a server pay
// for. Each ends with the connection, or is harmless; memory and goroutines stay
// where they were, and the next client is served.
func TestFloods(t *testing.T) {
	const many = 20_000
	p := start(t, func(s *proxytest.Settings) {
		s.Log = zap.NewNop()
		s.Limits = func(l *proxy.Limits) { l.Idle = time.Second }
	})
	p.Origin.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Origin.Received()
		if r.URL.Path == "/v1/large" {
			for range 512 {
				w.Write(make([]byte, 64<<10))
			}
		}
	}))
	for _, c := range []struct {
		name  string
		flood func(w *peer) error
		codes []http2.ErrCode // of the GOAWAY; none: the connection survives
	}{
		{"rapid reset, CVE-2023-44487", func(w *peer) error {
			for i := range uint32(many) {
				if err := errors.Join(w.get(2*i+1, "/v1/models"), w.WriteRSTStream(2*i+1, http2.ErrCodeCancel)); err != nil {
					return err
				}
			}
			return nil
		}, []http2.ErrCode{http2.ErrCodeEnhanceYourCalm, 0xff}}, // no GOAWAY without an error: that is limits.idle, after all were served
		{"continuation, CVE-2023-45288", func(w *peer) error {
			if err := w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.block(request("/v1/models")...)}); err != nil {
				return err
			}
			for i := range many {
				if err := w.WriteContinuation(1, false, w.block(fmt.Sprint("x-", i), strings.Repeat("y", 8<<10))); err != nil {
					return err
				}
			}
			return nil
		}, []http2.ErrCode{http2.ErrCodeProtocol, http2.ErrCodeEnhanceYourCalm, http2.ErrCodeCompression, 0xff}},
		{"empty continuation", func(w *peer) error {
			if err := w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.block(request("/v1/models")...)}); err != nil {
				return err
			}
			for range many {
				if err := w.WriteContinuation(1, false, nil); err != nil {
					return err
				}
			}
			return w.conn.CloseWrite()
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeEnhanceYourCalm, 0xff}},
		{"settings that are not read, CVE-2019-9515", func(w *peer) error {
			for range 20 * many {
				if err := w.WriteSettings(); err != nil {
					return err
				}
			}
			return w.conn.CloseWrite()
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm, 0xff}},
		{"pings that are not read, CVE-2019-9512", func(w *peer) error {
			for range 20 * many {
				if err := w.WritePing(false, [8]byte{}); err != nil {
					return err
				}
			}
			return w.conn.CloseWrite()
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm, 0xff}},
		{"empty data, CVE-2019-9518", func(w *peer) error {
			err := w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.block(append([]string{":method", "POST"}, request("/v1/x")[2:]...)...), EndHeaders: true})
			for range many {
				err = errors.Join(err, w.WriteData(1, false, nil))
			}
			return errors.Join(err, w.conn.CloseWrite())
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm, 0xff}},
		{"priorities, CVE-2019-9513", func(w *peer) error {
			for i := range uint32(many) {
				if err := w.WritePriority(2*i+1, http2.PriorityParam{StreamDep: 2*i + 3, Weight: 9}); err != nil {
					return err
				}
			}
			return w.conn.CloseWrite()
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, 0xff}},
		{"windows", func(w *peer) error {
			for range many {
				if err := w.WriteWindowUpdate(0, 1); err != nil {
					return err
				}
			}
			return w.conn.CloseWrite()
		}, []http2.ErrCode{http2.ErrCodeNo, 0xff}},
		{"window that overflows", func(w *peer) error {
			return errors.Join(w.WriteWindowUpdate(0, 1<<31-1), w.WriteWindowUpdate(0, 1<<31-1))
		}, []http2.ErrCode{http2.ErrCodeFlowControl}},
		{"header bomb, CVE-2016-6581", func(w *peer) error {
			fields := request("/v1/models", "x", strings.Repeat("y", 4000))
			for range 5000 {
				fields = append(fields, "x", fields[9]) // one byte each, from the table
			}
			block := w.block(fields...)
			if err := w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndStream: true, EndHeaders: true}); err != nil {
				return err
			}
			return w.conn.CloseWrite()
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeEnhanceYourCalm, 0xff}},
		{"header names, CVE-2022-41717", func(w *peer) error {
			for i := range 2000 {
				if err := w.get(uint32(2*i+1), "/v1/models", fmt.Sprint("x-", i, "-", strings.Repeat("n", 3000)), "y"); err != nil {
					return err
				}
			}
			return w.conn.CloseWrite()
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm, http2.ErrCodeProtocol, 0xff}},
		{"half a frame", func(w *peer) error {
			_, err := w.conn.Write([]byte{0, 64, 0, 0, 0, 0, 0, 0, 1, 0})
			return errors.Join(err, w.conn.CloseWrite())
		}, []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, 0xff}},
		{"frame that is too large", func(w *peer) error {
			_, err := w.conn.Write([]byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1})
			return err
		}, []http2.ErrCode{http2.ErrCodeFrameSize}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bounded(t, p, 32<<20, func() {
				w := newPeer(t, p)
				flooded := make(chan struct{})
				go func() {
					defer close(flooded)
					_ = c.flood(w) // the other side may have closed already
				}()
				if strings.Contains(c.name, "not read") {
					<-flooded
				}
				code := w.end(t)
				w.conn.NetConn().Close()
				<-flooded
				for _, allowed := range c.codes {
					if code == allowed {
						return
					}
				}
				t.Errorf("ended with %v, want one of %v", code, c.codes)
			})
		})
	}

	// Of what is taken back little is begun: it ends early, and the record says why.
	t.Run("rapid reset costs little", func(t *testing.T) {
		waitFor(t, "a quiet proxy", func() bool { return metric(t, p, "sluice_exchanges_open") == 0 })
		p.Origin.Received()
		w := newPeer(t, p)
		before := metric(t, p, "sluice_exchanges_total")
		for i := range uint32(many) {
			if errors.Join(w.get(2*i+1, "/v1/models"), w.WriteRSTStream(2*i+1, http2.ErrCodeCancel)) != nil {
				break
			}
			if i%20 == 19 { // not so fast that net/http has too many waiting
				w.WritePing(false, [8]byte{byte(i)})
				for answered := false; !answered; {
					frame, err := w.ReadFrame()
					if err != nil {
						break
					}
					ping, ok := frame.(*http2.PingFrame)
					answered = ok && ping.IsAck()
				}
				time.Sleep(time.Millisecond)
			}
		}
		w.end(t)
		waitFor(t, "a quiet proxy", func() bool { return metric(t, p, "sluice_exchanges_open") == 0 })
		if begun := metric(t, p, "sluice_exchanges_total") - before; begun > 2000 {
			t.Errorf("%v of %d requests were begun", begun, many)
		}
		if counter(t, p, "sluice_exchanges_total", "reason", "reset_flood") == 0 {
			t.Error("it is not counted")
		}
	})

	// A client that takes back a third of what it asks is no flood.
	t.Run("resets now and then", func(t *testing.T) {
		w := newPeer(t, p)
		defer w.conn.NetConn().Close()
		w.WriteWindowUpdate(0, 1<<24)
		stream := uint32(1)
		for range 300 {
			last := stream + 4
			w.get(stream, "/v1/models")
			w.WriteRSTStream(stream, http2.ErrCodeCancel)
			w.get(stream+2, "/v1/models")
			w.get(last, "/v1/models")
			for ended := 0; ended < 2; {
				frame, err := w.ReadFrame()
				if err != nil {
					t.Fatalf("after %d requests: %v", stream/2, err)
				}
				if header := frame.Header(); header.StreamID > stream && header.Flags.Has(http2.FlagDataEndStream) {
					ended++
				}
			}
			stream = last + 2
		}
	})

	// A client that opens no window for what it asks: the stream is given up after
	// limits.idle, and the connection serves on.
	t.Run("zero window, CVE-2019-9517", func(t *testing.T) {
		bounded(t, p, 96<<20, func() { // of 640 MiB that the origin would send
			w := newPeer(t, p)
			defer w.conn.NetConn().Close()
			w.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			for i := range uint32(20) {
				w.get(2*i+1, "/v1/large")
			}
			reset := map[uint32]bool{}
			for len(reset) < 20 {
				frame, err := w.ReadFrame()
				if err != nil {
					t.Fatalf("%d streams were reset, then %v", len(reset), err)
				}
				if frame, ok := frame.(*http2.RSTStreamFrame); ok {
					reset[frame.StreamID] = true
				}
			}
		})
	})

	// More streams than are allowed are refused one by one.
	t.Run("too many streams", func(t *testing.T) {
		hold := make(chan struct{})
		p.Origin.Handle(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
		defer close(hold)
		w := newPeer(t, p)
		defer w.conn.NetConn().Close()
		for { // until our settings are acknowledged: before that the server forgives
			frame, err := w.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			if settings, ok := frame.(*http2.SettingsFrame); ok {
				if most, ok := settings.Value(http2.SettingMaxConcurrentStreams); ok && most != 100 {
					t.Errorf("%d streams are offered", most)
				}
				if !settings.IsAck() {
					w.WriteSettingsAck()
					break
				}
			}
		}
		for i := range uint32(101) {
			w.get(2*i+1, "/v1/models")
		}
		for {
			frame, err := w.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			if refused, ok := frame.(*http2.RSTStreamFrame); ok {
				if refused.ErrCode != http2.ErrCodeRefusedStream && refused.ErrCode != http2.ErrCodeProtocol || refused.StreamID != 201 {
					t.Errorf("stream %d: %v", refused.StreamID, refused.ErrCode)
				}
				return
			}
		}
	})
}

// TestHeadersThroughHTTP2 shows that nothing in an HTTP/2 header becomes a line of
// its own upstream, and that pseudo-headers say nothing that the connection did not.
func TestHeadersThroughHTTP2(t *testing.T) {
	p := start(t, func(s *proxytest.Settings) { s.Log = zap.NewNop() })
	for _, c := range []struct {
		name   string
		fields []string
	}{
		{"line feed in a value", request("/v1/x", "x", "a\r\nEvil: b")},
		{"NUL in a value", request("/v1/x", "x", "a\x00b")},
		{"colon in a name", request("/v1/x", "x: y\r\nevil", "b")},
		{"space in a name", request("/v1/x", "transfer-encoding ", "chunked")},
		{"capitals in a name", request("/v1/x", "Evil", "b")},
		{"empty name", request("/v1/x", "", "b")},
		{"line feed in the path", request("/v1/x HTTP/1.1\r\nEvil: b\r\n\r\nGET /smuggled")},
		{"space in the path", request("/v1/x HTTP/1.1")},
		{"line feed in the method", append([]string{":method", "GET /smuggled HTTP/1.1\r\nEvil: b\r\n\r\nGET"}, request("/v1/x")[2:]...)},
		{"line feed in the authority", []string{":method", "GET", ":scheme", "https", ":authority", host + "\r\nEvil: b", ":path", "/v1/x"}},
		{"another authority", []string{":method", "GET", ":scheme", "https", ":authority", "chatgpt.com", ":path", "/v1/x"}},
		{"userinfo in the authority", []string{":method", "GET", ":scheme", "https", ":authority", "a@" + host, ":path", "/v1/x"}},
		{"line feed in the scheme", []string{":method", "GET", ":scheme", "https\r\nEvil: b", ":authority", host, ":path", "/v1/x"}},
		{"two paths", request("/v1/x", ":path", "/smuggled")},
		{"a late pseudo-header", request("/v1/x", "x", "y", ":authority", "chatgpt.com")},
		{"an unknown pseudo-header", request("/v1/x", ":evil", "b")},
		{"no path", []string{":method", "GET", ":scheme", "https", ":authority", host}},
		{"an empty path", request("")},
		{"a path without a slash", request("v1/x")},
		{"an absolute path", request("https://chatgpt.com/v1/x")},
		{"connection", request("/v1/x", "connection", "x-keep")},
		{"transfer-encoding", request("/v1/x", "transfer-encoding", "chunked")},
		{"upgrade", request("/v1/x", "upgrade", "h2c")},
		{"te", request("/v1/x", "te", "chunked")},
		{"another host header", request("/v1/x", "host", "chatgpt.com")},
		{"content-length that is none", request("/v1/x", "content-length", "x")},
		{"content-length without a body", request("/v1/x", "content-length", "10")},
		{"nested CONNECT", []string{":method", "CONNECT", ":authority", host + ":443"}},
		{"extended CONNECT", []string{":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", host, ":path", "/v1/x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.Origin.Received()
			w := newPeer(t, p)
			defer w.conn.NetConn().Close()
			w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.block(c.fields...), EndStream: true, EndHeaders: true})
			status := "reset"
		reading:
			for {
				frame, err := w.ReadFrame()
				if err != nil {
					break
				}
				switch frame := frame.(type) {
				case *http2.MetaHeadersFrame:
					status = frame.PseudoValue("status")
					if frame.StreamEnded() {
						break reading
					}
				case *http2.RSTStreamFrame, *http2.GoAwayFrame:
					break reading
				case *http2.DataFrame:
					if frame.StreamEnded() {
						break reading
					}
				}
			}
			for _, r := range p.Origin.Received() {
				if path := r.URL.Path; r.Host != host || path != "/v1/x" && path != "/v1/x HTTP/1.1" || r.Method != http.MethodGet || r.Header.Get("Evil") != "" || r.Header.Get("X") != "" || len(r.TransferEncoding) > 0 || len(r.Payload) > 0 {
					t.Errorf("the origin got %s %s for %s: %v", r.Method, r.RequestURI, r.Host, r.Header)
				}
				if status != "200" {
					t.Errorf("it was reached, and the client told %s", status)
				}
			}
		})
	}
}

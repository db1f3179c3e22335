package proxy

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"

	"github.com/elazarl/goproxy"
	"go.uber.org/zap"
)

// newEngine sets up goproxy the one way sluice uses it: every CONNECT is
// hijacked and taken over by connect, every other request gets road as its
// RoundTripper. goproxy's interception loop, tunnel, built-in CA and default
// transport are never reached, and no proxy is read from the environment.
func newEngine(connect func(*Exchange, net.Conn), road http.RoundTripper, direct http.Handler, logger *zap.Logger) *goproxy.ProxyHttpServer {
	engine := goproxy.NewProxyHttpServer()
	engine.Verbose = false
	engine.Logger = log.New(engineLog{logger}, "", 0)
	engine.KeepAcceptEncoding = true // ours to limit: see acceptEncoding
	engine.KeepHeader = true         // hop-by-hop and credential headers are taken out in accept
	engine.NonproxyHandler = direct
	engine.ConnectDial = nil
	engine.ConnectDialWithReq = nil
	engine.Tr = &http.Transport{
		Proxy: nil,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, errEngineDial
		},
	}

	hijack := &goproxy.ConnectAction{
		Action: goproxy.ConnectHijack,
		Hijack: func(r *http.Request, conn net.Conn, _ *goproxy.ProxyCtx) {
			connect(exchangeOf(r.Context()), conn)
		},
	}
	engine.OnRequest().HandleConnectFunc(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		return hijack, host
	})
	engine.OnRequest().DoFunc(func(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
		ctx.RoundTripper = goproxy.RoundTripperFunc(func(r *http.Request, _ *goproxy.ProxyCtx) (*http.Response, error) {
			return road.RoundTrip(r)
		})
		return r, nil
	})
	engine.OnResponse().DoFunc(func(resp *http.Response, ctx *goproxy.ProxyCtx) *http.Response {
		if resp == nil {
			return goproxy.NewResponse(ctx.Req, goproxy.ContentTypeText, http.StatusBadGateway, "sluice: no answer\n")
		}
		return resp
	})
	return engine
}

// errEngineDial says that goproxy tried to reach an origin by itself.
var errEngineDial = errors.New("goproxy may not dial")

// engineLog writes goproxy's own warnings, which carry no request data unless
// Verbose is set, at debug level.
type engineLog struct{ log *zap.Logger }

func (l engineLog) Write(p []byte) (int, error) {
	l.log.Debug("goproxy", zap.ByteString("message", p))
	return len(p), nil
}

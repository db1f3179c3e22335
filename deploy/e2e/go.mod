module github.com/sluice-proxy/sluice/deploy/e2e

go 1.26

require github.com/coder/websocket v1.8.15

module github.com/sluice-proxy/sluice/deploy/benchmark

go 1.26.8

require github.com/elazarl/goproxy v1.9.3

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

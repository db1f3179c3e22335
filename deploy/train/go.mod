module github.com/sluice-proxy/sluice/deploy/train

go 1.26.8

require github.com/sluice-proxy/sluice v0.0.0

require (
	github.com/hashicorp/golang-lru/v2 v2.0.7 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/sluice-proxy/sluice => ../..

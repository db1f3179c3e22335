module github.com/sluice-proxy/sluice/deploy/e2e

go 1.26

package proxy_test

import (
	"testing"

	"github.com/sluice-proxy/sluice/proxy/proxytest"
)

func TestTranscripts(t *testing.T) { proxytest.Transcripts(t, "testdata/transcripts") }

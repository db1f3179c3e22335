package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// statusFile names the variable with the file to which sluice writes, before it ends,
// what the system says of its process.
const statusFile = "SLUICE_TEST_STATUS"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sluice": func() {
		code := run()
		if name := os.Getenv(statusFile); name != "" {
			status, err := os.ReadFile("/proc/self/status")
			if err != nil || os.WriteFile(name, status, 0o600) != nil {
				os.Exit(exitUsage)
			}
		}
		os.Exit(code)
	}})
}

// TestScripts runs every command as its user would.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_DATA_HOME", e.WorkDir+"/data")
			l, err := net.Listen("tcp", "127.0.0.1:0") // for who must know it before it listens
			if err != nil {
				return err
			}
			e.Setenv("FREE_ADDRESS", l.Addr().String())
			return l.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"certificate": certificate},
	})
}

// certificate CERT KEY makes a server's certificate that signs itself.
func certificate(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for i, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: der}, {Type: "PRIVATE KEY", Bytes: private}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), pem.EncodeToMemory(block), 0o600))
	}
}

package main

import (
	"net"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sluice": func() { os.Exit(run()) }})
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
	})
}

package packages

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// The compose file is one by the specification, and gives the container nothing.
func TestCompose(t *testing.T) {
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  "..",
		ConfigFiles: []types.ConfigFile{{Filename: "../compose.yaml"}},
	}, func(o *loader.Options) { o.SetProjectName("sluice", true) })
	if err != nil {
		t.Fatal(err)
	}
	s := project.Services["sluice"]
	if !s.ReadOnly || len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" || s.Privileged || len(s.SecurityOpt) != 1 {
		t.Errorf("%+v", s)
	}
	if s.Build.Dockerfile != "deploy/Dockerfile" || s.StopGracePeriod == nil || s.MemLimit != 1<<30 {
		t.Errorf("%+v", s)
	}
}

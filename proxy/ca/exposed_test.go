package ca

import (
	"io/fs"
	"syscall"
	"testing"
	"time"
)

type file struct {
	mode  fs.FileMode
	owner uint32
}

func (f file) Name() string       { return "" }
func (f file) Size() int64        { return 0 }
func (f file) Mode() fs.FileMode  { return f.mode }
func (f file) ModTime() time.Time { return time.Time{} }
func (f file) IsDir() bool        { return false }
func (f file) Sys() any           { return &syscall.Stat_t{Uid: f.owner} }

func TestExposed(t *testing.T) {
	for _, c := range []struct {
		file    file
		us      int
		exposed bool
	}{
		{file{0o600, 1000}, 1000, false},
		{file{0o400, 0}, 0, false},
		{file{0o440, 0}, 65532, false}, // a Secret with fsGroup, a credential with an access list
		{file{0o440, 0}, 0, true},
		{file{0o440, 1000}, 1000, true},
		{file{0o440, 1000}, 65532, true},
		{file{0o460, 0}, 65532, true},
		{file{0o444, 0}, 65532, true},
		{file{0o404, 0}, 65532, true},
	} {
		if exposed(c.file, c.us) != c.exposed {
			t.Errorf("%04o of %d, for %d: exposed is %v", c.file.mode, c.file.owner, c.us, !c.exposed)
		}
	}
}

package ca

import (
	"io/fs"
	"os"
	"syscall"
)

// Exposed reports whether others than its owner may read or change a file that
// holds a secret. One that is root's may be readable by its group while we are not
// root: so Kubernetes and systemd hand secrets to a service, and PostgreSQL takes
// its key.
func Exposed(info fs.FileInfo) bool { return exposed(info, os.Geteuid()) }

func exposed(info fs.FileInfo, us int) bool {
	open := info.Mode().Perm() & 0o077
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid == 0 && us != 0 {
		open &^= 0o040
	}
	return open != 0
}

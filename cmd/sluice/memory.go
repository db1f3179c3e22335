package main

import (
	"bufio"
	"bytes"
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// memoryBeside is what the process takes besides the bodies that it inspects,
// at least.
const memoryBeside = 64 << 20

// limitMemory tells the runtime how much memory the process may take, and
// returns it: limits.memory, else GOMEMLIMIT, else nine tenths of what the
// control group allows, else 0, which is no limit.
func limitMemory(c LimitsConfig) int64 {
	limit := int64(c.Memory)
	if limit == 0 {
		limit = debug.SetMemoryLimit(-1) // what GOMEMLIMIT said
	}
	if limit == math.MaxInt64 {
		limit = groupMemory(os.DirFS("/")) / 10 * 9
	}
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return limit
}

// groupMemory is the least memory limit of the control groups that the process
// is in, of either version (cgroups(7)); 0 where there is none.
func groupMemory(root fs.FS) int64 {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(0)
	for lines := bufio.NewScanner(bytes.NewReader(groups)); lines.Scan(); {
		fields := strings.SplitN(lines.Text(), ":", 3) // id, controllers, path
		if len(fields) != 3 {
			continue
		}
		mount, file := "sys/fs/cgroup", "memory.max"
		switch {
		case fields[1] == "memory":
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		case fields[1] != "":
			continue
		}
		for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) { // a group is bounded by those above it
			if n := readLimit(root, path.Join(mount, group, file)); n > 0 && (least == 0 || n < least) {
				least = n
			}
			if group == "/" {
				break
			}
		}
	}
	return least
}

// readLimit reads one file of a control group; 0 is none. Version 1 says a number
// near the largest for none.
func readLimit(root fs.FS, name string) int64 {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n >= 1<<62 {
		return 0
	}
	return n
}

package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// ErrNotEmpty says that Init would write over something.
var ErrNotEmpty = errors.New("directory is not empty")

// Init writes the embedded packs, their tests and the tables into dir, to be edited there. The directory is made when it is
// missing and refused when it holds anything. lib and schemas are not written: they always come from the binary.
func Init(dir string, embedded fs.FS) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("policy: init: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("policy: init: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("policy: init %s: %w", dir, ErrNotEmpty)
	}
	for _, part := range append([]string{tables}, phases...) {
		if err := writeDir(dir, embedded, part); err != nil {
			return fmt.Errorf("policy: init: %w", err)
		}
	}
	return nil
}

func writeDir(dir string, embedded fs.FS, part string) error {
	entries, err := fs.ReadDir(embedded, part)
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, part), 0o755); err != nil {
		return err
	}
	for _, e := range entries {
		body, err := fs.ReadFile(embedded, path.Join(part, e.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, part, e.Name()), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

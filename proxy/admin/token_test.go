package admin

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "admin-token")
	made, err := LoadOrMakeToken(path)
	if err != nil || len(made) != 64 {
		t.Fatal(made, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if dir, err := os.ReadDir(filepath.Dir(path)); err != nil || len(dir) != 1 {
		t.Errorf("files left over: %v %v", dir, err)
	}
	again, err := LoadOrMakeToken(path)
	if err != nil || again != made {
		t.Error("another token on the second start", err)
	}
	other, err := LoadOrMakeToken(filepath.Join(t.TempDir(), "t"))
	if err != nil || other == made {
		t.Error("the same token twice", err)
	}
}

func TestTokenFileOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t")
	tokens := make([]string, 16)
	var all sync.WaitGroup
	for i := range tokens {
		all.Go(func() {
			var err error
			if tokens[i], err = LoadOrMakeToken(path); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, got := range tokens {
		if got != tokens[0] {
			t.Fatal("two tokens for one file")
		}
	}
}

func TestTokenFileErrors(t *testing.T) {
	dir := t.TempDir()
	for name, tc := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"group":   {token, 0o640, "chmod 600"},
		"all":     {token, 0o644, "chmod 600"},
		"empty":   {"", 0o600, "wants one token"},
		"short":   {token[1:], 0o600, "wants one token"},
		"long":    {strings.Repeat("a", maxToken+1), 0o600, "wants one token"},
		"huge":    {strings.Repeat("a", 1<<20), 0o600, "wants one token"},
		"two":     {token + "\n" + token + "\n", 0o600, "wants one token"},
		"blank":   {token + " x", 0o600, "wants one token"},
		"control": {token + "\x00", 0o600, "wants one token"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(tc.text), tc.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, tc.mode); err != nil {
			t.Fatal(err)
		}
		got, err := LoadOrMakeToken(path)
		if err == nil || got != "" || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), token[1:]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadOrMakeToken(dir); err == nil {
		t.Error("a directory")
	}
	if err := os.WriteFile(filepath.Join(dir, "given"), []byte(token+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := LoadOrMakeToken(filepath.Join(dir, "given")); err != nil || got != token {
		t.Errorf("a given token: %v", err)
	}
}

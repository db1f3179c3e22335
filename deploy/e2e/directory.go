package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A Directory is a certified OpenID provider, where people sign in.
type Directory struct {
	Issuer string
	Secret string // of its confidential clients

	t      testing.TB
	in     io.Writer
	lines  chan string
	errors *bytes.Buffer
}

// NewDirectory starts one whose certificate is signed by an authority, and which sends
// people back to one address only.
func NewDirectory(t testing.TB, by *Authority, redirect string) *Directory {
	t.Helper()
	cert, key := by.Files(t, "127.0.0.1")
	d := &Directory{Secret: "e2e secret/+%", t: t, lines: make(chan string, 1), errors: &bytes.Buffer{}}
	cmd := exec.Command("node", "provider.mjs", cert, key, redirect)
	cmd.Dir = "clients"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	cmd.Stderr = d.errors
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.in = in
	start(t, cmd, func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			d.lines <- lines.Text()
		}
		close(d.lines)
	})
	d.Issuer = d.answer()
	return d
}

// answer reads a line, which names the issuer.
func (d *Directory) answer() string {
	d.t.Helper()
	select {
	case line, ok := <-d.lines:
		var saw struct{ Issuer string }
		if !ok || json.Unmarshal([]byte(line), &saw) != nil {
			d.t.Fatalf("the directory ended: %s%s", line, d.errors)
		}
		return saw.Issuer
	case <-time.After(patience):
		d.t.Fatalf("the directory does not answer")
	}
	return ""
}

func (d *Directory) do(command map[string]any) {
	d.t.Helper()
	if _, err := io.WriteString(d.in, text(command)+"\n"); err != nil {
		d.t.Fatalf("directory: %v: %s", err, d.errors)
	}
	d.answer()
}

// Rotate makes it sign with a new key, and forget the one before.
func (d *Directory) Rotate() { d.t.Helper(); d.do(map[string]any{"do": "rotate"}) }

// May says which authentication contexts an account can show.
func (d *Directory) May(account string, acrs ...string) {
	d.t.Helper()
	d.do(map[string]any{"do": "may", "account": account, "acrs": acrs})
}

// A Visitor of the directory is a browser without a page: it has cookies, and fills in
// the forms that it is shown.
type Visitor struct {
	t      testing.TB
	client *http.Client
	Forms  int // that it was shown
}

// Visitor returns one who trusts the authority.
func (d *Directory) Visitor(transport http.RoundTripper) *Visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &Visitor{t: d.t, client: &http.Client{
		Transport: transport, Jar: jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// SignIn goes to an address of the directory as an account, and returns where the
// directory sends the browser back to in the end.
func (v *Visitor) SignIn(address, account, redirect string) *url.URL {
	v.t.Helper()
	for range 12 {
		if strings.HasPrefix(address, redirect) {
			u, err := url.Parse(address)
			if err != nil {
				v.t.Fatal(err)
			}
			return u
		}
		resp, err := v.client.Get(address)
		if err != nil {
			v.t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			v.t.Fatal(err)
		}
		if resp.StatusCode == http.StatusOK && bytes.Contains(body, []byte("<form")) {
			v.Forms++
			form := url.Values{"login": {account}, "password": {"any"}, "confirm": {"yes"}}
			if resp, err = v.client.PostForm(address, form); err != nil {
				v.t.Fatal(err)
			}
			_ = resp.Body.Close()
		}
		next, err := resp.Location()
		if err != nil {
			v.t.Fatalf("%s: %s: %s", address, resp.Status, body)
		}
		address = next.String()
	}
	v.t.Fatalf("goes round in circles: %s", address)
	return nil
}

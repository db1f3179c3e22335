package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A Browser is a Chromium that finds the proxy by its PAC file.
type Browser struct {
	t       testing.TB
	in      io.Writer
	answers chan answer
	errors  *bytes.Buffer
}

// A View is what a person has before the eyes, and how it came.
type View struct {
	URL      string `json:"url"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Protocol string `json:"protocol"`
	Status   int    `json:"status"`
	Issuer   string `json:"issuer"` // of the certificate
	Error    string `json:"error"`
}

type answer struct {
	OK    bool            `json:"ok"`
	Value json.RawMessage `json:"value"`
	View
}

// Browse starts a browser that trusts the proxy's authority and the one of the
// intranet, and not those of the AI services.
func (s *Sluice) Browse(t testing.TB, o *Origin) *Browser {
	t.Helper()
	home := t.TempDir()
	database := filepath.Join(home, ".pki", "nssdb")
	if err := os.MkdirAll(database, 0o700); err != nil {
		t.Fatal(err)
	}
	certutil := func(args ...string) {
		t.Helper()
		if out, err := finish(t, exec.Command("certutil", append(args, "-d", "sql:"+database)...)); err != nil {
			t.Fatalf("certutil %q: %v: %s", args, err, out)
		}
	}
	certutil("-N", "--empty-password")
	certutil("-A", "-n", "sluice", "-t", "C,,", "-i", s.CA)
	certutil("-A", "-n", "intranet", "-t", "C,,", "-i", o.Intranet.File)

	b := &Browser{t: t, answers: make(chan answer, 1), errors: &bytes.Buffer{}}
	cmd := exec.Command("node", "browser.mjs", "http://"+s.Proxy+"/proxy.pac")
	cmd.Dir = "clients"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
	cmd.Stderr = b.errors
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	b.in = in
	ended := start(t, cmd, func() {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			var a answer
			if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
				a.Error = fmt.Sprintf("%v: %s", err, lines.Text())
			}
			b.answers <- a
		}
		close(b.answers)
	})
	t.Cleanup(func() {
		_ = in.Close() // the driver closes the browser, then ends
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the browser does not close")
		}
	})
	b.answer("start")
	return b
}

// do sends a command to the driver.
func (b *Browser) do(command map[string]string) answer {
	b.t.Helper()
	if _, err := io.WriteString(b.in, text(command)+"\n"); err != nil {
		b.t.Fatalf("browser: %v: %s", err, b.errors)
	}
	return b.answer(text(command))
}

func (b *Browser) answer(to string) answer {
	b.t.Helper()
	select {
	case a, ok := <-b.answers:
		switch {
		case !ok:
			b.t.Fatalf("browser: the driver ended: %s", b.errors)
		case !a.OK:
			b.t.Fatalf("browser: %s: %s\n%s %q\n%s", to, a.Error, a.URL, a.Title, a.Text)
		}
		return a
	case <-time.After(patience):
		b.t.Fatalf("browser: no answer to %s", to)
	}
	return answer{}
}

// Open goes to a page.
func (b *Browser) Open(url string) View {
	b.t.Helper()
	return b.do(map[string]string{"do": "open", "url": url}).View
}

// Fill writes into a field.
func (b *Browser) Fill(selector, value string) {
	b.t.Helper()
	b.do(map[string]string{"do": "fill", "selector": selector, "value": value})
}

// Click clicks.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.do(map[string]string{"do": "click", "selector": selector})
}

// Until waits for an expression of the page to be true.
func (b *Browser) Until(expression string) View {
	b.t.Helper()
	return b.do(map[string]string{"do": "until", "value": expression}).View
}

// Evaluate reads the value of an expression of the page.
func (b *Browser) Evaluate(expression string, into any) {
	b.t.Helper()
	a := b.do(map[string]string{"do": "evaluate", "value": expression})
	if err := json.Unmarshal(a.Value, into); err != nil {
		b.t.Fatalf("browser: %s: %v", expression, err)
	}
}

// Screenshot keeps what the page looks like beside the test's other files; with
// E2E_SCREENSHOTS set, in that directory.
func (b *Browser) Screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("E2E_SCREENSHOTS")
	if dir == "" {
		dir = b.t.TempDir()
	}
	file := filepath.Join(dir, name+".png")
	b.do(map[string]string{"do": "screenshot", "value": file})
	if info, err := os.Stat(file); err != nil || info.Size() < 1000 {
		b.t.Errorf("screenshot %s: %v", file, err)
	}
}

// Look changes the width of the window and the colours that the person prefers: light
// or dark.
func (b *Browser) Look(width int, scheme string) {
	b.t.Helper()
	b.do(map[string]string{"do": "look", "width": fmt.Sprint(width), "scheme": scheme})
}

// Looks takes screenshots in both colours, and in the width of a telephone, which
// must hold the page.
func (b *Browser) Looks(name string) {
	b.t.Helper()
	b.Look(360, "light")
	var scrolls int
	if b.Evaluate("document.documentElement.scrollWidth", &scrolls); scrolls > 360 {
		b.t.Errorf("%s is %d pixels wide on a telephone", name, scrolls)
	}
	b.Screenshot(name + "-narrow")
	b.Look(1000, "dark")
	b.Screenshot(name + "-dark")
	b.Look(1000, "light")
	b.Screenshot(name)
}

// Frames are the addresses of what the page frames.
func (b *Browser) Frames() []string {
	b.t.Helper()
	var frames []string
	if err := json.Unmarshal(b.do(map[string]string{"do": "frames"}).Value, &frames); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return frames
}

package content_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// TestWriteUnread: what could not be read is told apart by its bytes, and where nothing
// was unread there is nothing to tell.
func TestWriteUnread(t *testing.T) {
	sum := func(m *content.Message) [sha256.Size]byte {
		h := sha256.New()
		m.WriteUnread(h)
		return [sha256.Size]byte(h.Sum(nil))
	}
	none := sha256.Sum256(nil)
	one, other := "\x89PNG\x00"+strings.Repeat("\x01\x02\xff", 40), "\x89PNG\x00"+strings.Repeat("\x01\x02\xfe", 40)
	form := func(data string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n" + data + "\r\n--x--\r\n"
	}
	for name, c := range map[string]struct {
		head *content.Head
		body func(data string) string
	}{
		"a form":           {head("POST", "openai-api", "api", "/v1/images/edits", "Content-Type: multipart/form-data; boundary=x"), form},
		"a whole body":     {head("POST", "", "web", "/upload", "Content-Type: image/png"), func(data string) string { return data }},
		"of no known type": {head("POST", "", "web", "/upload"), func(data string) string { return data }},
	} {
		t.Run(name, func(t *testing.T) {
			m := mustRead(t, c.head, c.body(one))
			if len(m.Opaque) != 1 || sum(m) == none {
				t.Fatalf("%v", m.Opaque)
			}
			if sum(m) != sum(mustRead(t, c.head, c.body(one))) {
				t.Error("the same differs")
			}
			if sum(m) == sum(mustRead(t, c.head, c.body(other))) {
				t.Error("another is the same")
			}
		})
	}
	text := mustRead(t, head("POST", "openai-api", "api", "/v1/chat/completions", "Content-Type: application/json"), `{"model":"m","messages":[{"role":"user","content":"hello"}]}`)
	if sum(text) != none {
		t.Error("text is unread")
	}
	stream := content.OpenStream(socket("", "web", "/ws"))
	message := func(data string) [sha256.Size]byte {
		m, err := stream.ReadMessage(content.Raw{Payload: []byte(data), Binary: true}, content.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return sum(m)
	}
	if first, again := message(one), message(one); first == none || first != again || first == message(other) {
		t.Error("a binary message")
	}
}

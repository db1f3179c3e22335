package proxy

import (
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
)

// BenchmarkTails finds the fragments of a prompt of 2 KB and reads them behind those of
// four prompts before, without the classifiers.
func BenchmarkTails(b *testing.B) {
	prose := strings.Repeat("Please write a short summary of the meeting of 12 May with the team in room 4b. ", 26)
	code := strings.Repeat("func add3(a int, b2 int64) error { return fmt.Errorf(\"x%d: %w\", a+1, err7) }\n", 26)
	tails := []ledger.Tail{{Text: "12\n4b"}, {Text: "a+1\nerr7"}, {Text: "12\n4b"}, {Text: "4111 1111"}}
	for name, text := range map[string]string{"prose": prose, "code": code} {
		m := &content.Message{}
		m.Parts = []content.Part{{Text: text, Role: content.RolePrompt}}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = len(joints(tails, m, fragmentsOf(m)))
			}
			b.ReportMetric(float64(n), "joints")
		})
	}
}

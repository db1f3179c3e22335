package standard_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/exact"
	"github.com/sluice-proxy/sluice/classifiers/keyed"
	"github.com/sluice-proxy/sluice/classifiers/standard"
)

// ownFile writes classifiers.yaml and an index beside it.
func ownFile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	var index bytes.Buffer
	csv := "name,account\nAnna Schmidt,AC-4711-9920\n"
	if _, err := exact.Index(keyed.NewKey([32]byte{5}), exact.Source{CSV: strings.NewReader(csv), Columns: []string{"name", "account"}}, &index); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"classifiers.yaml": []byte(text), "a.edm": index.Bytes(), "cut.edm": index.Bytes()[:index.Len()-9]} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "classifiers.yaml")
}

func testKey() ([32]byte, error) { return [32]byte{5}, nil }

// TestOwn shows all that a file holds in one Set with the built-in families.
func TestOwn(t *testing.T) {
	own, err := standard.OpenOwn(ownFile(t, `
keywords: [{name: projects, entity: PROJECT_NAME, words: [Blue Heron]}]
exact: [{name: customers, entity: CUSTOMER, file: a.edm, rules: [[name, account]]}]
internal_packages: [com.brightfield.ledger]
labels: [Brightfield Restricted]
`), testKey)
	if err != nil {
		t.Fatal(err)
	}
	text := "Brightfield Restricted\n\nBlue Heron: Anna Schmidt, AC-4711-9920, 4111 1111 1111 1111\n\nimport com.brightfield.ledger.Invoice;\n"
	got := map[string]bool{}
	for _, f := range classifierstest.Classify(t, newSet(t, standard.Options{Own: own}), text) {
		got[f.Entity] = true
	}
	for _, want := range []string{"PROJECT_NAME", "CUSTOMER", "CREDIT_CARD", "PROPRIETARY_CODE", "MARKING_CONFIDENTIAL"} {
		if !got[want] {
			t.Errorf("no %s in %v", want, got)
		}
	}
	if a, b := newSet(t, standard.Options{}), newSet(t, standard.Options{Own: own}); a.Snapshot() == b.Snapshot() {
		t.Error("the snapshot does not tell that there is more")
	}
}

// TestOwnErrors shows that no index is read wrongly, and that all problems are told.
func TestOwnErrors(t *testing.T) {
	name := ownFile(t, `exact:
  - {name: a, entity: A_B, file: cut.edm, rules: [[name]]}
  - {name: b, entity: A_B, file: none.edm, rules: [[name]]}
  - {name: c, entity: A_B, file: a.edm, rules: [[iban]]}
documents:
  - {name: d, entity: D_D, file: a.edm}
`)
	_, err := standard.OpenOwn(name, testKey)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		":2: exact[0].file: ", "cut.edm: is damaged: its checksum is wrong", ":3: exact[1].file: stat ",
		`:4: exact[2].rules: c: the index has no column "iban"; it has ["name" "account"]`,
		":6: documents[0].file: ", "a.edm: is an index of values, not fingerprints of documents",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
	failed := errors.New("no key")
	if _, err := standard.OpenOwn(name, func() ([32]byte, error) { return [32]byte{}, failed }); !errors.Is(err, failed) {
		t.Errorf("without a key: %v", err)
	}
}

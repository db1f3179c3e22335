package phi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/classifierstest"
	"github.com/sluice-proxy/sluice/classifiers/phi"
)

var rules = []classifierstest.Rule{
	{Name: "uk-nhs", Entity: phi.NHS, True: []classifierstest.Example{
		{Text: "NHS number: 943 476 5919", Value: "943 476 5919"},
		{Text: "his NHS no. is 943-476-5919.", Value: "943-476-5919"},
		{Text: "NHS 9434765919", Value: "9434765919"},
		{Text: "943 476 5919", Value: "943 476 5919", Why: "alone"},
	}, False: []classifierstest.Example{
		{Text: "NHS number: 943 476 5918", Why: "check digit"},
		{Text: "call 943 476 5919 after nine", Why: "no word about it"},
		{Text: "NHS 222 222 2222", Why: "one digit"},
		{Text: "NHS order 9434765919-2", Why: "part of something longer"},
	}},
	{Name: "us-npi", Entity: phi.NPI, True: []classifierstest.Example{
		{Text: "NPI 1679576722", Value: "1679576722"},
		{Text: "National Provider Identifier (NPI): 1245319599", Value: "1245319599"},
		{Text: "1679576722", Value: "1679576722", Why: "alone"},
	}, False: []classifierstest.Example{
		{Text: "NPI 1679576723", Why: "check digit"},
		{Text: "NPI 3679576720", Why: "begins with 1 or 2"},
		{Text: "created_at 1679576722 by the job", Why: "a time, no word about it"},
	}},
	{Name: "us-mbi", Entity: phi.MBI, True: []classifierstest.Example{
		{Text: "Medicare ID: 1EG4-TE5-MK72", Value: "1EG4-TE5-MK72"},
		{Text: "beneficiary 1eg4te5mk72", Value: "1eg4te5mk72"},
		{Text: "see 2AC9-XD4-NN22 and others", Value: "2AC9-XD4-NN22"},
	}, False: []classifierstest.Example{
		{Text: "Medicare ID: 1EG4-SE5-MK72", Why: "S is not used"},
		{Text: "Medicare ID: 0EG4-TE5-MK72", Why: "begins with 0"},
		{Text: "token 1eg4te5mk72 in the log", Why: "small letters and no word"},
		{Text: "Medicare ID: 1EG4-TE5-MK723", Why: "too long"},
	}},
	{Name: "medical-license", Entity: phi.License, True: []classifierstest.Example{
		{Text: "DEA number: BB1388568", Value: "BB1388568"},
		{Text: "prescriber DEA# F91234563", Value: "F91234563"},
		{Text: "BB1388568", Value: "BB1388568", Why: "alone"},
	}, False: []classifierstest.Example{
		{Text: "DEA number: BB1388567", Why: "check digit"},
		{Text: "part BB1388568 is in stock", Why: "no word about it"},
		{Text: "DEA number: ZB1388568", Why: "no such type of registrant"},
	}},
	{Name: "medical-record-number", Entity: phi.Record, True: []classifierstest.Example{
		{Text: "MRN: 00482913", Value: "00482913"},
		{Text: "Medical Record Number is 48-29-13", Value: "48-29-13"},
		{Text: "patient_id=E4829131", Value: "E4829131"},
		{Text: "Patientennummer: 4829131", Value: "4829131"},
		{Text: "NUMÉRO DE DOSSIER MÉDICAL : 4829131", Value: "4829131"},
		{Text: "Nº historia clínica: 482913", Value: "482913"},
		{Text: "病历号：0048291", Value: "0048291"},
	}, False: []classifierstest.Example{
		{Text: "The MRN of a patient is unique in a hospital.", Why: "no number"},
		{Text: "MRN: 0000000", Why: "an example"},
		{Text: "MRN: [MEDICAL_RECORD_NUMBER_7392]", Why: "what redaction leaves"},
		{Text: "medical record of 12/31/2026", Why: "a date"},
		{Text: "The ipp 482913 was printed", Why: "means something else, too"},
		{Text: "Medical records from 1998 to 2004", Why: "years"},
	}},
	{Name: "health-insurance-number", Entity: phi.Insurance, True: []classifierstest.Example{
		{Text: "Health insurance number: HX-4829131", Value: "HX-4829131"},
		{Text: "OHIP: 5584-486-674", Value: "5584-486-674"},
		{Text: "Medicaid ID AB48291C", Value: "AB48291C"},
		{Text: "Número de tarjeta sanitaria: 48291310", Value: "48291310"},
	}, False: []classifierstest.Example{
		{Text: "Health insurance costs 482 euros a month", Why: "money"},
		{Text: "a health card game with 120 cards", Why: "no number of anybody"},
	}},
	{Name: "icd10-named", Entity: phi.Code, True: []classifierstest.Example{
		{Text: "ICD-10: E11.9", Value: "E11.9"}, {Text: "ICD-10-CM J45909", Value: "J45909"}, {Text: "CIM-10 : I10", Value: "I10"},
	}, False: []classifierstest.Example{
		{Text: "Take vitamin B12 daily", Why: "a vitamin"}, {Text: "Print it on A10 or A4 paper", Why: "paper"}, {Text: "part M54.5 from the catalogue", Why: "a part"},
	}},
	{Name: "icd10-diagnosis", Entity: phi.Code, True: []classifierstest.Example{
		{Text: "diagnosis: E11.9", Value: "E11.9"}, {Text: "Hauptdiagnose K35.80", Value: "K35.80"}, {Text: "Dx: S72.001A", Value: "S72.001A"}, {Text: "Diagnosis: I10", Value: "I10"},
	}, False: []classifierstest.Example{
		{Text: "diagnosis: B12 deficiency", Why: "no such category"}, {Text: "The diagnosis of engine E46 is slow", Why: "a car"}, {Text: "#E11.95", Why: "a colour"},
	}},
	{Name: "icd10-term", Entity: phi.Code, True: []classifierstest.Example{
		{Text: "J45.909 asthma", Value: "J45.909"}, {Text: "Acute appendicitis (K35.80)", Value: "K35.80"}, {Text: "I10 Essential hypertension", Value: "I10"}, {Text: "F32.1 mittelgradige Depression", Value: "F32.1"},
	}, False: []classifierstest.Example{
		{Text: "The A41 to Aylesbury is closed", Why: "a road"}, {Text: "Flight K35 is late", Why: "a flight"}, {Text: "see section C12.4 of the manual", Why: "a section"},
	}},
	{Name: "dose", Entity: phi.Drug, True: []classifierstest.Example{
		{Text: "metformin 500 mg BID", Value: "metformin"}, {Text: "takes Lipitor 20mg at night", Value: "Lipitor"}, {Text: "10 mg of oxycodone were given", Value: "oxycodone"},
		{Text: "Ramipril 5 mg 1-0-0", Value: "Ramipril"}, {Text: "teneligliptin 20 mg", Value: "teneligliptin"},
	}, False: []classifierstest.Example{
		{Text: "What are the side effects of metformin?", Why: "a question"}, {Text: "cholesterol 210 mg/dl", Why: "a result"}, {Text: "mix 5 ml of vanilla", Why: "no drug"},
		{Text: "Aspirin was patented by Bayer.", Why: "history"},
	}},
	{Name: "regimen", Entity: phi.Drug, True: []classifierstest.Example{
		{Text: "furosemide PO daily", Value: "furosemide"}, {Text: "ibuprofen prn", Value: "ibuprofen"},
	}, False: []classifierstest.Example{
		{Text: "Is it safe to take ibuprofen daily?", Why: "a question"},
	}},
}

func TestRules(t *testing.T) {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = r.Name
	}
	classifierstest.Rules(t, phi.New(), names, rules)
}

func TestNotes(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, phi.New())
	for name, text := range notes {
		ask := "Please summarise this for the insurer and keep it short, in two sentences at most.\n\n"
		found := passages(t, set, ask+text)
		if len(found) != 1 || found[0].Start < len(ask) || 2*(found[0].End-found[0].Start) < len(text) {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// Medicine, and even a patient of whom a question tells, is no note.
func TestMedicineIsNoNote(t *testing.T) {
	set := classifierstest.NewSet(t, classifiers.Options{}, phi.New())
	for _, text := range essays {
		if found := passages(t, set, text); len(found) > 0 {
			t.Errorf("%.80q: %+v", text, found)
		}
	}
}

func passages(t *testing.T, set *classifiers.Set, text string) (notes []classifiers.Finding) {
	for _, f := range classifierstest.Classify(t, set, text) {
		if f.Entity == phi.Note {
			notes = append(notes, f)
		}
	}
	return notes
}

func seeds() (all []string) {
	for _, r := range rules {
		for _, e := range r.True {
			if e.Why != "alone" {
				all = append(all, e.Text)
			}
		}
	}
	for _, n := range notes {
		all = append(all, n)
	}
	return all
}

func TestContract(t *testing.T) { classifierstest.Contract(t, phi.New(), seeds()) }

func FuzzClassify(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	set := classifierstest.NewSet(f, classifiers.Options{}, phi.New())
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := set.Classify(context.Background(), []classifiers.Sample{{Text: text}}); err != nil {
			t.Error(err)
		}
	})
}

// What it costs a clean prompt of two kilobytes, beside the engine alone.
func BenchmarkClassify(b *testing.B) {
	prose := strings.Repeat("The review took most of the morning. Anna presented the key figures: members visit twice as often, and their feedback is better. ", 16)[:2048]
	code := strings.Repeat("func (s *Store) Get(ctx context.Context, key string) (*Session, error) {\n\treturn s.find(ctx, key, 10)\n}\n", 21)[:2048]
	var note string
	for _, n := range notes {
		note += n
	}
	for _, c := range []struct {
		name   string
		family classifiers.Classifier
	}{{"engine", idle{}}, {"phi", phi.New()}} {
		set := classifierstest.NewSet(b, classifiers.Options{}, c.family)
		for name, text := range map[string]string{"prose": prose, "code": code, "note": note[:2000]} {
			b.Run(fmt.Sprintf("%s/%s", c.name, name), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				samples := []classifiers.Sample{{Text: text}}
				for b.Loop() {
					if _, err := set.Classify(context.Background(), samples); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// idle looks at nothing, so that what is left is the cost of the engine and its words.
type idle struct{}

func (idle) Describe() classifiers.Description {
	return classifiers.Description{Family: "idle", Entities: []string{"NOTHING"}, Version: "1", Words: true}
}

func (idle) Classify(_ context.Context, _ *classifiers.View, found []classifiers.Finding) ([]classifiers.Finding, error) {
	return found, nil
}

package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/classifiers/standard"
	"github.com/sluice-proxy/sluice/rego"
)

// presidioNames are entities that only an analyzer outside reports
// (https://microsoft.github.io/presidio/supported_entities/).
const presidioNames = "DATE_TIME LOCATION NRP ORGANIZATION URL"

// ordinary are the entities of persons for which the row _default is right, and those
// of health that no table decides on.
const ordinary = "AD_NRT AR_DNI AT_TAX_NUMBER BE_PAYMENT_REFERENCE BO_CEDULA BR_RG CH_ESR CO_CEDULA CREDITOR_REFERENCE DATE_OF_BIRTH " +
	"DE_TAX_NUMBER EINECS_NUMBER ES_CUPS FI_VEHICLE_REGISTRATION GH_TIN GR_AFM GT_NIT ICCID ID_NPWP IMEI IMSI IN_VEHICLE_REGISTRATION " +
	"IN_VOTER KE_PIN LICENSE_PLATE MEID MX_RFC MZ_NUIT NG_VEHICLE_REGISTRATION NL_ONDERWIJSNUMMER PE_DNI PH_SSS PH_TIN PH_UMID " +
	"PT_NIF RU_INN SI_TAX_NUMBER SV_NIT TH_TIN TN_CIN TR_LICENSE_PLATE TR_VKN UK_UPN UK_UTR UK_VEHICLE_REGISTRATION " +
	"US_MEDICARE_HICN US_PTIN VE_RIF VIN VN_CCCD ZA_TIN CLINICAL_NOTE DRUG_NAME ICD10_CODE US_NPI"

// Each entity that the table limits may decide on has a row, or is known to need none,
// and each row is of an entity.
func TestLimitsAreComplete(t *testing.T) {
	data, err := rego.FS.ReadFile("data/limits.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Entities map[string]json.RawMessage `json:"entities"`
	}
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	set, err := standard.New(standard.Options{})
	if err != nil {
		t.Fatal(err)
	}
	delete(table.Entities, "_default")
	wanted := strings.Fields(presidioNames)
	for _, e := range set.Entities() {
		if slices.Contains([]string{classifiers.PII, classifiers.PHI, classifiers.PCI}, e.Family) {
			wanted = append(wanted, e.Name)
		}
	}
	plain := strings.Fields(ordinary)
	for _, entity := range wanted {
		_, row := table.Entities[entity]
		if row == slices.Contains(plain, entity) {
			t.Errorf("%s: a row, or one of those that need none, and not both: has a row: %v", entity, row)
		}
	}
	for entity := range table.Entities {
		if !slices.Contains(wanted, entity) {
			t.Errorf("%s: nothing reports it", entity)
		}
	}
}

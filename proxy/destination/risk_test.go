package destination

import "testing"

func TestRisk(t *testing.T) {
	yes, no := true, false
	s := func(v string) *string { return &v }
	for name, tt := range map[string]struct {
		e    entry
		want int
	}{
		"nothing known":           {entry{}, 50},                                                                                                    // 40 + 10
		"a category of one's own": {entry{Category: s("oracle"), Country: s("DE")}, 40},                                                             // 40
		"an API that promises":    {entry{Category: s("api-platform"), Country: s("US"), Trains: &no, SOC2: &yes, Enterprise: &yes}, 10},            // 30-10-5-5
		"a chat that trains":      {entry{Category: s("chat"), Country: s("US"), Trains: &yes, SOC2: &yes, Enterprise: &yes}, 45},                   // 40+15-5-5
		"a chat under state law":  {entry{Category: s("chat"), Country: s("CN"), Trains: &yes, SOC2: &no}, 95},                                      // 40+30+15+10
		"no decision":             {entry{Category: s("chat"), Country: s("SG")}, 45},                                                               // 40+5
		"from a blocklist":        {entry{Category: s("agent"), Country: s("RU"), Tier: s("blocklist-derived"), Confidence: s("low")}, 100},         // 55+30+10+5
		"a registry":              {entry{Category: s("api-platform"), Tier: s("provider-registry"), Confidence: s("medium"), Enterprise: &no}, 45}, // 30+10+5
		"capped":                  {entry{Category: s("agent"), Country: s("CN"), Trains: &yes, SOC2: &no, Tier: s("list-derived")}, 100},           // 120
		"at the bottom":           {entry{Category: s("local-runtime"), Country: s("CH"), Trains: &no, SOC2: &yes, Enterprise: &yes}, 0},            // 20-10-5-5
	} {
		if got := computeRisk(&tt.e); got != tt.want {
			t.Errorf("%s: %d; want %d", name, got, tt.want)
		}
	}
	c := newCatalogue(t, CatalogueOptions{})
	for id, want := range map[string]int{"chatgpt": 45, "openai-api": 10, "claude": 45, "deepseek": 95, "bedrock": 10} {
		if got := c.App(id).Risk; got != want {
			t.Errorf("%s: %d; want %d", id, got, want)
		}
	}
	for _, app := range c.Apps() {
		if _, ok := categoryRisk[app.Category]; !ok {
			t.Errorf("%s: category %q is not in the table", app.ID, app.Category)
		}
	}
}

//go:build ignore

// Gen turns the research file of GenAI services into catalogue.json:
//
//	go run gen.go RESEARCH.json > catalogue.json
//
// It keeps confirmed hosts and what the risk table reads, drops entries without
// a confirmed host, mends what the research cannot know, and writes one entry a
// line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
)

type research struct {
	Meta struct {
		Generated string            `json:"generated"`
		Method    string            `json:"method"`
		Caveats   []string          `json:"caveats"`
		Sources   map[string]string `json:"sources"`
	} `json:"meta"`
	Entries []struct {
		ID         string  `json:"id"`
		Name       string  `json:"name"`
		Vendor     string  `json:"vendor"`
		Category   string  `json:"category"`
		Country    *string `json:"hq_country"`
		Tier       string  `json:"tier"`
		Confidence string  `json:"confidence"`
		Wire       string  `json:"wire_format"`
		DataUse    *struct {
			Trains     *bool `json:"trains_by_default_consumer"`
			SOC2       *bool `json:"soc2"`
			Enterprise *bool `json:"enterprise_tier"`
		} `json:"data_use"`
		Hosts []struct {
			Pattern   string   `json:"pattern"`
			Match     string   `json:"match"`
			Role      string   `json:"role"`
			Prefixes  []string `json:"path_prefix"`
			Shared    bool     `json:"shared"`
			Confirmed bool     `json:"confirmed"`
			Base      string   `json:"api_base_path"`
		} `json:"hosts"`
	} `json:"entries"`
}

type entry struct {
	ID         string `json:"id"`
	Name       string `json:"name,omitempty"`
	Vendor     string `json:"vendor,omitempty"`
	Category   string `json:"category,omitempty"`
	Country    string `json:"country,omitempty"`
	Tier       string `json:"tier"`
	Confidence string `json:"confidence"`
	Trains     *bool  `json:"trains_by_default,omitempty"`
	SOC2       *bool  `json:"soc2,omitempty"`
	Enterprise *bool  `json:"enterprise_tier,omitempty"`
	Wire       string `json:"wire_format,omitempty"`
	Hosts      []host `json:"hosts"`
}

type host struct {
	Pattern  string   `json:"pattern"`
	Match    string   `json:"match"`
	Role     string   `json:"role"`
	Prefixes []string `json:"path_prefixes,omitempty"`
	Shared   bool     `json:"shared,omitempty"`
}

// uploads are the hosts to which a service's pages send files.
var uploads = []string{"oaiusercontent.com", "content-push.googleapis.com"}

// wires are the wire formats of entries that the research gives another, or none.
var wires = map[string]string{
	// Chat is OpenAI's, but errors, conversations and OCR are its own.
	"mistral-api": "mistral",
	// Its pages call MakerSuite with arrays, which no format reads: at a service
	// without a format all text is content.
	"google-ai-studio": "",
}

// mends are hosts put before those of an entry.
var mends = map[string][]host{
	// The site's own pages and its API share one host.
	"openrouter": {{Pattern: "openrouter.ai", Match: "exact", Role: "api", Prefixes: []string{"/api/v1"}}},
	// A regional endpoint is a name of its own, not one below aiplatform.googleapis.com
	// (cloud.google.com/vertex-ai/docs/general/locations).
	"vertex-ai": {{Pattern: "*-aiplatform.googleapis.com", Match: "glob", Role: "api"}},
	// FIPS endpoints and interface endpoints in a VPC
	// (docs.aws.amazon.com/general/latest/gr/bedrock.html, …/bedrock/latest/userguide/vpc-interface-endpoints.html).
	"bedrock": {
		{Pattern: "bedrock-runtime-fips.*.amazonaws.com", Match: "glob", Role: "api"},
		{Pattern: "*.bedrock-runtime.*.vpce.amazonaws.com", Match: "glob", Role: "api"},
	},
	// The editors' telemetry goes to a host beside the API's
	// (docs.github.com/copilot/reference/copilot-allowlist-reference).
	"github-copilot": {{Pattern: "telemetry.*.githubcopilot.com", Match: "glob", Role: "asset"}},
}

// isWholeSite reports whether a host of the role api is a site's own name: then
// only what stands under the base path of its API is API, and the rest is pages.
func isWholeSite(pattern, role, base string) bool {
	return role == "api" && base != "" && strings.Count(pattern, ".") == 1
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run gen.go RESEARCH.json > catalogue.json")
	}
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var in research
	if err := json.Unmarshal(data, &in); err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	provenance, err := json.MarshalIndent(in.Meta, "", " ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(out, "{\n\"provenance\": %s,\n\"entries\": [\n", provenance)
	first := true
	for _, e := range in.Entries {
		to := entry{ID: e.ID, Name: e.Name, Vendor: e.Vendor, Category: e.Category, Tier: e.Tier, Confidence: e.Confidence, Wire: e.Wire}
		if wire, ok := wires[e.ID]; ok {
			to.Wire = wire
		}
		to.Hosts = slices.Clone(mends[e.ID])
		if e.Country != nil {
			to.Country = *e.Country
		}
		if e.DataUse != nil {
			to.Trains, to.SOC2, to.Enterprise = e.DataUse.Trains, e.DataUse.SOC2, e.DataUse.Enterprise
		}
		for _, h := range e.Hosts {
			if !h.Confirmed {
				continue
			}
			role := h.Role
			switch {
			case slices.Contains(uploads, h.Pattern):
				role = "upload"
			case role == "asset/telemetry/upload":
				role = "asset"
			case isWholeSite(h.Pattern, role, h.Base):
				to.Hosts = append(to.Hosts, host{h.Pattern, h.Match, role, []string{h.Base}, h.Shared})
				role = "web"
			}
			to.Hosts = append(to.Hosts, host{h.Pattern, h.Match, role, h.Prefixes, h.Shared})
		}
		if len(to.Hosts) == 0 {
			continue
		}
		line, err := json.Marshal(to)
		if err != nil {
			log.Fatal(err)
		}
		if !first {
			fmt.Fprint(out, ",\n")
		}
		first = false
		fmt.Fprintf(out, "%s", line)
	}
	fmt.Fprint(out, "\n]}\n")
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

//go:build ignore

// Gen turns the research file of GenAI services into catalogue.json:
//
//	go run gen.go RESEARCH.json > catalogue.json
//
// It keeps confirmed hosts and what the risk table reads, drops entries without
// a confirmed host, and writes one entry a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
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

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/rego"
)

// policySource is where configuration says that the rules are. Beside an error it
// returns what can be read.
func policySource(c PolicyConfig) (policy.Source, error) {
	src := policy.Source{Embedded: rego.FS}
	var errs []error
	if c.Dir != "" {
		switch info, err := os.Stat(c.Dir); {
		case err != nil:
			errs = append(errs, fmt.Errorf("policy.dir: %w", err))
		case !info.IsDir():
			errs = append(errs, fmt.Errorf("policy.dir: %s is not a directory", c.Dir))
		default:
			src.Dir = os.DirFS(c.Dir)
		}
	}
	for i, name := range c.DataFiles {
		data, err := readDataFile(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("policy.data_files[%d]: %w", i, err))
			continue
		}
		src.Data = append(src.Data, policy.DataFile{Name: name, JSON: data})
	}
	return src, errors.Join(errs...)
}

// readDataFile reads a JSON or YAML file of policy data as JSON.
func readDataFile(name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".json") {
		return data, nil
	}
	var value any
	if err := yaml.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

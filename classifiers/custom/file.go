package custom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A File is classifiers.yaml. Paths in it are those of its own directory.
type File struct {
	Keywords         []Keyword   `yaml:"keywords"`
	Rules            []Rule      `yaml:"rules"`
	Exact            []Exact     `yaml:"exact"`
	Documents        []Documents `yaml:"documents"`
	Allow            Allow       `yaml:"allow"`
	InternalPackages []string    `yaml:"internal_packages"` // names that stand only in the company's own code
	Labels           []string    `yaml:"labels"`            // names of its sensitivity labels
	Tests            string      `yaml:"tests"`             // JSON lines that `sluice classifiers test` runs

	name string
	root *yaml.Node
}

// Exact names an index that `sluice classifiers index` made.
type Exact struct {
	Name   string     `yaml:"name"`
	Entity string     `yaml:"entity"`
	File   string     `yaml:"file"`
	Rules  [][]string `yaml:"rules"`  // columns of which values of one row must be found together
	Within int        `yaml:"within"` // bytes between them; 0: 300
}

// Documents names fingerprints that `sluice classifiers fingerprint` made.
type Documents struct {
	Name   string `yaml:"name"`
	Entity string `yaml:"entity"`
	File   string `yaml:"file"`
	Words  int    `yaml:"words"` // of the shortest copy that is always found; 0: 30
}

// Allow is what may be there although it is found.
type Allow struct {
	Values   []Allowed `yaml:"values"`   // Hash is needed
	Entities []Allowed `yaml:"entities"` // without a hash: all of them
}

// Allowed is an entry, for some apps or, without destinations, for all.
type Allowed struct {
	Entity       string   `yaml:"entity"`
	Hash         string   `yaml:"hash"`
	Destinations []string `yaml:"destinations"`
	Note         string   `yaml:"note"` // for people
}

// Near are words of which one must stand near a match.
type Near struct {
	Words  []string `yaml:"words"`
	Within int      `yaml:"within"` // bytes on either side; 0: 100
}

// Read reads a file. The error joins all problems, each with file and line.
func Read(name string, data []byte) (*File, error) {
	f := &File{name: name}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	wrong := decoder.Decode(f)
	switch many := new(yaml.TypeError); {
	case errors.Is(wrong, io.EOF):
		return f, nil
	case wrong != nil && !errors.As(wrong, &many): // no YAML
		return nil, f.spell(wrong)
	}
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one YAML document", name)
	}
	f.root = new(yaml.Node)
	if err := yaml.Unmarshal(data, f.root); err != nil {
		return nil, f.spell(err)
	}
	if err := errors.Join(f.spell(wrong), f.check()); err != nil {
		return nil, err
	}
	return f, nil
}

// spell writes the problems of the decoder as all others are written.
func (f *File) spell(err error) error {
	var many *yaml.TypeError
	if err == nil {
		return nil
	}
	if !errors.As(err, &many) {
		return fmt.Errorf("%s: %s", f.name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var errs []error
	for _, text := range many.Errors {
		line, said := "", text
		if m := inLine.FindStringSubmatch(text); m != nil {
			line, said = ":"+m[1], m[2]
		}
		if m := noField.FindStringSubmatch(said); m != nil {
			said = "unknown key " + m[1]
		}
		errs = append(errs, fmt.Errorf("%s%s: %s", f.name, line, said))
	}
	return errors.Join(errs...)
}

var (
	inLine  = regexp.MustCompile(`(?s)^line (\d+): (.*)$`)
	noField = regexp.MustCompile(`^field (.*) not found in type `)
)

// Errorf is a problem of what stands at a path: Errorf(at("rules", 2, "pattern"), …).
func (f *File) Errorf(path []any, format string, args ...any) error {
	where := f.name
	if n := f.node(path); n != nil {
		where += ":" + strconv.Itoa(n.Line)
	}
	key := ""
	for _, step := range path {
		switch step := step.(type) {
		case int:
			key += fmt.Sprintf("[%d]", step)
		case string:
			key += "." + step
		}
	}
	return fmt.Errorf("%s: %s: %w", where, strings.TrimPrefix(key, "."), fmt.Errorf(format, args...))
}

// At is a path into the file: keys and indices.
func At(path ...any) []any { return path }

// node is what stands at a path, or the last thing on the way there.
func (f *File) node(path []any) *yaml.Node {
	if f.root == nil || len(f.root.Content) == 0 {
		return nil
	}
	n := f.root.Content[0]
	for _, step := range path {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		next := (*yaml.Node)(nil)
		switch step := step.(type) {
		case int:
			if n.Kind == yaml.SequenceNode && step < len(n.Content) {
				next = n.Content[step]
			}
		case string:
			for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == step {
					next = n.Content[i+1]
				}
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// Path is the place of a file that is named in this one.
func (f *File) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(f.name), name)
}

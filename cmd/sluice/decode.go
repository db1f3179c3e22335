package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// List is one string or a list of them.
type List []string

// Size is a number of bytes, written as 4096, 64KiB, 16MiB or 1GiB.
type Size int64

// Duration is written as time.ParseDuration reads it: 250ms, 15s, 1h.
type Duration time.Duration

// decodeConfig reads a configuration over what c holds. Every problem of the
// whole file is reported, each with the line and the path of its key.
func decodeConfig(name string, data []byte, c *Config) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil // an empty file changes nothing
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	}
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: more than one YAML document", name)
	}
	d := &configDecoder{file: name}
	d.decode("", document.Content[0], reflect.ValueOf(c).Elem())
	return errors.Join(d.errs...)
}

// decodeEnvironment reads SLUICE_LISTEN_PROXY and the like: any scalar, and any
// list of strings, separated by commas. A variable that names no key is a
// problem, because its writer thought that it did something.
func decodeEnvironment(environ []string, c *Config) error {
	leaves := map[string]leaf{}
	collectLeaves("", reflect.ValueOf(c).Elem(), leaves)
	d := &configDecoder{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "SLUICE_") || name == "SLUICE_CONFIG" || isServiceLink(name) {
			continue
		}
		d.file = "environment: " + name
		target, ok := leaves[name]
		if !ok {
			d.fail(0, "", "names no configuration key")
			continue
		}
		node := &yaml.Node{Kind: yaml.ScalarNode, Value: value}
		if target.value.Kind() == reflect.Slice {
			node = &yaml.Node{Kind: yaml.SequenceNode}
			for item := range strings.SplitSeq(value, ",") {
				if item = strings.TrimSpace(item); item != "" {
					node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: item})
				}
			}
		}
		d.decode(target.path, node, target.value)
	}
	return errors.Join(d.errs...)
}

// isServiceLink knows the variables that Kubernetes sets in every pod beside a
// Service whose name begins with sluice (SLUICE_SERVICE_HOST, SLUICE_PORT_8080_TCP).
func isServiceLink(name string) bool {
	return strings.Contains(name, "_SERVICE_HOST") || strings.Contains(name, "_SERVICE_PORT") ||
		strings.Contains(name, "_PORT_") || strings.HasSuffix(name, "_PORT")
}

// A leaf is a value that the environment can set.
type leaf struct {
	path  string
	value reflect.Value
}

// collectLeaves maps names of environment variables to settable values. Blocks
// that are pointers are left out: whether they are set is itself a choice.
func collectLeaves(block string, v reflect.Value, leaves map[string]leaf) {
	for i := range v.NumField() {
		field := v.Field(i)
		path := join(block, v.Type().Field(i).Tag.Get("yaml"))
		switch {
		case field.Kind() == reflect.Struct:
			collectLeaves(path, field, leaves)
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() != reflect.String,
			field.Kind() == reflect.Map, field.Kind() == reflect.Pointer:
		default:
			leaves["SLUICE_"+strings.ToUpper(strings.ReplaceAll(path, ".", "_"))] = leaf{path, field}
		}
	}
}

type configDecoder struct {
	file string
	errs []error
}

func (d *configDecoder) fail(line int, path, format string, args ...any) {
	where := d.file
	if line > 0 {
		where += ":" + strconv.Itoa(line)
	}
	d.errs = append(d.errs, &problem{where, path, fmt.Sprintf(format, args...)})
}

// decode sets v from a node that is right, and leaves it as it was otherwise; path
// is for messages.
func (d *configDecoder) decode(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Tag == "!!null" {
		return // "key:" with nothing after it leaves the default
	}
	switch target := v.Addr().Interface().(type) {
	case *Size:
		d.scalar(path, n, func(s string) error {
			parsed, err := parseSize(s)
			if err == nil {
				*target = parsed
			}
			return err
		})
		return
	case *Duration:
		d.scalar(path, n, func(s string) error {
			parsed, err := time.ParseDuration(s)
			if err != nil {
				return fmt.Errorf("%q is not a duration such as 15s or 5m", s)
			}
			*target = Duration(parsed)
			return nil
		})
		return
	case *List:
		if n.Kind == yaml.ScalarNode {
			*target = List{n.Value}
			return
		}
	}
	if _, one := v.Addr().Interface().(*Providers); one && n.Kind == yaml.MappingNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line, Content: []*yaml.Node{n}}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.object(path, n, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(path, n, v.Elem())
	case reflect.Slice:
		d.list(path, n, v)
	case reflect.Map:
		d.stringMap(path, n, v)
	case reflect.String:
		d.scalar(path, n, func(s string) error { v.SetString(s); return nil })
	case reflect.Bool:
		d.scalar(path, n, func(s string) error {
			switch s {
			case "true", "false":
				v.SetBool(s == "true")
				return nil
			}
			return fmt.Errorf("%q is neither true nor false", s)
		})
	case reflect.Int:
		d.scalar(path, n, func(s string) error {
			number, err := strconv.ParseInt(s, 10, 32)
			if err != nil {
				return fmt.Errorf("%q is not a number", s)
			}
			v.SetInt(number)
			return nil
		})
	case reflect.Float64:
		d.scalar(path, n, func(s string) error {
			number, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return fmt.Errorf("%q is not a number", s)
			}
			v.SetFloat(number)
			return nil
		})
	}
}

func (d *configDecoder) scalar(path string, n *yaml.Node, set func(string) error) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n.Line, path, "wants one value, not a %s", kindName(n))
		return
	}
	if err := set(n.Value); err != nil {
		d.fail(n.Line, path, "%v", err)
	}
}

func (d *configDecoder) object(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.fail(n.Line, orRoot(path), "wants keys and values, not a %s", kindName(n))
		return
	}
	fields := map[string]reflect.Value{}
	var names []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		fields[name] = v.Field(i)
		names = append(names, name)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		full := join(path, key.Value)
		field, ok := fields[key.Value]
		switch {
		case !ok:
			slices.Sort(names)
			d.fail(key.Line, full, "unknown key; known here: %s", strings.Join(names, ", "))
		case seen[key.Value]:
			d.fail(key.Line, full, "given twice")
		default:
			seen[key.Value] = true
			d.decode(full, n.Content[i+1], field)
		}
	}
}

func (d *configDecoder) list(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.fail(n.Line, path, "wants a list, not a %s", kindName(n))
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.decode(fmt.Sprintf("%s[%d]", path, i), item, items.Index(i))
	}
	v.Set(items)
}

func (d *configDecoder) stringMap(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.fail(n.Line, path, "wants keys and values, not a %s", kindName(n))
		return
	}
	m := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		value := reflect.New(v.Type().Elem()).Elem()
		full := join(path, n.Content[i].Value)
		if m.MapIndex(reflect.ValueOf(n.Content[i].Value)).IsValid() {
			d.fail(n.Content[i].Line, full, "given twice")
			continue
		}
		d.decode(full, n.Content[i+1], value)
		m.SetMapIndex(reflect.ValueOf(n.Content[i].Value), value)
	}
	v.Set(m)
}

// parseSize reads a number of bytes with a binary unit.
func parseSize(s string) (Size, error) {
	number, unit := s, int64(1)
	for _, u := range []struct {
		name string
		size int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1}} {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > 1<<50/unit {
		return 0, fmt.Errorf("%q is not a size such as 64KiB or 16MiB", s)
	}
	return Size(n * unit), nil
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "mapping"
	case yaml.SequenceNode:
		return "list"
	}
	return "single value"
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func orRoot(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

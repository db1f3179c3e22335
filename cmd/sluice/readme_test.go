package main

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestReadme shows that the configuration reference is the configuration: it
// decodes strictly, holds every key, and its values are the defaults.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "## Configuration reference")
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(rest)
	if !ok || block == nil {
		t.Fatal("no configuration reference in the README")
	}
	c := defaultConfig()
	if err := decodeConfig("README.md", []byte(block[1]), c); err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := yaml.Unmarshal([]byte(block[1]), &document); err != nil {
		t.Fatal(err)
	}
	documented(t, "", reflect.TypeOf(*c), document)
	_, reload, _ := strings.Cut(string(text), "These keys wait for a restart")
	listed := regexp.MustCompile("`([a-z_.]+)`").FindAllStringSubmatch(reload[:strings.Index(reload, "\n\n")], -1)
	var keys []string
	for _, match := range listed {
		keys = append(keys, match[1])
	}
	if want := fixedKeys("", reflect.TypeOf(*c)); !slices.Equal(keys, want) {
		t.Errorf("the README says that these keys wait for a restart:\n%v\nand these do:\n%v", keys, want)
	}

	// What stands there as an example says so by being a block that is not set.
	c.Tenants, c.Identity.Bearer.Issuers, c.Identity.OIDC = TenantsConfig{}, nil, nil
	want := defaultConfig()
	if !reflect.DeepEqual(normal(*c), normal(*want)) {
		t.Errorf("the reference says\n%+v\nthe defaults are\n%+v", *c, *want)
	}
}

// fixedKeys are those that a reload does not change.
func fixedKeys(path string, block reflect.Type) (keys []string) {
	for i := range block.NumField() {
		field := block.Field(i)
		key := join(path, field.Tag.Get("yaml"))
		if field.Tag.Get("reload") == "no" {
			keys = append(keys, key)
		} else if field.Type.Kind() == reflect.Struct {
			keys = append(keys, fixedKeys(key, field.Type)...)
		}
	}
	return keys
}

// documented checks that every key of a block stands in the reference.
func documented(t *testing.T, path string, block reflect.Type, document map[string]any) {
	t.Helper()
	for i := range block.NumField() {
		field := block.Field(i)
		key := field.Tag.Get("yaml")
		value, ok := document[key]
		if !ok {
			t.Errorf("%s is not in the reference", join(path, key))
			continue
		}
		kind := field.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if inner, isBlock := value.(map[string]any); isBlock && kind.Kind() == reflect.Struct {
			documented(t, join(path, key), kind, inner)
		}
	}
}

// normal makes empty lists and maps nil, so that they compare as what they mean.
func normal[T any](v T) T {
	value := reflect.ValueOf(&v).Elem()
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Map:
			if v.Len() == 0 {
				v.SetZero()
			}
		}
	}
	walk(value)
	return v
}

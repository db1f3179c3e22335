package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Limits of what is read from a Source. A file at its limit is refused, never cut.
const (
	maxModule = 1 << 20  // bytes of one .rego file
	maxTable  = 16 << 20 // bytes of one table or data file
	maxFiles  = 1000     // in one directory
)

// Source is where a policy comes from.
type Source struct {
	// Embedded holds lib/ and schemas/, which always come from here, and the default packs and tables.
	Embedded fs.FS
	// Dir, when not nil, replaces the packs (connect/, request/, response/) and the tables (data/*.json).
	Dir fs.FS
	// Data is merged over the tables in order: objects deeply, the last wins, lists replace.
	Data []DataFile
}

// DataFile is one object of tables by name, as {"limits": {…}, "modes": {…}}.
type DataFile struct {
	Name string // for messages
	JSON []byte
}

// Problem is something that is wrong with a source.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // 0 when the whole file is meant
	Message string `json:"message"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// Problems is the error of a source that cannot be used, with everything that was found wrong.
//
//nolint:errname // a list of what is wrong, printed as such
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

func (p *Problems) add(file string, line int, format string, args ...any) {
	*p = append(*p, Problem{file, line, fmt.Sprintf(format, args...)})
}

// files is a Source read into memory, so that what was checked is what is used.
type files struct {
	modules  map[string]string // packs and lib by path
	tests    map[string]string // their _test.rego
	schemas  map[string]any    // by name
	tables   map[string]any    // by name, data files merged in
	revision string
	problems Problems
}

const tables = "data"

var (
	tableName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	// notTables are names under data.sluice that modules own.
	notTables = []string{"lib", "testing", PhaseConnect, PhaseRequest, PhaseResponse}
)

// readFiles reads a source. What cannot be read or does not belong there is among the problems.
func readFiles(src Source) *files {
	f := &files{modules: map[string]string{}, tests: map[string]string{}, schemas: map[string]any{}, tables: map[string]any{"modes": map[string]any{}}}
	sum := sha256.New()
	hash := func(name string, body []byte) { fmt.Fprintf(sum, "%s\x00%d\x00%s", name, len(body), body) }

	f.each(src.Embedded, "lib", ".rego", maxModule, func(name string, body []byte) { f.module(name, body, hash) })
	f.each(src.Embedded, "schemas", ".json", maxTable, func(name string, body []byte) {
		hash(name, body)
		if schema, ok := f.decode(name, body); ok {
			f.schemas[stem(name, ".json")] = schema
		}
	})
	packs := src.Embedded
	if src.Dir != nil {
		packs = src.Dir
		f.refuseStrangers(packs)
	}
	for _, phase := range phases {
		f.each(packs, phase, ".rego", maxModule, func(name string, body []byte) { f.module(name, body, hash) })
	}
	f.each(packs, tables, ".json", maxTable, func(name string, body []byte) {
		hash(name, body)
		f.table(name, body)
	})
	for _, d := range src.Data {
		hash("\x00"+d.Name, d.JSON)
		f.merge(d)
	}
	f.revision = hex.EncodeToString(sum.Sum(nil)[:8])
	return f
}

// each reads the files of one directory in order of their names. A directory that is not there has no files.
func (f *files) each(fsys fs.FS, dir, ext string, limit int64, use func(name string, body []byte)) {
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		f.problems.add(dir, 0, "cannot be read: %v", err)
		return
	}
	if len(entries) > maxFiles {
		f.problems.add(dir, 0, "holds more than %d files", maxFiles)
		return
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch {
		case ignored(e.Name()):
		case path.Ext(e.Name()) != ext:
			f.problems.add(name, 0, "only %s files belong in %s/", ext, dir)
		default:
			body, err := readFile(fsys, name, limit)
			if err != nil {
				f.problems.add(name, 0, "cannot be read: %v", err)
				continue
			}
			use(name, body)
		}
	}
}

// ignored are hidden files, what editors leave behind, and notes. Anything else that is not read is a mistake.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".md")
}

func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	body, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	return body, err
}

// refuseStrangers reports what stands in a policy directory and would not be read: a misspelt phase is a missing policy.
func (f *files) refuseStrangers(fsys fs.FS) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		f.problems.add(".", 0, "cannot be read: %v", err)
	}
	for _, e := range entries {
		name := e.Name()
		if ignored(name) || name == tables || slices.Contains(phases, name) {
			continue
		}
		info, err := fs.Stat(fsys, name) // follows links
		if ext := path.Ext(name); err != nil || info.IsDir() || ext == ".rego" || ext == ".json" || ext == ".yaml" || ext == ".yml" {
			f.problems.add(name, 0, "is not read: packs stand in connect/, request/ and response/, tables in data/")
		}
	}
}

func (f *files) module(name string, body []byte, hash func(string, []byte)) {
	if strings.HasSuffix(name, "_test.rego") {
		f.tests[name] = string(body)
		return
	}
	hash(name, body)
	f.modules[name] = string(body)
}

// decode reads one JSON value; false when it is reported as broken.
func (f *files) decode(name string, body []byte) (any, bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		at := int64(len(body))
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = min(at, syntax.Offset)
		}
		f.problems.add(name, 1+bytes.Count(body[:at], []byte("\n")), "is not JSON: %v", err)
		return nil, false
	}
	if _, err := dec.Token(); err != io.EOF {
		f.problems.add(name, 0, "holds more than one JSON value")
		return nil, false
	}
	return v, true
}

func (f *files) table(file string, body []byte) {
	name := stem(file, ".json")
	if !tableName.MatchString(name) || slices.Contains(notTables, name) {
		f.problems.add(file, 0, "%q cannot be the name of a table", name)
		return
	}
	f.tables[name] = map[string]any{} // also of a broken one, so that it is complained of once
	if v, ok := f.decode(file, body); ok {
		object, isObject := v.(map[string]any)
		if !isObject {
			f.problems.add(file, 0, "a table is an object")
			return
		}
		f.tables[name] = object
	}
}

// merge lays a data file over the tables. It can only change tables that there are: a misspelt name would change nothing.
func (f *files) merge(d DataFile) {
	if len(d.JSON) > maxTable {
		f.problems.add(d.Name, 0, "larger than %d bytes", maxTable)
		return
	}
	v, ok := f.decode(d.Name, d.JSON)
	if !ok {
		return
	}
	object, ok := v.(map[string]any)
	if !ok {
		f.problems.add(d.Name, 0, "a data file is an object of tables")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		base, known := f.tables[name].(map[string]any)
		over, isObject := object[name].(map[string]any)
		switch {
		case !known:
			f.problems.add(d.Name, 0, "there is no table %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(f.tables)), ", "))
		case !isObject:
			f.problems.add(d.Name, 0, "table %q is an object", name)
		default:
			f.tables[name] = mergeObjects(base, over)
		}
	}
}

func mergeObjects(base, over map[string]any) map[string]any {
	out := maps.Clone(base)
	for name, value := range over {
		b, isBase := out[name].(map[string]any)
		o, isOver := value.(map[string]any)
		if isBase && isOver {
			out[name] = mergeObjects(b, o)
		} else {
			out[name] = value
		}
	}
	return out
}

func stem(name, ext string) string {
	return strings.TrimSuffix(path.Base(name), ext)
}

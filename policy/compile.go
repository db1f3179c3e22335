package policy

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// removedBuiltins reach outside, read the process, or answer differently each time: a decision depends on its input alone,
// so that it can be cached, replayed and trusted not to call anybody.
var removedBuiltins = []string{
	"http.send", "opa.runtime", "net.lookup_ip_addr", "rego.parse_module", "rand.intn", "uuid.rfc4122", "time.now_ns",
	"trace", "net.cidr_expand", "numbers.range", "numbers.range_step", "strings.render_template",
	"io.jwt.decode_verify", "io.jwt.encode_sign", "io.jwt.encode_sign_raw",
	"providers.aws.sign_req", "crypto.x509.parse_and_verify_certificates", "crypto.x509.parse_and_verify_certificates_with_options",
	"crypto.x509.parse_keypair", "crypto.x509.parse_rsa_private_key", "crypto.parse_private_keys",
}

// maxProblems ends the compiler's list of errors; OPA's own limit of ten hides the rest of a morning's work.
const maxProblems = 100

func capabilities() *ast.Capabilities {
	caps := ast.CapabilitiesForThisVersion()
	caps.Builtins = slices.DeleteFunc(caps.Builtins, func(b *ast.Builtin) bool { return slices.Contains(removedBuiltins, b.Name) })
	caps.AllowNet = []string{} // schemas are never fetched
	return caps
}

// compile parses and compiles modules strictly and against the schemas.
func (f *files) compile(modules map[string]string, problems *Problems) (*ast.Compiler, map[string]*ast.Module) {
	compiler, parsed := f.parse(modules, problems)
	if len(parsed) == len(modules) {
		if compiler.Compile(parsed); compiler.Failed() {
			problems.addOPA("", compiler.Errors)
		}
	}
	return compiler, parsed
}

// parse parses modules and returns a compiler for them, strict and with the schemas.
func (f *files) parse(modules map[string]string, problems *Problems) (*ast.Compiler, map[string]*ast.Module) {
	caps := capabilities()
	parsed := make(map[string]*ast.Module, len(modules))
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m, err := ast.ParseModuleWithOpts(name, modules[name], ast.ParserOptions{ProcessAnnotation: true, Capabilities: caps})
		if err != nil {
			problems.addOPA(name, err)
			continue
		}
		parsed[name] = m
	}
	schemas := ast.NewSchemaSet()
	for name, schema := range f.schemas {
		schemas.Put(ast.SchemaRootRef.Append(ast.StringTerm(name)), schema)
	}
	return ast.NewCompiler().SetErrorLimit(maxProblems).WithStrict(true).WithCapabilities(caps).
		WithSchemas(schemas).WithUseTypeCheckAnnotations(true), parsed
}

// addOPA takes over the errors of OPA with their places.
func (p *Problems) addOPA(file string, err error) {
	var list ast.Errors
	var one *ast.Error
	if errors.As(err, &one) {
		list = ast.Errors{one}
	} else if !errors.As(err, &list) {
		p.add(file, 0, "%v", err)
		return
	}
	for _, e := range list {
		line := 0
		if e.Location != nil {
			file, line = e.Location.File, e.Location.Row
		}
		message := e.Message
		if e.Details != nil {
			message += " (" + strings.Join(e.Details.Lines(), "; ") + ")"
		}
		p.add(file, line, "%s", message)
	}
}

// checkTables judges each table by the schema of its name, if there is one.
func (f *files) checkTables(ctx context.Context, problems *Problems) {
	for _, name := range slices.Sorted(maps.Keys(f.tables)) {
		schema, ok := f.schemas[name]
		if !ok {
			continue
		}
		found, err := mismatches(ctx, f.tables[name], schema)
		if err != nil {
			problems.add(tables+"/"+name+".json", 0, "cannot be judged: %v", err)
		}
		for _, m := range found {
			problems.add(tables+"/"+name+".json", 0, "table %s: %s", name, m)
		}
	}
}

// mismatches lets OPA's own JSON schema check judge a document.
func mismatches(ctx context.Context, document, schema any) ([]string, error) {
	rs, err := rego.New(
		rego.Query(`[_, errors] = json.match_schema(input.document, input.schema)`),
		rego.Input(map[string]any{"document": document, "schema": schema}),
		rego.StrictBuiltinErrors(true),
	).Eval(ctx)
	if err != nil {
		var te *topdown.Error
		if errors.As(err, &te) {
			return nil, errors.New(te.Message)
		}
		return nil, err
	}
	var found []string
	list, _ := rs[0].Bindings["errors"].([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			text, _ := m["error"].(string)
			found = append(found, text)
		}
	}
	return found, nil
}

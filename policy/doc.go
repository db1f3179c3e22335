// Package policy decides what happens to an exchange: it evaluates Rego rule packs with OPA and merges their verdicts in Go.
//
// Packs only say what they found: each rule adds a verdict to a set, so no two rules can conflict and no pack ranks another.
// What the verdicts come to (the gate, the redact union, the message) is computed in Go, where it costs a microsecond
// and can be tested without Rego.
//
// Nothing passes because something failed. The zero [Decision] blocks; a policy that does not compile never becomes a
// [Snapshot]; a timeout, a builtin error, a panic or a malformed verdict makes [Engine.Decide] return an error together with
// a Decision that blocks.
//
// Three decisions shape the code:
//
//   - OPA reports a builtin error either by failing the evaluation or, in its default mode, by leaving the rule undefined,
//     which would turn a block into silence. We use the default mode, collect the errors and treat any as a failure.
//   - A field that is absent is undefined in Rego and silences the rule that reads it. One table (fields.go) lists every
//     field of the input; the encoder, the cache key and the schema test all read that table.
//   - OPA's verdict sets are cached under the exact values of the fields that a phase's packs read. Satisfaction, the gate
//     and the message are computed for every exchange.
//
// OPA is imported by this package alone.
package policy

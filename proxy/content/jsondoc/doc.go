// Package jsondoc scans JSON texts (RFC 8259) into flat documents whose nodes lead
// back to their bytes, so that one value can be changed and all others stay as they
// were written.
//
// It is stricter than encoding/json where receivers differ, and keeps what that
// drops: keys that come twice, the spelling of numbers and escapes, the offsets.
// It reads many texts in a row (NDJSON, and RFC 7464 with its record separators) and
// texts whose end is missing. Scanning takes time and memory in proportion to the
// text, without recursion. A Document may be used by several goroutines.
package jsondoc

// Package secrets is the classifier family that finds secrets: the tokens and
// keys of vendors, private keys, JSON Web Tokens, credentials in URLs, headers
// and command lines, and what is assigned to a name such as "api_key".
//
// The vendor rules are data, gitleaks.json: the rules of gitleaks as published,
// with what this package adds to each, its anchors and its way of matching. NOTICE has their licence and provenance. Every rule has positives
// and negatives in testdata, made from the rule's own expression with random
// values; a rule does not land without both.
//
// Two more tables are data of our own: formats.txt has the tokens that their
// bytes alone give away, in a small language that a loop compares (see layout),
// and vendors.txt the names of vendors whose keys have no form, which are found
// near their vendor's name and the word for a key (see near.go). Their tests make
// the examples from the tables, so that no line lands without both.
//
// No expression reads a whole text, and one is compiled when it is first needed.
// A hit of an anchor starts one of
//
//   - start: the bytes at the anchor are compared with the classes of bytes
//     that the expression begins with (see layout.Shape); only where they all fit does
//     the expression run, anchored there;
//   - assign: the anchor is the vendor's name, an assignment must follow it, and
//     the value must fit the same way;
//   - window: the expression runs around a rare anchor, and windows that touch
//     are read once;
//   - a hand parser: private keys (PEM, PuTTY, DER, JSON Web Keys, NATS seeds),
//     JSON Web Tokens, Kubernetes manifests, curl, Basic and Bearer, URL userinfo,
//     connection strings, .netrc, command lines, calls of libraries, the phrases of
//     wallets, what a pipe writes to sudo or chpasswd and a script answers, the
//     configuration of routers, hashes of accounts, session cookies, PINs, the generic
//     assignment rule, and passwords that a sentence tells in one of some twenty
//     languages.
//
// Around what was found, the other half of the credential is looked for: the
// account of a password, the id of a client's secret (see account.go).
//
// # Confidence
//
// The confidence is the measured share of true findings; confidence.go has the
// table. A vendor's rule beats the generic one where both match, because its grade
// is higher.
//
// A scan that is explained tells for each value what decided, also for those that
// are not reported: verdict.go has the filters.
//
// # What is not reported
//
// Values that stand for a value (xxxx, EXAMPLE, <your key>, ${TOKEN}), calls,
// lookups, paths, identifiers and words, judged by how their letters follow
// each other (see wordiness), public keys, and what the allowlists of gitleaks
// name. Rules of gitleaks that need a file's path are left out; gitleaks.json
// says which.
package secrets

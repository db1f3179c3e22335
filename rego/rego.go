// Package rego holds the policy that comes with the binary: rule packs, their library, schemas and tables.
//
//	lib/                          data.sluice.lib, what packs share; always from here
//	schemas/                      JSON schemas of the input and of each table; always from here
//	connect/ request/ response/   rule packs, one file each, with its _test.rego beside it
//	data/                         tables, data.sluice.<name>
//
// A pack's rules only add verdicts to a set; package policy merges them.
package rego

import "embed"

// FS is the tree above.
//
//go:embed lib schemas connect request response data
var FS embed.FS

// Package tenant keeps accounts apart: it sets the tenant-restriction headers of
// the vendors, and judges whose account a request uses.
//
// Three tables hold what is known of the vendors: the headers with their hosts
// (restrictions), the keys of the configuration with the form of their values
// (keys), and the ids that requests show (kinds). A product without a block costs
// nothing and touches nothing.
//
// What a request does not show may be known from an earlier reply: a [Memory]
// keeps, for a day, which organisation a key turned out to belong to. Keys
// themselves are never kept; their keyed hash is ([Rules.Fingerprint]).
//
// Rules are immutable. All types are safe for concurrent use.
package tenant

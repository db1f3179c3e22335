// Package tenant keeps accounts apart: it sets the tenant-restriction headers of
// the vendors, and judges whose account a request uses.
//
// The headers are one table (restrictions); a product without configuration costs
// nothing and touches nothing. Rules are immutable and safe for concurrent use.
package tenant

// Package dial reaches destinations: directly, or through a parent proxy.
//
// The [Dialer] resolves a name once, drops every address that is not on the public internet, and dials the addresses that
// are left as literals; a hook on the socket compares once more before connect(2). Nothing resolves twice, so there is
// nothing to rebind. It is safe for concurrent use.
package dial

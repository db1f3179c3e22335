// Package admin is what operators see: metrics, health and status, on a listener
// of its own.
//
// The listener is on loopback by default, but a browser on the same machine is on
// loopback too, so nothing is trusted for where it comes from:
//
//   - Every request needs the token, but for GET /healthz and GET /readyz, which
//     say only whether. Without it nobody learns even which paths there are.
//   - Host must be an IP literal, localhost or a name from listen.admin_hosts, so
//     that a foreign name pointed at this address (DNS rebinding) reads nothing.
//   - A request that a browser makes for another site is refused, by Origin and
//     Sec-Fetch-Site (Fetch Metadata Request Headers).
//   - No forwarding header is read, and paths are compared as they were sent.
//   - Only GET is answered: there is nothing to change here.
//
// Log lines name the route and never the path as sent, a query or a header.
package admin

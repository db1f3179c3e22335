// Command benchmark measures what sluice costs, on one machine, over loopback.
// deploy/bench builds it and runs it.
//
// Every way to the origin is a real process of its own: the origin, sluice as it
// ships (default packs, record on), goproxy as its README sets up interception,
// squid with ssl-bump. The client is net/http in this process. All of them share
// the machine, so absolute rates say little: what counts is the ratio to the
// direct run of the same round. The runs of a round follow each other, and each
// round begins with another way, so that a machine that slows down slows them all.
//
//	direct         client and origin, TLS 1.3, HTTP/1.1
//	tunnel         through sluice, not decrypted
//	pass-through   through sluice at a tenant's sign-in host: decrypted, header
//	               set, recorded, not read
//	whole road     api.openai.com, approved: read, classified, decided, recorded.
//	               Every prompt is another text of the same length, so that policy's
//	               verdicts come from its cache and nothing else does
//	road, cold     the same with a pack that reads request.id, so that no verdict
//	               comes from the cache
//	goproxy        AlwaysMitm with its own authority, nothing else set
//	squid          peek and bump, nothing inspected, cached or logged; where installed
package main

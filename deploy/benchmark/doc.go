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
//
// A goal of memory is the peak of a sluice of its own less what it took when idle.
//
// # What the profiles showed
//
// deploy/bench --profile DIR writes a CPU profile of each sluice (sluice serve
// --cpu-profile), to be read with go tool pprof. Small requests, kept connections:
//
//   - A third of the time of a request that is passed through is system calls. Four
//     carry it and its reply. Five more were ours: a stat and a write for each of two
//     lines of the record, and a write of the log. Completions are now written with
//     the next decision, the log many lines at a time; a stat and a write are left.
//   - The record is the largest single cost that is left, 8 %, of which 3 % is the
//     encoding of its lines; the log's line is 1.5 %, policy with a warm cache 1.4 %,
//     classification of a new 2 KB text 1.6 %. The rest is net/http and crypto/tls on
//     both sides, flat. goproxy itself does not show.
//   - A new connection that resumes its session spends half of its own time in the
//     handshake, a sixth in reading the ClientHello before, and the rest in two
//     decision lines and the policy.
//
// Memory:
//
//   - A body of which the prefix is read was held twice, as bytes and as text, and
//     the doubling of its buffer left as much garbage again: 64 MiB for a 100 MiB
//     upload at limits.body 16 MiB. It is held once, and its buffer grows in one step
//     once a megabyte has come: 21 MiB.
//   - An idle connection kept net/http's buffers and the stack of its goroutine, deep
//     in goproxy, for as long as it was open, and its ClientHello and policy's input
//     with it; a tunnel had four goroutines. The handler now returns when the
//     connection is taken over.
package main

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
//     lines of the record, and a write of the log; and up to three because TLS cut a
//     head and its body into small records at the beginning of a connection, and
//     because net/http writes a head by itself when it does not know how soon a body
//     follows. What is left is one stat and one write for all decisions that come
//     together, the log many lines at a time, and one write for each message.
//   - The record was the largest single cost, 14 % of a request that is passed through.
//     It is 5 %: lines are encoded by hand, not by reflection, and several share a write.
//   - Two fifths of the memory that the whole road allocated were buffers of 16 KiB to
//     read replies into, room for lines of the record, and looking again and again at
//     the same path and model before they are recorded.
//   - Classification of a request and its reply is 8 %, content in both directions 7 %,
//     the collector a tenth, policy with a warm cache 1.5 %. The rest is net/http and
//     crypto/tls on both sides, flat. goproxy itself does not show.
//   - A resumed connection spends 36 % of its time in the client's handshake, of which
//     21 % are the post-quantum key exchange (X25519MLKEM768), which stays. The others
//     are 24 system calls, accept, two servers' heads and buffers, and two decisions.
//     Its origin's connection is kept; nothing is made for it there.
//
// Large replies:
//
//   - TLS made a system call for each record of 16 KiB that was written, and one for
//     two that were read: 16 and 33 KiB. Now four records share one call in both
//     directions, 62 and 64 KiB. A third of a download is AES, another the system's
//     copying.
//
// Alone on the machine (unloaded), most of a request's time is waking: of 20 system
// calls seven are futexes and four waits for the network, for net/http gives a request
// from one goroutine to the next five times. A reply is sent before it is recorded as
// complete.
//
// What was tried and brought nothing that could be told from noise: GOGC 150, 200 and
// 400 (and 1,000 idle connections would take more than they may), or so while little
// is alive; a profile for the compiler (go build -pgo, with the profiles of all
// workloads), whose medians lay between 14 % less and 4 % more CPU time in six
// comparisons of 5 to 10 interleaved rounds, and whose least times 1 to 3 % lower: it
// would compile every package twice. The CPU time of an unloaded request that is passed
// through, .5 s for a thousand on a machine that is shared, is the same for versions
// before and after limits, messages and evasions came (1cfc3ff, 129c6d7, 706e9e7,
// ff3c0c5): .49 to .56 in two series of five interleaved rounds.
//
// Squid runs in one thread, so that on two cores the client and the origin have the
// other to themselves: it makes 4,300 requests a second with .19 s of CPU time for a
// thousand and cannot use more. To pass it by 1.3, client, origin and sluice together
// must take no more than .36 ms of both cores, of which client and origin take .13.
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

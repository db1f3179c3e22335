// Package content reads the text out of requests to AI services, in each
// provider's wire format, and puts edits back in.
//
// [Read] undoes the content coding and the character set, finds the format by
// the table in formats.go and yields a [Message]: parts of text, each with a
// role and its place in the bytes. [Message.Rewrite] replaces ranges of parts
// and leaves every other byte as it was. [Refuse] says no in the language of
// the provider.
//
// What needs no format stands below: codec (character sets and escapes, and edits
// of them), coding (content codings), jsondoc (JSON that keeps its bytes) and frame
// (messages of streams). Here is what the services make of these.
//
// # What is seen
//
// In a known format every string of the body is seen, at paths that the format
// names and at all others:
//
//   - Text at known paths has the role that the path gives it.
//   - Identifiers (model, user, ids, credentials for the provider's own use) at
//     known paths have [RoleOther]: they are reported but never rewritten. A
//     string of more than 512 bytes is not an identifier, wherever it stands,
//     and has the role of its surroundings.
//   - Every string at a path that the format does not know is content, so an
//     app whose format changed last night does not leak.
//   - Numbers of eight digits and more are text, because a card number may be
//     written without quotes. An object key is text unless it is a plain word.
//   - Plain words (letters with _ - . between them, up to 40 bytes) are left out
//     where an identifier stands and under the keys type and role.
//
// A string that holds a JSON object or array with escapes in it (the arguments
// of a tool call) is seen twice: as it stands, and, in further parts at the end,
// with the inner escapes undone. Edits of both views are merged.
//
// A service without a format of its own is read by the generic walker, and all
// its text is content. At a service with formats a path that matches none is
// read by the same walker, but all its text has [RoleOther], so that an app's
// telemetry, session and profile calls keep working.
//
// # Apps with a format
//
// A chat app has many calls beside the one that sends a new message: titles, which
// carry the prompt again, edits, drafts, instructions, memories, files. An app's
// format therefore lists the calls that are known to carry nothing for a model
// (telemetry, signing in, proof of work, reading what was said), and what stands
// under the app's API and in no list is content, so that a call which came out last
// night does not pass unread. Such a call is a prompt when some string of it has
// more than one word, else its kind is other: its strings are content all the same.
// Pages and everything outside the app's API are other, as at any service with
// formats.
//
// # Hosts that serve an API alone
//
// The design says that a path which matches no format is kind other wherever a
// service has formats. Its reason, the background calls of an app, does not hold
// at hosts that the catalogue gives the role api at services that speak a public
// API (api.openai.com, api.anthropic.com, Gemini, Bedrock and the others that isAPI
// lists): programs send
// there what they want worked on, to embeddings, images, audio, threads, batches,
// files and to endpoints that came out last night. So this package departs from
// that sentence: there a body that no format reads is content, as at a service
// without formats, may be rewritten, and is a prompt or, with files in it or at
// a path for files, an upload. An array of numbers under input, prompt or tokens
// is text in tokens and is opaque. GET, HEAD, OPTIONS and DELETE, and requests
// without a body, stay other; the exchange of credentials for a token at
// /oauth/token is sign_in, because a redacted credential is a broken one, and what
// Claude Code tells of itself at api.anthropic.com is other, as an app's telemetry. Hosts
// of the roles web, auth and asset stay as the design says, and what [Matches]
// answers is the same.
//
// # What the provider sealed
//
// Providers give clients sealed state to send back with the next turn: encrypted
// reasoning (Responses API), signatures and redacted thinking (Anthropic). Only
// the provider can make these, it refuses them when they are changed, and they
// came from there, so they are neither text nor listed as opaque: a rule that
// blocks opaque content would end every conversation with a reasoning model at
// its second turn. Thinking text that carries a signature has [RoleOther],
// because an edit would break it. A sealed field that is short, holds anything but
// base64, or base64 in which text stands, is read as text.
//
// # The head
//
// Values of header fields and the path are read too (see roleOf). On a request
// that brings content, a field that no standard fixes, X-Note or Mcp-Param-Query,
// is content and can be rewritten. Standard fields, those that hold a credential
// by their name and those of tracing have [RoleOther]; the credentials that the
// provider itself needs (Authorization, Cookie, X-Api-Key ...) are not read. The
// path has RoleOther, but a segment with spaces in it is a sentence and content,
// which cannot be rewritten. Parts of the head stand apart: a value that is cut
// over two fields is not found.
//
// # Edited bodies
//
// Where a client signed the bytes of its body (AWS Signature Version 4, HTTP
// message signatures) or announced their number in an earlier request (Google's
// resumable uploads), nothing can be rewritten: redact becomes block.
//
// An edited body is sent without content coding, in its own character set;
// [Rewritten] names the headers that no longer hold. An unedited one is returned
// as it came.
//
// # Messages
//
// A request may begin a [Stream]: a WebSocket, or a body of envelopes (gRPC,
// Connect). [Stream.Begin] reads its head and [Stream.ReadMessage] each message,
// which is a [Message] like any other. A format reads the messages that it knows;
// what comes over any other socket is content, also at a service with formats: no
// path tells its telemetry from its prompts. Protobuf is walked without a schema.
//
// # Replies
//
// A [Reply] is read as it comes. Any stream of JSON or text is; what is special
// about a format's own stands beside its Request: how it is cut into records, which
// strings go on from earlier ones, and how it ends when it must not go on.
package content

// Package identity says who is asking: it turns the credentials that a client
// shows to the proxy into an Identity, and the code that a browser brings from an
// OpenID provider.
//
// Two kinds of token are understood, in either of two forms. A bearer token is a
// JWT of a configured OpenID Connect issuer, verified with that issuer's keys. A
// static token is any string whose SHA-256 stands in the token file. Both come in
// Proxy-Authorization, as "Bearer <token>" (RFC 6750) or as the password of
// "Basic" (RFC 7617), which is what every client makes of the user and password in
// HTTPS_PROXY. The user name of Basic is ignored: the token alone says who it is.
// Where the password is empty, the user name is taken as the token, so that
// http://TOKEN@proxy works as well.
//
// Decisions that the code cannot show:
//
//   - Keys are asked for when the first token needs them, by one caller at a time,
//     within 5 seconds, and again no sooner than a growing pause after a failure. A
//     provider that is down costs nothing but the tokens that need it.
//   - Keys are renewed after 15 minutes and used for at most an hour; then a token
//     cannot be checked and the answer is ErrUnavailable, never a guess. What was
//     verified is remembered for at most 5 minutes, never beyond the token's
//     expiry, and forgotten as soon as the issuer's keys are fetched anew.
//   - A token that no known key verifies makes the provider be asked again, since
//     keys rotate, but not more often than every 15 seconds: invented key ids do
//     not reach the provider.
//   - The keys of an issuer are its own: the unverified iss claim only chooses
//     among the configured issuers, by exact comparison, and the verified one must
//     be the same. A key never comes from the token (jwk, jku, x5c are not read).
//   - Signatures are RS256, PS256, ES256 or EdDSA, and a key fits one kind only, so
//     that neither "none" nor a public key used as an HMAC secret can pass.
//   - No error holds any part of a token or of a provider's body.
//
// A Provider signs browsers in (OpenID Connect Core 1.0, code flow). Its ID tokens
// take the same road as bearer tokens, with the client id as the one audience; no
// redirect is followed with a code, and nothing of an answer shows in an error but
// error names of RFC 6749.
//
// Where a token has too many groups to list them (Entra ID: _claim_names.groups, or
// hasgroups), or lists more than the 512 that are taken over, Identity.GroupsOverage is
// set and Groups is empty; looking the groups up elsewhere is not done here.
package identity

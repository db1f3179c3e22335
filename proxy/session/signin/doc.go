// Package signin keeps browsers signed in to a forward proxy. A browser ignores what
// a proxy answers to CONNECT, so a person is sent from the first intercepted page to
// the portal's host, from there to an OpenID provider and back, and becomes known to
// each site by a cookie of the proxy's own on that site: the surrogate.
//
//	site      GET /chat            no surrogate: Begin          303, nonce cookie
//	portal    GET /sign-in?to=     portal cookie, or a provider
//	portal    GET /sign-in/callback?code=&state=                 new sign-in, portal cookie
//	site      GET /.well-known/sluice/return?code=   Return     303, surrogate cookie
//	site      GET /chat            Find
//
// Decisions that the code cannot show:
//
//   - The Store is written when somebody was signed in by a provider, never for a
//     stranger: until then all is in cookies and URLs that are sealed (session.Box).
//   - A sign-in stands in the Store under a random id of 128 bits, and all cookies
//     point to it. What is noted in it, a step-up, holds for every site at once, and
//     when it is taken away every cookie is worth nothing. The id tells nothing, so
//     that it needs no keyed hash and outlives a change of the secret.
//   - A sign-in is bound to the client's certificate or else to its network (/24,
//     /64) and User-Agent: a stolen cookie is worth nothing elsewhere.
//   - A surrogate is bound to its registrable domain; on a name that is a public
//     suffix itself, or an address, to that host. Two of them are none, since one was
//     planted.
//   - What a process has seen in the Store is used for 15 seconds. That is how long a
//     sign-out or a step-up on another proxy may take to be seen; on the same it is
//     seen at once, and Refresh asks anew.
//   - A code is good for one minute, once, for the browser that has the nonce cookie
//     of the site where it began. All of that is in the code, so that a wrong client
//     cannot use it up.
//   - A sign-in has a new id each time, so that nobody can prepare one for another.
//     The portal knows the browser by a random cookie, to end at sign-out all that
//     was begun in it, also before the laptop moved to another network.
package signin

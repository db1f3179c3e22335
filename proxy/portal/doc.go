// Package portal is what employees see: a page about the proxy on the portal's
// host name, and the page that takes the place of a navigation that was refused.
//
// A refusal stands on the origin of the site that was refused, so it must not be
// able to do anything there: no script, no request, no form, no data of the
// request, one link to the portal. Its Content-Security-Policy allows one style
// sheet, by hash, and nothing else.
package portal

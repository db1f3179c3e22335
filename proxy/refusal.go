package proxy

import (
	"fmt"
	"net/http"

	"github.com/sluice-proxy/sluice/proxy/content"
)

// A refusal is why an exchange goes no further: what the record and the metrics
// call it, what the client is told, and, for the log only, what caused it.
type refusal struct {
	reason  string // a key of refusals, or "policy"
	status  int
	title   string // one line for the client
	text    string // what happened and what to do
	rule    string // the rule's id, where policy spoke
	address string // on the portal that leads on, whole; else link does
	link    string // path on the portal that leads on; empty: to its first page
	header  http.Header
	id      string           // of the message that was refused, where it was one
	read    *content.Message // and what was read of it
	cause   error            // never shown to the client
}

func (r *refusal) Error() string {
	if r.cause == nil {
		return "proxy: " + r.reason
	}
	return fmt.Sprintf("proxy: %s: %v", r.reason, r.cause)
}

func (r *refusal) Unwrap() error { return r.cause }

// refuseFor builds the refusal that the table has for a reason.
func refuseFor(reason string, cause error) *refusal {
	say, ok := refusals[reason]
	if !ok {
		say = refusals["internal"]
	}
	return &refusal{reason: reason, status: say.status, title: say.title, text: say.text, cause: cause}
}

// mayRetry reports whether the same request may go through a little later.
func (r *refusal) mayRetry() bool {
	return r.status == http.StatusServiceUnavailable || r.status == http.StatusTooManyRequests
}

type saying struct {
	status      int
	title, text string
}

const (
	askAdmin = " If you need this, ask your security team and quote the exchange id."
	tryAgain = " Try again in a moment."
)

// refusals is everything that can end an exchange apart from a policy rule.
// Nothing in it comes from the request.
var refusals = map[string]saying{
	// accept
	"headers_too_many":    {431, "Too many headers", "The request has more headers than the proxy accepts. Delete the cookies of this site, or send fewer headers."},
	"url_too_long":        {414, "Address too long", "The request's address is longer than the proxy accepts. Send less in it."},
	"client_busy":         {429, "Too many at once", "This client has too many requests or tunnels open through the proxy." + tryAgain},
	"overloaded":          {503, "Proxy is overloaded", "The proxy is short of memory and takes no new work now." + tryAgain},
	"shed":                {503, "Proxy is overloaded", "The proxy ran short of memory and had to end this request." + tryAgain},
	"method_not_allowed":  {405, "Method not allowed", "The proxy does not carry this method here."},
	"nested_connect":      {405, "Method not allowed", "CONNECT is not allowed inside an intercepted connection."},
	"loop":                {508, "Request loop", "This request has already been through this proxy. The proxy's address is used as a destination, or as its own parent." + askAdmin},
	"authority_malformed": {400, "Malformed host", "The host name or port of the request is not valid. Check the address."},
	"scheme_not_allowed":  {400, "Scheme not allowed", "The proxy carries http and https only."},

	// identify destination
	"authority_mismatch": {421, "Misdirected request", "The request names another host than the connection it came on."},
	"private_address":    {403, "Destination not allowed", "The destination is a private or internal address." + askAdmin},
	"port_not_allowed":   {403, "Port not allowed", "The destination port is not allowed through the proxy." + askAdmin},
	"own_address":        {403, "Destination not allowed", "The destination is the proxy itself. Check the address."},
	"metadata_name":      {403, "Destination not allowed", "The destination is a cloud metadata service." + askAdmin},

	// identify user
	"auth_required":    {407, "Sign-in required", "This destination needs to know who you are. Give the proxy your user name and token."},
	"auth_missing":     {401, "Sign-in required", "This destination needs to know who you are. Give the proxy your user name and token."},
	"auth_rejected":    {407, "Sign-in rejected", "The proxy did not accept your credentials. Get a new token and try again."},
	"auth_unavailable": {503, "Sign-in not available", "Your token could not be checked, because the identity provider did not answer." + tryAgain},
	"auth_expired":     {401, "Sign-in expired", "Your token has expired or was withdrawn. Connect again with a new one."},
	"auth_conflict":    {403, "Two different users", "The token that you gave the proxy and your certificate are of different people. Use your own token."},

	"certificate_revoked":   {403, "Certificate withdrawn", "The certificate that you showed the proxy was withdrawn." + askAdmin},
	"certificate_expired":   {403, "Certificate expired", "The certificate that you showed the proxy has expired. Connect again with a new one."},
	"certificate_unchecked": {503, "Certificate not checked", "Whether the certificate that you showed the proxy was withdrawn could not be checked." + tryAgain + askAdmin},

	"auth_browser":   {401, "Sign-in required", "This service needs to know who you are."},
	"sign_in":        {303, "Sign-in required", ""},
	"signed_in":      {303, "Signed in", ""},
	"sign_in_failed": {403, "Sign-in failed", "You could not be signed in: the address was used before, is too old, or is another browser's. Open the service again to start anew."},

	// extract, classify
	"body_cut_short":     {400, "Request cut short", "The request ended before its body was complete. Nothing was sent on. Send it again."},
	"body_stalled":       {408, "Request too slow", "The request body stopped coming, or came too slowly. Nothing was sent on. Send it again."},
	"body_malformed":     {400, "Request could not be read", "The request body is not valid, so it could not be checked. Nothing was sent on." + askAdmin},
	"body_encoding":      {415, "Encoding not supported", "The request body is in an encoding that the proxy cannot read, so it could not be checked. Nothing was sent on." + askAdmin},
	"body_bomb":          {413, "Request expands too far", "The request body expands to more than the proxy accepts. Nothing was sent on." + askAdmin},
	"busy":               {503, "Proxy is busy", "The proxy has no room to check this request now." + tryAgain},
	"inspection_failed":  {503, "Check failed", "The request could not be checked, so it was not sent on." + tryAgain + askAdmin},
	"redaction_failed":   {403, "Could not be redacted", "Sensitive values were found in a place where they cannot be replaced, so the request was not sent on. Remove them and send again."},
	"redaction_leftover": {403, "Could not be redacted", "Sensitive values were still there after redaction, so the request was not sent on. Remove them and send again."},

	"message_too_large": {413, "Message too large", "The message is larger than the proxy accepts. It was not sent on." + askAdmin},
	"message_malformed": {400, "Message could not be read", "The message breaks the rules of its protocol, so it could not be checked. It was not sent on."},
	"message_stalled":   {408, "Message too slow", "The message stopped coming. It was not sent on. Send it again."},
	"message_refusals":  {403, "Too many refused messages", "Too many messages of this connection were refused." + askAdmin},

	// decide, record
	"session_unavailable": {503, "Session state not available", "What was sent before could not be looked up, so this was not sent on." + tryAgain},
	"session_busy":        {503, "Too much at once", "Too many requests in your name are being decided at the same time." + tryAgain},
	"session_budget":      {503, "Session state not available", "What was sent before cannot be looked up now, and no more can be let through until it can." + tryAgain},
	"policy_error":        {503, "Policy error", "The policy could not decide about this request, so it was not sent on." + tryAgain + askAdmin},
	"audit_error":         {503, "Record not writable", "The decision could not be recorded, so the request was not sent on." + tryAgain + askAdmin},

	"policy":          {403, "Stopped by policy", "Your organisation's policy does not allow this." + askAdmin},
	"portal_redirect": {308, "The portal is served over https", ""},

	// forward
	"no_such_host":          {502, "Host not found", "The destination's name could not be resolved. Check its spelling."},
	"connection_refused":    {502, "Connection refused", "The destination refused the connection." + tryAgain},
	"dial_timeout":          {504, "Destination not reachable", "The destination did not answer in time." + tryAgain},
	"dial_failed":           {502, "Destination not reachable", "The connection to the destination failed." + tryAgain},
	"parent_refused":        {502, "Parent proxy refused", "The parent proxy refused the connection." + askAdmin},
	"upstream_untrusted":    {502, "Certificate not trusted", "The destination's certificate is not signed by a trusted authority. Nothing was sent on." + askAdmin},
	"upstream_expired":      {502, "Certificate expired", "The destination's certificate is expired or not yet valid. Nothing was sent on." + askAdmin},
	"upstream_wrong_name":   {502, "Certificate for another name", "The destination's certificate is for another name. Nothing was sent on." + askAdmin},
	"upstream_weak_key":     {502, "Certificate key too weak", "The destination's certificate uses an RSA key under 2048 bits. Nothing was sent on." + askAdmin},
	"upstream_tls_failed":   {502, "No secure connection", "No secure connection to the destination could be made. Nothing was sent on." + tryAgain},
	"upstream_failed":       {502, "Destination failed", "The destination closed the connection or answered nonsense." + tryAgain},
	"upstream_timeout":      {504, "Destination too slow", "The destination did not answer in time." + tryAgain},
	"upstream_unsolicited":  {502, "Destination misbehaved", "The destination switched protocols without being asked." + askAdmin},
	"upstream_proxy_answer": {502, "Destination misbehaved", "The destination answered as if it were a proxy." + askAdmin},
	"upstream_broke_off":    {502, "Reply broke off", "The destination's reply broke off."},

	"reply_encoding":     {502, "Reply not readable", "The destination's reply is in an encoding that the proxy cannot read, so it could not be checked." + askAdmin},
	"reply_bomb":         {502, "Reply expands too far", "The destination's reply expands to more than the proxy accepts." + askAdmin},
	"reply_malformed":    {502, "Reply not readable", "The destination's reply is damaged, so it could not be checked." + tryAgain},
	"reply_failed":       {503, "Check failed", "The destination's reply could not be checked, so it was not passed on." + tryAgain + askAdmin},
	"upstream_extension": {502, "Destination misbehaved", "The destination uses a WebSocket extension that it was not offered." + askAdmin},
	"upstream_message":   {502, "Destination misbehaved", "The destination sent a message that breaks the rules of its protocol." + tryAgain},

	// ends that have no answer
	"sni_mismatch":      {0, "Misdirected connection", "The TLS server name differs from the CONNECT name."},
	"no_name":           {0, "Destination without a name", "What came over port 443 is not TLS, so the destination has no name."},
	"socket_idle":       {0, "Connection idle", "Nothing was sent over the WebSocket for limits.tunnel_idle."},
	"client_left":       {499, "Client left", "The client closed the connection."},
	"ca_rejected":       {0, "Certificate authority rejected", "The client does not trust the proxy's certificate authority."},
	"handshake_failed":  {0, "Handshake failed", "The client's TLS handshake failed."},
	"handshakes_busy":   {0, "Too many handshakes", "The client has too many TLS handshakes under way."},
	"reset_flood":       {0, "Too many requests taken back", "The client took back more than half of the requests of its connection."},
	"handshake_timeout": {0, "Handshake timed out", "The client's TLS handshake took too long."},
	"tunnel_idle":       {0, "Tunnel idle", "Nothing was sent through the tunnel for limits.tunnel_idle."},
	"tunnel_failed":     {0, "Tunnel failed", "One side of the tunnel broke off."},
	"hello_malformed":   {0, "Not a TLS ClientHello", "The client did not speak TLS."},

	"internal": {500, "Internal error", "The proxy failed on this request, so it was not sent on." + tryAgain + askAdmin},
}

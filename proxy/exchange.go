package proxy

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sluice-proxy/sluice/classifiers"
	"github.com/sluice-proxy/sluice/policy"
	"github.com/sluice-proxy/sluice/proxy/content"
	"github.com/sluice-proxy/sluice/proxy/destination"
	"github.com/sluice-proxy/sluice/proxy/identity"
	"github.com/sluice-proxy/sluice/proxy/session/ledger"
	"github.com/sluice-proxy/sluice/proxy/tenant"
)

// An Exchange is one request on the road, or one CONNECT on the short road:
// what was found out at each stage, so that nothing is derived twice. It
// belongs to one goroutine at a time.
type Exchange struct {
	// accept
	ID          string // 128 random bits in hex
	Start       time.Time
	Phase       string // policy.PhaseConnect or policy.PhaseRequest
	Client      netip.Addr
	Certificate *x509.Certificate // that the client of an HTTPS proxy gave, verified; nil without listen.tls.client_ca_file
	Proto       string            // the client's: HTTP/1.1 or HTTP/2.0
	parts       *snapshot         // in force when it began, and for it until it ends
	incoming    io.ReadCloser     // the body as it comes from the client
	connect     *Exchange         // the CONNECT this request came through, nil for one of its own
	request     *http.Request
	control     *http.ResponseController // of the client's side
	cancel      context.CancelCauseFunc  // ends the exchange from outside
	pace        *pace                    // of the client's body
	seated      bool                     // it is counted among those under way
	credentials string                   // Proxy-Authorization, taken out of the request
	upgrade     bool                     // asks for a WebSocket
	conn        net.Conn                 // of the client, once the connection is upgraded
	parent      *Exchange                // of a message: the exchange that its stream belongs to

	// identify destination
	Target destination.Target
	Known  bool // the catalogue has it
	Match  destination.Match
	Tags   []string
	mode   mode
	dialed destination.Target // for a CONNECT to an address: that address
	hello  hello              // of a CONNECT: what the client said first
	open   bool               // of a CONNECT: the 200 is sent
	spoke  atomic.Bool        // of a CONNECT: a request came through it
	churn  churn              // of a CONNECT: requests that were taken back
	opened func()             // of a CONNECT: it is where it stays until it ends
	gone   func()             // of a CONNECT: nothing of it is left
	taken  bool               // of a CONNECT: its connection is ours

	// identify user
	Identity identity.Identity
	signIn   string // with a browser: its id

	// extract, classify
	head       *content.Head
	account    tenant.Observed     // whose account the request shows
	keys       []tenant.Credential // and what it signs in with
	stream     *content.Stream     // of messages that follow the head, nil for a body
	message    *content.Message    // nil where the body is not read, and when it has been sent
	draft      bool                // the message was one
	body       *body               // what was buffered of the request
	whole      bool                // the whole body was read
	payload    *payload            // the body on its way out, when it is large
	lease      *lease              // of the room for it
	findings   []classifiers.Finding
	missed     []string // engines that should have looked at it too
	tally      tally    // the findings in content, by entity
	tallyOther tally    // and those elsewhere

	// decide
	ledger                *ledger.Account // of whoever asks, while it is decided
	values                []ledger.Value  // in content
	used                  []ledger.Use    // permits that the decision stands on
	spent                 []ledger.Permit // of them, those for one use
	fragments             []fragment      // of what is new, which may be pieces of values
	joined                map[int]string  // by Finding.Split: values whose first pieces came with earlier prompts
	input                 *policy.Input
	response              policy.Decision // of the response phase
	replied, repliedOther tally           // what was found in the reply: in content, and elsewhere
	Decision              policy.Decision
	offered               bool // somebody can answer it on the portal
	decided               bool // the decision line is written
	tried                 bool // writing it was tried

	// enforce, forward
	redactions int
	masked     int   // places of the reply
	call       *call // the messages in the body, nil for any other body
	upstream   upstreamFacts

	// record
	path      string // as the decision line has it; "" where it is not recorded
	status    int
	mediaType string       // of the reply
	bytesIn   int64        // from the client
	bytesOut  int64        // to the client
	sent      atomic.Int64 // passed on unread, or through an upgraded connection
	received  atomic.Int64
	events    int64
	messages  atomic.Int64 // of the client's, in a stream
	told      []string     // what was opaque in them and is recorded; belongs to whoever reads them
	failure   *refusal     // why it ended as it did, nil when it went through
	broken    bool         // the reply broke off: the client must see that
	stages    stages
	recorded  bool
}

// mode says what the road does with an intercepted request.
type mode int

const (
	read   mode = iota // a GenAI destination: read, classified, decided
	inject             // a tenant's sign-in host: header set, not read, path not recorded
	pass               // neither: forwarded unread
)

// upstreamFacts is what forward learned of the other side.
type upstreamFacts struct {
	addr   string // the address that was dialled
	proto  string
	reused bool
	bulk   *bulkConn // that it comes over; nil without TLS
}

// stages holds how long each took, for the completion line.
type stages struct{ extract, classify, decide, forward, inspect time.Duration }

func newExchange(phase string, r *http.Request, client netip.Addr, parts *snapshot) *Exchange {
	return &Exchange{
		parts:   parts,
		ID:      newID(),
		Start:   time.Now(),
		Phase:   phase,
		Client:  client,
		Proto:   r.Proto,
		request: r,
	}
}

// newID returns 128 random bits in hex.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand stops the process instead
	return hex.EncodeToString(b[:])
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *Exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeOf returns the exchange that accept began. A request without one did
// not come in by the front door, which is a fault of ours.
func exchangeOf(ctx context.Context) *Exchange {
	return ctx.Value(exchangeKey{}).(*Exchange)
}

// hopByHop are the headers that concern one connection only (RFC 9110 section
// 7.6.1), and the proxy's own.
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
	"Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Http2-Settings",
}

// stripHopByHop removes the hop-by-hop headers and those that Connection names.
func stripHopByHop(h http.Header) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name != "" {
				h.Del(name)
			}
		}
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
	for name := range h { // an origin behind CGI reads Transfer_Encoding as Transfer-Encoding (RFC 3875 section 4.1.18)
		if folded := strings.ReplaceAll(name, "_", "-"); folded != name && slices.ContainsFunc(framing, func(f string) bool { return strings.EqualFold(f, folded) }) {
			delete(h, name)
		}
	}
}

// framing are the headers that nobody may give in another spelling.
var framing = append([]string{"Content-Length", "Host"}, hopByHop...)

// headerHas reports whether a comma-separated header holds the token.
func headerHas(h http.Header, name, token string) bool {
	for _, line := range h[name] {
		for item := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

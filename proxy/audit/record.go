// Package audit is the record of what the proxy decided and what came of it: an
// append-only file of JSON lines in a hash chain.
//
// Each exchange has two lines with one id: a decision, written before the first
// byte is forwarded, and a completion, written when it is over. A line never holds
// prompt text or a matched value: findings are names, counts and offsets.
//
// Decisions that stand here:
//
//   - Every line ends in "seq", "prev" and "hash": its number, the hash of the line
//     before (64 zeros for the first), and the SHA-256 of its own bytes up to the
//     hash. Editing, removing, inserting or reordering lines breaks the chain at
//     that place. What a chain cannot show by itself is that its end was cut off or
//     that all of it was written anew from some line on: note the head elsewhere
//     (Report.Head) and give it to Verify later.
//   - One process writes a file (flock), whole lines with each write(2): those that
//     are brought at the same time go together. A line that was written in part is cut
//     off again before the next one, also at start.
//   - What could not be written is counted, and the count itself becomes a line
//     ("gap") as soon as writing works again, so that the chain names its holes.
//   - Nothing runs in the background: a decision is written by a goroutine that
//     brings one, and one of the goroutines that wait for the disk syncs for all.
//   - The file grows by 1 to 2 KB an exchange and is never cut here: watch Log.Size.
package audit

import (
	"time"
)

// Schema names the version of the lines. It changes only by addition of fields.
const Schema = "sluice.exchange.v1"

// The kinds of line.
const (
	KindDecision   = "decision"
	KindCompletion = "completion"
	KindGap        = "gap"
)

// A Decision is what was decided about one exchange, and upon what.
type Decision struct {
	ID          string      `json:"id"`               // at least 128 bits, the exchange's
	Parent      string      `json:"parent,omitempty"` // of a message: the exchange that its stream belongs to
	Time        time.Time   `json:"time"`             // zero: when it is written; always UTC in the file
	Client      Client      `json:"client"`
	Identity    Identity    `json:"identity"`
	Agent       *Agent      `json:"agent,omitempty"`
	Destination Destination `json:"destination"`
	Tenant      Tenant      `json:"tenant"`
	Request     Request     `json:"request"`
	Content     Content     `json:"content"`
	Findings    []Finding   `json:"findings"`
	Decision    Verdict     `json:"decision"`
	Cut         bool        `json:"cut,omitempty"` // set by the log: something was shortened to fit a line
}

// Client is who connected.
type Client struct {
	IP string `json:"ip"`
}

// Identity is who asked, as far as it is known.
type Identity struct {
	Authenticated bool     `json:"authenticated"`
	Method        string   `json:"method"`
	Sub           string   `json:"sub"`
	Email         string   `json:"email"`
	Name          string   `json:"name,omitempty"`
	Department    string   `json:"department,omitempty"`
	Groups        []string `json:"groups,omitempty"`
	Device        string   `json:"device,omitempty"` // its id, of a certificate
}

// Agent is the program that acts for the person.
type Agent struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	OnBehalfOf string `json:"on_behalf_of,omitempty"` // the subject of the person
	Blueprint  string `json:"blueprint,omitempty"`    // the application that made it
}

// Destination is where it went.
type Destination struct {
	Host     string   `json:"host"`
	Port     uint16   `json:"port"`
	App      string   `json:"app,omitempty"`
	Name     string   `json:"name,omitempty"`
	Vendor   string   `json:"vendor,omitempty"`
	Category string   `json:"category,omitempty"`
	Role     string   `json:"role,omitempty"`
	Sanction string   `json:"sanction,omitempty"`
	Country  string   `json:"country,omitempty"`
	Risk     int      `json:"risk,omitempty"`
	Tags     []string `json:"tags,omitempty"`
}

// Tenant is what tenant restriction did and saw.
type Tenant struct {
	Header   string `json:"header,omitempty"` // names of the headers set
	Observed string `json:"observed,omitempty"`
	Match    string `json:"match,omitempty"`
}

// Request holds the facts of the request. Path has no query: the log cuts it off.
type Request struct {
	Phase       string `json:"phase"` // connect, request; answer: what a person chose on the portal about the exchange that is the parent
	Method      string `json:"method"`
	Path        string `json:"path"`
	Proto       string `json:"proto,omitempty"`
	Kind        string `json:"kind,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Bytes       int64  `json:"bytes"` // of the body as it was sent; -1 unknown
	Streaming   bool   `json:"streaming,omitempty"`
}

// Content is what was read of the body.
type Content struct {
	Format       string   `json:"format,omitempty"`
	Model        string   `json:"model,omitempty"`
	Conversation string   `json:"conversation,omitempty"`
	Parts        int      `json:"parts,omitempty"`
	Inspected    bool     `json:"inspected"`
	Opaque       []string `json:"opaque,omitempty"`
	Truncated    bool     `json:"truncated,omitempty"`
	Missed       []string `json:"missed,omitempty"` // engines that should have looked at it too and could not
}

// A Finding is one entity found by one rule.
type Finding struct {
	Family     string   `json:"family"`
	Entity     string   `json:"entity"`
	Rule       string   `json:"rule,omitempty"`
	Count      int      `json:"count"` // distinct values
	Confidence float64  `json:"confidence"`
	Offsets    [][3]int `json:"offsets,omitempty"` // part, start, end: bytes of the part's text
}

// Verdict is the answer of policy.
type Verdict struct {
	Action     string   `json:"action"`
	Rules      []Rule   `json:"rules,omitempty"`
	Redact     []string `json:"redact,omitempty"`
	Shadow     []Rule   `json:"shadow,omitempty"` // what would have been done
	Message    string   `json:"message,omitempty"`
	Mode       string   `json:"mode,omitempty"` // enforce, observe
	Revision   string   `json:"revision,omitempty"`
	Cached     bool     `json:"cached,omitempty"`
	EvalMicros int64    `json:"eval_us,omitempty"`
	Error      string   `json:"error,omitempty"` // a reason word, never an error's text

	Choice string `json:"choice,omitempty"` // of an answer on the portal: send, redacted or as_is
	Reason string `json:"reason,omitempty"` // that the person gave for it, values replaced
}

// Rule is one rule that spoke.
type Rule struct {
	ID        string `json:"id"`
	Action    string `json:"action"`
	Mode      string `json:"mode,omitempty"`
	Severity  string `json:"severity,omitempty"`
	Satisfied bool   `json:"satisfied,omitempty"`
}

// A Completion is how one exchange ended.
type Completion struct {
	ID         string    `json:"id"`
	Parent     string    `json:"parent,omitempty"` // as in the decision
	Time       time.Time `json:"time"`             // zero: when it is written; always UTC in the file
	Status     int       `json:"status"`           // what the client got; 0 none
	Outcome    string    `json:"outcome"`          // one word: forwarded, refused, cancelled, broken, …
	Reason     string    `json:"reason,omitempty"` // why, one word, for whatever was not forwarded whole
	BytesIn    int64     `json:"bytes_in"`         // from the client, bodies or tunnelled bytes
	BytesOut   int64     `json:"bytes_out"`        // to the client
	Redactions int       `json:"redactions,omitempty"`
	Masked     int       `json:"masked,omitempty"`   // places of the reply
	Events     int64     `json:"events,omitempty"`   // of a stream, from the service
	Messages   int64     `json:"messages,omitempty"` // of a stream, from the client
	Upstream   *Upstream `json:"upstream,omitempty"`
	Timings    Timings   `json:"timings_ms"`
	Response   *Verdict  `json:"response,omitempty"` // the response phase's
	Findings   []Finding `json:"findings,omitempty"` // in the reply
	Cut        bool      `json:"cut,omitempty"`      // set by the log: something was shortened to fit a line
}

// Upstream is the connection that was used.
type Upstream struct {
	Addr   string `json:"addr"`
	Proto  string `json:"proto,omitempty"`
	TLS    string `json:"tls,omitempty"`
	Reused bool   `json:"reused,omitempty"`
}

// Timings are in milliseconds, each from the end of the stage before.
type Timings struct {
	Extract  float64 `json:"extract,omitempty"`
	Classify float64 `json:"classify,omitempty"`
	Decide   float64 `json:"decide,omitempty"`
	Forward  float64 `json:"forward,omitempty"` // until the reply's head
	Inspect  float64 `json:"inspect,omitempty"` // of the reply, all its pieces
	Total    float64 `json:"total"`
}

// A Gap counts what could not be written, between two lines that were.
type Gap struct {
	Time        time.Time `json:"time"`
	Since       time.Time `json:"since"` // of the first loss
	Decisions   int64     `json:"decisions"`
	Forwarded   bool      `json:"forwarded"` // on_failure allow: those exchanges went on unrecorded
	Completions int64     `json:"completions"`
	TornBytes   int64     `json:"torn_bytes"` // of an unfinished line found at start and cut off
	Reason      string    `json:"reason"`     // one word
}

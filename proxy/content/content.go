package content

import (
	"encoding/binary"
	"errors"
	"hash"
	"net/http"
	"unsafe"

	"github.com/sluice-proxy/sluice/proxy/content/codec"
	"github.com/sluice-proxy/sluice/proxy/content/coding"
)

// Errors of [Read] and [Message.Rewrite]. Match with errors.Is; none of them
// holds text of the request.
var (
	// ErrEncoding: a content coding or character set that is not read, or more
	// than one coding.
	ErrEncoding = coding.ErrUnknown
	// ErrBomb: the decoded body passed a limit.
	ErrBomb = coding.ErrBomb
	// ErrMalformed: the body is not what its header or its endpoint says.
	ErrMalformed = coding.ErrMalformed
	// ErrCannotRewrite: an edit lies where nothing can be rewritten.
	ErrCannotRewrite = errors.New("cannot rewrite")
	// ErrEdit: an edit is out of range or overlaps another of its part.
	ErrEdit = errors.New("bad edit")
)

// Head is what is known of a request besides its body.
type Head struct {
	Method   string
	Host     string // as normalised by the caller
	Path     string // escaped, as sent
	RawQuery string
	Header   http.Header
	Role     string // of the host in the catalogue: web, api, auth, asset, upload
	Wire     string // the catalogue's wire format, empty when there is none
	// WebSocket says that the request is the opening of one.
	WebSocket bool
	// Truncated says that the body was cut at a limit of the reader: what came is
	// read without an error about its end, and nothing can be rewritten.
	Truncated bool
}

// Role says what a part of text is to the service.
type Role uint8

// The roles. All but RoleOther are content. The zero Role is content.
const (
	RolePrompt     Role = iota // written for the model, by a person or by the model in an earlier turn
	RoleSystem                 // instructions and tool definitions
	RoleToolResult             // what a tool gave back
	RoleFile                   // text of a file, or its name
	RoleReply                  // text of a reply
	RoleOther                  // not content: identifiers, and all text of requests that are not prompts
)

// String is the name that policies use.
func (r Role) String() string {
	return [...]string{"prompt", "system", "tool_result", "file", "reply", "other"}[min(r, RoleOther)]
}

// Kind says what a request does.
type Kind string

// The kinds of requests.
const (
	KindPrompt  Kind = "prompt"  // new text to a model
	KindUpload  Kind = "upload"  // a file, or its name
	KindHistory Kind = "history" // reading what was said before
	KindTool    Kind = "tool"    // a call of a tool or agent
	KindSignIn  Kind = "sign_in" // credentials of the person
	KindOther   Kind = "other"
)

// Part is one piece of decoded text.
type Part struct {
	Text string
	Role Role
	Old  bool // said before the last turn
	// Apart: the parts beside it are no neighbours, of which a value could be cut.
	Apart bool
}

// File is a file that is sent or named.
type File struct {
	Name  string
	Type  string // media type as claimed, lower case, without parameters
	Bytes int64  // size where it is known
}

// Extract is what was read out of a request.
type Extract struct {
	Format       string // the name of the format, or generic
	Matched      bool   // a format of its own knows this request
	Kind         Kind
	Model        string
	Conversation string
	Parts        []Part
	TenantIDs    []string // organisations and workspaces that the request names
	Anonymous    bool     // an endpoint for people who are not signed in
	Tools        []string // names of the tools on offer
	Files        []File
	Streaming    bool     // a streamed reply is asked for
	Draft        bool     // the app sends it ahead of the prompt, which comes with the same text
	Opaque       []string // what could not be read: image, audio, file, binary, tokens, grpc, compressed, encrypted
}

// Limits bound what Read takes.
type Limits struct {
	// Expanded is the largest decoded body in bytes; 0 means 64 MiB.
	Expanded int64
	// Ratio is how often the decoded body may be larger than the coded one, once
	// it is over 64 KiB; 0 means 100.
	Ratio int
	// Record is the largest event, line or frame of a reply that is read as one; of
	// a larger one the text is read piece by piece. 0 means 4 MiB.
	Record int64
	// Reserve is called before memory is taken for decoded bytes; its error ends
	// the reading. The caller gives all of it back when it drops the message.
	// It may be nil.
	Reserve func(n int64) error
}

// coding are the limits of decoding.
func (l Limits) coding() coding.Limits {
	return coding.Limits{Expanded: l.Expanded, Ratio: l.Ratio, Reserve: l.Reserve}
}

// reserve asks for memory.
func (l Limits) reserve(n int64) error {
	if l.Reserve == nil || n <= 0 {
		return nil
	}
	return l.Reserve(n)
}

// maxRecord is the default of Limits.Record.
const maxRecord = 4 << 20

// record is the largest record that is read as one, in bytes.
func (l Limits) record() int {
	if l.Record <= 0 {
		return maxRecord
	}
	return int(l.Record)
}

// Message is a request that was read. It is not changed after Read and may be
// used by several goroutines.
type Message struct {
	Extract
	head      *Head
	format    *Format      // nil: generic
	body      []byte       // as received
	plain     codec.Source // the body without content coding
	query     string
	locs      []loc // of Parts
	fields    []headField
	unread    []string // what Opaque speaks of, as it stands in the body
	truncated bool
	locked    bool    // an edit would break what the client said of the body elsewhere
	protobuf  bool    // the text is a protobuf message
	begins    bool    // it is the head of a stream
	stream    *Stream // whose message it is; nil for a request
	raw       Raw     // the message as it came
	lim       Limits
}

// WriteUnread writes to a hash what could not be read, each with its length before it,
// so that the same request can be told from one with another picture. It leaves out what
// differs each time that the same is sent: what is encrypted or compressed as a whole,
// and single fields of protobuf messages that no format knows.
func (m *Message) WriteUnread(h hash.Hash) {
	for _, data := range m.unread {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(data))))
		h.Write(unsafe.Slice(unsafe.StringData(data), len(data))) // which a hash does not change
	}
}

// Read decodes a request and extracts its text. The body must not be changed
// while the message is in use.
func Read(h *Head, body []byte, lim Limits) (*Message, error) {
	r := newReading(h, body, lim)
	if err := r.read(); err != nil {
		return nil, err
	}
	r.m.Parts, r.m.locs = r.parts, r.locs
	return r.m, nil
}

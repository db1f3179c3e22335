package policy

import (
	"errors"
	"fmt"
	"slices"
)

// InputVersion is the version of the input contract; fields are only ever added.
const InputVersion = 1

// Phases of an exchange.
const (
	PhaseConnect  = "connect"
	PhaseRequest  = "request"
	PhaseResponse = "response"
)

// ErrInput says that the input is incomplete or holds a value outside its vocabulary: a mistake of the caller.
var ErrInput = errors.New("invalid input")

// Input is what packs see as `input`. Every field is always present in Rego; nil slices and maps are empty there.
// rego/schemas/input.json describes it. It is read-only while a decision is being made.
type Input struct {
	V           int         `json:"v"`
	Phase       string      `json:"phase"`
	Request     Request     `json:"request"`
	Identity    Identity    `json:"identity"`
	Agent       Agent       `json:"agent"`
	Tenant      Tenant      `json:"tenant"`
	Destination Destination `json:"destination"`
	Content     Content     `json:"content"`
	Session     Session     `json:"session"`
}

// Request is the head of the exchange.
type Request struct {
	ID          string `json:"id"`
	TimeNS      int64  `json:"time_ns"` // since the Unix epoch; the only clock that a pack has
	ClientIP    string `json:"client_ip"`
	Method      string `json:"method"`
	Host        string `json:"host"` // normalised
	Port        int    `json:"port"`
	Path        string `json:"path"` // without the query
	Bytes       int64  `json:"bytes"`
	Kind        string `json:"kind"` // prompt upload history tool sign_in other
	ContentType string `json:"content_type"`
	Streaming   bool   `json:"streaming"`
}

// Identity is who is asking, as proven by Method.
type Identity struct {
	Authenticated bool           `json:"authenticated"`
	Method        string         `json:"method"`
	Sub           string         `json:"sub"`
	Email         string         `json:"email"`
	Name          string         `json:"name"`
	Groups        []string       `json:"groups"`
	Department    string         `json:"department"`
	ACR           string         `json:"acr"`
	AMR           []string       `json:"amr"`
	ACRS          []string       `json:"acrs"`
	Risk          string         `json:"risk"`
	Claims        map[string]any `json:"claims"` // JSON values
	Device        Device         `json:"device"`
}

// Device is the machine behind a client certificate.
type Device struct {
	ID        string `json:"id"`
	Managed   bool   `json:"managed"`   // it showed a certificate of listen.tls.client_ca_file that names it
	Compliant bool   `json:"compliant"` // false: no source tells so far
}

// Agent is the program that asks, on its own or on somebody's behalf.
type Agent struct {
	Present    bool     `json:"present"`
	ID         string   `json:"id"` // empty when the token does not tell
	Name       string   `json:"name"`
	Kind       string   `json:"kind"`         // application delegate agent_identity agent_user agent_blueprint
	OnBehalfOf string   `json:"on_behalf_of"` // identity.sub, or empty
	Tools      []string `json:"tools"`
}

// Tenant is whose account the request uses.
type Tenant struct {
	Header   string `json:"header"` // name of the restriction header that is set
	Value    string `json:"value"`
	Observed string `json:"observed"`
	Match    string `json:"match"` // corporate foreign anonymous unknown
}

// Destination is where the request goes.
type Destination struct {
	Known    bool     `json:"known"`
	App      string   `json:"app"`
	Name     string   `json:"name"`
	Vendor   string   `json:"vendor"`
	Category string   `json:"category"`
	Role     string   `json:"role"`     // web api auth asset upload
	Sanction string   `json:"sanction"` // sanctioned tolerated unsanctioned unreviewed
	Risk     int      `json:"risk"`     // 0 to 100
	Country  string   `json:"country"`
	Tags     []string `json:"tags"` // mixed passthrough tenant tenant_configured no_name ech
}

// Content is what was found in the request, or in the reply so far.
type Content struct {
	Format        string             `json:"format"`
	Matched       bool               `json:"matched"`
	Model         string             `json:"model"`
	Conversation  string             `json:"conversation"`
	Parts         int                `json:"parts"`
	Inspected     bool               `json:"inspected"`
	Opaque        []string           `json:"opaque"` // websocket grpc encrypted image audio …
	Truncated     bool               `json:"truncated"`
	UnreadBytes   int64              `json:"unread_bytes"` // size of a request that is not inspected; 0 for every other, so that their decisions are one in the cache
	Language      string             `json:"language"`
	Found         []string           `json:"found"`    // the keys of Entities, sorted
	Entities      map[string]Entity  `json:"entities"` // distinct values in the whole request
	EntitiesNew   map[string]Entity  `json:"entities_new"`
	EntitiesOther map[string]Entity  `json:"entities_other"` // never rewritten
	Families      map[string]Family  `json:"families"`
	Labels        []Label            `json:"labels"`
	Files         []File             `json:"files"`
	Tools         []string           `json:"tools"`
	Scores        map[string]float64 `json:"scores"`
}

// Entity is one kind of finding.
type Entity struct {
	Count      int     `json:"count"` // distinct values
	Confidence float64 `json:"confidence"`
	Family     string  `json:"family"`
}

// Family is the sum over the entities of one family.
type Family struct {
	Count int `json:"count"`
}

// Label is a sensitivity label of a document.
type Label struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Rank int    `json:"rank"`
}

// File is one uploaded or attached file.
type File struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Bytes     int64  `json:"bytes"`
	Encrypted bool   `json:"encrypted"`
}

// Session is what the same person or agent did before, at every app unless a field says otherwise.
type Session struct {
	ID            string              `json:"id"`
	Prompts       int                 `json:"prompts"`
	Bytes         int64               `json:"bytes"`          // of prompts, in 30 days
	Exposure      map[string]Exposure `json:"exposure"`       // by entity
	ExposureApp   map[string]Exposure `json:"exposure_app"`   // at this app
	ExposureAfter map[string]Exposure `json:"exposure_after"` // what exposure would be if all that was found in this content left too; of those entities
	Coached24h    int                 `json:"coached_24h"`
	Blocked24h    int                 `json:"blocked_24h"`
	LeakScore     float64             `json:"leak_score"` // 0 to 100
}

// Exposure counts the values of an entity that left in the last hour, day and thirty days.
type Exposure struct {
	H1  int `json:"h1"`
	H24 int `json:"h24"`
	D30 int `json:"d30"`
}

// NewInput returns the input of a phase about which nothing is known yet: kind other, sanction unreviewed, tenant unknown,
// content inspected (there is none).
func NewInput(phase string) *Input {
	return &Input{
		V: InputVersion, Phase: phase,
		Request:     Request{Kind: "other"},
		Tenant:      Tenant{Match: "unknown"},
		Destination: Destination{Sanction: "unreviewed"},
		Content:     Content{Inspected: true},
	}
}

// validate refuses what a pack could misread. A word outside its vocabulary would match no rule, and so pass.
func (in *Input) validate() error {
	if in == nil || in.V != InputVersion {
		return fmt.Errorf("%w: v is not %d", ErrInput, InputVersion)
	}
	for _, f := range []struct {
		name, value string
		words       []string
	}{
		{"phase", in.Phase, phases},
		{"request.kind", in.Request.Kind, kinds},
		{"tenant.match", in.Tenant.Match, matches},
		{"destination.sanction", in.Destination.Sanction, sanctions},
	} {
		if !slices.Contains(f.words, f.value) {
			return fmt.Errorf("%w: %s is none of %v", ErrInput, f.name, f.words)
		}
	}
	return nil
}

var (
	phases    = []string{PhaseConnect, PhaseRequest, PhaseResponse}
	kinds     = []string{"prompt", "upload", "history", "tool", "sign_in", "other"}
	matches   = []string{"corporate", "foreign", "anonymous", "unknown"}
	sanctions = []string{"sanctioned", "tolerated", "unsanctioned", "unreviewed"}
)

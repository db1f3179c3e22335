package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Errors of Decide, for errors.Is, besides ErrInput, ErrVerdict and ErrHeaders.
var (
	ErrTimeout    = errors.New("policy took too long")
	ErrEvaluation = errors.New("policy failed")
)

// Options of an Engine.
type Options struct {
	Timeout   time.Duration // of one evaluation; default 250 ms
	CacheSize int           // verdict sets kept; default 4096, negative none
	Observe   bool          // record verdicts in Decision.Shadow instead of enforcing them
}

// Engine decides by one snapshot. It does not change, and is safe for concurrent use.
type Engine struct {
	snapshot *Snapshot
	cache    *lru.Cache[cacheKey, []Verdict] // nil: no cache
	encoder  *encoder
	timeout  time.Duration
	observe  bool
}

// NewEngine returns an engine that decides by the snapshot.
func NewEngine(s *Snapshot, o Options) (*Engine, error) {
	if s == nil {
		return nil, errors.New("policy: new engine: no snapshot")
	}
	encoder, err := newEncoder()
	if err != nil {
		return nil, fmt.Errorf("policy: new engine: %w", err)
	}
	e := &Engine{snapshot: s, encoder: encoder, timeout: o.Timeout, observe: o.Observe}
	if e.timeout <= 0 {
		e.timeout = 250 * time.Millisecond
	}
	if o.CacheSize == 0 {
		o.CacheSize = 4096
	}
	if o.CacheSize > 0 {
		cache, err := lru.New[cacheKey, []Verdict](o.CacheSize)
		if err != nil {
			return nil, fmt.Errorf("policy: new engine: %w", err)
		}
		e.cache = cache
	}
	return e, nil
}

// Snapshot returns what the engine decides by.
func (e *Engine) Snapshot() *Snapshot { return e.snapshot }

// With returns an engine with the same options that decides by another snapshot. Both share the cache, whose verdicts are
// bound to their revision.
func (e *Engine) With(s *Snapshot) *Engine {
	next := *e
	next.snapshot = s
	return &next
}

// Decide asks the packs of the input's phase and merges what they say. On an error the Decision blocks and tells the error;
// neither holds anything of the input.
func (e *Engine) Decide(ctx context.Context, in *Input, c Circumstances) (Decision, error) {
	start := time.Now()
	s := e.snapshot
	d, err := e.decide(ctx, s, in, c)
	if err != nil {
		err = fmt.Errorf("policy: decide: %w", err)
		d = newDecision(ActionBlock, s.revision)
		d.Error = err.Error()
	}
	d.EvalUS = time.Since(start).Microseconds()
	return d, err
}

func (e *Engine) decide(ctx context.Context, s *Snapshot, in *Input, c Circumstances) (d Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			d, err = Decision{}, fmt.Errorf("%w: panic of type %T", ErrEvaluation, p)
		}
	}()
	if err := in.validate(); err != nil {
		return Decision{}, err
	}
	verdicts, cached, err := e.verdicts(ctx, s, in)
	if err != nil {
		return Decision{}, err
	}
	d, err = s.merge(in, verdicts, c, e.observe)
	d.Cached = cached
	return d, err
}

// verdicts returns the verdict set of the input, from the cache when one with the same values was kept.
func (e *Engine) verdicts(ctx context.Context, s *Snapshot, in *Input) (verdicts []Verdict, cached bool, err error) {
	p := s.phases[in.Phase]
	if p.query == nil {
		return nil, false, nil
	}
	if e.cache == nil || !p.cacheable {
		verdicts, err = e.evaluate(ctx, s, in)
		return verdicts, false, err
	}
	key, err := newCacheKey(s.revision, in.Phase, p.reads, in)
	if err != nil {
		return nil, false, err
	}
	if kept, ok := e.cache.Get(key); ok {
		return kept, true, nil
	}
	verdicts, err = e.evaluate(ctx, s, in)
	if err == nil {
		e.cache.Add(key, verdicts)
	}
	return verdicts, false, err
}

// evaluate runs OPA. A timer sets the cancel flag, which costs less than OPA's own goroutine for each evaluation.
func (e *Engine) evaluate(ctx context.Context, s *Snapshot, in *Input) ([]Verdict, error) {
	p := s.phases[in.Phase]
	input, err := e.encoder.encode(p.skeleton, in)
	if err != nil {
		return nil, err
	}
	cancel := topdown.NewCancel()
	timer := time.AfterFunc(e.timeout, cancel.Cancel)
	defer timer.Stop()
	defer context.AfterFunc(ctx, cancel.Cancel)()

	var builtinErrors []topdown.Error
	rs, err := p.query.Eval(ctx,
		rego.EvalParsedInput(input),
		rego.EvalExternalCancel(cancel),
		rego.EvalBuiltinErrorList(&builtinErrors),
		rego.EvalMetrics(metrics.NoOp()),
		rego.EvalBaseCache(s.data),
	)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case cancel.Cancelled():
		return nil, ErrTimeout // also when the answer came, too late
	case err != nil:
		return nil, evaluationError(err)
	case len(builtinErrors) > 0:
		return nil, evaluationError(&builtinErrors[0])
	case len(rs) != 1 || len(rs[0].Expressions) != 1:
		return nil, fmt.Errorf("%w: %d answers", ErrVerdict, len(rs))
	}
	sets, _ := rs[0].Expressions[0].Value.(ast.Value)
	return readVerdicts(sets)
}

// evaluationError keeps OPA's code and place and drops its message, which may quote the input.
func evaluationError(err error) error {
	var te *topdown.Error
	if !errors.As(err, &te) {
		return fmt.Errorf("%w: %T", ErrEvaluation, err)
	}
	if te.Location == nil {
		return fmt.Errorf("%w: %s", ErrEvaluation, te.Code)
	}
	return fmt.Errorf("%w: %s at %s:%d", ErrEvaluation, te.Code, te.Location.File, te.Location.Row)
}

package identity

import "context"

type contextKey struct{}

// NewContext returns a context that says who asks: how the portal learns whom the
// credentials of a connection name.
func NewContext(ctx context.Context, id Identity) context.Context {
	return context.WithValue(ctx, contextKey{}, id)
}

// FromContext returns who asks, where a context says so.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(contextKey{}).(Identity)
	return id, ok
}

package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/sluice-proxy/sluice/proxy/destination"
)

// Why a destination was not reached. Match with errors.Is; the errors of the
// Dialer are of type [*Error], whose Reason is for metrics and refusals.
var (
	ErrPort     = errors.New("port not allowed")
	ErrPrivate  = errors.New("address is not on the public internet")
	ErrSelf     = errors.New("address is the proxy's own")
	ErrMetadata = errors.New("name of a metadata service")
	ErrNoHost   = errors.New("no such host")
	ErrTimeout  = errors.New("timed out")
	ErrRefused  = errors.New("connection refused")
	ErrFailed   = errors.New("connection failed")
	ErrParent   = errors.New("parent proxy refused")
)

// reasons are stable: dashboards count them.
var reasons = []struct {
	kind   error
	reason string
}{
	{ErrPort, "port_not_allowed"},
	{ErrPrivate, "private_address"},
	{ErrSelf, "own_address"},
	{ErrMetadata, "metadata_name"},
	{ErrNoHost, "no_such_host"},
	{ErrTimeout, "dial_timeout"},
	{ErrRefused, "connection_refused"},
	{ErrParent, "parent_refused"},
	{ErrFailed, "dial_failed"},
}

// An Error says which target was not reached and why. Its text holds names
// and addresses, never credentials: it can be logged, and is not for clients.
type Error struct {
	Target destination.Target
	Kind   error // one of the errors above
	Cause  error // what the system said, if anything
}

// Error implements error.
func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("dial: %s: %v", e.Target, e.Kind)
	}
	return fmt.Sprintf("dial: %s: %v: %v", e.Target, e.Kind, e.Cause)
}

// Unwrap gives errors.Is and errors.As both the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// Reason returns the stable name of the kind.
func (e *Error) Reason() string {
	for _, r := range reasons {
		if errors.Is(e.Kind, r.kind) {
			return r.reason
		}
	}
	return "dial_failed"
}

// Timeout reports whether waiting longer might have helped.
func (e *Error) Timeout() bool { return errors.Is(e.Kind, ErrTimeout) }

// kindOf sorts what the system says about a connection or a lookup.
func kindOf(err error) error {
	var (
		dns     *net.DNSError
		timeout net.Error
		known   *Error
	)
	switch {
	case errors.As(err, &known):
		return known.Kind
	case errors.Is(err, context.DeadlineExceeded):
		return ErrTimeout
	case errors.As(err, &timeout) && timeout.Timeout():
		return ErrTimeout
	case errors.As(err, &dns):
		return ErrNoHost
	case errors.Is(err, syscall.ECONNREFUSED):
		return ErrRefused
	}
	for _, r := range reasons {
		if errors.Is(err, r.kind) {
			return r.kind
		}
	}
	return ErrFailed
}

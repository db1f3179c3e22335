package session

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// Causes of ErrUnavailable. None holds a key, a value or a password: of what a
// server says only the code is kept, for it repeats arguments.
var (
	errTooLarge   = errors.New("more than 16 MiB")
	errLost       = errors.New("an answer was lost, and another has written since")
	errReplicas   = errors.New("too few replicas have it")
	errNonsense   = errors.New("the answer is not understood")
	errNotPrimary = errors.New("the server is not a primary")
	errBusy       = errors.New("all connections are in use")
	errBroken     = errors.New("the connection broke")
	errClosed     = errors.New("closed")
)

const attempts = 3

// call asks the server within the time of a call. What it has certainly not done it
// is asked again; if repeat, also what it may have done when the connection broke:
// lost says that this was so. An answer of nil is none.
func (r *Redis) call(ctx context.Context, repeat bool, once func(context.Context) (any, error)) (reply any, lost bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		reply, err = await(ctx, once)
		if errors.Is(err, redis.Nil) {
			return nil, lost, nil
		}
		broke := broken(err)
		again := notDone(err) || broke && repeat
		if err == nil || !again || attempt == attempts {
			return reply, lost, err
		}
		lost = lost || broke
		select {
		case <-time.After(time.Duration(attempt) * 5 * time.Millisecond):
		case <-ctx.Done():
			return nil, lost, err
		}
	}
}

// await asks once and ends with the context, which the client underneath does only
// at its deadline. What it leaves behind ends then.
func await(ctx context.Context, once func(context.Context) (any, error)) (any, error) {
	type answer struct {
		reply any
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: errNonsense} // of a client that panics over what it reads
		defer func() {
			_ = recover()
			done <- a
		}()
		a.reply, a.err = once(ctx)
	}()
	select {
	case a := <-done:
		return a.reply, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run runs a script on one key, and waits for the replicas. With errReplicas comes
// the script's answer.
func (r *Redis) run(ctx context.Context, script *redis.Script, key string, args ...any) (any, error) {
	keys := []string{r.prefix + key}
	reply, err := r.send(ctx, func(s redis.Scripter) *redis.Cmd { return script.EvalSha(ctx, s, keys, args...) })
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		reply, err = r.send(ctx, func(s redis.Scripter) *redis.Cmd { return script.Eval(ctx, s, keys, args...) })
	}
	return reply, err
}

func (r *Redis) send(ctx context.Context, eval func(redis.Scripter) *redis.Cmd) (any, error) {
	if r.wait == 0 {
		return eval(r.client).Result()
	}
	left := r.timeout
	if deadline, ok := ctx.Deadline(); ok {
		left = time.Until(deadline)
	}
	pipe := r.client.Pipeline()                                                               // on one connection: WAIT is for what that has written
	script, have := eval(pipe), pipe.Do(ctx, "WAIT", r.wait, max((left/2).Milliseconds(), 1)) // a server looks for what has timed out ten times a second
	_, _ = pipe.Exec(ctx)                                                                     // each has its own error
	reply, err := script.Result()
	if err != nil {
		return nil, err
	}
	n, err := have.Int64()
	if err == nil && n < int64(r.wait) {
		err = errReplicas
	}
	return reply, err
}

// notDone says that the server certainly has not done what it was asked, and may
// when it is asked again, over another connection.
func notDone(err error) bool {
	return errors.Is(err, errNotPrimary) || redis.IsReadOnlyError(err) || redis.IsLoadingError(err) ||
		redis.IsMasterDownError(err) || redis.IsMaxClientsError(err)
}

// broken says that the connection broke: what was sent may have been done, but what
// has not been read by the server by now never will be.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// failed is ErrUnavailable with a cause that may be logged.
func failed(err error) error {
	var said redis.Error
	var network net.Error
	var dial *net.OpError
	var untrusted *tls.CertificateVerificationError
	for _, plain := range []error{context.Canceled, context.DeadlineExceeded, errReplicas, errNonsense, errNotPrimary, errNoPrimary} {
		if errors.Is(err, plain) {
			return unavailable(plain)
		}
	}
	switch {
	case errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):
		return unavailable(errBusy)
	case errors.Is(err, redis.ErrClosed):
		return unavailable(errClosed)
	case errors.As(err, &said):
		return unavailable(errors.New("the server says " + code(said)))
	case errors.As(err, &untrusted):
		return unavailable(untrusted)
	case broken(err):
		return unavailable(errBroken)
	case errors.As(err, &network) && network.Timeout():
		return unavailable(context.DeadlineExceeded)
	case errors.As(err, &dial) && dial.Op == "dial":
		return unavailable(dial)
	}
	return unavailable(errNonsense)
}

// code is the first word of an error of the server: NOPERM, OOM, MOVED.
func code(err error) string {
	if redis.HasErrorPrefix(err, "ACL failure in script") || redis.HasErrorPrefix(err, "The user executing the script") {
		return "NOPERM" // as it says it of a command in a script, from version 7 and before
	}
	word, _, _ := strings.Cut(err.Error(), " ")
	if word == "" || len(word) > 24 || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "ERR"
	}
	return word
}

package exoref

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Delay is a value that is computed when somebody first asks for it, once among all processes: Clojure's delay. A handle stays with the
// delay that it was opened on. It is an io.Closer.
type Delay[T any] struct {
	*reference[T]
	token   uint64                        // of its body; 0: it has none
	failure *atomic.Pointer[localFailure] // what its body has failed with here
}

// Body computes a delay's value. It runs in one of the processes that offer it, on a goroutine of its own, for as long as it likes. Its
// context ends when the lease is lost (context.Cause is ErrLease), or the client closed. An error is a result too: everybody gets it, as
// an Error with the status ErrBody (see BodyFailure); so is a panic (kind "panic"), and a value that can't be published (kinds "codec",
// "validation", "size"). ErrDeclined leaves it to another process.
type Body[T any] func(ctx context.Context, lease *Lease[T]) (T, error)

// Claimed is what Claim answers: the lease, and then it is the caller who computes; or the value.
type Claimed[T any] struct {
	Lease    *Lease[T]
	Standing *Value[T]
}

// OpenDelay opens the delay under the key, and creates it, unrealized, if it does not exist. With a body it offers to compute the value,
// when somebody asks for it, here or in another process, for as long as the handle is open; with nil it asks others to. The options
// `codec` and `ttl` are used if it is created; `lease` and `retry` also if not, for what this handle runs.
func OpenDelay[T any](ctx context.Context, client *Client, key string, body Body[T], options ...Option) (*Delay[T], error) {
	r, s, err := opened[T](client, "delay", key, options)
	if err != nil {
		return nil, err
	}
	d := &Delay[T]{reference: r, failure: new(atomic.Pointer[localFailure])}
	if body != nil {
		d.token = d.offer(body)
	}
	err = r.openWith(ctx, s, operation, low.Exoref_delay_release, low.Exoref_future_delay,
		func(client, options uintptr, timeoutMs int64, future *uintptr) error {
			if body == nil {
				return low.DelayOpen(client, key, options, timeoutMs, future)
			}
			return low.DelayOpenWithBody(client, key, d.token, options, timeoutMs, future)
		})
	if err != nil {
		client.unlisten(d.token)
		return nil, err
	}
	if body != nil {
		token, c := d.token, client.core
		d.h.release = func(raw uintptr) {
			c.unlisten(token)
			low.Exoref_delay_release(raw)
		}
	}
	return d, nil
}

// Close lets go of the handle: its body is called no more. Waits and bodies that run go on.
func (d *Delay[T]) Close() error {
	d.h.close()
	return nil
}

// Deref gives the delay's value, and has it computed if it is not (Clojure's deref and force): by this handle's body if nobody runs one,
// else by whoever has one; where nobody has, it waits until somebody comes, or the context ends, which does not stop a body. What this
// process knows already it gives at once. ErrBody: the body failed, here or elsewhere, now or earlier. ErrDeadlock: called by its own
// body.
func (d *Delay[T]) Deref(ctx context.Context) (T, error) {
	raw, err := d.h.use()
	if err == nil {
		data, known := low.DelayKnown(raw)
		d.h.done()
		if known {
			return decode(d.codec, data)
		}
	}
	var none T
	value, err := d.deref(ctx)()
	if err != nil {
		return none, err
	}
	return value.Get()
}

// DerefValue is Deref, and gives the value with its bytes.
func (d *Delay[T]) DerefValue(ctx context.Context) (*Value[T], error) { return d.deref(ctx)() }

// DerefAsync is DerefValue without the waiting.
func (d *Delay[T]) DerefAsync(ctx context.Context) *Future[*Value[T]] { return asking(ctx, d.deref) }

func (d *Delay[T]) deref(ctx context.Context) func() (*Value[T], error) {
	if known := d.known(low.DelayKnownValue); known != nil {
		return func() (*Value[T], error) { return known, nil }
	}
	if err := d.mayWait(ctx); err != nil {
		return func() (*Value[T], error) { return nil, err }
	}
	op := d.use(ctx, wait, low.Exoref_delay_deref_async)
	return func() (*Value[T], error) {
		outcome, err := op.finish()
		if err != nil {
			return nil, d.withCause(err)
		}
		return d.valueOf(outcome.Value), nil
	}
}

// Claim is the pull form of Deref, for who runs the body in a way of his own: it ends with the value, or, when nobody holds it, with the
// lease. A body of the handle is not called by it.
func (d *Delay[T]) Claim(ctx context.Context) (Claimed[T], error) { return d.claim(ctx)() }

// ClaimAsync is Claim without the waiting.
func (d *Delay[T]) ClaimAsync(ctx context.Context) *Future[Claimed[T]] { return async(ctx, d.claim) }

func (d *Delay[T]) claim(ctx context.Context) func() (Claimed[T], error) {
	if err := d.mayWait(ctx); err != nil {
		return func() (Claimed[T], error) { return Claimed[T]{}, err }
	}
	op := d.use(ctx, wait, low.Exoref_delay_claim_async)
	return func() (Claimed[T], error) {
		var claimed Claimed[T]
		op.take = func(future uintptr) { claimed.Lease = d.leaseOf(low.Exoref_future_lease(future)) }
		outcome, err := op.finish()
		if err != nil {
			return Claimed[T]{}, d.withCause(err)
		}
		claimed.Standing = d.valueOf(outcome.Value)
		return claimed, nil
	}
}

// Realized tells whether there is a result, a value or a kept failure. It starts nothing. Client.Realized asks without a handle.
func (d *Delay[T]) Realized(ctx context.Context) (bool, error) {
	op := d.use(ctx, operation, low.Exoref_delay_realized_async)
	outcome, err := op.finish()
	release(outcome)
	return outcome.Flag, err
}

// mayWait refuses what would wait for itself.
func (d *Delay[T]) mayWait(ctx context.Context) error {
	if d.client.bodies.isWithin(ctx, d.key) {
		return d.attempt("wait for").failed(ErrDeadlock, "its own body asks for it, which could never end", nil)
	}
	return nil
}

// localFailure is what a body has failed with in this process: the error that it returned is the cause of what is told.
type localFailure struct {
	told  BodyFailure
	cause error
}

func (d *Delay[T]) withCause(err error) error {
	var e *Error
	local := d.failure.Load()
	if local != nil && errors.As(err, &e) && e.Status == ErrBody && e.Cause == nil &&
		e.Kind == local.told.Kind && e.Message == local.told.Message {
		e.Cause = local.cause
	}
	return err
}

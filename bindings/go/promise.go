package exoref

import (
	"context"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Promise is a value that comes once, from whoever delivers it first, and is waited for anywhere: Clojure's promise. Once this process has
// read the value it is answered from memory. A handle stays with the promise that it was opened on. It is an io.Closer.
type Promise[T any] struct {
	*reference[T]
}

// Delivery is what Deliver answers.
type Delivery[T any] struct {
	Delivered bool      // whether this call delivered
	Standing  *Value[T] // the value that stands: this one, or the earlier one
}

// OpenPromise opens the promise under the key, and creates it, undelivered, if it does not exist. One that exists is not changed; Created
// tells which. The options `codec` and `ttl` are used if it is created. A validator judges what this handle delivers.
func OpenPromise[T any](ctx context.Context, client *Client, key string, options ...Option) (*Promise[T], error) {
	r, s, err := opened[T](client, "promise", key, options)
	if err != nil {
		return nil, err
	}
	err = r.openWith(ctx, s, operation, low.Exoref_promise_release, low.Exoref_future_promise,
		func(client, options uintptr, timeoutMs int64, future *uintptr) error {
			return low.PromiseOpen(client, key, options, timeoutMs, future)
		})
	if err != nil {
		return nil, err
	}
	return &Promise[T]{r}, nil
}

// Close lets go of the handle. Waits that run go on.
func (p *Promise[T]) Close() error {
	p.h.close()
	return nil
}

// Deliver delivers the value, unless one was delivered before: that is no error, and the answer tells what stands. It does not wait for
// anybody to take notice.
func (p *Promise[T]) Deliver(ctx context.Context, value T) (Delivery[T], error) {
	return p.deliver(value)(ctx)()
}

// DeliverAsync is Deliver without the waiting.
func (p *Promise[T]) DeliverAsync(ctx context.Context, value T) *Future[Delivery[T]] {
	return async(ctx, p.deliver(value))
}

func (p *Promise[T]) deliver(value T) func(context.Context) func() (Delivery[T], error) {
	return func(ctx context.Context) func() (Delivery[T], error) {
		data, err := p.propose(value, "deliver")
		if err != nil {
			return func() (Delivery[T], error) { return Delivery[T]{}, err }
		}
		op := p.use(ctx, operation, func(promise uintptr, timeoutMs int64, future *uintptr) error {
			return low.PromiseDeliver(promise, data, timeoutMs, future)
		})
		return func() (Delivery[T], error) {
			outcome, err := op.finish()
			if err != nil {
				return Delivery[T]{}, err
			}
			return Delivery[T]{outcome.Flag, p.valueOf(outcome.Value)}, nil
		}
	}
}

// Deref gives the promise's value; it waits for it until the context ends. What this process knows already it gives at once, whatever the
// context.
func (p *Promise[T]) Deref(ctx context.Context) (T, error) {
	raw, err := p.h.use()
	if err == nil {
		data, known := low.PromiseKnown(raw)
		p.h.done()
		if known {
			return decode(p.codec, data)
		}
	}
	op := p.use(ctx, wait, low.Exoref_promise_deref_async)
	outcome, err := op.finish()
	if err != nil {
		var none T
		return none, err
	}
	return p.take(outcome.Value)
}

// DerefValue is Deref, and gives the value with its bytes.
func (p *Promise[T]) DerefValue(ctx context.Context) (*Value[T], error) { return p.deref(ctx)() }

// DerefAsync is DerefValue without the waiting. Ten thousand such waits cost one client its two connections.
func (p *Promise[T]) DerefAsync(ctx context.Context) *Future[*Value[T]] { return asking(ctx, p.deref) }

func (p *Promise[T]) deref(ctx context.Context) func() (*Value[T], error) {
	if known := p.known(low.PromiseKnownValue); known != nil {
		return func() (*Value[T], error) { return known, nil }
	}
	op := p.use(ctx, wait, low.Exoref_promise_deref_async)
	return func() (*Value[T], error) {
		outcome, err := op.finish()
		if err != nil {
			return nil, err
		}
		return p.valueOf(outcome.Value), nil
	}
}

// Realized tells whether it was delivered, by anybody, anywhere. Client.Realized asks without a handle.
func (p *Promise[T]) Realized(ctx context.Context) (bool, error) {
	op := p.use(ctx, operation, low.Exoref_promise_realized_async)
	outcome, err := op.finish()
	release(outcome)
	return outcome.Flag, err
}

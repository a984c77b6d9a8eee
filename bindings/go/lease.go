package exoref

import (
	"context"
	"strings"
	"time"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Lease is the right to run a delay's body now. The library renews it until it is used, lost, or let go of. It is an io.Closer.
type Lease[T any] struct {
	delay *Delay[T]
	h     *handle
}

func (d *Delay[T]) leaseOf(raw uintptr) *Lease[T] {
	if raw == 0 {
		return nil
	}
	return &Lease[T]{d, newHandle(raw, "lease", low.Exoref_lease_release)}
}

func (l *Lease[T]) use(ctx context.Context, otherwise int64, start starter) call {
	return l.delay.client.use(ctx, l.h, otherwise, start)
}

// Deliver publishes the value, and ends the lease. ErrLease: the lease was lost, or used before; another publishes or has published.
func (l *Lease[T]) Deliver(ctx context.Context, value T) (*Value[T], error) {
	data, err := l.delay.propose(value, "deliver")
	if err != nil {
		return nil, err
	}
	op := l.use(ctx, operation, func(lease uintptr, timeoutMs int64, future *uintptr) error {
		return low.LeaseDeliver(lease, data, timeoutMs, future)
	})
	outcome, err := op.finish()
	if err != nil {
		return nil, err
	}
	return l.delay.valueOf(outcome.Value), nil
}

// Fail publishes a failure, and ends the lease. With the option `retry` it is told to all who wait now, and the delay is unrealized again.
func (l *Lease[T]) Fail(ctx context.Context, failure *BodyFailure) error {
	return l.fail(ctx, operation, failure)
}

func (l *Lease[T]) fail(ctx context.Context, otherwise int64, failure *BodyFailure) error {
	// C takes these two as texts that end with a NUL.
	kind, message := strings.ReplaceAll(failure.Kind, "\x00", "\uFFFD"), strings.ReplaceAll(failure.Message, "\x00", "\uFFFD")
	op := l.use(ctx, otherwise, func(lease uintptr, timeoutMs int64, future *uintptr) error {
		return low.LeaseFail(lease, kind, message, failure.Payload, timeoutMs, future)
	})
	outcome, err := op.finish()
	release(outcome)
	return err
}

// Renew renews the lease now, for who wants to be sure that it is still held before doing what can't be undone; how long it lasts from now.
func (l *Lease[T]) Renew(ctx context.Context) (time.Duration, error) {
	op := l.use(ctx, operation, low.Exoref_lease_renew_async)
	outcome, err := op.finish()
	release(outcome)
	return time.Duration(outcome.Number) * time.Millisecond, err
}

// GiveBack gives the lease back, so that another may run the body at once; no error if it was lost or had ended.
func (l *Lease[T]) GiveBack(ctx context.Context) error { return l.giveBack(ctx, operation) }

func (l *Lease[T]) giveBack(ctx context.Context, otherwise int64) error {
	op := l.use(ctx, otherwise, low.Exoref_lease_give_back_async)
	outcome, err := op.finish()
	release(outcome)
	return err
}

// Lost tells whether the lease is lost, so that a result would be refused. From memory, cheap, for loops; a body's context ends with it.
func (l *Lease[T]) Lost() bool {
	raw, err := l.h.use()
	if err != nil {
		return true
	}
	defer l.h.done()
	return low.Exoref_lease_lost(raw)
}

// LostAsync is done when the lease is lost (true), or has ended otherwise (false).
func (l *Lease[T]) LostAsync(ctx context.Context) *Future[bool] { return asking(ctx, l.lost) }

func (l *Lease[T]) lost(ctx context.Context) func() (bool, error) {
	op := l.use(ctx, wait, func(lease uintptr, _ int64, future *uintptr) error { return low.Exoref_lease_lost_async(lease, future) })
	op.leave = true
	return func() (bool, error) {
		outcome, err := op.finish()
		release(outcome)
		return outcome.Flag, err
	}
}

// Token is the fencing token: each claim of this delay has a higher one. A system that the body writes to can refuse lower ones.
func (l *Lease[T]) Token() int64 {
	raw, err := l.h.use()
	if err != nil {
		return 0
	}
	defer l.h.done()
	return low.Exoref_lease_token(raw)
}

// Close lets go of the lease; if it was neither delivered nor failed it is given back, in the background.
func (l *Lease[T]) Close() error {
	l.h.close()
	return nil
}

package exoref

import "context"

// Future is an operation that is under way. Letting go of it does not stop it; Cancel, or the end of the context that it was begun with,
// does.
type Future[R any] struct {
	done   chan struct{}
	result R
	err    error
	cancel context.CancelFunc
	asks   bool // it changes nothing
}

// asking is async for an operation that changes nothing.
func asking[R any](ctx context.Context, begin func(context.Context) func() (R, error)) *Future[R] {
	f := async(ctx, begin)
	f.asks = true
	return f
}

// async begins an operation on this goroutine, and waits for it on another.
func async[R any](ctx context.Context, begin func(context.Context) func() (R, error)) *Future[R] {
	ctx, cancel := context.WithCancel(ctx)
	f := &Future[R]{done: make(chan struct{}), cancel: cancel}
	finish := begin(ctx)
	go func() {
		defer cancel()
		guarded(func() (err error) {
			f.result, err = finish()
			return err
		}, func(err error) {
			f.err = err
			close(f.done)
		})
	}()
	return f
}

// Done is closed when the operation is done, however it ended.
func (f *Future[R]) Done() <-chan struct{} { return f.done }

// Get waits for the result. The context ends only this waiting, and the operation goes on: what is told then is ErrUnknown, or, of an
// operation that changes nothing, ErrTimeout or ErrCancelled.
func (f *Future[R]) Get(ctx context.Context) (R, error) {
	select {
	case <-f.done:
		return f.result, f.err
	default:
	}
	select {
	case <-f.done:
		return f.result, f.err
	case <-ctx.Done():
		var none R
		const words = "the operation goes on, but the context of the waiting is over"
		if f.asks {
			e := overError(ctx)
			e.Message = words
			return none, e
		}
		return none, stillGoing(ctx, words)
	}
}

// Cancel gives the operation up: what was not sent yet ends with ErrCancelled, a write that was sent with ErrUnknown. It does not wait.
func (f *Future[R]) Cancel() { f.cancel() }

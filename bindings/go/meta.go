package exoref

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Metadata is bytes beside the value, shared by all processes, empty at first. Changing it neither validates nor notifies, nor changes the
// value's version.

// Meta reads the metadata.
func (a *Atom[T]) Meta(ctx context.Context) ([]byte, error) {
	op := a.use(ctx, operation, low.Exoref_atom_meta_async)
	outcome, err := op.finish()
	if err != nil {
		return nil, err
	}
	release(outcome)
	return outcome.Value.Bytes, nil
}

// ResetMeta sets the metadata.
func (a *Atom[T]) ResetMeta(ctx context.Context, next []byte) error {
	op := a.use(ctx, operation, func(atom uintptr, timeoutMs int64, future *uintptr) error {
		return low.AtomResetMeta(atom, next, timeoutMs, future)
	})
	outcome, err := op.finish()
	release(outcome)
	return err
}

// AlterMeta changes the metadata by a function, as Swap changes the value, and gives the new one. The function is called on a goroutine of
// its own, perhaps again; a panic of it comes out of this call, as a *PanicError.
func (a *Atom[T]) AlterMeta(ctx context.Context, fn func(old []byte) ([]byte, error)) ([]byte, error) {
	var last atomic.Pointer[error] // what the function's last call has failed with
	step := low.SwapFunc(func(old []byte) ([]byte, string, int32) {
		// The library has a frame of C here, which a panic or a Goexit must not drop: so the function runs elsewhere.
		before := append([]byte{}, old...)
		var next []byte
		var message string
		declined := false
		done := make(chan error, 1)
		go guarded(func() (err error) {
			next, err = fn(before)
			if err != nil {
				message, declined = err.Error(), errors.Is(err, ErrDeclined)
			}
			return err
		}, func(err error) { done <- err })
		err := <-done
		switch {
		case declined:
			last.Store(nil)
			return nil, "", low.CallDeclined
		case err == nil:
			last.Store(nil)
			return next, "", low.CallOK
		}
		last.Store(&err)
		if message == "" {
			message = err.Error() // it panicked
		}
		return nil, message, low.CallFailed
	})
	op := a.use(ctx, operation, func(atom uintptr, timeoutMs int64, future *uintptr) error {
		return low.Exoref_atom_alter_meta_async(atom, low.NewCallback(step), timeoutMs, future)
	})
	outcome, err := op.finish()
	if err == nil {
		release(outcome)
		return outcome.Value.Bytes, nil
	}
	returned := last.Load()
	if returned == nil {
		return nil, err
	}
	if panicked, ok := (*returned).(*PanicError); ok {
		panic(panicked)
	}
	failure, ok := err.(*Error)
	if !ok || failure.Status != ErrFunction { // its time was over, too; nothing was changed in any case
		failure = a.attempt("alter the metadata of").failed(ErrFunction, "the function failed: "+(*returned).Error(), nil)
	}
	failure.Cause = *returned
	return nil, failure
}

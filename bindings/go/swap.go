package exoref

import (
	"context"
	"errors"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Swap changes the value by a function: Clojure's swap!. The function is called with the value, on this goroutine, again for each time
// that somebody else was faster, so it must do nothing but compute. It gives the new value, which comes out of Swap too; or an error that
// ends the swap with nothing changed: what comes out then is ErrFunction, with that error as its cause. With ErrDeclined nothing is
// changed, and the swap ends well. The function owns the value that it is given. A panic passes through, and has changed nothing.
func (a *Atom[T]) Swap(ctx context.Context, fn func(old T) (T, error)) (T, error) {
	var last, none T
	var declined bool
	old, set, err := a.swap(ctx, func(old T) (T, error) {
		next, err := fn(old)
		last, declined = next, errors.Is(err, ErrDeclined)
		return next, err
	})
	if err != nil {
		return none, err
	}
	low.Exoref_value_release(old.Handle)
	if declined {
		return a.take(set) // not what the function was given, with which it may have done anything
	}
	low.Exoref_value_release(set.Handle)
	return last, nil // and not what was written, decoded: that could fail, where all went well
}

// SwapVals is Swap, and gives the exact value before it, and the versions.
func (a *Atom[T]) SwapVals(ctx context.Context, fn func(old T) (T, error)) (Values[T], error) {
	old, set, err := a.swap(ctx, fn)
	if err != nil {
		return Values[T]{}, err
	}
	return Values[T]{a.valueOf(old), a.valueOf(set)}, nil
}

// SwapAsync is SwapVals without the waiting; the function is called on another goroutine. There a panic is the cause of an error.
func (a *Atom[T]) SwapAsync(ctx context.Context, fn func(old T) (T, error)) *Future[Values[T]] {
	return async(ctx, func(ctx context.Context) func() (Values[T], error) {
		return func() (Values[T], error) { return a.SwapVals(ctx, fn) }
	})
}

// swap goes through the pull form until it is done. The two values are the caller's to release, and may be the same.
func (a *Atom[T]) swap(ctx context.Context, fn func(old T) (T, error)) (old, set low.Value, err error) {
	clock := a.client.clock(ctx)
	pull, value, err := a.pull(ctx, clock)
	if err != nil {
		return low.Value{}, low.Value{}, err
	}
	defer low.Exoref_swap_release(pull.raw)
	defer func() { low.Exoref_value_release(value.Handle) }() // also if the function panics
	for {
		data, verdict := a.compute(fn, value)
		failed := verdict != nil && verdict != ErrDeclined
		if clock.over() { // the function took all the time
			if failed {
				return old, set, verdict
			}
			return old, set, a.attempt("swap").failed(ErrTimeout, "it was not done within "+clock.time.String(), nil)
		}
		var answer low.Outcome
		if verdict == nil {
			answer, err = pull.offer(ctx, data, clock)
		} else { // an answer that changes nothing must rest on a value that the server stands for
			answer, err = pull.confirm(ctx, clock)
		}
		if err != nil {
			if failed { // and nothing was changed, whether or not the value was the newest
				err = verdict
			}
			return old, set, err
		}
		switch {
		case !answer.Flag:
			low.Exoref_value_release(value.Handle)
			value = answer.Value
			continue
		case verdict == nil && answer.OldValue.Handle != 0:
			return answer.OldValue, answer.Value, nil
		case verdict == nil:
			old, value.Handle = value, 0
			return old, answer.Value, nil
		case verdict == ErrDeclined:
			low.Exoref_value_retain(answer.Value.Handle)
			return answer.Value, answer.Value, nil
		}
		release(answer)
		return old, set, verdict
	}
}

// compute calls the function, encodes what it gives, and has that judged.
func (a *Atom[T]) compute(fn func(old T) (T, error), old low.Value) ([]byte, error) {
	value, err := decode(a.codec, append([]byte{}, old.Bytes...)) // SwapVals gives the bytes, too
	if err != nil {
		return nil, err
	}
	next, err := fn(value)
	if errors.Is(err, ErrDeclined) {
		return nil, ErrDeclined
	}
	if err != nil {
		return nil, a.attempt("swap").failed(ErrFunction, "the function failed: "+err.Error(), err)
	}
	return a.propose(next, "swap")
}

// pull is a swap in its pull form.
type pull struct {
	client *Client
	raw    uintptr
}

// pull begins a swap. The swap and the value are the caller's to release.
func (a *Atom[T]) pull(ctx context.Context, clock clock) (pull, low.Value, error) {
	p := pull{client: a.client}
	op := a.use(ctx, clock.left(), low.Exoref_atom_swap_begin_async)
	op.take = func(future uintptr) { p.raw = low.Exoref_future_swap(future) }
	outcome, err := op.finish()
	return p, outcome.Value, err
}

// offer proposes; the answer's flag tells whether it is done.
func (p pull) offer(ctx context.Context, data []byte, clock clock) (low.Outcome, error) {
	op := p.client.on(ctx, p.raw, clock.left(), func(swap uintptr, timeoutMs int64, future *uintptr) error {
		return low.SwapOffer(swap, data, timeoutMs, future)
	})
	return op.finish()
}

func (p pull) confirm(ctx context.Context, clock clock) (low.Outcome, error) {
	op := p.client.on(ctx, p.raw, clock.left(), low.Exoref_swap_confirm_async)
	return op.finish()
}

// SwapStep is the pull form of a swap, for who wants to compute in a way of his own: offer what was computed from Value, until it is done.
// It holds nothing up: others go on, and the offer is then answered with a newer value. It is an io.Closer, and for one goroutine.
type SwapStep[T any] struct {
	atom  *Atom[T]
	h     *handle
	value *Value[T]
}

// BeginSwap begins one. It asks the server only if nothing is known of the atom yet.
func (a *Atom[T]) BeginSwap(ctx context.Context) (*SwapStep[T], error) {
	begun, value, err := a.pull(ctx, a.client.clock(ctx))
	if err != nil {
		return nil, err
	}
	return &SwapStep[T]{a, newHandle(begun.raw, "swap", low.Exoref_swap_release), a.valueOf(value)}, nil
}

// Value is the newest value that is known: what to compute from, or, once it is done, what was set.
func (s *SwapStep[T]) Value() *Value[T] { return s.value }

// Offer proposes what was computed from Value. Done: it is the atom's value now. Else Value is a newer one to compute from. After an error
// the swap is over.
func (s *SwapStep[T]) Offer(ctx context.Context, next T) (done bool, err error) {
	data, err := s.atom.propose(next, "swap")
	if err != nil {
		return false, err
	}
	return s.step(ctx, func(p pull, clock clock) (low.Outcome, error) { return p.offer(ctx, data, clock) })
}

// Confirm asks whether Value is current, for who wants to end without a change. Done: it is, and the swap is over.
func (s *SwapStep[T]) Confirm(ctx context.Context) (done bool, err error) {
	return s.step(ctx, func(p pull, clock clock) (low.Outcome, error) { return p.confirm(ctx, clock) })
}

func (s *SwapStep[T]) step(ctx context.Context, ask func(pull, clock) (low.Outcome, error)) (done bool, err error) {
	raw, err := s.h.use()
	if err != nil {
		return false, err
	}
	defer s.h.done()
	answer, err := ask(pull{s.atom.client, raw}, s.atom.client.clock(ctx))
	if err != nil {
		return false, err
	}
	low.Exoref_value_release(answer.OldValue.Handle)
	s.value = s.atom.valueOf(answer.Value)
	return answer.Flag, nil
}

// Close lets go of it; an offer that was made stays.
func (s *SwapStep[T]) Close() error {
	s.h.close()
	return nil
}

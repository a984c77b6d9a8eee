package exoref

import (
	"context"
	"errors"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Swap changes the value by a function: Clojure's swap!. The function is called with the value, on this goroutine, again for each time
// that somebody else was faster, so it must do nothing but compute. It gives the new value, or an error that ends the swap with nothing
// changed: what comes out then is ErrFunction, with that error as its cause. With ErrDeclined nothing is changed, and the swap ends well.
// The function owns the value that it is given. A panic passes through, and has changed nothing.
func (a *Atom[T]) Swap(ctx context.Context, fn func(old T) (T, error)) (T, error) {
	swapped, err := a.swap(ctx, fn, false)
	if err != nil {
		var none T
		return none, err
	}
	return swapped.New.Get()
}

// SwapVals is Swap, and gives the exact value before it, and the versions.
func (a *Atom[T]) SwapVals(ctx context.Context, fn func(old T) (T, error)) (Values[T], error) {
	return a.swap(ctx, fn, true)
}

// SwapAsync is SwapVals without the waiting; the function is called on another goroutine. There a panic is the cause of an error.
func (a *Atom[T]) SwapAsync(ctx context.Context, fn func(old T) (T, error)) *Future[Values[T]] {
	return async(ctx, func(ctx context.Context) func() (Values[T], error) {
		return func() (Values[T], error) { return a.swap(ctx, fn, true) }
	})
}

func (a *Atom[T]) swap(ctx context.Context, fn func(old T) (T, error), exact bool) (Values[T], error) {
	clock := a.client.clock(ctx)
	swap, err := a.beginSwap(ctx, clock)
	if err != nil {
		return Values[T]{}, err
	}
	defer swap.Close()
	swap.exact = exact
	for {
		old := swap.value
		data, verdict := a.compute(fn, old)
		if clock.over() { // the function took all the time
			return Values[T]{}, a.attempt("swap").failed(ErrTimeout, "it was not done within "+clock.time.String(), nil)
		}
		if verdict == nil {
			done, before, err := swap.offer(ctx, data, clock)
			if err != nil {
				return Values[T]{}, err
			}
			if before == nil {
				before = old
			}
			if done {
				return Values[T]{before, swap.value}, nil
			}
			continue
		}
		// An answer that changes nothing must rest on a value that the server stands for.
		done, err := swap.confirm(ctx, clock)
		if err != nil {
			return Values[T]{}, err
		}
		if done && verdict == ErrDeclined {
			return Values[T]{swap.value, swap.value}, nil
		}
		if done {
			return Values[T]{}, verdict
		}
	}
}

// compute calls the function, encodes what it gives, and has that judged.
func (a *Atom[T]) compute(fn func(old T) (T, error), old *Value[T]) ([]byte, error) {
	value, err := old.Get()
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

// SwapStep is the pull form of a swap, for who wants to compute in a way of his own: offer what was computed from Value, until it is done.
// It holds nothing up: others go on, and the offer is then answered with a newer value. It is an io.Closer, and for one goroutine.
type SwapStep[T any] struct {
	atom  *Atom[T]
	h     *handle
	value *Value[T]
	exact bool // the value before is wanted, as it was
}

// BeginSwap begins one. It asks the server only if nothing is known of the atom yet.
func (a *Atom[T]) BeginSwap(ctx context.Context) (*SwapStep[T], error) {
	return a.beginSwap(ctx, a.client.clock(ctx))
}

func (a *Atom[T]) beginSwap(ctx context.Context, clock clock) (*SwapStep[T], error) {
	swap := &SwapStep[T]{atom: a}
	begun := func(raw uintptr) { swap.h = newHandle(raw, "swap", low.Exoref_swap_release) }
	now := func(atom uintptr, timeoutMs int64) low.Outcome {
		raw, outcome := low.SwapBeginNow(atom, timeoutMs)
		if outcome.Failure == nil {
			begun(raw)
		}
		return outcome
	}
	op := a.client.useNow(ctx, a.h, clock.left(), now, low.Exoref_atom_swap_begin_async)
	op.take = func(future uintptr) { begun(low.Exoref_future_swap(future)) }
	outcome, err := op.finish()
	if err != nil {
		return nil, err
	}
	swap.value = a.valueOf(outcome.Value)
	return swap, nil
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
	done, _, err = s.offer(ctx, data, s.atom.client.clock(ctx))
	return done, err
}

func (s *SwapStep[T]) offer(ctx context.Context, data []byte, clock clock) (done bool, before *Value[T], err error) {
	var now blocking // which does not tell what was before
	if !s.exact {
		now = func(swap uintptr, timeoutMs int64) low.Outcome { return low.SwapOfferNow(swap, data, timeoutMs) }
	}
	op := s.atom.client.useNow(ctx, s.h, clock.left(), now, func(swap uintptr, timeoutMs int64, future *uintptr) error {
		return low.SwapOffer(swap, data, timeoutMs, future)
	})
	outcome, err := op.finish()
	if err != nil {
		return false, nil, err
	}
	s.value = s.atom.valueOf(outcome.Value)
	return outcome.Flag, s.atom.valueOf(outcome.OldValue), nil
}

// Confirm asks whether Value is current, for who wants to end without a change. Done: it is, and the swap is over.
func (s *SwapStep[T]) Confirm(ctx context.Context) (done bool, err error) {
	return s.confirm(ctx, s.atom.client.clock(ctx))
}

func (s *SwapStep[T]) confirm(ctx context.Context, clock clock) (done bool, err error) {
	op := s.atom.client.use(ctx, s.h, clock.left(), low.Exoref_swap_confirm_async)
	outcome, err := op.finish()
	if err != nil {
		return false, err
	}
	s.value = s.atom.valueOf(outcome.Value)
	return outcome.Flag, nil
}

// Close lets go of it; an offer that was made stays.
func (s *SwapStep[T]) Close() error {
	s.h.close()
	return nil
}

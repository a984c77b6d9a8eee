package exoref

import (
	"context"
	"errors"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Atom is one value that changes by functions from old to new: Clojure's atom. It is an io.Closer, and may be used by any number of
// goroutines.
type Atom[T any] struct {
	*reference[T]
}

// OpenAtom opens the atom under the key, which must exist unless the option `absent` says otherwise (allow: the handle is good, and answers
// ErrNotFound until somebody creates the atom; wait: waits for that). Opening changes nothing.
func OpenAtom[T any](ctx context.Context, client *Client, key string, options ...Option) (*Atom[T], error) {
	r, s, err := opened[T](client, "atom", key, options)
	if err != nil {
		return nil, err
	}
	otherwise := operation
	for _, one := range s.named {
		if one == [2]string{"absent", "wait"} {
			otherwise = wait
		}
	}
	err = r.openWith(ctx, s, otherwise, low.Exoref_atom_release, low.Exoref_future_atom,
		func(client, options uintptr, timeoutMs int64, future *uintptr) error {
			return low.AtomOpen(client, key, options, timeoutMs, future)
		})
	if err != nil {
		return nil, err
	}
	return &Atom[T]{r}, nil
}

// CreateAtom opens the atom under the key, and creates it with the initial value if it does not exist. One that exists is not changed,
// whatever it holds; Created tells which. The options `codec`, `ttl`, `history` and `writers` are used if it is created.
func CreateAtom[T any](ctx context.Context, client *Client, key string, initial T, options ...Option) (*Atom[T], error) {
	r, s, err := opened[T](client, "atom", key, options)
	if err != nil {
		return nil, err
	}
	data, err := r.propose(initial, "create")
	if err != nil {
		return nil, err
	}
	err = r.openWith(ctx, s, operation, low.Exoref_atom_release, low.Exoref_future_atom,
		func(client, options uintptr, timeoutMs int64, future *uintptr) error {
			return low.AtomCreate(client, key, data, options, timeoutMs, future)
		})
	if err != nil {
		return nil, err
	}
	return &Atom[T]{r}, nil
}

// Close lets go of the handle, and removes the watches that were added through it. The atom itself stays as it is.
func (a *Atom[T]) Close() error {
	a.client.removeWatchesOf(a.h)
	a.h.close()
	return nil
}

// Deref reads the atom's value from the server: one round trip.
func (a *Atom[T]) Deref(ctx context.Context) (T, error) {
	op := a.use(ctx, operation, low.Exoref_atom_deref_async)
	outcome, err := op.finish()
	if err != nil {
		var none T
		return none, err
	}
	return a.take(outcome.Value)
}

// DerefValue is Deref, and gives the version and identity of the state too.
func (a *Atom[T]) DerefValue(ctx context.Context) (*Value[T], error) { return a.deref(ctx)() }

// DerefAsync is DerefValue without the waiting.
func (a *Atom[T]) DerefAsync(ctx context.Context) *Future[*Value[T]] { return asking(ctx, a.deref) }

func (a *Atom[T]) deref(ctx context.Context) func() (*Value[T], error) {
	op := a.use(ctx, operation, low.Exoref_atom_deref_async)
	return func() (*Value[T], error) {
		outcome, err := op.finish()
		if err != nil {
			return nil, err
		}
		return a.valueOf(outcome.Value), nil
	}
}

// Reset sets the value, whatever it was: Clojure's reset!. It gives the value that was set, with its version.
func (a *Atom[T]) Reset(ctx context.Context, next T) (*Value[T], error) {
	set, err := a.reset(next, false)(ctx)()
	return set.New, err
}

// ResetVals is Reset, and gives the exact value before it too.
func (a *Atom[T]) ResetVals(ctx context.Context, next T) (Values[T], error) {
	return a.reset(next, true)(ctx)()
}

// ResetAsync is ResetVals without the waiting.
func (a *Atom[T]) ResetAsync(ctx context.Context, next T) *Future[Values[T]] {
	return async(ctx, a.reset(next, true))
}

func (a *Atom[T]) reset(next T, wantOld bool) func(context.Context) func() (Values[T], error) {
	return func(ctx context.Context) func() (Values[T], error) {
		data, err := a.propose(next, "reset")
		if err != nil {
			return func() (Values[T], error) { return Values[T]{}, err }
		}
		op := a.use(ctx, operation, func(atom uintptr, timeoutMs int64, future *uintptr) error {
			return low.AtomReset(atom, data, wantOld, timeoutMs, future)
		})
		return func() (Values[T], error) {
			outcome, err := op.finish()
			if err != nil {
				return Values[T]{}, err
			}
			return Values[T]{a.valueOf(outcome.OldValue), a.valueOf(outcome.Value)}, nil
		}
	}
}

// CompareAndSet sets the value to `next` if it is `expected`, byte for byte as the codec writes it, at the instant it takes effect. Not to
// match is no error. The validator judges `next` first.
func (a *Atom[T]) CompareAndSet(ctx context.Context, expected, next T) (Compared[T], error) {
	return a.compareAndSet(expected, next)(ctx)()
}

// CompareAndSetAsync is CompareAndSet without the waiting.
func (a *Atom[T]) CompareAndSetAsync(ctx context.Context, expected, next T) *Future[Compared[T]] {
	return async(ctx, a.compareAndSet(expected, next))
}

func (a *Atom[T]) compareAndSet(expected, next T) func(context.Context) func() (Compared[T], error) {
	return func(ctx context.Context) func() (Compared[T], error) {
		const verb = "compare and set"
		from, err := a.encodeOnly(expected, a.attempt(verb))
		if err != nil {
			return func() (Compared[T], error) { return Compared[T]{}, err }
		}
		return a.compare(ctx, next, verb, func(atom uintptr, data []byte, timeoutMs int64, future *uintptr) error {
			return low.AtomCompareAndSet(atom, from, data, timeoutMs, future)
		})
	}
}

// CompareAndSetAt sets the value to `next` if the atom is still at the very state that `state` came from: not fooled by a value that went
// away and came back.
func (a *Atom[T]) CompareAndSetAt(ctx context.Context, state *Value[T], next T) (Compared[T], error) {
	return a.compareAndSetAt(state, next)(ctx)()
}

// CompareAndSetAtAsync is CompareAndSetAt without the waiting.
func (a *Atom[T]) CompareAndSetAtAsync(ctx context.Context, state *Value[T], next T) *Future[Compared[T]] {
	return async(ctx, a.compareAndSetAt(state, next))
}

func (a *Atom[T]) compareAndSetAt(state *Value[T], next T) func(context.Context) func() (Compared[T], error) {
	return func(ctx context.Context) func() (Compared[T], error) {
		if state == nil {
			return func() (Compared[T], error) { return Compared[T]{}, invalid("the state was nil") }
		}
		return a.compare(ctx, next, "compare and set", func(atom uintptr, data []byte, timeoutMs int64, future *uintptr) error {
			raw, err := state.h.use()
			if err != nil {
				return err
			}
			defer state.h.done()
			return low.AtomCompareAndSetAt(atom, raw, data, timeoutMs, future)
		})
	}
}

func (a *Atom[T]) compare(ctx context.Context, next T, verb string,
	start func(atom uintptr, data []byte, timeoutMs int64, future *uintptr) error) func() (Compared[T], error) {
	data, err := a.propose(next, verb)
	if err != nil {
		return func() (Compared[T], error) { return Compared[T]{}, err }
	}
	op := a.use(ctx, operation, func(atom uintptr, timeoutMs int64, future *uintptr) error {
		return start(atom, data, timeoutMs, future)
	})
	return func() (Compared[T], error) {
		outcome, err := op.finish()
		if err != nil {
			return Compared[T]{}, err
		}
		return Compared[T]{outcome.Flag, a.valueOf(outcome.Value)}, nil
	}
}

// SetValidator sets the validator of this handle; nil takes it away. The current value is judged first: if it is refused the old validator
// stays, and the answer is ErrValidation. Other handles and processes are not concerned.
func (a *Atom[T]) SetValidator(ctx context.Context, validate func(T) error) error {
	if validate == nil {
		a.current.Store(nil)
		return nil
	}
	value, err := a.Deref(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) { // an atom that does not exist has no value to refuse
		return err
	}
	if err == nil {
		if err := judge(validate, value, a.attempt("set the validator of")); err != nil {
			return err
		}
	}
	a.current.Store(&validate)
	return nil
}

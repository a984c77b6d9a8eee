package exoref

import (
	"context"
	"sync/atomic"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// reference is what atoms, promises and delays have in common.
type reference[T any] struct {
	*typed[T]
	client  *Client
	h       *handle
	noun    string
	key     string
	created bool
	current atomic.Pointer[func(T) error] // the validator; that in typed is the one that it began with
}

// opened makes the common part of a reference that an operation opens.
func opened[T any](client *Client, noun, key string, options []Option) (*reference[T], *settings, error) {
	s := settingsOf(options)
	t, err := of[T](s)
	if err != nil {
		return nil, nil, err
	}
	r := &reference[T]{typed: t, client: client, noun: noun, key: key}
	if t.validate != nil {
		r.current.Store(&t.validate)
	}
	return r, s, nil
}

// openWith does the opening: `start` is given the client and the options as C knows them, `take` gets the handle from the future.
func (r *reference[T]) openWith(ctx context.Context, s *settings, otherwise int64,
	releaseHandle func(uintptr), take func(future uintptr) uintptr,
	start func(client, options uintptr, timeoutMs int64, future *uintptr) error) error {
	options, err := s.native()
	if err != nil {
		return err
	}
	defer low.Exoref_options_release(options)
	op := r.client.use(ctx, r.client.h, otherwise, func(client uintptr, timeoutMs int64, future *uintptr) error {
		return start(client, options, timeoutMs, future)
	})
	op.take = func(future uintptr) { r.h = newHandle(take(future), r.noun, releaseHandle) }
	outcome, err := op.finish()
	if err != nil {
		return err
	}
	release(outcome)
	r.created = outcome.Flag
	return nil
}

func (r *reference[T]) use(ctx context.Context, otherwise int64, start starter) call {
	return r.client.use(ctx, r.h, otherwise, start)
}

func (r *reference[T]) attempt(verb string) attempt {
	return attempt{verb, r.noun, r.key, r.client.server}
}

// propose encodes what is to become the value, and has the validator judge it.
func (r *reference[T]) propose(value T, verb string) ([]byte, error) {
	attempt := r.attempt(verb)
	data, err := r.encodeOnly(value, attempt)
	if err != nil {
		return nil, err
	}
	return data, r.judge(value, attempt)
}

func (r *reference[T]) judge(value T, attempt attempt) error {
	if validate := r.current.Load(); validate != nil {
		return judge(*validate, value, attempt)
	}
	return nil
}

// known is the value if this process knows it already, else nil.
func (r *reference[T]) known(read func(raw uintptr) low.Value) *Value[T] {
	raw, err := r.h.use()
	if err != nil {
		return nil
	}
	defer r.h.done()
	return r.valueOf(read(raw))
}

// Key is the key that it was opened under.
func (r *reference[T]) Key() string { return r.key }

// Created tells whether opening has created it.
func (r *reference[T]) Created() bool { return r.created }

// Client is the client that it was opened with.
func (r *reference[T]) Client() *Client { return r.client }

package main

import (
	exoref "github.com/exoref/exoref/bindings/go"
	"github.com/exoref/exoref/bindings/go/internal/low"
)

// A time to wait that is negative has no words in Go, where contexts are used: it is played upon the layer below.

// negative plays a step that has such a time, and whether it had one.
func (s *step) negative(atom *exoref.Atom[[]byte], op func(atom uintptr, timeoutMs int64, future *uintptr) error) bool {
	ms := s.number("timeout", -2)
	if ms >= -2 {
		return false
	}
	s.ready()
	var options, opening, future uintptr
	check(low.Exoref_options_new(&options))
	defer low.Exoref_options_release(options)
	check(low.OptionsSet(options, "prefix", theCase.prefix))
	check(low.ClientOpen(theCase.url, options, low.TimeoutNone, &opening))
	defer low.Exoref_future_release(opening)
	check(low.Exoref_future_wait(opening, low.TimeoutNone))
	client := low.Exoref_future_client(opening)
	defer low.Exoref_client_release(client)
	check(low.AtomOpen(client, atom.Key(), 0, low.TimeoutNone, &future))
	defer low.Exoref_future_release(future)
	check(low.Exoref_future_wait(future, low.TimeoutNone))
	handle := low.Exoref_future_atom(future)
	defer low.Exoref_atom_release(handle)
	var never uintptr
	check(op(handle, ms, &never))
	panic(faultf("a negative time is valid"))
}

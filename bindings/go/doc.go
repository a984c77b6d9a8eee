// Package exoref gives Clojure's reference types to processes on different machines and in different languages: atoms, promises and delays,
// whose values are kept on a Redis server.
//
//	client, err := exoref.Open(ctx, "redis://localhost")
//	...
//	visits, err := exoref.CreateAtom(ctx, client, "visits", 0)
//	...
//	n, err := visits.Swap(ctx, func(n int) (int, error) { return n + 1, nil })
//
// An atom is a value that changes by functions from old to new. A promise is a value that comes once, from whoever delivers it first, and
// is waited for by any number of processes. A delay is a value that is computed when somebody first asks for it, by one process of all
// that could.
//
// # Contexts
//
// Every call that may wait takes a context, and ends at once when that does. The context's deadline is the operation's; without one an
// operation takes the client's option `timeout` (5 s), and a wait (Deref of a promise or delay, Claim) lasts until it is over. Waits hold
// no thread; for an answer of the server a few goroutines wait in C, a millisecond at most.
//
// # Errors
//
// What fails gives an Error, with a Status to compare with (errors.Is(err, exoref.ErrNotFound)) and a Class that tells what it means for
// the state on the server: certainly nothing was changed and the same call may succeed later (ClassNotAppliedRetry), or will not
// (ClassNotAppliedFinal); or it may have been applied (ClassUnknown). Errors of your own functions, and of the context, are its cause:
// errors.Is and errors.As find them.
//
// # Values
//
// A reference holds values of a type T, as canonical JSON unless another Codec is given. Whoever reads gets a value of his own.
//
// # Your functions
//
// Functions of swaps and validators run on the goroutine that calls, watches on one goroutine of the client, bodies of delays each on one
// of its own. None runs on a frame of C, so a panic or runtime.Goexit in them harms nothing.
package exoref

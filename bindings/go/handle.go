package exoref

import (
	"runtime"
	"sync/atomic"
)

// handle owns one handle of C. It is released when it was closed and no call uses it any more, or when the collector finds it
// unreachable.
type handle struct {
	raw     uintptr
	what    string
	release func(uintptr)
	users   atomic.Int32 // the owner, and each call that is under way
	closed  atomic.Bool
	closing bool // no watch is added through it any more; guarded by the client's mu
}

// openHandles counts handles that were not released yet, for tests.
var openHandles atomic.Int64

func newHandle(raw uintptr, what string, release func(uintptr)) *handle {
	h := &handle{raw: raw, what: what, release: release}
	h.users.Store(1)
	openHandles.Add(1)
	runtime.SetFinalizer(h, (*handle).close)
	return h
}

// use gives the raw handle, which is good until done is called.
func (h *handle) use() (uintptr, error) {
	for {
		users := h.users.Load()
		if users == 0 || h.closed.Load() {
			return 0, closedError(h.what)
		}
		if h.users.CompareAndSwap(users, users+1) {
			return h.raw, nil
		}
	}
}

func (h *handle) done() {
	if h.users.Add(-1) == 0 {
		openHandles.Add(-1)
		h.release(h.raw)
	}
}

// close lets go of it. Only the first time does something; whether this was it.
func (h *handle) close() bool {
	if h.closed.Swap(true) {
		return false
	}
	runtime.SetFinalizer(h, nil)
	h.done()
	return true
}

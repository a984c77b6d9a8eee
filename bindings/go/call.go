package exoref

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// begin starts the asynchronous form of an operation of C.
type begin func(timeoutMs int64, future *uintptr) error

// An operation without a deadline in its context takes the client's option `timeout`; a wait lasts until it is over.
const (
	operation = int64(low.TimeoutDefault)
	wait      = int64(low.TimeoutNone)
)

// call is an operation that is under way.
type call struct {
	c        *core
	owner    *Client // is not collected meanwhile
	ctx      context.Context
	deadline bool // the timeout is that of the context
	short    bool // it is an answer of the server that is waited for, not something that may take any time
	future   uintptr
	err      error
	take     func(future uintptr) // reads handles of it, if it went well
	leave    bool                 // a cancel does nothing: when the context ends it is left alone
}

// begin starts an operation; finish waits for it. `otherwise` is the timeout if the context has no deadline.
func (c *core) begin(ctx context.Context, otherwise int64, start begin) call {
	op := call{c: c, ctx: ctx, short: otherwise != wait}
	if op.err = contextError(ctx); op.err != nil {
		return op
	}
	timeout := otherwise
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		if left <= 0 { // the context's own timer is late
			op.err = &Error{Status: ErrTimeout, Message: nothingSent, Cause: context.DeadlineExceeded}
			return op
		}
		timeout, op.deadline = milliseconds(left), true
	}
	var future uintptr // alone: C must not be given a pointer into what has pointers of Go
	op.err = errorOf(start(timeout, &future))
	op.future = future
	return op
}

// starter is begin for an operation on a handle.
type starter func(raw uintptr, timeoutMs int64, future *uintptr) error

// use begins an operation on a handle.
func (c *Client) use(ctx context.Context, h *handle, otherwise int64, start starter) call {
	raw, err := h.use()
	if err != nil {
		return call{err: err}
	}
	defer h.done()
	return c.on(ctx, raw, otherwise, start)
}

// on begins an operation on what a raw handle is of.
func (c *Client) on(ctx context.Context, raw uintptr, otherwise int64, start starter) call {
	op := c.begin(ctx, otherwise, func(timeoutMs int64, future *uintptr) error { return start(raw, timeoutMs, future) })
	op.owner = c
	return op
}

// enterC asks to wait in C, which takes a thread.
func (c *core) enterC() bool {
	if c.inC.Add(1) <= mostInC {
		return true
	}
	c.leaveC()
	return false
}

func (c *core) leaveC() { c.inC.Add(-1) }

// finish waits for the operation, or until its context ends, which ends the operation; then too it tells what became of it.
func (op *call) finish() (low.Outcome, error) {
	if op.err != nil {
		return low.Outcome{}, op.err
	}
	defer runtime.KeepAlive(op.owner)
	defer low.Exoref_future_release(op.future)
	outcome, done := op.waitShortly()
	over := false
	if !done {
		if over = op.wait(); over && op.leave {
			e := overError(op.ctx)
			e.Message = "the context of the waiting is over; nothing was changed"
			return low.Outcome{}, e
		}
		outcome = low.ReadOutcome(op.future)
	}
	if outcome.Failure != nil {
		return outcome, op.explain(failed(outcome.Failure), over)
	}
	if op.take != nil {
		op.take(op.future)
	}
	return outcome, nil
}

// waitShortly waits in C for an answer of the server, a millisecond at most: that thread then drives the client's loop itself, which saves
// two changes of threads, and these take longer than a server nearby. The context interrupts it. Only so many goroutines at once
// may do so as there are processors: each has a thread meanwhile.
func (op *call) waitShortly() (outcome low.Outcome, done bool) {
	const short = 1 // ms
	if !op.short || !op.c.enterC() {
		return low.WaitOutcome(op.future, 0)
	}
	defer op.c.leaveC()
	if op.ctx.Done() == nil {
		return low.WaitOutcome(op.future, short)
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(op.ctx, func() {
		low.Exoref_future_interrupt(op.future)
		close(interrupted)
	})
	outcome, done = low.WaitOutcome(op.future, short)
	if !stop() {
		<-interrupted // it uses the future
	}
	return outcome, done
}

var mostInC = int32(runtime.GOMAXPROCS(0))

var waiters = sync.Pool{New: func() any { return make(chan struct{}, 1) }}

// wait returns when the operation is done; whether it was the context that ended it.
func (op *call) wait() bool {
	done := waiters.Get().(chan struct{})
	token := op.c.expect(done)
	if low.Exoref_future_set_token(op.future, token) != nil {
		op.c.forget(token)
		op.waitHere()
		return false
	}
	select {
	case <-done:
		waiters.Put(done)
		return false
	case <-op.c.ended: // who takes the events is gone: all is over
		op.waitHere()
		return false
	case <-op.ctx.Done():
	}
	if op.leave {
		op.c.forget(token)
		return true
	}
	if op.deadline && errors.Is(op.ctx.Err(), context.DeadlineExceeded) {
		// The operation has the same deadline, in milliseconds. It tells more of what has happened than a cancel does.
		if op.waitAWhile(done, 5*time.Millisecond) {
			waiters.Put(done)
			return true
		}
	}
	low.Exoref_future_cancel(op.future)
	select {
	case <-done:
		waiters.Put(done)
	case <-op.c.ended:
		op.waitHere()
	}
	return true
}

func (op *call) waitAWhile(done <-chan struct{}, most time.Duration) bool {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// waitHere is for what is done, or on the point of being done: the client is closed.
func (op *call) waitHere() {
	const aWhile = 1000
	for !low.Exoref_future_done(op.future) {
		_ = low.Exoref_future_wait(op.future, aWhile)
		if op.ctx.Err() != nil {
			low.Exoref_future_cancel(op.future)
		}
	}
}

// explain says in the error that it was the context.
func (op *call) explain(e *Error, over bool) *Error {
	late := e.Status == ErrTimeout || e.Status == ErrUnknown && e.Reason == ReasonTimeout
	cancelled := e.Status == ErrCancelled || e.Status == ErrUnknown && e.Reason == ReasonCancelled
	switch {
	case late && op.deadline:
		e.Cause = context.DeadlineExceeded
		if over {
			e.Cause = context.Cause(op.ctx)
		}
	case cancelled && over:
		e.Cause = context.Cause(op.ctx)
		if !errors.Is(op.ctx.Err(), context.Canceled) { // the time was over
			if e.Status == ErrCancelled {
				e.Status = ErrTimeout
			} else {
				e.Reason = ReasonTimeout
			}
			e.Message = strings.Replace(e.Message, "it was cancelled", "the time was over", 1)
		}
	}
	return e
}

package exoref

import (
	"errors"
	"os"
	"time"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// The client's events are taken by one goroutine, which sleeps in Go's poller until the library writes into a pipe. So nothing of the
// application runs on a frame of C. What C calls in Go is of this package: the journal, which takes a line of the log and returns, and
// the step of AlterMeta, which has the function run on a goroutine.

// expect gives a token for a completion, and has it told to `done`.
func (c *core) expect(done chan struct{}) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastToken++
	c.waiting[c.lastToken] = done
	return c.lastToken
}

func (c *core) forget(token uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, token)
}

// listen gives a token for watches or bodies; `told` gets their events, and must not block.
func (c *core) listen(told func(low.Event)) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastToken++
	if !c.watchesEnded { // nothing comes any more, and nobody would take it out
		c.listeners[c.lastToken] = told
	}
	return c.lastToken
}

func (c *core) unlisten(token uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.listeners, token)
}

// takeEvents runs until the client is closed and its events are taken.
func (c *core) takeEvents(client uintptr, pipe *os.File) {
	var events low.Events
	var buffer [512]byte
	for {
		taken, status := events.Take(client)
		for _, event := range taken {
			c.tell(event)
		}
		switch status {
		case low.StatusOK:
		case low.StatusClosed:
			return
		case low.StatusTimeout:
			if _, err := pipe.Read(buffer[:]); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				time.Sleep(time.Millisecond) // can't happen: the pipe is ours until this ends
			}
		default: // memory is short; the events stay
			time.Sleep(time.Millisecond)
		}
	}
}

func (c *core) tell(event low.Event) {
	switch event.Kind {
	case low.EventCompletion:
		c.mu.Lock()
		done := c.waiting[event.Token]
		delete(c.waiting, event.Token)
		c.mu.Unlock()
		if done != nil {
			done <- struct{}{} // has room
		}
	case low.EventStep:
		go func() {
			low.Exoref_event_run(event.Handle)
			low.Exoref_event_release(event.Handle)
		}()
	default:
		c.mu.Lock()
		told := c.listeners[event.Token]
		c.mu.Unlock()
		if told == nil {
			low.Exoref_event_release(event.Handle)
			return
		}
		told(event)
	}
}

package main

import (
	"context"
	"sync"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

// body is the body that a case names: what it does, how often it was called, and when one that waits may end.
type body struct {
	does    string
	value   []byte
	failure exoref.BodyFailure
	times   int64
	ended   chan struct{}
	once    sync.Once

	mu      sync.Mutex
	calls   int64
	changed chan struct{}
	ctx     context.Context
	lease   *exoref.Lease[[]byte]
}

// takeBody takes the body of a step that opens a delay; nil if it has none.
func (s *step) takeBody() *body {
	does, ok := s.maybeText("body")
	if !ok {
		return nil
	}
	switch does {
	case "give", "fail", "decline", "wait", "fail_first":
	default:
		panic(faultf("no body %q", does))
	}
	return &body{
		does: does, value: s.bytesOr("value", ""), times: s.number("times", 0),
		failure: exoref.BodyFailure{Kind: s.textOr("kind", ""), Message: s.textOr("message", ""), Payload: s.bytesOr("payload", "")},
		ended:   make(chan struct{}), changed: make(chan struct{}),
	}
}

func (b *body) run(ctx context.Context, lease *exoref.Lease[[]byte]) ([]byte, error) {
	b.mu.Lock()
	b.calls++
	call := b.calls
	b.ctx, b.lease = ctx, lease
	close(b.changed)
	b.changed = make(chan struct{})
	b.mu.Unlock()
	if b.does == "wait" {
		<-b.ended
	}
	if b.does == "decline" {
		return nil, exoref.ErrDeclined
	}
	if b.does == "fail" || b.does == "fail_first" && call <= b.times {
		return nil, &b.failure
	}
	return b.value, nil
}

func (b *body) began(atLeast int64, most time.Duration) int64 {
	timer := time.NewTimer(most)
	defer timer.Stop()
	for {
		b.mu.Lock()
		calls, changed := b.calls, b.changed
		b.mu.Unlock()
		if calls >= atLeast {
			return calls
		}
		select {
		case <-changed:
		case <-timer.C:
			return calls
		}
	}
}

func (b *body) end() { b.once.Do(func() { close(b.ended) }) }

func (b *body) running() (context.Context, *exoref.Lease[[]byte]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.lease == nil {
		panic(faultf("the body was not called"))
	}
	return b.ctx, b.lease
}

package exoref

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// offer has the events of a body run it; the token that they carry. It keeps the delay, so that one which nobody holds any more goes on
// offering until it, or the client, is closed.
func (d *Delay[T]) offer(body Body[T]) uint64 {
	c := d.client.core
	declined := new(atomic.Bool)
	return c.listen(func(event low.Event) {
		if declined.Load() {
			low.Exoref_event_release(event.Handle) // passed over: it is asked no more
			return
		}
		run := &bodyRun[T]{c: c, body: body, declined: declined, event: event.Handle}
		run.lease = d.leaseOf(low.Exoref_event_lease(event.Handle))
		if run.lease != nil && c.bodies.begin() {
			go run.run()
			return
		}
		if run.lease != nil { // the client is being closed
			run.lease.Close()
		}
		low.Exoref_event_release(event.Handle)
	})
}

// bodyRun is a body that was begun for a lease. While its event is held the body is not begun again.
type bodyRun[T any] struct {
	c        *core
	body     Body[T]
	lease    *Lease[T]
	declined *atomic.Bool
	event    uintptr
}

func (r *bodyRun[T]) run() {
	defer r.c.bodies.finish()
	defer low.Exoref_event_release(r.event)
	defer r.lease.Close()
	delay := r.lease.delay
	ctx, cancel := context.WithCancelCause(r.c.bodies.within(delay.key))
	defer cancel(nil)
	go func() {
		if lost, _ := r.lease.lost(ctx)(); lost {
			cancel(ErrLease)
		}
	}()
	leave := r.c.bodies.enter(delay.key)
	var data []byte
	stage := "" // what is done with the body's value: the kind of the failure, if that fails
	guarded(func() error {
		value, err := r.body(ctx, r.lease)
		if err != nil {
			return err
		}
		stage = "codec"
		if data, err = delay.encodeOnly(value, delay.attempt("deliver")); err != nil {
			return err
		}
		stage = "validation"
		return delay.judge(value, delay.attempt("deliver"))
	}, func(err error) {
		if err == nil {
			leave()
			r.deliver(data)
			return
		}
		r.failed(stage, err, leave)
	})
}

// deliver publishes the value. It takes the time that it needs, as everybody waits for it.
func (r *bodyRun[T]) deliver(data []byte) {
	op := r.lease.use(context.Background(), wait, func(lease uintptr, timeoutMs int64, future *uintptr) error {
		return low.LeaseDeliver(lease, data, timeoutMs, future)
	})
	outcome, err := op.finish()
	release(outcome)
	if errors.Is(err, ErrTooBig) {
		r.publish(refusal("size", err), err)
		return
	}
	r.log(err)
}

// failed makes a failure of the error that the body, or what was done with its value, came to. That calls methods of the error, which is
// the application's: they may fail themselves.
func (r *bodyRun[T]) failed(stage string, err error, leave func()) {
	var told BodyFailure
	declined := false
	guarded(func() error {
		if stage != "" {
			told = refusal(stage, err)
			return nil
		}
		told = failureOf(err)
		declined = told.Kind != "panic" && errors.Is(err, ErrDeclined)
		return nil
	}, func(trouble error) {
		leave()
		switch {
		case trouble != nil:
			r.publish(BodyFailure{Kind: "panic", Message: "the body failed, and so did reading its error: " + trouble.Error()}, trouble)
		case declined:
			r.declined.Store(true)
			r.log(r.lease.giveBack(context.Background(), wait))
		default:
			r.publish(told, err)
		}
	})
}

// publish makes a failure the result. One that is too big is told in short: without a result the body would be begun again and again.
func (r *bodyRun[T]) publish(told BodyFailure, cause error) {
	ctx := context.Background()
	failure := r.lease.delay.failure
	failure.Store(&localFailure{told, cause})
	err := r.lease.fail(ctx, wait, &told)
	if errors.Is(err, ErrTooBig) {
		told = refusal("size", err)
		failure.Store(&localFailure{told, cause})
		err = r.lease.fail(ctx, wait, &told)
	}
	r.log(err)
}

// refusal is the failure that a value is which must not be published.
func refusal(kind string, err error) BodyFailure {
	return BodyFailure{Kind: kind, Message: strings.TrimPrefix(err.Error(), "exoref: ")}
}

// failureOf is what everybody is told of a body's error.
func failureOf(err error) BodyFailure {
	var failure *BodyFailure
	var panicked *PanicError
	switch {
	case errors.As(err, &failure):
		return BodyFailure{Kind: failure.Kind, Message: failure.Message, Payload: failure.Payload}
	case errors.As(err, &panicked):
		return BodyFailure{Kind: "panic", Message: err.Error()}
	}
	return BodyFailure{Message: err.Error()}
}

// log tells of a result that was refused: the lease was lost, another publishes.
func (r *bodyRun[T]) log(err error) {
	if err != nil {
		r.c.journal.write(slog.LevelWarn, "body", "the result of the body of delay "+quoted(r.lease.delay.key)+" was not published: "+err.Error())
	}
}

// bodies counts the bodies that run, and knows on which goroutines.
type bodies struct {
	mu      sync.Mutex
	running int
	over    bool
	here    map[uint64]string // goroutine -> key of the delay
	gone    chan struct{}     // closed when none runs any more, after the end
	ctx     context.Context
	cancel  context.CancelFunc
}

type bodyKey struct{}

// bodyOf stands in the context of a body.
type bodyOf struct {
	bodies *bodies
	key    string
}

func (b *bodies) init() {
	b.here, b.gone = map[uint64]string{}, make(chan struct{})
	b.ctx, b.cancel = context.WithCancel(context.Background())
}

func (b *bodies) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return false
	}
	b.running++
	return true
}

func (b *bodies) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	if b.over && b.running == 0 {
		close(b.gone)
	}
}

func (b *bodies) end() {
	b.cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	if b.running == 0 {
		close(b.gone)
	}
}

func (b *bodies) within(key string) context.Context {
	return context.WithValue(b.ctx, bodyKey{}, &bodyOf{bodies: b, key: key})
}

func (b *bodies) enter(key string) (leave func()) {
	id := goid()
	b.mu.Lock()
	b.here[id] = key
	b.mu.Unlock()
	return func() {
		b.mu.Lock()
		delete(b.here, id)
		b.mu.Unlock()
	}
}

// isWithin tells whether this goroutine, or this context, is that of the delay's own body.
func (b *bodies) isWithin(ctx context.Context, key string) bool {
	if of, ok := ctx.Value(bodyKey{}).(*bodyOf); ok && of.bodies == b && of.key == key {
		return true
	}
	b.mu.Lock()
	if len(b.here) == 0 {
		b.mu.Unlock()
		return false
	}
	b.mu.Unlock()
	id := goid()
	b.mu.Lock()
	defer b.mu.Unlock()
	at, ok := b.here[id]
	return ok && at == key
}

func (b *bodies) idle() <-chan struct{} { return b.gone }

func (b *bodies) runsHere() bool {
	id := goid()
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.here[id]
	return ok
}

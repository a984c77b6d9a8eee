package exoref

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestDelayIsComputedOnce(t *testing.T) {
	ctx := within(t)
	key := fresh(t)
	var runs atomic.Int32
	body := func(_ context.Context, lease *Lease[string]) (string, error) {
		runs.Add(1)
		return fmt.Sprint("by run ", lease.Token()), nil
	}
	results := make(chan string, 20)
	for range 4 {
		delay := must(OpenDelay(ctx, open(t), key, body))(t)
		for range 5 {
			go func() { results <- must(delay.Deref(ctx))(t) }()
		}
	}
	for range 20 {
		same(t, "value", await(t, "a result", results), "by run 1")
	}
	same(t, "runs", runs.Load(), 1)
	without := must(OpenDelay[string](ctx, open(t), key, nil))(t)
	same(t, "realized", must(without.Realized(ctx))(t), true)
	same(t, "value", must(without.DerefValue(ctx))(t).String(), `"by run 1"`)
}

func TestABodyServesOthersAndIsNotCalledUnasked(t *testing.T) {
	client, ctx := open(t), within(t)
	var runs atomic.Int32
	delay := must(OpenDelay(ctx, client, fresh(t), func(context.Context, *Lease[int]) (int, error) { runs.Add(1); return 7, nil }))(t)
	same(t, "realized", must(delay.Realized(ctx))(t), false)
	same(t, "runs", runs.Load(), 0)
	there := must(OpenDelay[int](ctx, open(t), delay.Key(), nil))(t)
	same(t, "value", must(there.Deref(ctx))(t), 7)
	same(t, "runs", runs.Load(), 1)
}

// Who offers a body and forgets the handle offers it all the same.
func TestAnOfferStandsAlthoughTheHandleWasDropped(t *testing.T) {
	client, ctx := open(t), within(t)
	key := fresh(t)
	must(OpenDelay(ctx, client, key, func(context.Context, *Lease[int]) (int, error) { return 7, nil }))(t)
	runtime.GC()
	runtime.GC()
	there := must(OpenDelay[int](ctx, open(t), key, nil))(t)
	same(t, "value", must(there.Deref(ctx))(t), 7)
}

func TestBodyThatFails(t *testing.T) {
	ctx := within(t)
	for what, one := range map[string]struct {
		body          Body[int]
		kind, message string
		payload       string
		cause         error
	}{
		"error": {func(context.Context, *Lease[int]) (int, error) { return 0, errMine }, "", "my own", "", errMine},
		"failure": {func(context.Context, *Lease[int]) (int, error) {
			return 0, &BodyFailure{"io", "no disk", []byte("\x00\xff"), errMine}
		}, "io", "no disk", "\x00\xff", errMine},
		"panic":  {func(context.Context, *Lease[int]) (int, error) { panic(errMine) }, "panic", "it panicked: my own", "", errMine},
		"goexit": {func(context.Context, *Lease[int]) (int, error) { runtime.Goexit(); return 0, nil }, "", errGoexit.Error(), "", errGoexit},
		"NUL":    {func(context.Context, *Lease[int]) (int, error) { return 0, errors.New("a\x00b") }, "", "a\uFFFDb", "", nil},
	} {
		t.Run(what, func(t *testing.T) {
			client := open(t)
			delay := must(OpenDelay(ctx, client, fresh(t), one.body))(t)
			there := must(OpenDelay[int](ctx, open(t), delay.Key(), nil))(t)
			for _, handle := range []*Delay[int]{delay, there, delay} {
				_, err := handle.Deref(ctx)
				var e *Error
				same(t, "status", errors.As(err, &e) && e.Status == ErrBody, true)
				same(t, "kind", e.Kind, one.kind)
				same(t, "message", e.Message, one.message)
				same(t, "payload", string(e.Payload), one.payload)
				if handle == delay && one.cause != nil {
					same(t, "cause", errors.Is(err, one.cause), true)
				}
			}
			same(t, "realized", must(there.Realized(ctx))(t), true)
		})
	}
}

func TestRetry(t *testing.T) {
	client, ctx := open(t), within(t)
	var runs atomic.Int32
	delay := must(OpenDelay(ctx, client, fresh(t), func(context.Context, *Lease[int]) (int, error) {
		if runs.Add(1) == 1 {
			return 0, errMine
		}
		return 2, nil
	}, With("retry", "true")))(t)
	_, err := delay.Deref(ctx)
	same(t, "first", errors.Is(err, ErrBody) && errors.Is(err, errMine), true)
	same(t, "second", must(delay.Deref(ctx))(t), 2)
}

func TestValueThatMayNotBePublishedIsAFailure(t *testing.T) {
	client, ctx := open(t), within(t)
	refusing := must(OpenDelay(ctx, client, fresh(t), func(context.Context, *Lease[int]) (int, error) { return -1, nil },
		WithValidator(func(n int) error {
			if n < 0 {
				return errMine
			}
			return nil
		})))(t)
	_, err := refusing.Deref(ctx)
	var e *Error
	same(t, "validation", errors.As(err, &e) && e.Status == ErrBody && e.Kind == "validation", true)
	unwritable := must(OpenDelay(ctx, client, fresh(t), func(context.Context, *Lease[chan int]) (chan int, error) {
		return make(chan int), nil
	}))(t)
	_, err = unwritable.Deref(ctx)
	same(t, "codec", errors.As(err, &e) && e.Status == ErrBody && e.Kind == "codec", true)
}

func TestBodyThatDeclinesLeavesItToAnother(t *testing.T) {
	ctx := within(t)
	var declined atomic.Int32
	delay := must(OpenDelay(ctx, open(t), fresh(t), func(context.Context, *Lease[int]) (int, error) {
		declined.Add(1)
		return 0, ErrDeclined
	}))(t)
	waiting := delay.DerefAsync(ctx)
	waitFor(t, "the first body", func() bool { return declined.Load() == 1 })
	must(OpenDelay(ctx, open(t), delay.Key(), func(context.Context, *Lease[int]) (int, error) { return 9, nil }))(t)
	same(t, "value", must(must(waiting.Get(ctx))(t).Get())(t), 9)
	same(t, "declined", declined.Load(), 1)
}

func TestABodyThatAsksForItselfIsTold(t *testing.T) {
	client, ctx := open(t), within(t)
	var delay *Delay[string]
	answers := make(chan error, 3)
	delay = must(OpenDelay(ctx, client, fresh(t), func(its context.Context, _ *Lease[string]) (string, error) {
		_, err := delay.Deref(its)
		answers <- err
		_, err = delay.Claim(context.Background())
		answers <- err
		elsewhere := make(chan error, 1)
		go func() {
			_, err := delay.Deref(its)
			elsewhere <- err
		}()
		answers <- await(t, "the answer on another goroutine", elsewhere)
		return "done", nil
	}))(t)
	same(t, "value", must(delay.Deref(ctx))(t), "done")
	for range 3 {
		same(t, "deadlock", errors.Is(await(t, "an answer", answers), ErrDeadlock), true)
	}
}

func TestBodyIsToldThatItsLeaseIsLost(t *testing.T) {
	client, ctx := open(t), within(t)
	began, lost := make(chan struct{}), make(chan error, 1)
	delay := must(OpenDelay(ctx, client, fresh(t), func(its context.Context, lease *Lease[int]) (int, error) {
		close(began)
		<-its.Done()
		same(t, "lost", lease.Lost(), true)
		lost <- context.Cause(its)
		return 1, nil
	}, With("lease", "1s")))(t)
	waiting := delay.DerefAsync(ctx)
	await(t, "the body", began)
	must(client.Delete(ctx, delay.Key()))(t)
	same(t, "cause", errors.Is(await(t, "the loss", lost), ErrLease), true)
	_, err := waiting.Get(ctx)
	same(t, "deleted", errors.Is(err, ErrDeleted), true)
}

func TestClosingEndsTheContextOfABody(t *testing.T) {
	client, ctx := open(t), within(t)
	began := make(chan struct{})
	delay := must(OpenDelay(ctx, client, fresh(t), func(its context.Context, _ *Lease[int]) (int, error) {
		close(began)
		<-its.Done()
		return 0, its.Err()
	}))(t)
	waiting := delay.DerefAsync(ctx)
	await(t, "the body", began)
	check(t, client.Shutdown(ctx))
	_, err := waiting.Get(ctx)
	same(t, "closed", errors.Is(err, ErrClosed), true)
}

func TestLeasesByHand(t *testing.T) {
	client, ctx := open(t), within(t)
	delay := must(OpenDelay[int](ctx, client, fresh(t), nil))(t)
	claimed := must(delay.Claim(ctx))(t)
	same(t, "claimed", claimed.Lease != nil && claimed.Standing == nil, true)
	same(t, "token", claimed.Lease.Token(), 1)
	left := must(claimed.Lease.Renew(ctx))(t)
	same(t, "left", left > 5*time.Second, true)
	check(t, claimed.Lease.GiveBack(ctx))
	same(t, "lost", must(claimed.Lease.LostAsync(ctx).Get(ctx))(t), false)
	again := must(delay.ClaimAsync(ctx).Get(ctx))(t)
	same(t, "token", again.Lease.Token(), 2)
	watching, cancel := context.WithCancel(ctx)
	lost := again.Lease.LostAsync(watching)
	cancel()
	_, err := lost.Get(ctx)
	same(t, "the watching ends", errors.Is(err, context.Canceled), true)
	same(t, "delivered", must(must(again.Lease.Deliver(ctx, 5))(t).Get())(t), 5)
	_, err = again.Lease.Deliver(ctx, 6)
	same(t, "used", errors.Is(err, ErrLease), true)
	same(t, "standing", must(must(delay.Claim(ctx))(t).Standing.Get())(t), 5)
	check(t, again.Lease.Close())
	same(t, "closed", again.Lease.Lost(), true)
	failing := must(must(OpenDelay[int](ctx, client, fresh(t), nil))(t).Claim(ctx))(t)
	check(t, failing.Lease.Fail(ctx, &BodyFailure{Kind: "k", Message: "m"}))
}

package exoref

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

func TestPromise(t *testing.T) {
	client, other, ctx := open(t), open(t), within(t)
	promise := must(OpenPromise[string](ctx, client, fresh(t)))(t)
	same(t, "created", promise.Created(), true)
	there := must(OpenPromise[string](ctx, other, promise.Key()))(t)
	same(t, "created there", there.Created(), false)
	same(t, "realized", must(promise.Realized(ctx))(t), false)
	waiting := there.DerefAsync(ctx)
	first := must(promise.Deliver(ctx, "one"))(t)
	same(t, "delivered", first.Delivered, true)
	second := must(there.DeliverAsync(ctx, "two").Get(ctx))(t)
	same(t, "delivered again", second.Delivered, false)
	same(t, "standing", must(second.Standing.Get())(t), "one")
	same(t, "waited", must(must(waiting.Get(ctx))(t).Get())(t), "one")
	same(t, "deref", must(promise.Deref(ctx))(t), "one")
	same(t, "value", must(promise.DerefValue(ctx))(t).String(), `"one"`)
	same(t, "realized", must(promise.Realized(ctx))(t), true)
	same(t, "by key", must(client.Realized(ctx, promise.Key(), "promise"))(t), true)
	over, cancel := context.WithCancel(ctx)
	cancel()
	same(t, "from memory, whatever the context", must(promise.Deref(over))(t), "one")
}

func TestLargeValueFromMemory(t *testing.T) {
	client, ctx := open(t), within(t)
	for _, size := range []int{0, 1, 63, 64, 65, 100_000} {
		promise := must(OpenPromise[[]byte](ctx, client, fresh(t), WithCodec(Bytes)))(t)
		value := bytes.Repeat([]byte{0, 255}, size)[:size]
		must(promise.Deliver(ctx, value))(t)
		for range 2 {
			same(t, "value", bytes.Equal(must(promise.Deref(ctx))(t), value), true)
		}
		same(t, "value", bytes.Equal(must(promise.DerefValue(ctx))(t).Bytes(), value), true)
	}
}

func TestPromiseThatIsDeletedEndsItsWaits(t *testing.T) {
	client, ctx := open(t), within(t)
	promise := must(OpenPromise[int](ctx, client, fresh(t)))(t)
	waiting := promise.DerefAsync(ctx)
	must(client.Delete(ctx, promise.Key()))(t)
	_, err := waiting.Get(ctx)
	same(t, "deleted", errors.Is(err, ErrDeleted), true)
}

func TestFutureIsWaitedForAndCancelled(t *testing.T) {
	client, ctx := open(t), within(t)
	promise := must(OpenPromise[int](ctx, client, fresh(t)))(t)
	waiting := promise.DerefAsync(ctx)
	select {
	case <-waiting.Done():
		t.Fatal("it is done")
	default:
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err := waiting.Get(over)
	same(t, "only the waiting ends", errors.Is(err, context.Canceled), true)
	waiting.Cancel()
	await(t, "the end", waiting.Done())
	_, err = waiting.Get(over)
	same(t, "cancelled", errors.Is(err, ErrCancelled), true)
	_, err = promise.DeliverAsync(over, 1).Get(ctx)
	same(t, "could not begin", errors.Is(err, ErrCancelled), true)
}

package outside

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	exoref "github.com/exoref/exoref/bindings/go"
)

func open(t *testing.T) (context.Context, *exoref.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	client, err := exoref.Open(ctx, "local:"+filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return ctx, client
}

func TestAtom(t *testing.T) {
	ctx, client := open(t)
	visits, err := exoref.CreateAtom(ctx, client, "visits", 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := visits.Swap(ctx, func(n int) (int, error) { return n + 1, nil })
	if err != nil || got != 1 {
		t.Fatal(got, err)
	}
}

func TestPromiseAndDelay(t *testing.T) {
	ctx, client := open(t)
	promise, err := exoref.OpenPromise[string](ctx, client, "result")
	if err != nil {
		t.Fatal(err)
	}
	delay, err := exoref.OpenDelay(ctx, client, "report", func(ctx context.Context, _ *exoref.Lease[string]) (string, error) {
		_, err := promise.Deliver(ctx, "done")
		return "built", err
	})
	if err != nil {
		t.Fatal(err)
	}
	if built, err := delay.Deref(ctx); err != nil || built != "built" {
		t.Fatal(built, err)
	}
	if done, err := promise.Deref(ctx); err != nil || done != "done" {
		t.Fatal(done, err)
	}
}

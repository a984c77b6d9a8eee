package exoref

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"testing"
)

var (
	_ io.Closer = (*Client)(nil)
	_ io.Closer = (*Atom[int])(nil)
	_ io.Closer = (*Promise[int])(nil)
	_ io.Closer = (*Delay[int])(nil)
	_ io.Closer = (*Lease[int])(nil)
	_ io.Closer = (*SwapStep[int])(nil)
	_ error     = (*Error)(nil)
)

func TestUseAfterClose(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	promise := must(OpenPromise[int](ctx, client, fresh(t)))(t)
	delay := must(OpenDelay[int](ctx, client, fresh(t), nil))(t)
	for _, one := range []io.Closer{atom, promise, delay} {
		check(t, one.Close())
		check(t, one.Close())
	}
	open := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	value := must(open.DerefValue(ctx))(t)
	watched := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	check(t, client.Close())
	check(t, client.Close())
	for what, used := range map[string]func() error{
		"atom":      func() error { _, err := atom.Deref(ctx); return err },
		"atom swap": func() error { _, err := atom.Swap(ctx, func(n int) (int, error) { return n, nil }); return err },
		"atom meta": func() error {
			_, err := atom.AlterMeta(ctx, func(b []byte) ([]byte, error) { return b, nil })
			return err
		},
		"atom watch": func() error { return atom.RemoveWatch(ctx, "w") },
		"promise":    func() error { _, err := promise.Deref(ctx); return err },
		"delay":      func() error { _, err := delay.Deref(ctx); return err },
		"open atom":  func() error { _, err := open.Reset(ctx, 2); return err },
		"changes":    func() error { _, _, err := watched.Changes(ctx); return err },
		"add watch": func() error {
			_, err := watched.AddWatch(ctx, "w", func(context.Context, Change[int]) error { return nil })
			return err
		},
		"client":        func() error { _, err := client.Ping(ctx); return err },
		"client create": func() error { _, err := CreateAtom(ctx, client, "k", 1); return err },
		"client list": func() error {
			for _, err := range client.List(ctx, "", "") {
				return err
			}
			return nil
		},
	} {
		if err := used(); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	same(t, "a value stays", must(value.Get())(t), 1)
	same(t, "stats", client.Stats()[0].Value, 0)
}

func TestCloseWhileUsed(t *testing.T) {
	client, ctx := open(t), within(t)
	for range 20 {
		atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
		done := make(chan error, 4)
		for range 4 {
			go func() {
				for {
					if _, err := atom.Deref(ctx); err != nil {
						done <- err
						return
					}
				}
			}()
		}
		check(t, atom.Close())
		for range 4 {
			same(t, "closed", errors.Is(await(t, "the end", done), ErrClosed), true)
		}
	}
}

func TestHandlesThatWereDroppedAreCollected(t *testing.T) {
	client, ctx := open(t), within(t)
	key := fresh(t)
	promise := must(OpenPromise[int](ctx, client, key))(t)
	must(promise.Deliver(ctx, 1))(t)
	collect(t, 0)
	before := openHandles.Load()
	for range 10_000 {
		must(promise.DerefValue(ctx))(t)
	}
	for range 200 {
		must(OpenPromise[int](ctx, client, key))(t)
	}
	collect(t, before)
	runtime.KeepAlive(promise)
}

// collect runs the collector until no more handles than these are open; with 0 as often as it takes to come to rest.
func collect(t *testing.T, most int64) {
	t.Helper()
	if most == 0 {
		for range 3 {
			runtime.GC()
		}
		return
	}
	waitFor(t, "the collection of handles", func() bool {
		runtime.GC()
		return openHandles.Load() <= most
	})
}

func TestClientThatWasDroppedIsClosed(t *testing.T) {
	ctx := within(t)
	var ended chan struct{}
	func() {
		client := must(Open(ctx, serverURL))(t)
		must(CreateAtom(ctx, client, fresh(t), 1))(t)
		ended = client.core.gone
	}()
	waitFor(t, "the end of the client", func() bool {
		runtime.GC()
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
}

func TestNothingIsLeftAfterClose(t *testing.T) {
	ctx := within(t)
	collect(t, 0)
	handles, goroutines, natives := openHandles.Load(), runtime.NumGoroutine(), threadsNamed(t, "exoref")
	for range 20 {
		client := must(Open(ctx, serverURL))(t)
		atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
		told := make(chan struct{}, 1)
		must(atom.AddWatch(ctx, "w", func(context.Context, Change[int]) error { told <- struct{}{}; return nil }))(t)
		must(atom.Reset(ctx, 2))(t)
		await(t, "the change", told)
		_, _, err := atom.Changes(context.Background())
		check(t, err)
		delay := must(OpenDelay(ctx, client, fresh(t), func(context.Context, *Lease[int]) (int, error) { return 1, nil }))(t)
		must(delay.Deref(ctx))(t)
		must(OpenPromise[int](ctx, client, fresh(t)))(t).DerefAsync(context.Background())
		check(t, client.Shutdown(ctx))
	}
	waitFor(t, "the end of goroutines", func() bool { return runtime.NumGoroutine() <= goroutines })
	waitFor(t, "the end of the library's threads", func() bool { return threadsNamed(t, "exoref") <= natives })
	collect(t, max(handles, 1))
}

// play is what this program does as a process of another test.
func play(role string) int {
	ctx, cancel := context.WithTimeout(context.Background(), aWhile)
	defer cancel()
	client, err := Open(ctx, os.Getenv("EXOREF_TEST_URL"))
	if err != nil {
		return 3
	}
	atom, err := CreateAtom(ctx, client, "played", 1)
	if err != nil {
		return 4
	}
	if _, err := atom.AddWatch(ctx, "w", func(context.Context, Change[int]) error { return nil }); err != nil {
		return 5
	}
	for range 10 {
		go func() {
			for {
				_, _ = atom.Swap(ctx, func(n int) (int, error) { return n + 1, nil })
			}
		}()
	}
	if _, err := atom.Reset(ctx, 7); err != nil {
		return 6
	}
	return 0 // without closing anything, in full traffic
}

func TestExitWithoutClose(t *testing.T) {
	ctx := within(t)
	for range 5 {
		command := exec.CommandContext(ctx, os.Args[0])
		command.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "EXOREF_TEST_ROLE=exit", "EXOREF_TEST_URL="+serverURL)
		output, err := command.CombinedOutput()
		if err != nil || len(output) > 0 {
			t.Fatalf("%v: %s", err, output)
		}
	}
}

func TestSignalsDuringAWait(t *testing.T) {
	client, ctx := open(t), within(t)
	promise := must(OpenPromise[int](ctx, client, fresh(t)))(t)
	signals := make(chan os.Signal, 100)
	signal.Notify(signals, syscall.SIGUSR1)
	defer signal.Stop(signals)
	waits := []*Future[*Value[int]]{promise.DerefAsync(ctx), promise.DerefAsync(ctx)}
	waitFor(t, "the waits", func() bool { return client.stillWaits(2) })
	atom := must(CreateAtom(context.Background(), client, fresh(t), 0))(t)
	for range 100 {
		check(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		must(atom.Swap(context.Background(), func(n int) (int, error) { return n + 1, nil }))(t)
	}
	await(t, "a signal", signals)
	same(t, "still waiting", client.stillWaits(2), true)
	must(promise.Deliver(ctx, 1))(t)
	for _, waiting := range waits {
		same(t, "value", must(must(waiting.Get(ctx))(t).Get())(t), 1)
	}
	same(t, "sum", must(atom.Deref(ctx))(t), 100)
}

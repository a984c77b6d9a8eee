package exoref

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestWatchesAreToldInOrder(t *testing.T) {
	client, ctx := open(t), within(t)
	other := open(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	elsewhere := must(OpenAtom[int](ctx, other, atom.Key()))(t)
	told := make(chan string, 100)
	for _, name := range []string{"first", "second"} {
		since := must(atom.AddWatch(ctx, name, func(_ context.Context, change Change[int]) error {
			told <- fmt.Sprint(change.WatchKey, " ", must(change.Old.Get())(t), "->", must(change.New.Get())(t),
				" v", change.Version, " ", change.Key == atom.Key())
			return nil
		}))(t)
		same(t, "since", since.Version(), 1)
	}
	must(atom.Reset(ctx, 1))(t)
	must(elsewhere.Reset(ctx, 2))(t)
	must(atom.Reset(ctx, 2))(t)
	for _, expected := range []string{
		"first 0->1 v2 true", "second 0->1 v2 true", "first 1->2 v3 true", "second 1->2 v3 true", "first 2->2 v4 true", "second 2->2 v4 true",
	} {
		same(t, "told", await(t, expected, told), expected)
	}
}

func TestWatchOfAnAbsentAtomIsToldOfItsLife(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(OpenAtom[int](ctx, client, fresh(t), With("absent", "allow")))(t)
	told := make(chan Change[int], 10)
	since := must(atom.AddWatch(ctx, "w", func(_ context.Context, change Change[int]) error { told <- change; return nil }))(t)
	same(t, "since", since == nil, true)
	must(CreateAtom(ctx, client, atom.Key(), 1))(t)
	created := await(t, "the creation", told)
	same(t, "old", created.Old == nil && !created.Recreated, true)
	same(t, "new", must(created.New.Get())(t), 1)
	same(t, "deleted", must(client.Delete(ctx, atom.Key()))(t), true)
	deleted := await(t, "the deletion", told)
	same(t, "deleted", deleted.Deleted && deleted.New == nil, true)
	same(t, "old", must(deleted.Old.Get())(t), 1)
	must(CreateAtom(ctx, client, atom.Key(), 2))(t)
	anew := await(t, "the second creation", told)
	same(t, "recreated", anew.Recreated && anew.Old == nil, true)
}

// A watch that returns an error, panics, or ends its goroutine, harms nobody.
func TestWatchThatFails(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	for name, fails := range map[string]func() error{
		"error":  func() error { return errMine },
		"panic":  func() error { panic("mine") },
		"goexit": func() error { runtime.Goexit(); return nil },
	} {
		must(atom.AddWatch(ctx, name, func(context.Context, Change[int]) error { return fails() }))(t)
	}
	told := make(chan uint64, 10)
	must(atom.AddWatch(ctx, "good", func(_ context.Context, change Change[int]) error { told <- change.Version; return nil }))(t)
	for n := range 3 {
		must(atom.Reset(ctx, n))(t)
		same(t, "told", await(t, "a change", told), uint64(n+2))
	}
}

func TestRemoveWatchWaitsForTheCallThatRuns(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	began, end := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	must(atom.AddWatch(ctx, "w", func(context.Context, Change[int]) error {
		close(began)
		<-end
		ended.Store(true)
		return nil
	}))(t)
	must(atom.Reset(ctx, 1))(t)
	await(t, "the call", began)
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	same(t, "impatient", errors.Is(atom.RemoveWatch(short, "w"), context.DeadlineExceeded), true)
	removed := make(chan bool, 1)
	must(atom.AddWatch(ctx, "v", func(context.Context, Change[int]) error { return nil }))(t)
	must(atom.Reset(ctx, 2))(t)
	go func() {
		err := atom.RemoveWatch(ctx, "v") // behind the call that runs
		removed <- err == nil
	}()
	same(t, "removed", await(t, "the removal", removed), true)
	close(end)
	waitFor(t, "the end of the call", ended.Load)
	check(t, atom.RemoveWatch(ctx, "absent"))
	_, err := atom.AddWatch(ctx, "nil", nil)
	same(t, "no function", errors.Is(err, ErrInvalid), true)
}

func TestRemoveWatchFromWithin(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	removed := make(chan error, 10)
	must(atom.AddWatch(ctx, "w", func(context.Context, Change[int]) error {
		removed <- atom.RemoveWatch(context.Background(), "w") // would wait for itself
		return nil
	}))(t)
	told := make(chan struct{}, 10)
	must(atom.AddWatch(ctx, "v", func(context.Context, Change[int]) error { told <- struct{}{}; return nil }))(t)
	must(atom.Reset(ctx, 1))(t)
	check(t, await(t, "the removal", removed))
	must(atom.Reset(ctx, 2))(t)
	await(t, "the first change", told)
	await(t, "the second change", told)
	same(t, "calls", len(removed), 0)
}

func TestAddingUnderAKeyReplaces(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	told := make(chan string, 10)
	var first context.Context
	must(atom.AddWatch(ctx, "w", func(ctx context.Context, _ Change[int]) error { first = ctx; told <- "first"; return nil }))(t)
	must(atom.Reset(ctx, 1))(t)
	same(t, "told", await(t, "a change", told), "first")
	must(atom.AddWatch(ctx, "w", func(context.Context, Change[int]) error { told <- "second"; return nil }))(t)
	await(t, "the end of the first one's context", first.Done())
	must(atom.Reset(ctx, 2))(t)
	same(t, "told", await(t, "a change", told), "second")
	same(t, "more", len(told), 0)
}

func TestChangesIsRangedOver(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	start, changes, err := atom.Changes(ctx)
	check(t, err)
	same(t, "start", must(start.Get())(t), 1)
	for n := 2; n <= 5; n++ {
		must(atom.Reset(ctx, n))(t)
	}
	var seen []int
	for change := range changes {
		seen = append(seen, must(change.New.Get())(t))
		if len(seen) == 3 {
			break
		}
	}
	same(t, "seen", fmt.Sprint(seen), "[2 3 4]")
	waitFor(t, "the removal of the watch", func() bool { return client.watching() == 0 })
}

func (c *core) watching() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.watches) + len(c.listeners)
}

func TestChangesEnd(t *testing.T) {
	client := open(t)
	atom := must(CreateAtom(within(t), client, fresh(t), 1))(t)
	for what, end := range map[string]func(cancel context.CancelFunc){
		"context": func(cancel context.CancelFunc) { cancel() },
		"atom": func(context.CancelFunc) {
			check(t, must(OpenAtom[int](within(t), client, atom.Key()))(t).Close())
			atom.Close()
		},
		"client": func(context.CancelFunc) { client.Close() },
	} {
		client = open(t)
		atom = must(CreateAtom(within(t), client, fresh(t), 1))(t)
		ctx, cancel := context.WithCancel(context.Background())
		_, changes, err := atom.Changes(ctx)
		check(t, err)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range changes {
				t.Error("there was no change")
			}
		}()
		end(cancel)
		await(t, "the end by the "+what, ended)
		cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	client = open(t)
	atom = must(CreateAtom(within(t), client, fresh(t), 1))(t)
	_, _, err := atom.Changes(ctx) // and never ranged over
	check(t, err)
	cancel()
	waitFor(t, "the removal of the watch", func() bool { return client.watching() == 0 })
}

func TestASlowWatchKeepsTheLastChangesAndCountsTheMissedOnes(t *testing.T) {
	w := newWatch(&core{}, nil, watchName{})
	const changes = mostQueued + 100
	fresh := 0
	for version := range uint64(changes) {
		if w.push(rawChange{version: version}) {
			fresh++
		}
	}
	same(t, "kept", len(w.queue), mostQueued)
	same(t, "fresh", fresh, mostQueued)
	missed, last := uint64(0), uint64(0)
	var versions []uint64
	for change, ok := w.next(); ok; change, ok = w.next() {
		missed += change.missed
		last = change.version
		versions = append(versions, change.version)
	}
	same(t, "in order", slices.IsSorted(versions), true)
	same(t, "missed", missed, 100)
	same(t, "last", last, changes-1)
	w.push(rawChange{new: &state{bytes: make([]byte, mostQueuedBytes)}})
	w.push(rawChange{new: &state{bytes: make([]byte, 10)}})
	w.push(rawChange{new: &state{bytes: make([]byte, 10)}})
	same(t, "large ones", len(w.queue), 2)
}

func TestCallbackAfterClose(t *testing.T) {
	client := open(t)
	ctx := within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	began, end := make(chan struct{}), make(chan struct{})
	var calls atomic.Int32
	var its context.Context
	must(atom.AddWatch(ctx, "w", func(ctx context.Context, _ Change[int]) error {
		its = ctx
		if calls.Add(1) == 1 {
			close(began)
			<-end
		}
		return nil
	}))(t)
	must(atom.Reset(ctx, 1))(t)
	must(atom.Reset(ctx, 2))(t)
	await(t, "the call", began)
	check(t, client.Close())
	await(t, "its context's end", its.Done())
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	same(t, "shutdown while it runs", errors.Is(client.Shutdown(short), context.DeadlineExceeded), true)
	close(end)
	check(t, client.Shutdown(ctx))
	same(t, "calls", calls.Load(), 1)
}

func TestClosingFromWithinAWatch(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	closed := make(chan error, 2)
	must(atom.AddWatch(ctx, "w", func(context.Context, Change[int]) error {
		closed <- client.Close()
		closed <- client.Shutdown(context.Background())
		return nil
	}))(t)
	must(atom.Reset(ctx, 1))(t)
	check(t, await(t, "close", closed))
	same(t, "shutdown", errors.Is(await(t, "shutdown", closed), ErrDeadlock), true)
	check(t, client.Shutdown(ctx))
}

// Who could not be added has not replaced the one that stands.
func TestAWatchThatCouldNotBeAddedReplacesNone(t *testing.T) {
	url, server := stoppable(t)
	client := must(Open(within(t), url))(t)
	defer client.Close()
	atom := must(CreateAtom(within(t), client, "k", 0))(t)
	told := make(chan string, 10)
	says := func(text string) func(context.Context, Change[int]) error {
		return func(context.Context, Change[int]) error { told <- text; return nil }
	}
	must(atom.AddWatch(within(t), "w", says("first")))(t)
	cancelled, cancel := context.WithCancel(within(t))
	cancel()
	_, err := atom.AddWatch(cancelled, "w", says("cancelled"))
	same(t, "cancelled", errors.Is(err, context.Canceled), true)
	must(atom.Reset(within(t), 1))(t)
	same(t, "told", await(t, "a change", told), "first")
	check(t, server.Signal(syscall.SIGSTOP))
	late, cancelLate := context.WithTimeout(within(t), 20*time.Millisecond)
	defer cancelLate()
	_, err = atom.AddWatch(late, "w", says("late"))
	same(t, "late", errors.Is(err, context.DeadlineExceeded), true)
	check(t, server.Signal(syscall.SIGCONT))
	must(atom.Reset(within(t), 2))(t)
	same(t, "told", await(t, "a change", told), "first")
	same(t, "more", len(told), 0)
}

func TestTwoWatchesUnderOneKeyStandInTheOrderOfTheLibrary(t *testing.T) {
	client := open(t)
	atom := must(CreateAtom(within(t), client, fresh(t), 0))(t)
	name := watchName{atom.key, "w"}
	begin := func(turn uint64) *watch {
		w := newWatch(client.core, atom.h, name)
		w.turn = turn
		client.adding[name]++
		return w
	}
	first, second := begin(1), begin(2)
	check(t, client.added(second, nil))
	check(t, client.added(first, nil)) // the library has told of it late
	same(t, "the first is replaced", first.ctx.Err() != nil && second.ctx.Err() == nil, true)
	same(t, "removed before it was added", client.drop(name, 1) == nil, true)
	same(t, "removed", client.drop(name, 3), second)
	same(t, "being added", len(client.adding), 0)
}

// A watch that the library has added while the client, or the atom's handle, was being closed is over.
func TestAWatchThatIsAddedToWhatIsClosed(t *testing.T) {
	client := open(t)
	for what, closing := range map[string]func(atom *Atom[int]){
		"atom":   func(atom *Atom[int]) { client.removeWatchesOf(atom.h) },
		"client": func(*Atom[int]) { client.Close() },
	} {
		client = open(t)
		atom := must(CreateAtom(within(t), client, fresh(t), 0))(t)
		w := newWatch(client.core, atom.h, watchName{atom.key, "w"})
		w.turn = 1
		client.adding[w.name]++
		closing(atom)
		same(t, what, errors.Is(client.added(w, nil), ErrClosed), true)
		same(t, "watches", client.watching(), 0)
		client.Close()
		same(t, "listens in vain", client.listen(nil) > 0, true)
		same(t, "listeners", client.watching(), 0)
	}
}

// However closing falls among the adding of watches, no loop over changes hangs.
func TestChangesEndWhenTheClientIsClosedMeanwhile(t *testing.T) {
	for range 30 {
		client := open(t)
		atom := must(CreateAtom(within(t), client, fresh(t), 0))(t)
		const loops = 4
		ended := make(chan struct{}, loops)
		for range loops {
			go func() {
				for {
					_, changes, err := atom.Changes(context.Background())
					if err != nil {
						break
					}
					for range changes {
						t.Error("there was no change")
					}
				}
				ended <- struct{}{}
			}()
		}
		client.Close()
		for range loops {
			await(t, "the end of a loop", ended)
		}
	}
}

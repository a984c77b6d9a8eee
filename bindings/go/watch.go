package exoref

import (
	"context"
	"iter"
	"log/slog"
	"sync"

	"github.com/exoref/exoref/bindings/go/internal/low"
)

// Change is one change of an atom, as a watch is told of it.
type Change[T any] struct {
	WatchKey string
	Key      string    // of the atom
	Old, New *Value[T] // nil where there is none, or it can't be known any more
	Version  uint64    // of the new value; of the last one if it was deleted
	Missed   uint64    // how many changes before it were not told

	// If changes were missed these tell of them too, so that there may be a value all the same.

	Rewound   bool // the server lost data: what this watch saw last is not in the atom's past any more
	Deleted   bool // deleted or expired: there is no new value
	Recreated bool // created anew after it was deleted: there is no old value
	Uncertain bool // whether the changes missed were one line of history can't be known
}

// AddWatch has `fn` called for every change after the version of the value that it gives back (nil where the atom does not exist), until
// the watch is removed, replaced by another under the same watch key, or the atom's handle or the client is closed. Watches are called by
// one goroutine of the client, one after the other, those of one atom in the order in which they were added, changes in the order of
// versions. The context that fn is given ends with the watch. What fn returns other than nil, and a panic, is reported to the log; the
// change stands.
func (a *Atom[T]) AddWatch(ctx context.Context, watchKey string, fn func(context.Context, Change[T]) error) (*Value[T], error) {
	if fn == nil {
		return nil, invalid("the watch has no function")
	}
	c := a.client
	w := newWatch(c.core, a.h, watchName{a.key, watchKey})
	w.told = func(change rawChange) error { return fn(w.ctx, a.changeOf(change)) }
	return a.addWatch(ctx, w, c.lane.add)
}

// Changes is a watch to range over. It gives the state at this moment (nil where the atom does not exist), and the changes after it, until
// the context ends, the loop is left, or the atom's handle or the client is closed. What comes while the loop is busy is kept, up to 4096
// changes; beyond that the older ones are left out, and counted as missed. It is to be ranged over once; if it never is, the watch stays
// until the context ends.
//
//	start, changes, err := config.Changes(ctx)
//	...
//	for change := range changes {
func (a *Atom[T]) Changes(ctx context.Context) (*Value[T], iter.Seq[Change[T]], error) {
	c := a.client
	w := newWatch(c.core, a.h, watchName{a.key, c.uniqueWatchKey()})
	arrived := make(chan struct{}, 1)
	value, err := a.addWatch(ctx, w, func(*watch) {
		select {
		case arrived <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, w.remove)
	return value, func(yield func(Change[T]) bool) {
		defer w.remove()
		defer stop()
		for {
			for {
				if ctx.Err() != nil {
					return
				}
				change, ok := w.next()
				if !ok {
					break
				}
				if !yield(a.changeOf(change)) {
					return
				}
			}
			select {
			case <-arrived:
			case <-w.ctx.Done():
				return
			}
		}
	}, nil
}

func (a *Atom[T]) addWatch(ctx context.Context, w *watch, arrived func(*watch)) (*Value[T], error) {
	c := a.client
	w.token = c.listen(func(event low.Event) {
		change := rawChangeOf(event)
		if w.push(change) {
			arrived(w)
		}
	})
	op := a.use(ctx, operation, func(atom uintptr, timeoutMs int64, future *uintptr) error {
		return c.inTurn(func(turn uint64) error {
			w.turn = turn
			c.adding[w.name]++
			return low.AtomAddWatch(atom, w.name.watch, w.token, timeoutMs, future)
		})
	})
	outcome, err := op.finish()
	since := a.valueOf(outcome.Value)
	if err = c.added(w, err); err != nil {
		w.forget()
		return nil, err
	}
	return since, nil
}

// removeNative removes a watch from the library; which ones, by their turn, it was too late for.
func (a *Atom[T]) removeNative(watchKey string) (turn uint64, err error) {
	raw, err := a.h.use()
	if err != nil {
		return 0, err
	}
	defer a.h.done()
	err = a.client.inTurn(func(its uint64) error {
		turn = its
		return errorOf(low.AtomRemoveWatch(raw, watchKey))
	})
	return turn, err
}

// RemoveWatch removes the watch. After it returns the function is not called again (called from within the function: not after the current
// call): it waits for a call that runs just now, or until the context ends. To remove an absent one is no error.
func (a *Atom[T]) RemoveWatch(ctx context.Context, watchKey string) error {
	turn, err := a.removeNative(watchKey)
	if err != nil {
		return err
	}
	w := a.client.drop(watchName{a.key, watchKey}, turn)
	if w == nil {
		return nil
	}
	w.forget()
	running := w.running()
	if running == nil {
		return nil
	}
	select {
	case <-running:
		return nil
	case <-ctx.Done():
		return stillGoing(ctx, "the watch is removed, but a call of it still runs")
	}
}

func (a *Atom[T]) changeOf(raw rawChange) Change[T] {
	is := func(flag int32) bool { return raw.flags&flag != 0 }
	return Change[T]{
		WatchKey: raw.watchKey, Key: a.key, Old: a.valueAt(raw.old), New: a.valueAt(raw.new),
		Version: raw.version, Missed: raw.missed,
		Rewound: is(low.ChangeRewound), Deleted: is(low.ChangeDeleted),
		Recreated: is(low.ChangeRecreated), Uncertain: is(low.ChangeUncertain),
	}
}

type rawChange struct {
	watchKey        string
	old, new        *state
	version, missed uint64
	flags           int32
}

func rawChangeOf(event low.Event) rawChange {
	defer low.Exoref_event_release(event.Handle)
	c := low.ReadChange(event.Handle)
	return rawChange{c.WatchKey, stateOf(c.Old), stateOf(c.New), c.Version, c.Missed, c.Flags}
}

func (r *rawChange) size() int {
	if r.new == nil {
		return 0
	}
	return len(r.new.bytes)
}

type watchName struct{ atom, watch string }

// watch is a watch without its type. It keeps the atom's handle, so that one which nobody holds any more is watched all the same.
type watch struct {
	c      *core
	h      *handle
	name   watchName
	token  uint64
	turn   uint64 // when the library was told to add it, among the other watches
	told   func(rawChange) error
	ctx    context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	queue  []rawChange
	bytes  int
	over   bool
	runner uint64        // the goroutine that runs a call
	call   chan struct{} // closed when that call has returned
}

func newWatch(c *core, h *handle, name watchName) *watch {
	w := &watch{c: c, h: h, name: name}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

// As the library keeps no more than these for a watch that is slow.
const (
	mostQueued      = 4096
	mostQueuedBytes = 64 << 20
)

// push keeps a change until it is told. False: it took the place of another, or the watch is over.
func (w *watch) push(change rawChange) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return false
	}
	w.queue = append(w.queue, change)
	w.bytes += change.size()
	fresh := true
	for len(w.queue) > 2 && (len(w.queue) > mostQueued || w.bytes > mostQueuedBytes) {
		dropped := w.queue[1]
		w.queue[2].missed += dropped.missed + 1
		w.queue[2].flags |= dropped.flags
		w.bytes -= dropped.size()
		w.queue = append(w.queue[:1], w.queue[2:]...)
		fresh = false
	}
	return fresh
}

func (w *watch) next() (rawChange, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over || len(w.queue) == 0 {
		return rawChange{}, false
	}
	change := w.queue[0]
	w.queue[0] = rawChange{}
	w.queue = w.queue[1:]
	w.bytes -= change.size()
	return change, true
}

// forget has it told nothing more.
func (w *watch) forget() {
	w.c.unlisten(w.token)
	w.cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over, w.queue = true, nil
}

// remove takes it away, from here and from the library; unless another stands under its key by now.
func (w *watch) remove() {
	_ = w.c.inTurn(func(uint64) error {
		if w.c.dropThis(w) {
			w.removeNative()
		}
		return nil
	})
	w.forget()
}

// removeNative takes it out of the library, unless another is about to replace it there.
func (w *watch) removeNative() {
	if w.c.adding[w.name] > 0 {
		return
	}
	if raw, err := w.h.use(); err == nil {
		_ = low.AtomRemoveWatch(raw, w.name.watch)
		w.h.done()
	}
}

// running is a channel that is closed when the call that runs now has returned; nil if none runs, or it is this very goroutine's.
func (w *watch) running() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.call == nil || w.runner == goid() {
		return nil
	}
	return w.call
}

// run tells the next change.
func (w *watch) run() {
	change, ok := w.next()
	if !ok {
		return
	}
	call := make(chan struct{})
	w.mu.Lock()
	if w.over {
		w.mu.Unlock()
		return
	}
	w.runner, w.call = goid(), call
	w.mu.Unlock()
	guarded(func() error { return w.told(change) }, func(err error) {
		if err != nil {
			w.c.journal.write(slog.LevelError, "watch", "watch "+quoted(w.name.watch)+" of "+quoted(w.name.atom)+
				" failed; the change stands and the other watches are told: "+err.Error())
		}
		w.mu.Lock()
		w.runner, w.call = 0, nil
		w.mu.Unlock()
		close(call)
	})
}

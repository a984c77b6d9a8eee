package exoref

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

var errMine = errors.New("my own")

func TestAtomOperations(t *testing.T) {
	client, ctx := open(t), within(t)
	key := fresh(t)
	atom := must(CreateAtom(ctx, client, key, 1))(t)
	same(t, "created", atom.Created(), true)
	same(t, "key", atom.Key(), key)
	again := must(CreateAtom(ctx, client, key, 7))(t)
	same(t, "created again", again.Created(), false)
	same(t, "deref", must(again.Deref(ctx))(t), 1)
	set := must(atom.Reset(ctx, 5))(t)
	same(t, "version", set.Version(), 2)
	same(t, "codec", set.Codec(), "json")
	vals := must(atom.ResetVals(ctx, 6))(t)
	same(t, "old", must(vals.Old.Get())(t), 5)
	same(t, "new", must(vals.New.Get())(t), 6)
	same(t, "swap", must(atom.Swap(ctx, func(n int) (int, error) { return n + 1, nil }))(t), 7)
	vals = must(atom.SwapVals(ctx, func(n int) (int, error) { return n * 2, nil }))(t)
	same(t, "old", must(vals.Old.Get())(t), 7)
	same(t, "new", must(vals.New.Get())(t), 14)
	same(t, "async", must(must(atom.SwapAsync(ctx, func(n int) (int, error) { return n + 1, nil }).Get(ctx))(t).New.Get())(t), 15)
	same(t, "async", must(must(atom.DerefAsync(ctx).Get(ctx))(t).Get())(t), 15)
	same(t, "async", must(must(atom.ResetAsync(ctx, 16).Get(ctx))(t).Old.Get())(t), 15)
	same(t, "async", must(atom.CompareAndSetAsync(ctx, 16, 17).Get(ctx))(t).Swapped, true)
}

func TestCompareAndSet(t *testing.T) {
	client, ctx := open(t), within(t)
	type order struct {
		State string
		Price float64
	}
	atom := must(CreateAtom(ctx, client, fresh(t), order{"new", 1}))(t)
	got := must(atom.CompareAndSet(ctx, order{"paid", 1}, order{"sent", 1}))(t)
	same(t, "swapped", got.Swapped, false)
	same(t, "standing", must(got.Standing.Get())(t), order{"new", 1})
	at := got.Standing
	got = must(atom.CompareAndSet(ctx, order{"new", 1}, order{"paid", 1}))(t)
	same(t, "swapped", got.Swapped, true)
	same(t, "bytes", got.Standing.String(), `{"Price":1.0,"State":"paid"}`)
	must(atom.Reset(ctx, order{"new", 1}))(t)
	got = must(atom.CompareAndSetAt(ctx, at, order{"paid", 1}))(t)
	same(t, "an older state, with the same value", got.Swapped, false)
	same(t, "same state", got.Standing.SameState(at), false)
	same(t, "same state", got.Standing.SameState(must(atom.DerefValue(ctx))(t)), true)
	same(t, "its state", must(atom.CompareAndSetAt(ctx, got.Standing, order{"paid", 1}))(t).Swapped, true)
	_, err := atom.CompareAndSetAt(ctx, nil, order{})
	same(t, "nil", errors.Is(err, ErrInvalid), true)
}

func TestSwapIsRepeatedOnConflict(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	calls := 0
	same(t, "swap", must(atom.Swap(ctx, func(n int) (int, error) {
		if calls++; calls == 1 {
			must(atom.Reset(ctx, 10))(t)
		}
		return n + 1, nil
	}))(t), 11)
	same(t, "calls", calls, 2)
}

func TestManyGoroutinesLoseNothing(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 0))(t)
	const goroutines, times = 8, 25
	done := make(chan error, goroutines)
	for range goroutines {
		go func() {
			for range times {
				if _, err := atom.Swap(ctx, func(n int) (int, error) { return n + 1, nil }); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range goroutines {
		check(t, await(t, "a goroutine", done))
	}
	same(t, "sum", must(atom.Deref(ctx))(t), goroutines*times)
}

func TestSwapFunctionThatFails(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	_, err := atom.Swap(ctx, func(int) (int, error) { return 0, errMine })
	same(t, "its error", errors.Is(err, errMine), true)
	same(t, "status", errors.Is(err, ErrFunction), true)
	same(t, "class", ClassOf(err), ClassNotAppliedFinal)
	kept := must(atom.Swap(ctx, func(int) (int, error) { return 0, ErrDeclined }))(t)
	same(t, "declined", kept, 1)
	list := must(CreateAtom(ctx, client, fresh(t), []int{1}))(t)
	left := must(list.Swap(ctx, func(old []int) ([]int, error) { old[0] = 9; return old, ErrDeclined }))(t)
	same(t, "declined, and spoilt", left[0], 1)
	_, err = atom.SwapAsync(ctx, func(int) (int, error) { panic("async") }).Get(ctx)
	var panicked *PanicError
	same(t, "panic", errors.As(err, &panicked), true)
	same(t, "version", must(atom.DerefValue(ctx))(t).Version(), 1)
}

func TestPanicInASwapFunctionPassesThrough(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	func() {
		defer func() { same(t, "panic", recover(), any("mine")) }()
		_, _ = atom.Swap(ctx, func(int) (int, error) { panic("mine") })
		t.Fatal("it came back")
	}()
	same(t, "afterwards", must(atom.Swap(ctx, func(n int) (int, error) { return n + 1, nil }))(t), 2)
}

func TestGoexitInASwapFunctionIsHarmless(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = atom.Swap(ctx, func(int) (int, error) { runtime.Goexit(); return 0, nil })
	}()
	await(t, "the end", ended)
	same(t, "afterwards", must(atom.Swap(ctx, func(n int) (int, error) { return n + 1, nil }))(t), 2)
}

func TestSwapEndsWithItsTimeAlthoughTheFunctionIsSlow(t *testing.T) {
	client, ctx := open(t, With("timeout", "50ms")), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	_, err := atom.Swap(context.Background(), func(n int) (int, error) {
		<-time.After(80 * time.Millisecond) // this is what it is about
		return n + 1, nil
	})
	same(t, "timeout", errors.Is(err, ErrTimeout), true)
	same(t, "unchanged", must(atom.Deref(ctx))(t), 1)
}

// writeOnly can be written, but not read back.
type writeOnly struct{ Broken bool }

func (w *writeOnly) UnmarshalJSON(data []byte) error {
	if string(data) == `{"Broken":true}` {
		return errMine
	}
	return nil
}

// What was applied is no error, also where it can't be read.
func TestSwapThatWentWellIsNoErrorThoughItCanNotBeRead(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), writeOnly{}))(t)
	got := must(atom.Swap(ctx, func(writeOnly) (writeOnly, error) { return writeOnly{Broken: true}, nil }))(t)
	same(t, "swapped", got.Broken, true)
	_, err := atom.Swap(ctx, func(old writeOnly) (writeOnly, error) { return old, nil })
	var e *DecodeError
	same(t, "unreadable", errors.As(err, &e) && errors.Is(err, errMine), true)
	same(t, "version", must(atom.DerefValue(ctx))(t).Version(), 2)
}

func TestPullFormOfSwap(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	swap := must(atom.BeginSwap(ctx))(t)
	defer swap.Close()
	must(atom.Reset(ctx, 5))(t)
	same(t, "done", must(swap.Offer(ctx, must(swap.Value().Get())(t)+1))(t), false)
	same(t, "newer", must(swap.Value().Get())(t), 5)
	same(t, "done", must(swap.Offer(ctx, 6))(t), true)
	same(t, "set", must(swap.Value().Get())(t), 6)
	_, err := swap.Offer(ctx, 7)
	same(t, "over", errors.Is(err, ErrInvalid), true)
	confirmed := must(atom.BeginSwap(ctx))(t)
	same(t, "confirmed", must(confirmed.Confirm(ctx))(t), true)
	check(t, confirmed.Close())
	_, err = confirmed.Confirm(ctx)
	same(t, "closed", errors.Is(err, ErrClosed), true)
}

func TestOpening(t *testing.T) {
	client, ctx := open(t), within(t)
	key := fresh(t)
	_, err := OpenAtom[int](ctx, client, key)
	same(t, "absent", errors.Is(err, ErrNotFound), true)
	var e *Error
	same(t, "as", errors.As(err, &e), true)
	same(t, "key of the error", e.Key, key)
	allowed := must(OpenAtom[int](ctx, client, key, With("absent", "allow")))(t)
	_, err = allowed.Deref(ctx)
	same(t, "allowed", errors.Is(err, ErrNotFound), true)
	waiting := make(chan *Atom[int], 1)
	go func() {
		atom, _ := OpenAtom[int](ctx, client, key, With("absent", "wait"))
		waiting <- atom
	}()
	must(CreateAtom(ctx, client, key, 3))(t)
	same(t, "waited", must(await(t, "the atom", waiting).Deref(ctx))(t), 3)
	_, err = OpenAtom[string](ctx, client, key, WithCodec(String))
	same(t, "another codec", errors.Is(err, ErrCodec), true)
	_, err = OpenPromise[int](ctx, client, key)
	same(t, "another type", errors.Is(err, ErrType), true)
	bytes := must(OpenAtom[[]byte](ctx, client, key, WithCodec(Bytes)))(t)
	same(t, "read as bytes", string(must(bytes.Deref(ctx))(t)), "3")
	_, err = bytes.Reset(ctx, []byte("4"))
	same(t, "not written as bytes", errors.Is(err, ErrCodec), true)
	_, err = CreateAtom(ctx, client, "", 1)
	same(t, "empty key", errors.Is(err, ErrInvalid), true)
}

func TestOptionsThatDoNotFit(t *testing.T) {
	client, ctx := open(t), within(t)
	for what, option := range map[string]Option{
		"codec":     WithCodec(String),
		"validator": WithValidator(func(string) error { return nil }),
		"unknown":   With("tll", "1h"),
		"text":      With("ttl", "soon"),
		"nul":       With("codec", "a\x00b"),
	} {
		_, err := CreateAtom(ctx, client, fresh(t), 1, option)
		if !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, option := range map[string]Option{"codec": WithCodec(String), "events": With("events", "lanes")} {
		if _, err := Open(ctx, serverURL, option); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := Open(ctx, "redis://h/0?events=lanes")
	same(t, "events in the URL", errors.Is(err, ErrInvalid), true)
}

func TestValidators(t *testing.T) {
	client, ctx := open(t), within(t)
	positive := func(n int) error {
		if n > 0 {
			return nil
		}
		return errMine
	}
	_, err := CreateAtom(ctx, client, fresh(t), -1, WithValidator(positive))
	same(t, "initial", errors.Is(err, ErrValidation) && errors.Is(err, errMine), true)
	atom := must(CreateAtom(ctx, client, fresh(t), 1, WithValidator(positive)))(t)
	for what, fails := range map[string]func() error{
		"reset":           func() error { _, err := atom.Reset(ctx, -1); return err },
		"swap":            func() error { _, err := atom.Swap(ctx, func(n int) (int, error) { return -n, nil }); return err },
		"compare and set": func() error { _, err := atom.CompareAndSet(ctx, 99, -1); return err },
		"set":             func() error { return atom.SetValidator(ctx, func(int) error { return errMine }) },
	} {
		err := fails()
		same(t, what, errors.Is(err, ErrValidation) && errors.Is(err, errMine), true)
	}
	same(t, "unchanged", must(atom.DerefValue(ctx))(t).Version(), 1)
	must(atom.Reset(ctx, 2))(t) // the old validator has stayed
	check(t, atom.SetValidator(ctx, nil))
	must(atom.Reset(ctx, -1))(t)
}

func TestMetadata(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	same(t, "at first", len(must(atom.Meta(ctx))(t)), 0)
	check(t, atom.ResetMeta(ctx, []byte("a\x00b")))
	same(t, "set", string(must(atom.Meta(ctx))(t)), "a\x00b")
	altered := must(atom.AlterMeta(ctx, func(old []byte) ([]byte, error) { return append(old, '!'), nil }))(t)
	same(t, "altered", string(altered), "a\x00b!")
	_, err := atom.AlterMeta(ctx, func([]byte) ([]byte, error) { return nil, errMine })
	same(t, "error", errors.Is(err, ErrFunction) && errors.Is(err, errMine), true)
	same(t, "declined", string(must(atom.AlterMeta(ctx, func([]byte) ([]byte, error) { return nil, ErrDeclined }))(t)), "a\x00b!")
	_, err = atom.AlterMeta(ctx, func([]byte) ([]byte, error) { runtime.Goexit(); return nil, nil })
	same(t, "goexit", errors.Is(err, ErrFunction), true)
	func() {
		defer func() {
			panicked, ok := recover().(*PanicError)
			same(t, "panic", ok && panicked.Value == any("mine"), true)
		}()
		_, _ = atom.AlterMeta(ctx, func([]byte) ([]byte, error) { panic("mine") })
	}()
	same(t, "afterwards", string(must(atom.AlterMeta(ctx, func([]byte) ([]byte, error) { return nil, nil }))(t)), "")
	same(t, "version", must(atom.DerefValue(ctx))(t).Version(), 1)
}

// Bytes may lie anywhere in Go's memory, also within what has pointers; and a context that can't end takes a way of its own.
func TestBytesWithinAnObjectThatHasPointers(t *testing.T) {
	client := open(t)
	object := &struct {
		pointer *int
		buffer  [16]byte
	}{pointer: new(int)}
	copy(object.buffer[:], "0123456789abcdef")
	for what, ctx := range map[string]context.Context{"background": context.Background(), "deadline": within(t)} {
		atom := must(CreateAtom(ctx, client, fresh(t), object.buffer[:], WithCodec(Bytes)))(t)
		set := must(atom.ResetVals(ctx, object.buffer[:3]))(t)
		same(t, what, set.New.String(), "012")
		same(t, what, set.Old.String(), "0123456789abcdef")
		same(t, what, must(atom.CompareAndSet(ctx, object.buffer[:3], object.buffer[:4]))(t).Swapped, true)
		same(t, what, must(atom.CompareAndSet(ctx, object.buffer[:3], object.buffer[:5]))(t).Standing.String(), "0123")
		swapped := must(atom.Swap(ctx, func([]byte) ([]byte, error) { return object.buffer[:6], nil }))(t)
		same(t, what, string(swapped), "012345")
		same(t, what, string(must(atom.Deref(ctx))(t)), "012345")
		must(client.Delete(ctx, atom.Key()))(t)
		_, err := atom.Deref(ctx)
		same(t, what, errors.Is(err, ErrNotFound), true)
		_, err = atom.Reset(ctx, nil)
		same(t, what, errors.Is(err, ErrNotFound), true)
	}
}

func TestMetadataThatIsTooBig(t *testing.T) {
	client, ctx := open(t, With("max_value_size", "4KiB")), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	check(t, atom.ResetMeta(ctx, []byte("as it was")))
	_, err := atom.AlterMeta(ctx, func([]byte) ([]byte, error) { return make([]byte, 1<<20), nil })
	same(t, "too big", errors.Is(err, ErrTooBig), true)
	same(t, "unchanged", string(must(atom.Meta(ctx))(t)), "as it was")
}

func TestAnErrorOfAlterMetaWhoseTextCanNotBeHadIsAPanic(t *testing.T) {
	client, ctx := open(t), within(t)
	atom := must(CreateAtom(ctx, client, fresh(t), 1))(t)
	defer func() {
		_, panicked := recover().(*PanicError)
		same(t, "panic", panicked, true)
	}()
	_, _ = atom.AlterMeta(ctx, func([]byte) ([]byte, error) { return nil, wicked{} })
	t.Fatal("it came back")
}

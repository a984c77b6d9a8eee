package io.exoref;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * One value that changes by functions from old to new: Clojure's atom.
 *
 * <pre>{@code
 * Atom<Integer> counter = client.createAtom("counter", Integer.class, 0);
 * int now = counter.swap(n -> n + 1);
 * }</pre>
 */
public final class Atom<T> extends Reference<T> {

    Atom(Shared<T> shared, long timeoutMs) {
        super(shared, timeoutMs);
    }

    @Override
    public Atom<T> within(Duration timeout) {
        return new Atom<>(shared(), Timeouts.ms(timeout));
    }

    // ---- reading

    /** The value, asked from the server: one round trip. */
    public T deref() {
        return run(operation(Low::exoref_atom_deref_async, shared().plain()));
    }

    /** As {@code within(timeout).deref()}. */
    public T deref(Duration timeout) {
        return within(timeout).deref();
    }

    /** The value with its version and state. */
    public Value<T> derefValue() {
        return run(operation(Low::exoref_atom_deref_async, shared().value()));
    }

    /** {@link #deref} without waiting. */
    public ExorefFuture<T> derefAsync() {
        return start(operation(Low::exoref_atom_deref_async, shared().plain()));
    }

    /** {@link #derefValue} without waiting. */
    public ExorefFuture<Value<T>> derefValueAsync() {
        return start(operation(Low::exoref_atom_deref_async, shared().value()));
    }

    // ---- setting

    /** Sets the value, whatever it was; gives it back. */
    public T reset(T value) {
        run(resetOperation(value, false, Operation.NOTHING));
        return value;
    }

    /** Sets the value, whatever it was; gives it with its version and state. */
    public Value<T> resetValue(T value) {
        return run(resetOperation(value, false, shared().value()));
    }

    /** Sets the value, and gives the exact one before it, too. */
    public Values<T> resetVals(T value) {
        return run(resetOperation(value, true, shared().values()));
    }

    /** {@link #resetValue} without waiting. */
    public ExorefFuture<Value<T>> resetAsync(T value) {
        return quietly(() -> start(resetOperation(value, false, shared().value())));
    }

    /** {@link #resetVals} without waiting. */
    public ExorefFuture<Values<T>> resetValsAsync(T value) {
        return quietly(() -> start(resetOperation(value, true, shared().values())));
    }

    private <R> Operation<R> resetOperation(T value, boolean wantOld, Operation.Read<R> read) {
        byte[] bytes = shared().propose(value);
        return operation((atom, ms) -> Low.exoref_atom_reset_async(atom, bytes, wantOld, ms), read);
    }

    /** Sets the value to {@code next} if it is {@code expected}: if their bytes are the same. Not to match is no error. */
    public Compared<T> compareAndSet(T expected, T next) {
        return run(compareOperation(expected, next));
    }

    /** {@link #compareAndSet} without waiting. */
    public ExorefFuture<Compared<T>> compareAndSetAsync(T expected, T next) {
        return quietly(() -> start(compareOperation(expected, next)));
    }

    private Operation<Compared<T>> compareOperation(T expected, T next) {
        byte[] proposed = shared().propose(next);
        byte[] compared = Shared.encode(shared().codec(), expected);
        return operation((atom, ms) -> Low.exoref_atom_compare_and_set_async(atom, compared, proposed, ms), compared());
    }

    /** Sets the value to {@code next} if the atom is still at the very state that {@code state} came from. */
    public Compared<T> compareAndSetAt(Value<?> state, T next) {
        return run(compareAtOperation(state, next));
    }

    /** {@link #compareAndSetAt} without waiting. */
    public ExorefFuture<Compared<T>> compareAndSetAtAsync(Value<?> state, T next) {
        return quietly(() -> start(compareAtOperation(state, next)));
    }

    private Operation<Compared<T>> compareAtOperation(Value<?> state, T next) {
        byte[] proposed = shared().propose(next);
        return operation(
                (atom, ms) -> state.read(raw -> Low.exoref_atom_compare_and_set_at_async(atom, raw, proposed, ms)), compared());
    }

    private Operation.Read<Compared<T>> compared() {
        Operation.Read<Value<T>> standing = shared().value();
        return future -> new Compared<>(Low.exoref_future_flag(future), standing.read(future));
    }

    // ---- swapping

    /**
     * Changes the value by a function from the old to the new one, and gives the new one. The function runs on this thread, again for
     * each time that somebody else was faster, so it must do nothing but compute. What it throws is thrown here, and nothing has changed;
     * {@link Declined} ends the swap well, with nothing changed.
     */
    public T swap(UnaryOperator<T> function) {
        SwapLoop<T> loop = new SwapLoop<>(shared(), function, timeoutMs(), false);
        return loop.run().plain(shared().codec());
    }

    /** As {@link #swap}, and gives the new value with its version and state. */
    public Value<T> swapValue(UnaryOperator<T> function) {
        return swapVals(function).newValue();
    }

    /** As {@link #swap}, and gives the exact value before it, too. */
    public Values<T> swapVals(UnaryOperator<T> function) {
        return new SwapLoop<>(shared(), function, timeoutMs(), true).run().values();
    }

    /** {@link #swapVals} without waiting: the function runs on the client's executor. */
    public ExorefFuture<Values<T>> swapAsync(UnaryOperator<T> function) {
        return new AsyncSwap<>(new SwapLoop<>(shared(), function, timeoutMs(), true)).start();
    }

    // ---- validator

    /**
     * Judges from now on what is proposed through this handle (see {@link RefOptions#validator}); null: nothing is judged any more. The
     * current value is judged first: if it is refused, the validator before stays.
     */
    public void setValidator(Predicate<? super T> judge) {
        if (judge != null) checkCurrent(judge);
        shared().validator(judge);
    }

    private void checkCurrent(Predicate<? super T> judge) {
        try {
            Validators.check(judge, deref(), shared().key());
        } catch (NotFoundException none) {
            // an atom that does not exist has no value to refuse
        }
    }

    // ---- watching

    /**
     * Has the watcher called for every change after the state that it gives back (null where the atom does not exist), until it is
     * removed or replaced by another under the same key, or the atom or the client is closed. Watchers of a client run on one thread of
     * its own, one after the other: a slow one holds up the others.
     */
    public Value<T> addWatch(String watchKey, Watcher<T> watcher) {
        return addWatch(watchKey, null, watcher);
    }

    /** As above, on an executor. Watches of one atom on one executor are called one after the other, in order. */
    public Value<T> addWatch(String watchKey, Executor executor, Watcher<T> watcher) {
        return addWatch(watchName(watchKey), executor, watcher);
    }

    /** As above, under a key of any bytes; on the client's own thread, if the executor is null. */
    public Value<T> addWatch(byte[] watchKey, Executor executor, Watcher<T> watcher) {
        Watch<T> watch = prepare(watchKey, executor, watcher);
        try {
            return run(shared().core().watches().adding(watch, shared()));
        } catch (RuntimeException e) {
            shared().core().watches().failed(watch);
            throw e;
        }
    }

    /** {@link #addWatch(String, Watcher)} without waiting. */
    public ExorefFuture<Value<T>> addWatchAsync(String watchKey, Watcher<T> watcher) {
        return addWatchAsync(watchKey, null, watcher);
    }

    /** {@link #addWatch(String, Executor, Watcher)} without waiting. */
    public ExorefFuture<Value<T>> addWatchAsync(String watchKey, Executor executor, Watcher<T> watcher) {
        return quietly(() -> {
            Watch<T> watch = prepare(watchName(watchKey), executor, watcher);
            ExorefFuture<Value<T>> adding = start(shared().core().watches().adding(watch, shared()));
            // What the user cancels may be added all the same: what counts is how the operation ends.
            ExorefFuture<Value<T>> told = new ExorefFuture<>();
            told.stopBy(adding::giveUp);
            adding.whenComplete((since, error) -> {
                if (error != null) shared().core().watches().failed(watch);
                told.follow(since, error);
            });
            return told;
        });
    }

    private static byte[] watchName(String watchKey) {
        return Utf8.encode(watchKey, Status.EINVAL, "the watch key");
    }

    private Watch<T> prepare(byte[] watchKey, Executor executor, Watcher<T> watcher) {
        Objects.requireNonNull(watcher, "watcher");
        return shared().core().watches().prepare(shared(), watchKey.clone(), executor, watcher);
    }

    /**
     * Removes the watch. After it has returned the watcher is not called again; so it waits for a call that runs just now on another
     * thread, an interrupt notwithstanding, which stays on the thread. Within a function that this client runs (a watcher, a body, that of
     * an alterMeta) it does not wait. To remove an absent one is no error.
     */
    public void removeWatch(String watchKey) {
        removeWatch(watchName(watchKey));
    }

    /** As above, by a key of any bytes. */
    public void removeWatch(byte[] watchKey) {
        shared().core().watches().remove(shared(), watchKey.clone());
    }

    // ---- metadata

    /** The metadata: bytes beside the value, shared by all, empty at first. */
    public byte[] meta() {
        return run(operation(Low::exoref_atom_meta_async, Operation.BYTES));
    }

    /** {@link #meta} without waiting. */
    public ExorefFuture<byte[]> metaAsync() {
        return start(operation(Low::exoref_atom_meta_async, Operation.BYTES));
    }

    /** Sets the metadata. No watch is told, no validator asked, and the version stays. */
    public void resetMeta(byte[] meta) {
        run(resetMetaOperation(meta));
    }

    /** {@link #resetMeta} without waiting. */
    public ExorefFuture<Void> resetMetaAsync(byte[] meta) {
        return quietly(() -> start(resetMetaOperation(meta)));
    }

    private Operation<Void> resetMetaOperation(byte[] meta) {
        Objects.requireNonNull(meta, "null is no metadata");
        return operation((atom, ms) -> Low.exoref_atom_reset_meta_async(atom, meta, ms), Operation.NOTHING);
    }

    /**
     * Changes the metadata by a function, and gives the new one. The function runs on a thread of the client's own, perhaps several times;
     * what it throws is thrown here. As a swap does, this waits for the function, however long it takes; but for an interrupt.
     */
    public byte[] alterMeta(UnaryOperator<byte[]> function) {
        MetaFunction called = new MetaFunction(function);
        try {
            return run(alterMetaOperation(called));
        } catch (ExorefException e) {
            throw Failures.rethrow(called.await(e));
        }
    }

    /** {@link #alterMeta} without waiting. */
    public ExorefFuture<byte[]> alterMetaAsync(UnaryOperator<byte[]> function) {
        MetaFunction called = new MetaFunction(function);
        ExorefFuture<byte[]> altering = start(alterMetaOperation(called));
        ExorefFuture<byte[]> told = new ExorefFuture<>();
        told.stopBy(altering::giveUp);
        altering.whenComplete((meta, error) -> {
            if (error == null) told.complete(meta);
            else called.whenIdle(() -> shared().core().completions().execute(() -> told.follow(null, called.instead(error))));
        });
        return told;
    }

    private Operation<byte[]> alterMetaOperation(MetaFunction function) {
        return operation((atom, ms) -> Low.exoref_atom_alter_meta_async(atom, function, ms), Operation.BYTES);
    }
}

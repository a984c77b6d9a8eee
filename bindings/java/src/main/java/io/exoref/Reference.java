package io.exoref;

import java.time.Duration;

/**
 * What atoms, promises and delays have in common. Any number of threads may use one. It need not be closed: what nobody refers to any more
 * is let go of; but {@link #close} says when.
 *
 * <p>A blocking call waits as long as the client's option {@code timeout} says, or {@link #within} does. An interrupt ends it at once:
 * {@link CancelledException} or {@link UnknownOutcomeException}, with the interrupt as its cause and still set on the thread.
 */
public abstract sealed class Reference<T> implements AutoCloseable permits Atom, Promise, Delay {

    private final Shared<T> shared;
    private final long timeoutMs;

    Reference(Shared<T> shared, long timeoutMs) {
        this.shared = shared;
        this.timeoutMs = timeoutMs;
    }

    /** The key as it was opened, as text. */
    public final String key() {
        return Utf8.show(shared.key());
    }

    /** The key as it was opened. */
    public final byte[] keyBytes() {
        return shared.key().clone();
    }

    /** Whether opening this handle created the reference. */
    public final boolean created() {
        return shared.created();
    }

    /** The same handle, whose calls wait so long: {@code promise.within(Exoref.FOREVER).deref()}. */
    public abstract Reference<T> within(Duration timeout);

    /** Lets go of the handle, and of all that {@link #within} made of it. Calls that run go on. A second time does nothing. */
    @Override
    public void close() {
        shared.close();
    }

    final Shared<T> shared() {
        return shared;
    }

    /** The time of a blocking call. */
    final long timeoutMs() {
        return shared.core().resolve(timeoutMs);
    }

    /** The time of a wait in the background: without an end, where none was said. */
    final long backgroundTimeoutMs() {
        return timeoutMs == Timeouts.DEFAULT ? Timeouts.NONE : timeoutMs;
    }

    final <R> R run(Operation<R> operation) {
        return shared.core().run(operation, timeoutMs());
    }

    final <R> ExorefFuture<R> start(Operation<R> operation) {
        return shared.core().start(operation, timeoutMs());
    }

    final <R> ExorefFuture<R> startWaiting(Operation<R> operation) {
        return shared.core().start(operation, backgroundTimeoutMs());
    }

    final <R> Operation<R> operation(Operation.Begin begin, Operation.Read<R> read) {
        return new Operation<>(shared, begin, read);
    }

    /** Asynchronous forms throw nothing: what could not even be begun is a future that failed. */
    static <R> ExorefFuture<R> quietly(java.util.function.Supplier<ExorefFuture<R>> start) {
        try {
            return start.get();
        } catch (RuntimeException | Error e) {
            return ExorefFuture.failed(e);
        }
    }
}

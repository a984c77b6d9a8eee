package io.exoref;

import java.time.Duration;

/**
 * A value that comes once, from whoever delivers it first, and is waited for anywhere: Clojure's promise. The order of opening, delivering
 * and waiting does not matter. Once this process has read the value it is answered from memory, with no server needed.
 *
 * <pre>{@code
 * Promise<String> result = client.openPromise("jobs:17:result", String.class);
 * result.deliver("done");                                       // in one process
 * String text = result.within(Exoref.FOREVER).deref();          // in any number of others
 * }</pre>
 */
public final class Promise<T> extends Reference<T> {

    Promise(Shared<T> shared, long timeoutMs) {
        super(shared, timeoutMs);
    }

    @Override
    public Promise<T> within(Duration timeout) {
        return new Promise<>(shared(), Timeouts.ms(timeout));
    }

    /** Waits until it is delivered, and gives the value. */
    public T deref() {
        byte[] known = known();
        return known != null ? shared().codec().decode(known) : run(derefOperation(shared().plain()));
    }

    /** As {@code within(timeout).deref()}. */
    public T deref(Duration timeout) {
        return within(timeout).deref();
    }

    /** As {@link #deref()}, and gives the value with its version. */
    public Value<T> derefValue() {
        return run(derefOperation(shared().value()));
    }

    /** Waits in the background: for ever, unless {@link #within} says otherwise. Ten thousand such waits cost two connections. */
    public ExorefFuture<T> derefAsync() {
        return startWaiting(derefOperation(shared().plain()));
    }

    /** As {@link #derefAsync()}, and gives the value with its version. */
    public ExorefFuture<Value<T>> derefValueAsync() {
        return startWaiting(derefOperation(shared().value()));
    }

    /** Delivers the value. The first one counts; a later one is no error, and is told what stands. */
    public Delivery<T> deliver(T value) {
        return run(deliverOperation(shared().propose(value)));
    }

    /** {@link #deliver} without waiting. */
    public ExorefFuture<Delivery<T>> deliverAsync(T value) {
        return quietly(() -> start(deliverOperation(shared().propose(value))));
    }

    /** Whether it was delivered, by anybody, anywhere. Does not wait for that. */
    public boolean realized() {
        return run(operation(Low::exoref_promise_realized_async, Operation.FLAG));
    }

    /** {@link #realized} without waiting. */
    public ExorefFuture<Boolean> realizedAsync() {
        return start(operation(Low::exoref_promise_realized_async, Operation.FLAG));
    }

    private byte[] known() {
        return shared().with(Low::promise_known);
    }

    private <R> Operation<R> derefOperation(Operation.Read<R> read) {
        return operation(Low::exoref_promise_deref_async, read);
    }

    private Operation<Delivery<T>> deliverOperation(byte[] value) {
        Operation.Read<Value<T>> standing = shared().value();
        return operation(
                (promise, ms) -> Low.exoref_promise_deliver_async(promise, value, ms),
                future -> new Delivery<>(Low.exoref_future_flag(future), standing.read(future)));
    }
}

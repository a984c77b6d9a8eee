package io.exoref;

import java.time.Duration;

/**
 * A value that is computed when somebody first asks for it, once among all processes: Clojure's delay. Who opens it with a {@link Body}
 * offers to compute it; who opens it with the key alone asks others to. A delay that was opened with a body is kept and serves requests
 * until it or its client is closed.
 *
 * <pre>{@code
 * Delay<Report> report = client.openDelay("report", RefOptions.json(Report.class), lease -> buildReport());
 * Report built = report.within(Exoref.FOREVER).deref();   // in any number of processes: one of them builds it
 * }</pre>
 */
public final class Delay<T> extends Reference<T> {

    /** Null if it offers none. */
    private final OfferedBody<T> body;

    Delay(Shared<T> shared, OfferedBody<T> body, long timeoutMs) {
        super(shared, timeoutMs);
        this.body = body;
    }

    @Override
    public Delay<T> within(Duration timeout) {
        return new Delay<>(shared(), body, Timeouts.ms(timeout));
    }

    /**
     * The value, computed if it is not yet: by this handle's body on this thread if nobody runs one, else by whoever has one; where
     * nobody has, it waits until somebody comes. The time bounds the waiting; that of the body on this thread does not count. {@link
     * BodyException}: the body failed, here or elsewhere, now or earlier.
     */
    public T deref() {
        byte[] known = known();
        return known != null ? shared().codec().decode(known) : derefValue().get();
    }

    /** As {@code within(timeout).deref()}. */
    public T deref(Duration timeout) {
        return within(timeout).deref();
    }

    /** As {@link #deref()}, and gives the value with its version. */
    public Value<T> derefValue() {
        shared().core().bodies().mayWaitFor(shared());
        if (body == null) return run(derefOperation(shared().value()));
        Timeouts.Deadline deadline = new Timeouts.Deadline(timeoutMs());
        for (long left = deadline.left(); ; left = deadline.ms() > 0 ? Math.max(deadline.left(), 1) : deadline.ms()) {
            // One that has declined waits for others. Timeout 0 computes nothing.
            if (body.declined() || left == 0) return shared().core().run(derefOperation(shared().value()), left);
            try (Claimed<T> claimed = shared().core().run(claimOperation(), left)) {
                if (!claimed.leased()) return claimed.standing();
                long begun = System.nanoTime();
                OfferedBody.Made<T> made = body.compute(claimed.held());
                if (made.value() != null) return made.value();
                if (made.failure() != null) throw made.failure();
                deadline.extend(System.nanoTime() - begun);
            }
        }
    }

    /**
     * Waits in the background: for ever, unless {@link #within} says otherwise. A body of this process runs on a thread for bodies then.
     */
    public ExorefFuture<T> derefAsync() {
        return startWaiting(derefOperation(shared().plain()));
    }

    /** As {@link #derefAsync()}, and gives the value with its version. */
    public ExorefFuture<Value<T>> derefValueAsync() {
        return startWaiting(derefOperation(shared().value()));
    }

    /** Whether there is a result, a value or a kept failure. Starts nothing. */
    public boolean realized() {
        return run(operation(Low::exoref_delay_realized_async, Operation.FLAG));
    }

    /** {@link #realized} without waiting. */
    public ExorefFuture<Boolean> realizedAsync() {
        return start(operation(Low::exoref_delay_realized_async, Operation.FLAG));
    }

    /** For who computes in a way of his own: the value, or - when nobody holds it - the lease. */
    public Claimed<T> claim() {
        shared().core().bodies().mayWaitFor(shared());
        return run(claimOperation());
    }

    /** {@link #claim} in the background: waits for ever, unless {@link #within} says otherwise. */
    public ExorefFuture<Claimed<T>> claimAsync() {
        return startWaiting(claimOperation());
    }

    private byte[] known() {
        return shared().with(Low::delay_known);
    }

    private <R> Operation<R> derefOperation(Operation.Read<R> read) {
        return operation(Low::exoref_delay_deref_async, read);
    }

    private Operation<Claimed<T>> claimOperation() {
        Shared<T> of = shared();
        return operation(Low::exoref_delay_claim_async, future -> {
            long lease = Low.exoref_future_lease(future);
            if (lease == 0) return new Claimed<>(null, of.value().read(future));
            return new Claimed<>(new Lease<>(of.core(), lease, of.key(), of.codec(), of.validator()), null);
        });
    }
}

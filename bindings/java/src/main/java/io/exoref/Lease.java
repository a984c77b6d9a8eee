package io.exoref;

import java.time.Duration;
import java.util.function.Predicate;

/**
 * The right to run a delay's body now. It is renewed in the background until it is used, lost, or closed; closed unused, it is given
 * back, and so it is when nobody refers to it any more.
 */
public final class Lease<T> implements AutoCloseable {

    private final Core core;
    private final Anchor anchor;
    private final byte[] key;
    private final Codec<T> codec;
    private final Predicate<? super T> validator;
    private final long timeoutMs;

    Lease(Core core, long raw, byte[] key, Codec<T> codec, Predicate<? super T> validator) {
        this(core, new Anchor(core.hold(raw, "lease", Low::exoref_lease_release)), key, codec, validator, Timeouts.DEFAULT);
    }

    private Lease(Core core, Anchor anchor, byte[] key, Codec<T> codec, Predicate<? super T> validator, long timeoutMs) {
        this.core = core;
        this.anchor = anchor;
        this.key = key;
        this.codec = codec;
        this.validator = validator;
        this.timeoutMs = timeoutMs;
    }

    /** The same lease, whose calls wait so long. */
    public Lease<T> within(Duration timeout) {
        return new Lease<>(core, anchor, key, codec, validator, Timeouts.ms(timeout));
    }

    /** Publishes the value, and ends the lease. {@link LeaseException}: it was lost, or used before; nothing was changed. */
    public Value<T> deliver(T value) {
        return deliverBytes(propose(value));
    }

    /** {@link #deliver} without waiting. */
    public ExorefFuture<Value<T>> deliverAsync(T value) {
        return Reference.quietly(() -> start(delivering(propose(value))));
    }

    /** Publishes a failure, and ends the lease. */
    public void fail(String kind, String message) {
        fail(kind, message, new byte[0]);
    }

    /**
     * Publishes a failure, and ends the lease.
     *
     * @param kind a short word for programs
     * @param message a line for people
     * @param payload anything else
     */
    public void fail(String kind, String message, byte[] payload) {
        run(failing(kind, message, payload));
    }

    /** {@link #fail(String, String, byte[])} without waiting. */
    public ExorefFuture<Void> failAsync(String kind, String message, byte[] payload) {
        return start(failing(kind, message, payload));
    }

    private Operation<Void> failing(String kind, String message, byte[] payload) {
        byte[] word = Utf8.lenient(kind);
        byte[] line = Utf8.lenient(message);
        return operation((lease, ms) -> Low.exoref_lease_fail_async(lease, word, line, payload, ms), Operation.NOTHING);
    }

    /** Renews it now, and gives how long it lasts: for who wants to be sure before doing what can't be undone. */
    public Duration renew() {
        return run(operation(Low::exoref_lease_renew_async, Lease::left));
    }

    /** {@link #renew} without waiting. */
    public ExorefFuture<Duration> renewAsync() {
        return start(operation(Low::exoref_lease_renew_async, Lease::left));
    }

    private static Duration left(long future) {
        return Duration.ofMillis(Low.exoref_future_number(future));
    }

    /** Whether it is lost, so that a result would be refused. From memory, cheap, for loops. */
    public boolean lost() {
        return anchor.with(Low::exoref_lease_lost);
    }

    /** Ends with true when the lease is lost, with false when it has ended otherwise. */
    public ExorefFuture<Boolean> lostAsync() {
        return start(operation((lease, ms) -> Low.exoref_lease_lost_async(lease), Operation.FLAG));
    }

    /** Gives it back, so that another may run the body at once. No error if it was lost or has ended. */
    public void giveBack() {
        run(operation(Low::exoref_lease_give_back_async, Operation.NOTHING));
    }

    /** {@link #giveBack} without waiting. */
    public ExorefFuture<Void> giveBackAsync() {
        return start(operation(Low::exoref_lease_give_back_async, Operation.NOTHING));
    }

    /** The fencing token: each run of the body has a higher one. A system that the body writes to can refuse lower ones. */
    public long token() {
        return anchor.with(Low::exoref_lease_token);
    }

    /** Lets go of it; unused, it is given back in the background. A second time does nothing. */
    @Override
    public void close() {
        anchor.close();
    }

    private byte[] propose(T value) {
        anchor.check();
        validate(value);
        return encode(value);
    }

    void validate(T value) {
        Validators.check(validator, value, key);
    }

    byte[] encode(T value) {
        return Shared.encode(codec, value);
    }

    Value<T> deliverBytes(byte[] bytes) {
        return run(delivering(bytes));
    }

    private Operation<Value<T>> delivering(byte[] bytes) {
        return operation(
                (lease, ms) -> Low.exoref_lease_deliver_async(lease, bytes, ms),
                future -> Value.adopt(Low.exoref_future_value(future), codec));
    }

    private <R> Operation<R> operation(Operation.Begin begin, Operation.Read<R> read) {
        return new Operation<>(anchor, begin, read);
    }

    private <R> R run(Operation<R> operation) {
        return core.run(operation, core.resolve(timeoutMs));
    }

    private <R> ExorefFuture<R> start(Operation<R> operation) {
        return core.start(operation, core.resolve(timeoutMs));
    }
}

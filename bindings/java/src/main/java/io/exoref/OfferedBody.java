package io.exoref;

import java.nio.ByteBuffer;
import java.util.function.Predicate;

/** A body that a handle of a delay offers: running it under a lease, and publishing what it made. */
final class OfferedBody<T> {

    /** What came of it: the value, or the failure, or - if both are null - nothing, since it declined or the lease was lost. */
    record Made<T>(Value<T> value, BodyException failure) {
        static <T> Made<T> nothing() {
            return new Made<>(null, null);
        }
    }

    private final Core core;
    private final long token;
    private final byte[] key;
    private final Body<T> body;
    private final Codec<T> codec;
    private final Predicate<? super T> validator;
    private volatile boolean declined;

    OfferedBody(Core core, byte[] key, Body<T> body, RefOptions<T> options) {
        this.core = core;
        this.token = core.newToken();
        this.key = key;
        this.body = java.util.Objects.requireNonNull(body, "body");
        this.codec = options.codec();
        this.validator = options.validator();
    }

    long token() {
        return token;
    }

    boolean declined() {
        return declined;
    }

    ByteBuffer name() {
        return ByteBuffer.wrap(key);
    }

    /**
     * Another process asked, or an asynchronous deref of this one. The event is kept until the body has ended: till then it is not asked
     * again.
     */
    void asked(long event) {
        try {
            // A body that has declined passes it over, by which C knows.
            if (declined) return;
            try (Lease<T> lease = lease(Low.exoref_event_lease(event))) {
                core.busy().run(() -> compute(lease));
            }
        } catch (RuntimeException e) {
            core.log().warn("body", "the result of the body of delay " + Utf8.quoted(key) + " was not published", e);
        } finally {
            Low.exoref_event_release(event);
        }
    }

    Lease<T> lease(long raw) {
        return new Lease<>(core, raw, key, codec, validator);
    }

    /** Runs it on this thread. */
    Made<T> compute(Lease<T> granted) {
        Lease<T> lease = granted.within(Exoref.FOREVER);
        T made;
        try {
            made = core.bodies().inBody(this, () -> body.run(lease));
        } catch (Declined e) {
            declined = true;
            lease.giveBack();
            return Made.nothing();
        } catch (InterruptedException e) {
            lease.close();
            Thread.currentThread().interrupt();
            throw Failures.here(Status.ECANCELLED, "the body was interrupted, and its lease given back", key, e);
        } catch (Throwable e) {
            return failed(lease, e);
        }
        return deliver(lease, made);
    }

    private Made<T> deliver(Lease<T> lease, T made) {
        byte[] bytes;
        try {
            bytes = lease.propose(made);
        } catch (ValidationException e) {
            return fail(lease, "validation", e.getMessage(), new byte[0], e);
        } catch (RuntimeException e) {
            return fail(lease, "codec", Failures.messageOf(e), new byte[0], e);
        }
        try {
            return new Made<>(lease.deliverBytes(bytes), null);
        } catch (LeaseException lost) {
            return Made.nothing();
        } catch (FinalException e) {
            if (e.status() != Status.ETOOBIG) throw e;
            return fail(lease, "size", e.getMessage(), new byte[0], e);
        }
    }

    private Made<T> failed(Lease<T> lease, Throwable thrown) {
        if (thrown instanceof BodyFailure said) return fail(lease, said.kind(), Failures.messageOf(said), said.payload(), said);
        return fail(lease, "", Failures.messageOf(thrown), new byte[0], thrown);
    }

    private Made<T> fail(Lease<T> lease, String kind, String message, byte[] payload, Throwable thrown) {
        try {
            lease.fail(kind, message, payload);
        } catch (LeaseException lost) {
            return Made.nothing();
        }
        BodyException failure = new BodyException(Failure.ofBody(message, key, kind, payload));
        failure.initCause(thrown);
        return new Made<>(null, failure);
    }
}

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
        } catch (RuntimeException | Error e) {
            core.log().warn("body", "the result of the body of delay " + Utf8.quoted(key) + " was not published", e);
        } finally {
            Low.exoref_event_release(event);
        }
    }

    Lease<T> lease(long raw) {
        return new Lease<>(core, raw, key, codec, validator);
    }

    /** Runs it on this thread. An interrupt that the body leaves behind keeps nothing from being published, and stays on the thread. */
    Made<T> compute(Lease<T> granted) {
        Lease<T> lease = granted.within(Exoref.FOREVER);
        boolean interrupted = false;
        try {
            T made;
            try {
                made = core.bodies().inBody(this, () -> body.run(lease));
            } catch (Declined e) {
                interrupted = Thread.interrupted();
                declined = true;
                lease.giveBack();
                return Made.nothing();
            } catch (Throwable e) {
                interrupted = Thread.interrupted() || e instanceof InterruptedException;
                return fail(lease, Said.by(e), e);
            }
            interrupted = Thread.interrupted();
            return deliver(lease, made);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** What can't be published as it is, is published as a failure: else whoever asks would have it computed again, for ever. */
    private Made<T> deliver(Lease<T> lease, T made) {
        byte[] bytes;
        String step = "validation";
        try {
            lease.validate(made);
            step = "codec";
            bytes = lease.encode(made);
        } catch (Throwable e) {
            return fail(lease, Said.of(step, e), e);
        }
        try {
            return new Made<>(lease.deliverBytes(bytes), null);
        } catch (LeaseException lost) {
            return Made.nothing();
        } catch (FinalException e) {
            return switch (e.status()) {
                case ECLOSED, EDELETED, ECANCELLED -> throw e;
                case ETOOBIG -> fail(lease, Said.of("size", e), e);
                case ECODEC -> fail(lease, Said.of("codec", e), e);
                default -> fail(lease, Said.of("exception", e), e);
            };
        }
    }

    /** What a failure says. */
    private record Said(String kind, String message, byte[] payload) {

        private static final byte[] NOTHING = {};

        private Said {
            if (kind == null) kind = "";
            if (message == null) message = "";
            if (payload == null) payload = NOTHING;
        }

        private static Said of(String kind, Throwable thrown) {
            return new Said(kind, Failures.messageOf(thrown), NOTHING);
        }

        private static Said by(Throwable thrown) {
            try {
                if (thrown instanceof BodyFailure said) return new Said(said.kind(), Failures.messageOf(said), said.payload());
                return of("", thrown);
            } catch (Throwable broken) {
                // an exception whose own methods throw
                return new Said("exception", thrown.getClass().getName(), NOTHING);
            }
        }
    }

    private Made<T> fail(Lease<T> lease, Said said, Throwable thrown) {
        try {
            lease.fail(said.kind(), said.message(), said.payload());
        } catch (LeaseException lost) {
            return Made.nothing();
        } catch (FinalException e) {
            if (e.status() != Status.ETOOBIG || said.kind().equals("size")) throw e;
            String message = "the failure of the body is too big to be told: " + thrown.getClass().getName();
            return fail(lease, new Said("size", message, Said.NOTHING), thrown);
        }
        BodyException failure = new BodyException(Failure.ofBody(said.message(), key, said.kind(), said.payload()));
        failure.initCause(thrown);
        return new Made<>(null, failure);
    }
}

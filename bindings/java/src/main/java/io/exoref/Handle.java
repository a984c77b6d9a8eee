package io.exoref;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/**
 * A native handle. It counts the calls that use it, so that closing - by a user, by a collector, by another thread - never takes it from
 * under one of them: the last to leave lets go of it.
 */
final class Handle {

    private static final int CLOSED = Integer.MIN_VALUE;

    private final long raw;
    private final String noun;
    private final LongConsumer release;
    /** How many calls use it; and CLOSED, which makes it negative. */
    private final AtomicInteger uses = new AtomicInteger();

    Handle(long raw, String noun, LongConsumer release) {
        this.raw = raw;
        this.noun = noun;
        this.release = release;
    }

    /** To be followed by done(), in a finally. */
    long use() {
        for (;;) {
            int now = uses.get();
            if (now < 0) throw Failures.here(Status.ECLOSED, "the " + noun + " is closed");
            if (uses.compareAndSet(now, now + 1)) return raw;
        }
    }

    void done() {
        if (uses.decrementAndGet() == CLOSED) release.accept(raw);
    }

    void close() {
        for (;;) {
            int now = uses.get();
            if (now < 0) return;
            if (!uses.compareAndSet(now, now | CLOSED)) continue;
            if (now == 0) release.accept(raw);
            return;
        }
    }

    boolean closed() {
        return uses.get() < 0;
    }
}

package io.exoref;

import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

/** The bodies that a client offers, by the token that their events bring, and the threads on which they run when others ask. */
final class Bodies {

    /** A body that this thread is in the middle of. */
    private record Frame(Bodies client, ByteBuffer delay, Frame outer) {}

    private static final ThreadLocal<Frame> HERE = new ThreadLocal<>();

    private final Core core;
    private final Lane lane;
    private final ConcurrentHashMap<Long, OfferedBody<?>> byToken = new ConcurrentHashMap<>();
    /** A delay whose body is offered is kept, also if nobody refers to it. */
    private final ConcurrentHashMap<Long, Shared<?>> kept = new ConcurrentHashMap<>();

    Bodies(Core core, int threads) {
        this.core = core;
        this.lane = new Lane("exoref-body", threads);
    }

    void offer(OfferedBody<?> body) {
        byToken.put(body.token(), body);
    }

    void keep(OfferedBody<?> body, Shared<?> delay) {
        kept.put(body.token(), delay);
    }

    void withdraw(long token) {
        byToken.remove(token);
        kept.remove(token);
    }

    /** On the thread of the events. */
    void asked(long token, long event) {
        OfferedBody<?> body = byToken.get(token);
        try {
            if (body == null) Low.exoref_event_release(event);
            else lane.execute(() -> body.asked(event));
        } catch (RejectedExecutionException closed) {
            Low.exoref_event_release(event);
        }
    }

    void shutDown() {
        lane.shutDown();
        byToken.clear();
        kept.clear();
    }

    <R> R inBody(OfferedBody<?> body, Callable<R> task) throws Exception {
        Frame outer = HERE.get();
        HERE.set(new Frame(this, body.name(), outer));
        try {
            return task.call();
        } finally {
            if (outer == null) HERE.remove();
            else HERE.set(outer);
        }
    }

    /** A body that asks for its own delay would wait for itself. */
    void mayWaitFor(Shared<?> delay) {
        for (Frame frame = HERE.get(); frame != null; frame = frame.outer()) {
            if (frame.client() != this || !frame.delay().equals(delay.name())) continue;
            throw Failures.here(
                    Status.EDEADLOCK, "the delay was asked for its value by its own body, which could never end", delay.key(), null);
        }
    }
}

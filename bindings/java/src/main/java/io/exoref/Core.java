package io.exoref;

import java.lang.ref.Reference;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client, beneath the objects that users hold: its native handle, and who is to be told of what. It lives as long as any of those
 * objects; after the last one it is closed.
 */
final class Core {

    private final Handle client;
    private final Settings settings;
    private final Log log;
    private final Completions completions;
    private final Watches watches;
    private final Bodies bodies;
    private final EventThread events;
    /** Where C's steps run: on as many threads as there are steps that run, since one may wait for another. */
    private final Lane steps = Lane.unbounded("exoref-step");
    private final Busy busy = new Busy();
    private final AtomicLong tokens = new AtomicLong();
    private final AtomicInteger users = new AtomicInteger();

    /** Takes the native handle over. */
    Core(long client, Settings settings, Log log, Executor executor) {
        this.client = new Handle(client, "client", Low::exoref_client_release);
        this.settings = settings;
        this.log = log;
        this.completions = new Completions(this, executor);
        this.watches = new Watches(this);
        this.bodies = new Bodies(this, settings.bodies());
        this.events = new EventThread(this, this.client);
        events.start();
    }

    /** How many objects of users hold it up. */
    int users() {
        return users.get();
    }

    /** A handle that an object of a user holds, or an operation that is under way. */
    Handle hold(long raw, String noun, java.util.function.LongConsumer release) {
        users.incrementAndGet();
        return new Handle(raw, noun, value -> {
            release.accept(value);
            left();
        });
    }

    private void left() {
        if (users.decrementAndGet() == 0) beginClose();
    }

    /** The handle by which users use the client itself. */
    Handle holdClient() {
        long raw = client.use();
        try {
            return hold(Low.exoref_client_retain(raw), "client", Low::exoref_client_release);
        } finally {
            client.done();
        }
    }

    long newToken() {
        return tokens.incrementAndGet();
    }

    Completions completions() {
        return completions;
    }

    Watches watches() {
        return watches;
    }

    Bodies bodies() {
        return bodies;
    }

    /** The functions of the application that run just now. */
    Busy busy() {
        return busy;
    }

    /** Where the functions run that C calls. */
    Lane steps() {
        return steps;
    }

    Log log() {
        return log;
    }

    /** The time of a call in milliseconds: the client's own, where none was said. */
    long resolve(long timeoutMs) {
        return timeoutMs == Timeouts.DEFAULT ? settings.timeoutMs() : timeoutMs;
    }

    <R> R run(Operation<R> operation, long timeoutMs) {
        Wait.mayBegin();
        try {
            long future = operation.start(timeoutMs);
            try {
                Wait.until(this, future);
                return operation.read().read(future);
            } finally {
                Low.exoref_future_release(future);
            }
        } catch (RuntimeException | Error e) {
            operation.undo().run();
            throw e;
        } finally {
            // Who waits may be all that holds the client up.
            Reference.reachabilityFence(operation);
        }
    }

    <R> ExorefFuture<R> start(Operation<R> operation, long timeoutMs) {
        try {
            ExorefFuture<R> future = completions.promise(operation.start(timeoutMs), operation);
            future.whenComplete((result, failure) -> {
                if (failure != null) operation.undo().run();
            });
            return future;
        } catch (RuntimeException e) {
            operation.undo().run();
            return ExorefFuture.failed(e);
        } finally {
            Reference.reachabilityFence(operation);
        }
    }

    /** Ends every pending call at once. Does not wait. */
    void beginClose() {
        long raw;
        try {
            raw = client.use();
        } catch (ClosedException already) {
            return;
        }
        try {
            watches.stop();
            Low.exoref_client_close(raw, 0);
        } finally {
            client.done();
        }
        bodies.shutDown();
    }

    /** Whether no function of the application runs any more; on a thread that is in one of them, whether no other does. */
    boolean awaitQuiet(long timeoutMs) {
        Timeouts.Deadline deadline = new Timeouts.Deadline(timeoutMs);
        return events.awaitEnd(deadline) && busy.awaitIdle(deadline);
    }

    /** On the thread of the events, after the last one. */
    void ended() {
        completions.end();
        watches.end();
        steps.shutDown();
        client.close();
    }
}

package io.exoref;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;

/** Who is to be told that a future of C is done, by the token that the event brings. */
final class Completions {

    private final ConcurrentHashMap<Long, Runnable> waiting = new ConcurrentHashMap<>();
    private final Executor executor;
    private final Core core;
    private volatile boolean ended;

    Completions(Core core, Executor executor) {
        this.core = core;
        this.executor = executor;
    }

    /** Has it run when the future is done; at once if no events come any more, since all futures are done then. */
    private void tell(long future, Runnable then) {
        long token = core.newToken();
        waiting.put(token, then);
        boolean set = false;
        try {
            Low.exoref_future_set_token(future, token);
            set = true;
        } finally {
            if (!set) waiting.remove(token);
        }
        if (ended) completed(token);
    }

    /** On the thread that takes the events. */
    void completed(long token) {
        Runnable then = waiting.remove(token);
        if (then != null) then.run();
    }

    /** No events come any more. */
    void end() {
        ended = true;
        for (Long token : waiting.keySet()) completed(token);
    }

    /** Runs it on the executor; here, if that takes nothing any more. */
    void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException shutDown) {
            task.run();
        }
    }

    /** The result of a future of C, which this takes over. */
    <R> ExorefFuture<R> promise(long future, Operation.Read<R> read) {
        ExorefFuture<R> promise = new ExorefFuture<>();
        Handle handle = core.hold(future, "future", Low::exoref_future_release);
        promise.stopBy(() -> cancel(handle));
        try {
            tell(future, () -> execute(() -> finish(promise, handle, future, read)));
        } catch (RuntimeException e) {
            handle.close();
            return ExorefFuture.failed(e);
        }
        return promise;
    }

    static void cancel(Handle future) {
        if (future.closed()) return;
        try {
            Low.exoref_future_cancel(future.use());
        } catch (ClosedException done) {
            return;
        }
        future.done();
    }

    private static <R> void finish(ExorefFuture<R> promise, Handle handle, long future, Operation.Read<R> read) {
        try {
            Low.raise_outcome(future);
            R result = read.read(future);
            if (!promise.complete(result) && result instanceof AutoCloseable unwanted) unwanted.close();
        } catch (Throwable e) {
            promise.completeExceptionally(e);
        } finally {
            handle.close();
        }
    }

    /** A wait without a thread of the system: a virtual thread parks. */
    Wait parked(long future) {
        Parked parked = new Parked();
        tell(future, parked);
        return parked;
    }

    private static final class Parked implements Wait, Runnable {

        private final Thread waiter = Thread.currentThread();
        private volatile boolean done;

        @Override
        public void run() {
            done = true;
            LockSupport.unpark(waiter);
        }

        @Override
        public boolean await() {
            while (!done) {
                LockSupport.park(this);
                if (!done && Thread.interrupted()) return false;
            }
            return true;
        }

        @Override
        public void awaitUninterruptibly() {
            boolean interrupted = false;
            while (!done) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}

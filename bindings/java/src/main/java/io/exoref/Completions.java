package io.exoref;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/** Who is to be told that a future of C is done, by the token that the event brings. */
final class Completions {

    private final ConcurrentHashMap<Long, Runnable> waiting = new ConcurrentHashMap<>();
    private final Executor executor;
    private final Core core;
    private volatile boolean ended;

    Completions(Core core, Executor executor) {
        this.core = core;
        this.executor = Chosen.orCommon(executor);
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

    /** Runs it on the executor; never on this thread. */
    void execute(Runnable task) {
        executor.execute(task);
    }

    /** The result of an operation that was begun: of its future, which this takes over. What the operation is of is kept till then. */
    <R> ExorefFuture<R> promise(long future, Operation<R> operation) {
        ExorefFuture<R> promise = new ExorefFuture<>();
        Handle handle = core.hold(future, "future", Low::exoref_future_release);
        promise.stopBy(() -> cancel(handle));
        try {
            tell(future, () -> execute(() -> finish(promise, handle, future, operation)));
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

    /** Functions upon it find the future of C gone: what it held is theirs alone. */
    private static <R> void finish(ExorefFuture<R> promise, Handle handle, long future, Operation<R> operation) {
        R result;
        try {
            Low.raise_outcome(future);
            result = operation.read().read(future);
        } catch (Throwable e) {
            handle.close();
            promise.completeExceptionally(e);
            return;
        }
        handle.close();
        if (!promise.complete(result)) dispose(result);
    }

    /** Nobody will ever have it. */
    private static void dispose(Object result) {
        if (result instanceof Reference<?> reference) reference.close();
        else if (result instanceof Claimed<?> claimed) claimed.close();
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

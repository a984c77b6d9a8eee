package io.exoref;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Calls of C that can only block, on a thread of their own: whoever waits for them can be interrupted, and may be a virtual thread. */
final class Aside {

    private Aside() {}

    static <R> FutureTask<R> start(Callable<R> call) {
        FutureTask<R> task = new FutureTask<>(call);
        Thread thread = new Thread(null, task, "exoref-call", 0, false);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    /** An interrupt ends the waiting; the call goes on, so what becomes of it is not known. */
    static <R> R call(Callable<R> call) {
        Wait.mayBegin();
        try {
            return start(call).get();
        } catch (ExecutionException e) {
            throw Failures.rethrow(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ExorefException unknown = Failures.of(Failure.goesOn("the wait was interrupted, and the call goes on: look at how it ended"));
            unknown.initCause(e);
            throw unknown;
        }
    }
}

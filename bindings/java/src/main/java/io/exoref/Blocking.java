package io.exoref;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;

/** A wait on a thread of a ForkJoinPool: the pool takes another thread meanwhile, so that who is waited for can run there, too. */
final class Blocking implements ForkJoinPool.ManagedBlocker {

    private final Wait wait;
    private boolean ended;
    private boolean done;

    private Blocking(Wait wait) {
        this.wait = wait;
    }

    static boolean await(Wait wait) {
        if (!(Thread.currentThread() instanceof ForkJoinWorkerThread)) return wait.await();
        Blocking blocking = new Blocking(wait);
        try {
            ForkJoinPool.managedBlock(blocking);
        } catch (InterruptedException e) {
            return false;
        } catch (RejectedExecutionException full) {
            // The pool has as many threads as it may; then this one waits without another.
            blocking.block();
        }
        return blocking.done;
    }

    @Override
    public boolean block() {
        if (ended) return true;
        done = wait.await();
        ended = true;
        return true;
    }

    @Override
    public boolean isReleasable() {
        return ended;
    }
}

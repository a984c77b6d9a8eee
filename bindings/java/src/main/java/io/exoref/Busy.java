package io.exoref;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts functions of the application that run, so that others can wait until none does. */
final class Busy {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final java.util.Map<Thread, Integer> running = new java.util.HashMap<>();

    void run(Runnable task) {
        count(1);
        try {
            task.run();
        } finally {
            count(-1);
        }
    }

    private void count(int step) {
        lock.lock();
        try {
            running.merge(Thread.currentThread(), step, (had, by) -> had + by == 0 ? null : had + by);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether none runs any more, but on this very thread. An interrupt ends the waiting, and stays on the thread. */
    boolean awaitIdle(Timeouts.Deadline deadline) {
        lock.lock();
        try {
            while (!idle()) {
                long left = deadline.left();
                if (left == 0) return false;
                if (left < 0) changed.await();
                else changed.await(left, TimeUnit.MILLISECONDS);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean idle() {
        return running.isEmpty() || running.size() == 1 && running.containsKey(Thread.currentThread());
    }
}

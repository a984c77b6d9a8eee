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

    /** Whether this very thread is in one of them. */
    boolean here() {
        lock.lock();
        try {
            return running.containsKey(Thread.currentThread());
        } finally {
            lock.unlock();
        }
    }

    /** Whether none runs any more. Who is in one of them does not wait. An interrupt ends the waiting, and stays on the thread. */
    boolean awaitIdle(Timeouts.Deadline deadline) {
        if (here()) return true;
        lock.lock();
        try {
            while (!running.isEmpty()) {
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

    /** Until none runs any more; an interrupt stays on the thread. */
    void awaitIdle() {
        lock.lock();
        try {
            while (!running.isEmpty()) changed.awaitUninterruptibly();
        } finally {
            lock.unlock();
        }
    }
}

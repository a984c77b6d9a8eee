package io.exoref;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads of a client for functions of the application: started when they are needed, gone a while after. They don't keep a program up. */
final class Lane implements Executor {

    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor pool;

    Lane(String name, int threads) {
        ThreadFactory factory = factory(name, threads > 1);
        pool = new ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
    }

    private Lane(ThreadPoolExecutor pool) {
        this.pool = pool;
    }

    /** One where nothing waits in a queue. */
    static Lane unbounded(String name) {
        return new Lane(new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory(name, true)));
    }

    private static ThreadFactory factory(String name, boolean several) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(null, task, several ? name + "-" + number.incrementAndGet() : name, 0, false);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** What is queued still runs, so that it can let go of what it holds. */
    void shutDown() {
        pool.shutdown();
    }
}

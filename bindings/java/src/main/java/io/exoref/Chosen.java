package io.exoref;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/**
 * The executor that the application chose. It may refuse, as one that was shut down does, or run the task within the call, as
 * {@code Runnable::run} does; but the thread that hands over must never run what the application wrote. Then it is run elsewhere.
 */
final class Chosen implements Executor {

    private final Executor executor;
    private final Executor elsewhere;
    private final BiConsumer<Runnable, Throwable> refused;

    /** What is refused goes to `refused`. */
    Chosen(Executor executor, Executor elsewhere, BiConsumer<Runnable, Throwable> refused) {
        this.executor = executor;
        this.elsewhere = elsewhere;
        this.refused = refused;
    }

    /** Of what runs upon futures, which must end: elsewhere is where it runs if nothing was chosen. */
    static Chosen orCommon(Executor executor) {
        Executor common = ForkJoinPool.commonPool();
        return new Chosen(executor, common, (task, why) -> common.execute(task));
    }

    /** Never throws, and runs it at most once. */
    @Override
    public void execute(Runnable task) {
        Handed handed = new Handed(task);
        try {
            executor.execute(handed);
        } catch (RuntimeException | Error why) {
            if (handed.begin()) refused.accept(task, why);
        } finally {
            handed.handing = false;
        }
    }

    private final class Handed implements Runnable {

        private final Runnable task;
        private final Thread from = Thread.currentThread();
        private final AtomicBoolean begun = new AtomicBoolean();
        /** Whether execute() has not returned. Only its own thread looks. */
        private boolean handing = true;

        private Handed(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (!begin()) return;
            if (Thread.currentThread() == from && handing) elsewhere.execute(task);
            else task.run();
        }

        private boolean begin() {
            return begun.compareAndSet(false, true);
        }
    }
}

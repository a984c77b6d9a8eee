package io.exoref;

/** Waiting for one future of C on this thread. */
interface Wait {

    /** Until it is done; false if an interrupt came first, which is taken off the thread. */
    boolean await();

    void awaitUninterruptibly();

    /**
     * Waits, and throws if it went wrong. An interrupt gives the operation up: it then ends at once, as cancelled or as unknown, with the
     * interrupt as cause; and it stays set on the thread. If it was done all the same, it counts.
     */
    static void until(Core core, long future) {
        Wait wait = VirtualThreads.here() && core != null ? core.completions().parked(future) : new NativeWait(future);
        boolean interrupted = !Blocking.await(wait);
        if (interrupted) {
            Low.exoref_future_cancel(future);
            wait.awaitUninterruptibly();
        }
        try {
            Low.raise_outcome(future);
        } catch (CancelledException | UnknownOutcomeException e) {
            if (interrupted) e.initCause(new InterruptedException());
            throw e;
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** A thread that is interrupted begins nothing. */
    static void mayBegin() {
        if (!Thread.currentThread().isInterrupted()) return;
        throw Failures.here(Status.ECANCELLED, "nothing was begun: the thread is interrupted", new byte[0], new InterruptedException());
    }
}

package io.exoref;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Takes the events of a client, one after the other, and hands them to whom they are for. It runs nothing of the application's, so it is
 * never held up.
 */
final class EventThread implements Runnable {

    private static final int COMPLETION = 1;
    private static final int WATCH = 2;
    private static final int STEP = 4;
    private static final int BODY = 5;

    private final Core core;
    private final Handle client;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);

    EventThread(Core core, Handle client) {
        this.core = core;
        this.client = client;
        this.thread = new Thread(null, this, "exoref-events", 0, false);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        long[] event = new long[2];
        long raw = client.use();
        try {
            for (int kind = Low.next_event(raw, event); kind != 0; kind = Low.next_event(raw, event)) {
                dispatch(kind, event[0], event[1]);
            }
        } catch (RuntimeException e) {
            core.log().error("connection", "no events can be taken any more", e);
        } finally {
            client.done();
            core.ended();
            ended.countDown();
        }
    }

    private void dispatch(int kind, long token, long event) {
        try {
            switch (kind) {
                case COMPLETION -> {
                    Low.exoref_event_release(event);
                    core.completions().completed(token);
                }
                case WATCH -> core.watches().changed(token, event);
                case STEP -> core.steps().execute(() -> core.busy().run(() -> step(event)));
                case BODY -> core.bodies().asked(token, event);
                default -> Low.exoref_event_release(event);
            }
        } catch (RuntimeException | Error e) {
            core.log().error("connection", "an event could not be handed on", e);
        }
    }

    /** The function of an alterMeta, which C calls. */
    private static void step(long event) {
        Low.exoref_event_run(event);
        Low.exoref_event_release(event);
    }

    /** False at the deadline, or if an interrupt came, which stays on the thread. */
    boolean awaitEnd(Timeouts.Deadline deadline) {
        if (Thread.currentThread() == thread) return true;
        try {
            long left = deadline.left();
            if (left >= 0) return ended.await(left, TimeUnit.MILLISECONDS);
            ended.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

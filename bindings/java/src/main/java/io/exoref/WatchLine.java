package io.exoref;

import java.util.LinkedList;
import java.util.ListIterator;
import java.util.concurrent.Executor;

/**
 * The changes of one atom that are still to be told on one executor: one after the other, in the order in which they came. A watcher that
 * is slower than the changes is told of the last ones, and how many it missed, as if its history were as long.
 */
final class WatchLine {

    private static final int MOST = 4096;
    private static final long MOST_BYTES = 64L << 20;

    private final Executor executor;
    private final LinkedList<Watch.Told<?>> waiting = new LinkedList<>();
    private long bytes;
    private boolean telling;

    /** The lane is for executors that run what they are given within the call. */
    WatchLine(Executor executor, Lane lane, Log log) {
        this.executor = new Chosen(executor, lane, (task, why) ->
                log.error("watch", "the executor of a watch does not take a change: it waits until it takes the next one", why));
    }

    /** One task for each change, so that the lines of one executor take turns as the changes came. */
    void add(Watch.Told<?> told) {
        synchronized (waiting) {
            waiting.add(told);
            bytes += told.weight();
            while ((waiting.size() > MOST || bytes > MOST_BYTES) && leaveOneOut()) {
                // again, until it is short enough
            }
        }
        turn();
    }

    private void turn() {
        executor.execute(this::tellOne);
    }

    private void tellOne() {
        Watch.Told<?> next;
        synchronized (waiting) {
            if (telling || waiting.isEmpty()) return;
            telling = true;
            next = waiting.removeFirst();
            bytes -= next.weight();
        }
        boolean more;
        try {
            next.call();
        } finally {
            synchronized (waiting) {
                telling = false;
                more = !waiting.isEmpty();
            }
        }
        // Others may have come, and found this one in the middle.
        if (more) turn();
    }

    /** The oldest change that a later one of the same watch can speak for. */
    private boolean leaveOneOut() {
        for (ListIterator<Watch.Told<?>> old = waiting.listIterator(); old.hasNext(); ) {
            Watch.Told<?> untold = old.next();
            for (ListIterator<Watch.Told<?>> later = waiting.listIterator(old.nextIndex()); later.hasNext(); ) {
                Watch.Told<?> next = later.next();
                if (!next.sameWatch(untold)) continue;
                later.set(next.after(untold));
                waiting.removeFirstOccurrence(untold);
                bytes -= untold.weight();
                return true;
            }
        }
        return false;
    }
}

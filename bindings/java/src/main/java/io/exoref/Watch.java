package io.exoref;

import java.nio.ByteBuffer;

/** One watch: who is told, and in which line its changes stand. It keeps the atom's handle, for as long as it is there. */
final class Watch<T> {

    /** What it is known by: the atom's key and its own. */
    record Name(ByteBuffer atom, ByteBuffer watch) {}

    private final Name name;
    private final long token;
    private final Shared<T> shared;
    private final Watcher<T> watcher;
    private final WatchLine line;
    private final Busy running = new Busy();
    private volatile boolean removed;

    Watch(Name name, long token, Shared<T> shared, Watcher<T> watcher, WatchLine line) {
        this.name = name;
        this.token = token;
        this.shared = shared;
        this.watcher = watcher;
        this.line = line;
    }

    Name name() {
        return name;
    }

    long token() {
        return token;
    }

    void remove() {
        removed = true;
    }

    void awaitIdle() {
        running.awaitIdle();
    }

    /** On the thread of the events. The event is let go of here. */
    void changed(long event) {
        Change<T> change;
        try {
            change = Change.read(Low.exoref_event_change(event), shared.codec());
        } finally {
            Low.exoref_event_release(event);
        }
        line.add(new Told<>(this, change));
    }

    private void call(Change<T> change) {
        running.run(() -> shared.core().busy().run(() -> {
            if (removed) return;
            try {
                watcher.changed(change);
            } catch (Throwable e) {
                if (e instanceof InterruptedException) Thread.currentThread().interrupt();
                String which = "watch " + Utf8.quoted(change.watchKeyBytes()) + " of " + Utf8.quoted(change.keyBytes());
                String line = which + " failed at version " + change.version() + "; the change stands and the other watches are told";
                shared.core().log().error("watch", line, e);
            }
        }));
    }

    /** A change that waits in line to be told to a watch. */
    static final class Told<T> {

        private final Watch<T> watch;
        private final Change<T> change;

        Told(Watch<T> watch, Change<T> change) {
            this.watch = watch;
            this.change = change;
        }

        void call() {
            watch.call(change);
        }

        long weight() {
            return change.newValue() == null ? 0 : change.newValue().size();
        }

        /** Whether they are told to the same watch. */
        boolean sameWatch(Told<?> other) {
            return watch == other.watch;
        }

        /** This one, where `untold`, of the same watch, is left out. */
        @SuppressWarnings("unchecked")
        Told<T> after(Told<?> untold) {
            return new Told<>(watch, change.after((Change<T>) untold.change));
        }
    }
}

package io.exoref;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** The watches of a client: by the token that their events bring, and by their names. */
final class Watches {

    private record LineKey(ByteBuffer atom, Executor executor) {}

    private final Core core;
    private final Lane lane = new Lane("exoref-watch", 1);
    private final ConcurrentHashMap<Long, Watch<?>> byToken = new ConcurrentHashMap<>();
    // Under this object's lock.
    private final Map<Watch.Name, Watch<?>> byName = new HashMap<>();
    private final Map<LineKey, WatchLine> lines = new HashMap<>();
    private final Map<ByteBuffer, Integer> handles = new HashMap<>();

    Watches(Core core) {
        this.core = core;
    }

    /** A watch that is not there yet: its events may come before the call that adds it is back. */
    <T> Watch<T> prepare(Shared<T> shared, byte[] watchKey, Executor executor, Watcher<T> watcher) {
        Executor chosen = executor != null ? executor : lane;
        WatchLine line;
        synchronized (this) {
            line = lines.computeIfAbsent(new LineKey(shared.name(), chosen), key -> new WatchLine(key.executor(), core.log()));
        }
        Watch.Name name = new Watch.Name(shared.name(), ByteBuffer.wrap(watchKey));
        Watch<T> watch = new Watch<>(name, core.newToken(), shared, watcher, line);
        byToken.put(watch.token(), watch);
        return watch;
    }

    <T> Operation<Value<T>> adding(Watch<T> watch, Shared<T> shared) {
        byte[] key = watch.name().watch().array();
        Operation.Read<Value<T>> since = shared.value();
        return new Operation<>(
                shared.handle(),
                (atom, ms) -> Low.exoref_atom_add_watch_async(atom, key, null, watch.token(), ms),
                future -> {
                    added(watch);
                    return since.read(future);
                });
    }

    private void added(Watch<?> watch) {
        Watch<?> replaced;
        synchronized (this) {
            replaced = byName.put(watch.name(), watch);
        }
        if (replaced != null) drop(replaced);
    }

    /** It is not told of anything any more. */
    void drop(Watch<?> watch) {
        watch.remove();
        byToken.remove(watch.token());
    }

    void remove(Shared<?> shared, byte[] watchKey) {
        long atom = shared.handle().use();
        try {
            Low.exoref_atom_remove_watch(atom, watchKey);
        } finally {
            shared.handle().done();
        }
        Watch<?> watch;
        synchronized (this) {
            watch = byName.remove(new Watch.Name(shared.name(), ByteBuffer.wrap(watchKey)));
        }
        if (watch == null) return;
        drop(watch);
        watch.awaitIdle();
    }

    /** On the thread of the events; of a watch that was removed meanwhile, perhaps. */
    void changed(long token, long event) {
        Watch<?> watch = byToken.get(token);
        if (watch != null) watch.changed(event);
        else Low.exoref_event_release(event);
    }

    /** A handle of an atom was opened. */
    synchronized void opened(ByteBuffer atom) {
        handles.merge(atom, 1, Integer::sum);
    }

    /** A handle was let go of: the watches of an atom end with the last one. */
    synchronized void released(ByteBuffer atom) {
        if (handles.merge(atom, -1, (had, by) -> had + by == 0 ? null : had + by) != null) return;
        byName.values().removeIf(watch -> {
            boolean ended = watch.name().atom().equals(atom);
            if (ended) drop(watch);
            return ended;
        });
        lines.keySet().removeIf(line -> line.atom().equals(atom));
    }

    /** The client is being closed: nobody is told of anything any more. */
    void stop() {
        byToken.values().forEach(Watch::remove);
    }

    /** The last event has come. */
    synchronized void end() {
        stop();
        byToken.clear();
        byName.clear();
        lines.clear();
        lane.shutDown();
    }
}

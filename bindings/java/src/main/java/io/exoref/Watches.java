package io.exoref;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
    /** The one that is called, and behind it those that C has been told to put in its place. */
    private final Map<Watch.Name, List<Watch<?>>> byName = new HashMap<>();
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
            line = lines.computeIfAbsent(new LineKey(shared.name(), chosen), key -> new WatchLine(key.executor(), lane, core.log()));
        }
        Watch.Name name = new Watch.Name(shared.name(), ByteBuffer.wrap(watchKey));
        Watch<T> watch = new Watch<>(name, core.newToken(), shared, watcher, line);
        byToken.put(watch.token(), watch);
        return watch;
    }

    /** C takes them in as they are begun, so their names are noted within the same lock. */
    <T> Operation<Value<T>> adding(Watch<T> watch, Shared<T> shared) {
        byte[] key = watch.name().watch().array();
        Operation.Read<Value<T>> since = shared.value();
        return new Operation<>(
                shared,
                (atom, ms) -> {
                    synchronized (this) {
                        long future = Low.exoref_atom_add_watch_async(atom, key, null, watch.token(), ms);
                        byName.computeIfAbsent(watch.name(), name -> new ArrayList<>()).add(watch);
                        return future;
                    }
                },
                future -> {
                    added(watch, shared);
                    return since.read(future);
                });
    }

    /** C has it, in place of those before it. */
    private synchronized void added(Watch<?> watch, Shared<?> shared) {
        List<Watch<?>> named = byName.get(watch.name());
        if (named == null) {
            // It was removed before C had it.
            shared.with(atom -> {
                Low.exoref_atom_remove_watch(atom, watch.name().watch().array());
                return null;
            });
            return;
        }
        List<Watch<?>> replaced = named.subList(0, Math.max(named.indexOf(watch), 0));
        replaced.forEach(this::silence);
        replaced.clear();
    }

    /** It could not be added: what was there under its name stays. */
    synchronized void failed(Watch<?> watch) {
        silence(watch);
        byName.computeIfPresent(watch.name(), (name, named) -> named.remove(watch) && named.isEmpty() ? null : named);
    }

    private void silence(Watch<?> watch) {
        watch.remove();
        byToken.remove(watch.token());
    }

    void remove(Shared<?> shared, byte[] watchKey) {
        List<Watch<?>> named;
        synchronized (this) {
            shared.with(atom -> {
                Low.exoref_atom_remove_watch(atom, watchKey);
                return null;
            });
            named = byName.remove(new Watch.Name(shared.name(), ByteBuffer.wrap(watchKey)));
            if (named == null) return;
            named.forEach(this::silence);
        }
        // Two functions that remove each other's watch would wait for ever.
        if (!core.busy().here()) named.forEach(Watch::awaitIdle);
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
        byName.entrySet().removeIf(entry -> {
            boolean ended = entry.getKey().atom().equals(atom);
            if (ended) entry.getValue().forEach(this::silence);
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

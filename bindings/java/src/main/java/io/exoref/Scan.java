package io.exoref;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A listing of references, in no order, for one thread. It asks the server as it goes. One that is changed meanwhile may come twice or be
 * missed; one that stands all the time comes.
 */
public final class Scan implements Iterator<Info>, AutoCloseable {

    private final Core core;
    private final Anchor anchor;
    private final long timeoutMs;
    private Info next;
    private boolean ended;

    Scan(Core core, long raw, long timeoutMs) {
        this.core = core;
        this.anchor = new Anchor(core.hold(raw, "scan", Low::exoref_scan_release));
        this.timeoutMs = timeoutMs;
    }

    @Override
    public boolean hasNext() {
        if (next == null && !ended) {
            next = core.run(operation(), core.resolve(timeoutMs));
            ended = next == null;
        }
        return next != null;
    }

    @Override
    public Info next() {
        if (!hasNext()) throw new NoSuchElementException("the listing is at its end");
        Info found = next;
        next = null;
        return found;
    }

    /** The next one without waiting; null at the end. One call at a time, and not beside the others. */
    public ExorefFuture<Info> nextAsync() {
        return core.start(operation(), core.resolve(timeoutMs));
    }

    /** The rest of it. The stream closes the listing. */
    public Stream<Info> stream() {
        int kind = Spliterator.NONNULL | Spliterator.IMMUTABLE;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, kind), false).onClose(this::close);
    }

    private Operation<Info> operation() {
        return new Operation<>(anchor, Low::exoref_scan_next_async, future -> Info.adopt(Low.exoref_future_info(future)));
    }

    @Override
    public void close() {
        anchor.close();
    }
}

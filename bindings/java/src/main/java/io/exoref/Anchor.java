package io.exoref;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.function.LongFunction;

/** What objects that share a handle hold on to: when the last of them is gone, the handle is let go of. */
class Anchor {

    private static final Cleaner CLEANER = Cleaner.create();

    private final Handle handle;
    private final Cleaner.Cleanable cleanable;

    Anchor(Handle handle) {
        this.handle = handle;
        this.cleanable = CLEANER.register(this, handle::close);
    }

    final Handle handle() {
        return handle;
    }

    /** Calls with the native handle, which neither closing nor the collector takes away meanwhile. */
    final <R> R with(LongFunction<R> call) {
        long raw = handle.use();
        try {
            return call.apply(raw);
        } finally {
            handle.done();
            Reference.reachabilityFence(this);
        }
    }

    /** Fails if it is closed. */
    final void check() {
        if (handle.closed()) handle.use();
    }

    /** Lets go of it now. */
    void close() {
        cleanable.clean();
    }
}

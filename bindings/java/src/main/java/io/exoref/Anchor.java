package io.exoref;

import java.lang.ref.Cleaner;

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

    /** Lets go of it now. */
    void close() {
        cleanable.clean();
    }
}

package io.exoref;

/**
 * An operation of C: the handle that it is of, what keeps that handle from the collector, how it is begun, and what its future holds in
 * the end; and what is undone if it fails. The blocking form and the asynchronous one share it.
 */
record Operation<R>(Handle of, Object keeper, Begin begin, Read<R> read, Runnable undo) {

    Operation(Handle of, Object keeper, Begin begin, Read<R> read) {
        this(of, keeper, begin, read, () -> {});
    }

    Operation(Anchor of, Begin begin, Read<R> read) {
        this(of.handle(), of, begin, read);
    }

    Operation<R> undoing(Runnable undo) {
        return new Operation<>(of, keeper, begin, read, undo);
    }

    interface Begin {
        /** Gives the future, or throws if it can't even be begun. */
        long begin(long handle, long timeoutMs);
    }

    interface Read<R> {
        R read(long future);
    }

    static final Read<Void> NOTHING = future -> null;
    static final Read<Boolean> FLAG = Low::exoref_future_flag;
    static final Read<byte[]> BYTES = Operation::bytes;

    /** Begins it. */
    long start(long timeoutMs) {
        long raw = of.use();
        try {
            return begin.begin(raw, timeoutMs);
        } finally {
            of.done();
        }
    }

    static byte[] bytes(long future) {
        long value = Low.exoref_future_value(future);
        try {
            return value == 0 ? null : Low.value_bytes(value);
        } finally {
            Low.exoref_value_release(value);
        }
    }
}

package io.exoref;

import java.util.function.UnaryOperator;

/**
 * One swap, over C's pull form: begin gives the newest known value; what the function makes of it is offered; the answer is "done", or
 * "again" with a newer value. No function of the application runs beneath a frame of C, so it may throw, park and be interrupted as it
 * likes.
 */
final class SwapLoop<T> {

    /** How it ended; or what is to be computed from next. */
    static final class Answer<T> {

        private final boolean done;
        private final byte[] bytes;
        private final Values<T> values;
        private T made;

        private Answer(boolean done, byte[] bytes, Values<T> values) {
            this.done = done;
            this.bytes = bytes;
            this.values = values;
        }

        boolean done() {
            return done;
        }

        Values<T> values() {
            return values;
        }

        /** What the function gave; where it declined, what stands. */
        T plain(Codec<T> codec) {
            return bytes != null ? codec.decode(bytes) : made;
        }
    }

    private final Shared<T> shared;
    private final UnaryOperator<T> function;
    private final boolean wantValues;
    private final Timeouts.Deadline deadline;

    private Handle swap;
    private byte[] old;
    private T made;
    /** What is to be thrown once the value that it rests on is confirmed. */
    private Throwable verdict;
    private boolean declined;

    SwapLoop(Shared<T> shared, UnaryOperator<T> function, long timeoutMs, boolean wantValues) {
        this.shared = shared;
        this.function = java.util.Objects.requireNonNull(function, "function");
        this.wantValues = wantValues;
        this.deadline = new Timeouts.Deadline(timeoutMs);
    }

    Shared<T> shared() {
        return shared;
    }

    long left() {
        return deadline.left();
    }

    Answer<T> run() {
        Wait.mayBegin();
        try {
            if (!beginNow()) shared.core().run(begin(), deadline.ms());
            for (;;) {
                Operation<Answer<T>> next = propose();
                Answer<T> answer = ask(next);
                if (answer.done()) return finish(answer);
                again(answer);
            }
        } finally {
            end();
        }
    }

    private Answer<T> ask(Operation<Answer<T>> next) {
        try {
            return shared.core().run(next, left());
        } catch (ExorefException e) {
            throw Failures.rethrow(instead(e));
        }
    }

    /** Whether this process knows the atom already. */
    boolean beginNow() {
        long[] value = new long[1];
        return shared.with(raw -> begun(Low.swap_begin_now(raw, value), value[0]));
    }

    Operation<Boolean> begin() {
        return new Operation<>(shared, Low::exoref_atom_swap_begin_async,
                future -> begun(Low.exoref_future_swap(future), Low.exoref_future_value(future)));
    }

    private boolean begun(long raw, long value) {
        if (raw == 0) return false;
        swap = new Handle(raw, "swap", Low::exoref_swap_release);
        try {
            old = Low.value_bytes(value);
        } finally {
            Low.exoref_value_release(value);
        }
        return true;
    }

    /** Calls the function, and says what to ask of the server: to take the value, or whether the one that a failure rests on is current. */
    Operation<Answer<T>> propose() {
        declined = false;
        byte[] next;
        try {
            made = function.apply(shared.codec().decode(old));
            next = shared.propose(made);
        } catch (Declined none) {
            declined = true;
            return asking(Low::exoref_swap_confirm_async);
        } catch (RuntimeException thrown) {
            verdict = thrown;
            return asking(Low::exoref_swap_confirm_async);
        }
        return asking((handle, ms) -> Low.exoref_swap_offer_async(handle, next, ms));
    }

    private Operation<Answer<T>> asking(Operation.Begin begin) {
        return new Operation<>(swap, this, begin, this::read);
    }

    private Answer<T> read(long future) {
        boolean done = Low.exoref_future_flag(future);
        if (!done || declined && !wantValues) return new Answer<>(done, Operation.bytes(future), null);
        if (!wantValues || verdict != null) return new Answer<>(true, null, null);
        if (!declined) return new Answer<>(true, null, shared.values().read(future));
        Value<T> unchanged = shared.value().read(future);
        return new Answer<>(true, null, new Values<>(unchanged, unchanged));
    }

    Answer<T> finish(Answer<T> answer) {
        if (verdict != null) throw Failures.rethrow(verdict);
        answer.made = made;
        return answer;
    }

    void again(Answer<T> answer) {
        old = answer.bytes;
        verdict = null;
    }

    /**
     * What to throw when the server can't be asked. What the function threw stands also if it could not be confirmed that the value was
     * current: nothing was changed, whatever became of that. And if the function took all the time, that is a timeout of the whole, not
     * of a call that may not wait.
     */
    Throwable instead(Throwable e) {
        if (verdict != null) {
            if (e != verdict) verdict.addSuppressed(e);
            return verdict;
        }
        if (!(e instanceof ExorefTimeoutException) || !deadline.over()) return e;
        String message = "could not swap atom " + Utf8.quoted(shared.key()) + ": it was not done within " + deadline.ms() + " ms";
        return Failures.here(Status.ETIMEOUT, message, shared.key(), null);
    }

    void end() {
        if (swap != null) swap.close();
    }
}

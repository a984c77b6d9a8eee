package io.exoref;

import java.time.Duration;

/** Times as C takes them: milliseconds, and two numbers that are none. */
final class Timeouts {

    static final long NONE = -1;
    static final long DEFAULT = -2;

    /** A century: no clock here counts further, so that no sum of times is too large for one. */
    private static final long NEARLY_FOR_EVER = 100L * 365 * 24 * 3600 * 1000;

    private Timeouts() {}

    /** A part of a millisecond counts as a whole one. A negative time is refused. */
    static long ms(Duration time) {
        if (time.isNegative()) throw Failures.here(Status.EINVAL, "a time to wait can't be negative: " + time);
        if (time.getSeconds() >= NEARLY_FOR_EVER / 1000) return NONE;
        return time.getSeconds() * 1000 + (time.getNano() + 999_999) / 1_000_000;
    }

    /** A number of units as milliseconds. */
    static long ms(long number, long unitMs) {
        return number >= NEARLY_FOR_EVER / unitMs ? NONE : number * unitMs;
    }

    /** When a call that began now is over. */
    static final class Deadline {

        private final long ms;
        private long end;

        Deadline(long ms) {
            this.ms = ms;
            this.end = System.nanoTime() + ms * 1_000_000;
        }

        /** What is left of it, in milliseconds; NONE if it has no end. */
        long left() {
            if (ms < 0) return NONE;
            long left = end - System.nanoTime();
            return left > 0 ? (left + 999_999) / 1_000_000 : 0;
        }

        /** Time that does not count. */
        void extend(long nanos) {
            end += nanos;
        }

        boolean over() {
            return ms > 0 && left() == 0;
        }

        long ms() {
            return ms;
        }
    }
}

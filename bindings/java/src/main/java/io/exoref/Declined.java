package io.exoref;

/**
 * Thrown by a function to go on as if it were not there: a swap ends well and changes nothing; a {@link Body} leaves the work to another
 * process, and is not offered any more.
 */
public final class Declined extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** It has no stack trace: it is no failure. */
    public Declined() {
        super("declined", null, false, false);
    }
}

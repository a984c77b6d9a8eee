package io.exoref;

/**
 * The body of the delay failed (EBODY), here or elsewhere, now or earlier. The message is the body's, word for word. Where the body ran
 * in this very call, the cause is what it threw.
 */
public final class BodyException extends FinalException {

    private static final long serialVersionUID = 1;

    BodyException(Failure failure) {
        super(failure);
    }

    /** A word for programs, as the body gave it; or empty. */
    public String kind() {
        return failure().kind();
    }

    /** What else the body said of its failure; or empty. */
    public byte[] payload() {
        return failure().payload().clone();
    }
}

package io.exoref;

/** The lease was lost or has ended, and the result was refused (ELEASE). */
public final class LeaseException extends FinalException {

    private static final long serialVersionUID = 1;

    LeaseException(Failure failure) {
        super(failure);
    }
}

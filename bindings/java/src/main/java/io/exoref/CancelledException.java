package io.exoref;

/** The operation was cancelled before it was sent (ECANCELLED); by an interrupt, if the cause is an InterruptedException. */
public final class CancelledException extends FinalException {

    private static final long serialVersionUID = 1;

    CancelledException(Failure failure) {
        super(failure);
    }
}

package io.exoref;

/** Certainly nothing was changed; the same call may succeed later. */
public non-sealed class RetryException extends ExorefException {

    private static final long serialVersionUID = 1;

    RetryException(Failure failure) {
        super(failure);
    }
}

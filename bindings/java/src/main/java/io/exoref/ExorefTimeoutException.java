package io.exoref;

/** The time ran out, and certainly nothing was changed (ETIMEOUT). */
public final class ExorefTimeoutException extends RetryException {

    private static final long serialVersionUID = 1;

    ExorefTimeoutException(Failure failure) {
        super(failure);
    }
}

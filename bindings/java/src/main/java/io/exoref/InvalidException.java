package io.exoref;

/** An argument is not valid (EINVAL). */
public final class InvalidException extends FinalException {

    private static final long serialVersionUID = 1;

    InvalidException(Failure failure) {
        super(failure);
    }
}

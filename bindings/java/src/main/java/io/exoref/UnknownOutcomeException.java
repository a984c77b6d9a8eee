package io.exoref;

/** It was sent, and the answer that would tell did not come: look at the value before doing it again. */
public non-sealed class UnknownOutcomeException extends ExorefException {

    private static final long serialVersionUID = 1;

    UnknownOutcomeException(Failure failure) {
        super(failure);
    }
}

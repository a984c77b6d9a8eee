package io.exoref;

/** Certainly nothing was changed; the same call will fail again. */
public non-sealed class FinalException extends ExorefException {

    private static final long serialVersionUID = 1;

    FinalException(Failure failure) {
        super(failure);
    }
}

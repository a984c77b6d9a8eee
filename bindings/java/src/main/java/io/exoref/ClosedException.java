package io.exoref;

/** The client, or this handle, is closed (ECLOSED). */
public final class ClosedException extends FinalException {

    private static final long serialVersionUID = 1;

    ClosedException(Failure failure) {
        super(failure);
    }
}

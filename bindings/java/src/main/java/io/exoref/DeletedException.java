package io.exoref;

/** The reference was deleted or has expired (EDELETED). */
public final class DeletedException extends FinalException {

    private static final long serialVersionUID = 1;

    DeletedException(Failure failure) {
        super(failure);
    }
}

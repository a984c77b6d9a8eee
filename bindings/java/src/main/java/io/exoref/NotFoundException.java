package io.exoref;

/** There is no reference under this key (ENOTFOUND). */
public final class NotFoundException extends FinalException {

    private static final long serialVersionUID = 1;

    NotFoundException(Failure failure) {
        super(failure);
    }
}

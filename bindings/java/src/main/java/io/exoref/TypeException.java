package io.exoref;

/** The key holds something of another type (ETYPE). */
public final class TypeException extends FinalException {

    private static final long serialVersionUID = 1;

    TypeException(Failure failure) {
        super(failure);
    }
}

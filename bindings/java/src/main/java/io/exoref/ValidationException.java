package io.exoref;

/** The validator refused the value (EVALIDATION). What the validator threw is the cause. */
public final class ValidationException extends FinalException {

    private static final long serialVersionUID = 1;

    ValidationException(Failure failure) {
        super(failure);
    }
}

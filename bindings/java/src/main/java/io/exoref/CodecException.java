package io.exoref;

/** The reference carries another codec label, or a value can't be encoded or decoded (ECODEC). */
public final class CodecException extends FinalException {

    private static final long serialVersionUID = 1;

    CodecException(Failure failure) {
        super(failure);
    }
}

package io.exoref;

/** There was no usable connection to the server in the time (ECONNECTION). */
public final class ConnectionException extends RetryException {

    private static final long serialVersionUID = 1;

    ConnectionException(Failure failure) {
        super(failure);
    }
}

package io.exoref;

/**
 * What went wrong. By what it means for the state on the server it is a {@link RetryException} (nothing was changed: try again), a
 * {@link FinalException} (nothing was changed: give up), or an {@link UnknownOutcomeException} (it may have happened: look at the value);
 * and by kind one of their subclasses. The message is one line: what was attempted on which key and server, what went wrong, what to do.
 *
 * <p>What your own functions throw is not wrapped in it: a swap throws what its function threw.
 */
public abstract sealed class ExorefException extends RuntimeException
        permits RetryException, FinalException, UnknownOutcomeException {

    private static final long serialVersionUID = 1;

    private final Failure failure;

    ExorefException(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    /** The status, as C names it. */
    public Status status() {
        return failure.status();
    }

    /** What the status means for the state on the server. */
    public StatusClass statusClass() {
        return failure.status().statusClass();
    }

    /** Why the outcome is unknown; {@link Reason#NONE} if it is not. */
    public Reason reason() {
        return failure.reason();
    }

    /** The key that it was about, as text; empty if it was about none. */
    public String key() {
        return Utf8.show(failure.key());
    }

    /** The key that it was about, as bytes. */
    public byte[] keyBytes() {
        return failure.key().clone();
    }

    /** The server's own words, or empty. */
    public String serverText() {
        return failure.serverText();
    }

    /** Whether a request may have reached the server. */
    public boolean sent() {
        return failure.sent();
    }

    Failure failure() {
        return failure;
    }
}

package io.exoref;

/** Makes exceptions of failures. The natives call it. */
final class Failures {

    private Failures() {}

    /** For the natives: texts and keys are bytes of UTF-8. */
    static ExorefException make(
            int status, int reason, boolean sent, byte[] message, byte[] key, byte[] serverText, byte[] kind, byte[] payload) {
        return of(new Failure(
                Status.of(status), Utf8.show(message), key, Reason.of(reason), sent, Utf8.show(serverText), Utf8.show(kind), payload));
    }

    static ExorefException of(Failure failure) {
        return switch (failure.status()) {
            case ETIMEOUT -> new ExorefTimeoutException(failure);
            case ECONNECTION -> new ConnectionException(failure);
            case EINVAL -> new InvalidException(failure);
            case ENOTFOUND -> new NotFoundException(failure);
            case ETYPE -> new TypeException(failure);
            case ECODEC -> new CodecException(failure);
            case EVALIDATION -> new ValidationException(failure);
            case ECANCELLED -> new CancelledException(failure);
            case ECLOSED -> new ClosedException(failure);
            case EDELETED -> new DeletedException(failure);
            case EBODY -> new BodyException(failure);
            case ELEASE -> new LeaseException(failure);
            default -> switch (failure.status().statusClass()) {
                case NOT_APPLIED_RETRY -> new RetryException(failure);
                case NOT_APPLIED_FINAL -> new FinalException(failure);
                default -> new UnknownOutcomeException(failure);
            };
        };
    }

    static ExorefException here(Status status, String message) {
        return here(status, message, new byte[0], null);
    }

    static ExorefException here(Status status, String message, byte[] key, Throwable cause) {
        ExorefException made = of(Failure.here(status, message, key));
        if (cause != null) made.initCause(cause);
        return made;
    }

    static String messageOf(Throwable thrown) {
        return thrown.getMessage() != null ? thrown.getMessage() : thrown.toString();
    }

    /** Throws it as it is, also if it is checked: it is the caller's own. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException rethrow(Throwable thrown) throws E {
        throw (E) thrown;
    }
}

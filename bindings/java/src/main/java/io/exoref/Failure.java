package io.exoref;

/** All that is known about one failure. */
record Failure(Status status, String message, byte[] key, Reason reason, boolean sent, String serverText, String kind, byte[] payload)
        implements java.io.Serializable {

    private static final byte[] NOTHING = {};

    /** One that was found in Java, before anything was sent. */
    static Failure here(Status status, String message, byte[] key) {
        return new Failure(status, message, key, Reason.NONE, false, "", "", NOTHING);
    }

    /** A call that nobody waits for any more. */
    static Failure goesOn(String message) {
        return new Failure(Status.EUNKNOWN, message, NOTHING, Reason.CANCELLED, true, "", "", NOTHING);
    }

    static Failure ofBody(String message, byte[] key, String kind, byte[] payload) {
        return new Failure(Status.EBODY, message, key, Reason.NONE, true, "", kind, payload);
    }
}

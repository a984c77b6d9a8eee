package io.exoref;

/** Why an outcome is unknown. */
public enum Reason {
    /** It is not unknown. */
    NONE,
    /** Sent, and no answer in time. */
    TIMEOUT,
    /** Sent, then cancelled by the caller. */
    CANCELLED,
    /** Sent, then the client was closed. */
    CLOSED,
    /** Sent again after a lost connection, and the record that would tell is gone. */
    HISTORY_DROPPED,
    /** Sent again, and the server has lost data meanwhile. */
    DATA_LOST;

    static Reason of(int number) {
        return number >= 0 && number < values().length ? values()[number] : NONE;
    }
}

package io.exoref;

/** What a {@link Status} means for the state on the server. */
public enum StatusClass {
    /** It was applied. */
    OK,
    /** Certainly nothing was changed; the same call may succeed later. */
    NOT_APPLIED_RETRY,
    /** Certainly nothing was changed; the same call will fail again. */
    NOT_APPLIED_FINAL,
    /** It may have been applied: look before doing it again. */
    UNKNOWN
}

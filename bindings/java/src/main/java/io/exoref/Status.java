package io.exoref;

/** How an operation ended: the statuses of exoref.h, by the same names and numbers. */
public enum Status {
    /** Done. */
    OK(0, StatusClass.OK),
    /** The time ran out and certainly nothing was changed. */
    ETIMEOUT(1, StatusClass.NOT_APPLIED_RETRY),
    /** A queue of the client is full. */
    EAGAIN(2, StatusClass.NOT_APPLIED_RETRY),
    /** No usable connection to the server. */
    ECONNECTION(3, StatusClass.NOT_APPLIED_RETRY),
    /** The server can not take the command now. */
    EBUSY(4, StatusClass.NOT_APPLIED_RETRY),
    /** The wait was interrupted; the operation goes on. */
    EINTERRUPTED(5, StatusClass.NOT_APPLIED_RETRY),
    /** An argument is not valid. */
    EINVAL(20, StatusClass.NOT_APPLIED_FINAL),
    /** There is no reference under this key. */
    ENOTFOUND(21, StatusClass.NOT_APPLIED_FINAL),
    /** The key holds something of another type. */
    ETYPE(22, StatusClass.NOT_APPLIED_FINAL),
    /** The reference carries another codec label. */
    ECODEC(23, StatusClass.NOT_APPLIED_FINAL),
    /** The reference is of a newer format than this library knows. */
    EFORMAT(24, StatusClass.NOT_APPLIED_FINAL),
    /** The validator refused the value. */
    EVALIDATION(25, StatusClass.NOT_APPLIED_FINAL),
    /** The function of the caller failed. */
    EFUNCTION(26, StatusClass.NOT_APPLIED_FINAL),
    /** The operation was cancelled before it was sent. */
    ECANCELLED(27, StatusClass.NOT_APPLIED_FINAL),
    /** The client is closed. */
    ECLOSED(28, StatusClass.NOT_APPLIED_FINAL),
    /** The reference was deleted or has expired. */
    EDELETED(29, StatusClass.NOT_APPLIED_FINAL),
    /** The handle belongs to the parent of this forked process. */
    EFORK(30, StatusClass.NOT_APPLIED_FINAL),
    /** A key or value is larger than the limit. */
    ETOOBIG(31, StatusClass.NOT_APPLIED_FINAL),
    /** The server refused the user or password. */
    EAUTH(32, StatusClass.NOT_APPLIED_FINAL),
    /** The server does not permit this command or key to this user. */
    EPERMISSION(33, StatusClass.NOT_APPLIED_FINAL),
    /** The peer did not answer as a Redis server does. */
    EPROTOCOL(34, StatusClass.NOT_APPLIED_FINAL),
    /** The server is too old. */
    EVERSION(35, StatusClass.NOT_APPLIED_FINAL),
    /** The server refused the command. */
    ESERVER(36, StatusClass.NOT_APPLIED_FINAL),
    /** A wait on this thread could never end. */
    EDEADLOCK(37, StatusClass.NOT_APPLIED_FINAL),
    /** Memory ran out. */
    ENOMEM(38, StatusClass.NOT_APPLIED_FINAL),
    /** The private server of a local: directory can not be used. */
    ELOCAL(39, StatusClass.NOT_APPLIED_FINAL),
    /** Exoref itself failed; please report it. */
    EINTERNAL(40, StatusClass.NOT_APPLIED_FINAL),
    /** The body of the delay failed. */
    EBODY(41, StatusClass.NOT_APPLIED_FINAL),
    /** The lease was lost or has ended; the result was refused. */
    ELEASE(42, StatusClass.NOT_APPLIED_FINAL),
    /** The operation may or may not have taken effect. */
    EUNKNOWN(60, StatusClass.UNKNOWN);

    private final int number;
    private final StatusClass statusClass;

    Status(int number, StatusClass statusClass) {
        this.number = number;
        this.statusClass = statusClass;
    }

    /** The number that C knows it by. */
    public int number() {
        return number;
    }

    /** What it means for the state on the server. */
    public StatusClass statusClass() {
        return statusClass;
    }

    /** The constant of C, {@code "EXOREF_ETIMEOUT"}. */
    public String symbol() {
        return "EXOREF_" + name();
    }

    /** One sentence in English. */
    public String text() {
        return Utf8.show(Low.exoref_status_text(number));
    }

    /** A number that this version does not know tells nothing: that is unknown, too. */
    static Status of(int number) {
        for (Status status : values()) {
            if (status.number == number) return status;
        }
        return EUNKNOWN;
    }
}

package io.exoref;

/**
 * Thrown by a {@link Body} to say more of its failure than a message. Who asks for the value gets a {@link BodyException} with the same.
 */
public class BodyFailure extends Exception {

    private static final long serialVersionUID = 1;

    private final String kind;
    private final byte[] payload;

    /** A failure without a payload. */
    public BodyFailure(String kind, String message) {
        this(kind, message, new byte[0]);
    }

    /**
     * A failure.
     *
     * @param kind a short word for programs; null is empty
     * @param message a line for people; null is empty
     * @param payload anything else; null is empty
     */
    public BodyFailure(String kind, String message, byte[] payload) {
        super(message == null ? "" : message);
        this.kind = kind == null ? "" : kind;
        this.payload = payload == null ? new byte[0] : payload.clone();
    }

    /** A short word for programs. */
    public String kind() {
        return kind;
    }

    /** Anything else. */
    public byte[] payload() {
        return payload.clone();
    }
}

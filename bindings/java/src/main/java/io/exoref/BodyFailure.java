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
     * @param kind a short word for programs
     * @param message a line for people
     * @param payload anything else
     */
    public BodyFailure(String kind, String message, byte[] payload) {
        super(message);
        this.kind = kind;
        this.payload = payload.clone();
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

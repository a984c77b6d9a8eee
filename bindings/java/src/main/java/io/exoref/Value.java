package io.exoref;

/**
 * What a reference held at one state: the value, its version, and - within - the identity of that very state, which
 * {@link Atom#compareAndSetAt} takes. Immutable.
 */
public final class Value<T> {

    private final Codec<T> codec;
    private final byte[] bytes;
    private final Anchor state;

    private Value(Codec<T> codec, byte[] bytes, Anchor state) {
        this.codec = codec;
        this.bytes = bytes;
        this.state = state;
    }

    /** Takes a value of C over. null for none. */
    static <T> Value<T> adopt(long raw, Codec<T> codec) {
        if (raw == 0) return null;
        Anchor state = new Anchor(new Handle(raw, "value", Low::exoref_value_release));
        return new Value<>(codec, Low.value_bytes(raw), state);
    }

    /** The value, decoded anew by each call, so nobody shares a mutable one. */
    public T get() {
        return codec.decode(bytes.clone());
    }

    /** Its bytes, as they are on the server. */
    public byte[] bytes() {
        return bytes.clone();
    }

    int size() {
        return bytes.length;
    }

    /** How many values the reference had had when it got this one: 1 for the initial one of an atom. */
    public long version() {
        return read(Low::exoref_value_version);
    }

    /** The codec label of the reference; empty if it has none. */
    public String codec() {
        return Utf8.show(read(Low::exoref_value_codec));
    }

    /** Whether both are the very same state of the same reference. Equal bytes of another state are not. */
    public boolean sameState(Value<?> other) {
        return read(mine -> other.read(theirs -> Low.exoref_value_same_state(mine, theirs)));
    }

    <R> R read(java.util.function.LongFunction<R> what) {
        return state.with(what);
    }

    /** {@code value@version}, for logs. */
    @Override
    public String toString() {
        return Utf8.show(bytes) + "@" + version();
    }
}

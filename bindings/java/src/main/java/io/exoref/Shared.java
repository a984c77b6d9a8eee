package io.exoref;

import java.nio.ByteBuffer;
import java.util.function.Predicate;

/** What all objects that stand for one handle of a reference share. */
final class Shared<T> extends Anchor {

    private final Core core;
    private final byte[] key;
    private final Codec<T> codec;
    private final boolean created;
    private volatile Predicate<? super T> validator;

    Shared(Core core, Handle handle, byte[] key, RefOptions<T> options, boolean created) {
        super(handle);
        this.core = core;
        this.key = key;
        this.codec = options.codec();
        this.created = created;
        this.validator = options.validator();
    }

    Core core() {
        return core;
    }

    byte[] key() {
        return key;
    }

    /** The key as a key of a map. */
    ByteBuffer name() {
        return ByteBuffer.wrap(key);
    }

    Codec<T> codec() {
        return codec;
    }

    boolean created() {
        return created;
    }

    Predicate<? super T> validator() {
        return validator;
    }

    void validator(Predicate<? super T> judge) {
        validator = judge;
    }

    /** The bytes to propose. A closed handle is told before any function is called. */
    byte[] propose(T value) {
        check();
        Validators.check(validator, value, key);
        return encode(codec, value);
    }

    /** C would take null for no bytes. */
    static <T> byte[] encode(Codec<T> codec, T value) {
        byte[] bytes = codec.encode(value);
        if (bytes == null) throw Failures.here(Status.ECODEC, "the codec gave null, which are no bytes");
        return bytes;
    }

    Operation.Read<Value<T>> value() {
        return future -> Value.adopt(Low.exoref_future_value(future), codec);
    }

    Operation.Read<Values<T>> values() {
        return future -> new Values<>(
                Value.adopt(Low.exoref_future_old_value(future), codec), Value.adopt(Low.exoref_future_value(future), codec));
    }

    Operation.Read<T> plain() {
        return future -> codec.decode(Operation.bytes(future));
    }
}

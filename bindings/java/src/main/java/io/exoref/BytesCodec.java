package io.exoref;

import java.util.Objects;

enum BytesCodec implements Codec<byte[]> {
    INSTANCE;

    @Override
    public String label() {
        return "";
    }

    @Override
    public byte[] encode(byte[] value) {
        return Objects.requireNonNull(value, "null is no bytes");
    }

    @Override
    public byte[] decode(byte[] bytes) {
        return bytes;
    }
}

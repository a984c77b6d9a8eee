package io.exoref;

import java.nio.charset.CharacterCodingException;
import java.util.Objects;

enum TextCodec implements Codec<String> {
    INSTANCE;

    @Override
    public String label() {
        return "string";
    }

    @Override
    public byte[] encode(String value) {
        return Utf8.encode(Objects.requireNonNull(value, "null is no text"), Status.ECODEC, "the text");
    }

    @Override
    public String decode(byte[] bytes) {
        try {
            return Utf8.decode(bytes);
        } catch (CharacterCodingException e) {
            throw Failures.here(Status.ECODEC, "the value is no text: its bytes are not UTF-8", new byte[0], e);
        }
    }
}

package io.exoref;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Values to bytes and back. A codec must be safe for use by several threads, and give equal bytes for equal values: compare-and-set
 * compares bytes. What it throws comes out of the call that it belongs to.
 */
public interface Codec<T> {

    /** The label that references carry which are opened with it, so that nobody reads them by another one; empty for none. */
    String label();

    /** The bytes of a value. The array is not kept. */
    byte[] encode(T value);

    /** The value of bytes. The array is the codec's to keep. */
    T decode(byte[] bytes);

    /** JSON by Jackson, in the one canonical text that all languages write. Label {@code json}. */
    static <T> Codec<T> json(Class<T> type) {
        return new JsonCodec<>(JsonCodec.MAPPER, JsonCodec.MAPPER.constructType(type));
    }

    /** JSON of a generic type: {@code Codec.json(new TypeReference<Map<String, Integer>>() {})}. */
    static <T> Codec<T> json(TypeReference<T> type) {
        return new JsonCodec<>(JsonCodec.MAPPER, JsonCodec.MAPPER.constructType(type));
    }

    /** JSON by a mapper of your own, with its modules. What it writes is made canonical. */
    static <T> Codec<T> json(ObjectMapper mapper, TypeReference<T> type) {
        return new JsonCodec<>(mapper, mapper.constructType(type));
    }

    /** Texts, as UTF-8. Label {@code string}. */
    static Codec<String> string() {
        return TextCodec.INSTANCE;
    }

    /** Bytes as they are. No label. */
    static Codec<byte[]> bytes() {
        return BytesCodec.INSTANCE;
    }
}

package io.exoref;

import java.util.ArrayList;
import java.util.List;

/** What is known about a reference, of whatever type: texts by name, its value, metadata and last changes. Immutable. */
public final class Info {

    /** One of the last changes; the value is null if it was too large to be kept. */
    public record PastChange(long version, byte[] value) {}

    private static final List<String> NAMES = List.of("type", "version", "epoch", "size", "codec", "ttl", "expires", "history", "terms",
            "state", "attempt", "owner", "lease", "lease_ms", "failure");

    private final byte[] key;
    private final java.util.Map<String, String> texts = new java.util.LinkedHashMap<>();
    private final Value<byte[]> value;
    private final byte[] meta;
    private final List<PastChange> changes;

    /** Reads all of an info of C, and lets go of it. */
    static Info adopt(long raw) {
        if (raw == 0) return null;
        try {
            return new Info(raw);
        } finally {
            Low.exoref_info_release(raw);
        }
    }

    private Info(long raw) {
        key = Low.exoref_info_key(raw);
        for (String name : NAMES) {
            byte[] text = Low.exoref_info_text(raw, Utf8.argument(name, "a name"));
            if (text != null) texts.put(name, Utf8.show(text));
        }
        value = Value.adopt(Low.exoref_info_value(raw), Codec.bytes());
        meta = bytes(Low.exoref_info_meta(raw));
        List<PastChange> past = new ArrayList<>();
        for (long n = 0; n < Low.exoref_info_change_count(raw); n++) {
            past.add(new PastChange(Low.exoref_info_change_version(raw, n), bytes(Low.exoref_info_change_value(raw, n))));
        }
        changes = List.copyOf(past);
    }

    private static byte[] bytes(long value) {
        try {
            return value == 0 ? null : Low.value_bytes(value);
        } finally {
            Low.exoref_value_release(value);
        }
    }

    /** The key, without the client's prefix, as text. */
    public String key() {
        return Utf8.show(key);
    }

    /** The key, without the client's prefix. */
    public byte[] keyBytes() {
        return key.clone();
    }

    /** {@code atom}, {@code promise} or {@code delay}. */
    public String type() {
        return text("type");
    }

    /** How many values it has had. */
    public long version() {
        return Long.parseLong(text("version"));
    }

    /**
     * A text by its name: {@code type}, {@code version}, {@code epoch}, {@code size}, {@code codec}, {@code ttl}, {@code expires}, {@code
     * history}, {@code terms}; of a delay also {@code state}, {@code attempt}, {@code owner}, {@code lease}, {@code lease_ms}, {@code
     * failure}. Empty for another name.
     */
    public String text(String name) {
        return texts.getOrDefault(name, "");
    }

    /** All texts. */
    public java.util.Map<String, String> texts() {
        return java.util.Collections.unmodifiableMap(texts);
    }

    /** The value as it is on the server; null if there is none yet, and in a listing. */
    public Value<byte[]> value() {
        return value;
    }

    /** The metadata; null in a listing. */
    public byte[] meta() {
        return meta == null ? null : meta.clone();
    }

    /** The last changes, newest first, as many as the history holds; none in a listing. */
    public List<PastChange> changes() {
        return changes;
    }
}

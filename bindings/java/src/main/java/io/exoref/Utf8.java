package io.exoref;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Texts to bytes and back. Nothing is replaced silently, but where a text is only shown. */
final class Utf8 {

    private static final int MOST_QUOTED = 80;

    private Utf8() {}

    /** Refuses a text that has half a surrogate pair. */
    static byte[] encode(String text, Status status, String what) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] out = new byte[bytes.remaining()];
            bytes.get(out);
            return out;
        } catch (CharacterCodingException e) {
            throw Failures.here(status, what + " can't be UTF-8: it has half a surrogate pair", new byte[0], e);
        }
    }

    static String decode(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    /** A text for C, which may hold no NUL. null stays null. */
    static byte[] argument(String text, String what) {
        if (text == null) return null;
        if (text.indexOf('\0') >= 0) throw Failures.here(Status.EINVAL, what + " may hold no NUL character");
        return encode(text, Status.EINVAL, what);
    }

    /** A message for C: what can't go is shown as a replacement; null is none. */
    static byte[] lenient(String text) {
        return text == null ? new byte[0] : text.replace('\0', '\ufffd').getBytes(StandardCharsets.UTF_8);
    }

    static byte[] key(String text) {
        return encode(text, Status.EINVAL, "the key");
    }

    /** A key within a message, as C shows it. */
    static String quoted(byte[] bytes) {
        StringBuilder text = new StringBuilder("'");
        for (int i = 0; i < bytes.length && i < MOST_QUOTED; i++) {
            int c = bytes[i] & 0xff;
            if (c < 0x20 || c >= 0x7f || c == '\\' || c == '\'') text.append(String.format("\\x%02x", c));
            else text.append((char) c);
        }
        if (bytes.length > MOST_QUOTED) text.append("\u2026(").append(bytes.length).append(" bytes)");
        return text.append("'").toString();
    }

    static String show(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}

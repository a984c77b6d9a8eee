package io.exoref.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.exoref.Exoref;
import io.exoref.RefOptions;
import io.exoref.Value;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * One step of a case: its fields, and what it gives. Who plays it takes the fields, then calls ready(), which refuses what nobody took, and
 * only then does something.
 */
final class Step {

    private final JsonNode fields;
    private final Set<String> taken = new HashSet<>();
    private final ObjectNode results = JsonNodeFactory.instance.objectNode();

    Step(JsonNode fields) {
        this.fields = fields;
    }

    private JsonNode take(String name) {
        taken.add(name);
        return fields.get(name);
    }

    String maybeText(String name) {
        JsonNode field = take(name);
        if (field == null) return null;
        if (!field.isTextual()) throw new Fault(name + " is no text");
        return field.textValue();
    }

    String text(String name) {
        String found = maybeText(name);
        if (found == null) throw new Fault("field '" + name + "' is missing");
        return found;
    }

    byte[] maybeBytes(String name) {
        String found = maybeText(name);
        return found == null ? null : fromWire(found);
    }

    byte[] bytes(String name) {
        return fromWire(text(name));
    }

    long number(String name, long otherwise) {
        JsonNode field = take(name);
        if (field == null) return otherwise;
        if (!field.isIntegralNumber()) throw new Fault(name + " is no number");
        return field.longValue();
    }

    /** The field `timeout`; null if the client's own is to be used. */
    Duration timeout() {
        long ms = number("timeout", Long.MIN_VALUE);
        if (ms == Long.MIN_VALUE) return null;
        return ms == -1 ? Exoref.FOREVER : Duration.ofMillis(ms);
    }

    Map<String, String> texts() {
        Map<String, String> out = new TreeMap<>();
        JsonNode given = take("options");
        if (given != null) given.fields().forEachRemaining(option -> out.put(option.getKey(), option.getValue().textValue()));
        return out;
    }

    /** The options and the validator of a reference of bytes. */
    RefOptions<byte[]> options() {
        RefOptions<byte[]> options = RefOptions.bytes();
        for (Map.Entry<String, String> option : texts().entrySet()) options = options.with(option.getKey(), option.getValue());
        Function validator = Function.take(this, "validator", false);
        return validator == null ? options : options.validator(validator::accepts);
    }

    void ready() {
        fields.fieldNames().forEachRemaining(name -> {
            if (!taken.contains(name)) throw new Fault("unknown field '" + name + "'");
        });
    }

    void give(String name, String what) {
        results.put(name, what);
    }

    void give(String name, long what) {
        results.put(name, what);
    }

    void give(String name, boolean what) {
        results.put(name, what);
    }

    void give(String name, JsonNode what) {
        results.set(name, what);
    }

    void give(Value<byte[]> value) {
        if (value == null) return;
        give("value", toWire(value.bytes()));
        give("version", value.version());
        give("codec", value.codec());
    }

    void giveOld(Value<byte[]> value) {
        if (value == null) return;
        give("old", toWire(value.bytes()));
        give("old_version", value.version());
    }

    ObjectNode results() {
        return results;
    }

    static String toWire(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (byte one : bytes) {
            if (one >= 0x20 && one < 0x7f && one != '%') out.append((char) one);
            else out.append(String.format("%%%02x", one & 0xff));
        }
        return out.toString();
    }

    private static byte[] fromWire(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                out.write(c);
                continue;
            }
            String hex = text.substring(i + 1, Math.min(i + 3, text.length()));
            if (!hex.matches("[0-9a-f]{2}")) throw new Fault("not percent-encoded: " + text);
            out.write(Integer.parseInt(hex, 16));
            i += 2;
        }
        return out.toByteArray();
    }
}

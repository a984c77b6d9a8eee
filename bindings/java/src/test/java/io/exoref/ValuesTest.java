package io.exoref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What each codec makes of which values, beside what all languages make of them (tests/conformance/json_cases.json). */
class ValuesTest extends ClientTest {

    private static final Codec<Object> ANY = Codec.json(Object.class);

    /** What Jackson reads is written as the canonical text, or was refused loudly; whole cases that must not be read are. */
    @TestFactory
    Stream<DynamicTest> theTableOfAllLanguages() throws IOException {
        File table = new File(System.getProperty("exoref.root"), "tests/conformance/json_cases.json");
        JsonNode cases = new ObjectMapper().readTree(table).get("cases");
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode one : cases) tests.add(DynamicTest.dynamicTest(one.get("name").textValue(), () -> play(one)));
        assertTrue(tests.size() > 100, "the table has " + tests.size() + " cases");
        return tests.stream();
    }

    private static void play(JsonNode one) throws IOException {
        byte[] input = text(one.get("input"));
        if (one.has("error")) {
            assertThrows(InvalidException.class, () -> Exoref.jsonCanonical(input));
            return;
        }
        byte[] canonical = text(one.get("canonical"));
        assertArrayEquals(canonical, Exoref.jsonCanonical(input));
        Object value;
        try {
            value = ANY.decode(input);
        } catch (CodecException refused) {
            return;
        }
        assertEquals(new String(canonical, StandardCharsets.UTF_8), new String(ANY.encode(value), StandardCharsets.UTF_8));
    }

    private static byte[] text(JsonNode given) throws IOException {
        if (given.isTextual()) return given.textValue().getBytes(StandardCharsets.UTF_8);
        if (given.has("base64")) return Base64.getDecoder().decode(given.get("base64").textValue());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (JsonNode part : given.get("parts")) {
            byte[] bytes = part.get(0).textValue().getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < part.get(1).intValue(); i++) all.write(bytes);
        }
        return all.toByteArray();
    }

    private static <T> void comesBack(Codec<T> codec, T value, String text) {
        byte[] bytes = codec.encode(value);
        assertEquals(text, new String(bytes, StandardCharsets.UTF_8));
        assertEquals(value, codec.decode(bytes));
    }

    @Test
    void numbersComeBack() {
        comesBack(Codec.json(Double.class), -0.0, "-0.0");
        comesBack(Codec.json(Double.class), 1e308, "1e+308");
        comesBack(Codec.json(Double.class), Double.MIN_VALUE, "5e-324");
        comesBack(Codec.json(Double.class), 2e-3, "0.002");
        comesBack(Codec.json(Float.class), 0.1f, "0.1");
        comesBack(Codec.json(Float.class), -0.0f, "-0.0");
        comesBack(Codec.json(Float.class), Float.MAX_VALUE, "3.4028235e+38");
        comesBack(Codec.json(Float.class), Float.MIN_VALUE, "1.4e-45");
        comesBack(Codec.json(Byte.class), Byte.MIN_VALUE, "-128");
        comesBack(Codec.json(Double.class), null, "null");
        assertEquals(1e22, Codec.json(Double.class).decode(("1" + "0".repeat(22)).getBytes(StandardCharsets.UTF_8)));
        comesBack(Codec.json(Long.class), Long.MIN_VALUE, "-9223372036854775808");
        comesBack(Codec.json(BigInteger.class), BigInteger.TEN.pow(2000), "1" + "0".repeat(2000));
        comesBack(ANY, new BigInteger("123456789012345678901234567890"), "123456789012345678901234567890");
        comesBack(Codec.json(BigDecimal.class), new BigDecimal("0.1"), "0.1");
        assertEquals(1.0, Codec.json(Double.class).decode("1".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatWouldNotComeBackIsRefused() {
        for (double none : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThrows(CodecException.class, () -> Codec.json(Double.class).encode(none));
            assertThrows(CodecException.class, () -> ANY.encode(List.of(none)));
        }
        assertThrows(CodecException.class, () -> Codec.json(Float.class).encode(Float.NaN));
        assertThrows(CodecException.class, () -> Codec.json(BigDecimal.class).encode(new BigDecimal("0.10000000000000000001")));
        assertThrows(CodecException.class, () -> Codec.json(BigDecimal.class).encode(new BigDecimal("1e400").add(new BigDecimal("0.5"))));
        assertThrows(CodecException.class, () -> Codec.json(Integer.class).decode("1.5".getBytes(StandardCharsets.UTF_8)));
        assertThrows(CodecException.class, () -> Codec.json(Integer.class).decode("2147483648".getBytes(StandardCharsets.UTF_8)));
        assertThrows(CodecException.class, () -> Codec.json(Integer.class).decode("\"1\"".getBytes(StandardCharsets.UTF_8)));
        refused(String.class, "5", "true", "1.5");
        refused(Boolean.class, "1", "\"true\"");
        refused(Byte.class, "200", "-129", "1.0", "null x");
        refused(Double.class, "1" + "0".repeat(400), "1e400", "9007199254740993", "\"1\"");
        refused(Float.class, "1e+300", "16777217", "0.12345678901234568", "[]");
        refused(double.class, "null");
        refused(BigInteger.class, "1.5");
        refused(StatusClass.class, "0");
        BigDecimal odd = new BigDecimal("0.10000000000000000555");
        assertThrows(CodecException.class, () -> Codec.json(JsonNode.class).encode(DecimalNode.valueOf(odd)));
        assertThrows(CodecException.class, () -> Codec.json(JsonNode.class).encode(new ObjectMapper().createArrayNode().add(odd)));
        ObjectMapper own = new ObjectMapper();
        assertThrows(CodecException.class, () -> Codec.json(own, new TypeReference<List<Object>>() {}).encode(List.of(odd)));
        assertThrows(CodecException.class, () -> Codec.json(own, new TypeReference<List<Object>>() {}).encode(List.of(Double.NaN)));
        assertThrows(CodecException.class, () -> ANY.decode("{\"a\":1,\"a\":2}".getBytes(StandardCharsets.UTF_8)));
        assertThrows(CodecException.class, () -> ANY.decode("1 2".getBytes(StandardCharsets.UTF_8)));
        assertThrows(CodecException.class, () -> ANY.encode(deep(600)));
        assertThrows(CodecException.class, () -> ANY.encode(new Object()));
    }

    private static void refused(Class<?> type, String... texts) {
        for (String text : texts) {
            assertThrows(CodecException.class, () -> Codec.json(type).decode(text.getBytes(StandardCharsets.UTF_8)), type + " of " + text);
        }
    }

    private static Object deep(int levels) {
        Object inner = 1;
        for (int i = 0; i < levels; i++) inner = List.of(inner);
        return inner;
    }

    @Test
    void deepNestingComesBack() {
        Object deep = deep(500);
        assertEquals(deep, ANY.decode(ANY.encode(deep)));
    }

    @Test
    void allOfUnicodeComesBack() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) all.appendCodePoint(c);
        }
        String text = all.toString();
        assertEquals(text, Codec.string().decode(Codec.string().encode(text)));
        Codec<String> json = Codec.json(String.class);
        assertEquals(text, json.decode(json.encode(text)));
        Atom<String> atom = client.createAtom(key, String.class, text);
        assertEquals(text, atom.deref());
    }

    @Test
    void halfSurrogatesAreRefused() {
        for (String half : new String[] {"\ud800", "a\udc00b", "\udc00\ud800"}) {
            assertThrows(CodecException.class, () -> Codec.string().encode(half));
            assertThrows(CodecException.class, () -> Codec.json(String.class).encode(half));
            assertThrows(CodecException.class, () -> ANY.encode(Map.of(half, 1)));
        }
        assertThrows(CodecException.class, () -> Codec.string().decode(new byte[] {(byte) 0xff}));
    }

    @Test
    void keysAreSortedAsAllLanguagesDo() {
        assertEquals("{\"a\":1,\"z\":2,\"\uffee\":3,\"\ud83d\ude00\":4}", new String(
                ANY.encode(Map.of("\ud83d\ude00", 4, "z", 2, "\uffee", 3, "a", 1)), StandardCharsets.UTF_8));
    }

    record Point(int x, int y) {}

    @Test
    void recordsAndGenericTypes() {
        comesBack(Codec.json(Point.class), new Point(1, 2), "{\"x\":1,\"y\":2}");
        comesBack(Codec.json(new TypeReference<List<Point>>() {}), List.of(new Point(1, 2)), "[{\"x\":1,\"y\":2}]");
        comesBack(Codec.json(new ObjectMapper(), new TypeReference<Map<String, Point>>() {}), Map.of("p", new Point(3, 4)),
                "{\"p\":{\"x\":3,\"y\":4}}");
        comesBack(Codec.json(Object.class), null, "null");
        comesBack(Codec.string(), "", "");
    }

    @Test
    void nullIsNoTextAndNoBytes() {
        assertThrows(NullPointerException.class, () -> client.createAtom(key, RefOptions.string(), null));
        assertThrows(NullPointerException.class, () -> client.createAtom(key, RefOptions.bytes(), null));
    }

    @Test
    void emptyAndLargeBytes() {
        Atom<byte[]> atom = client.createAtom(key, RefOptions.bytes(), new byte[0]);
        assertEquals(0, atom.deref().length);
        byte[] large = new byte[3 << 20];
        large[large.length - 1] = 7;
        atom.reset(large);
        assertArrayEquals(large, atom.deref());
        ExorefException tooBig = assertThrows(FinalException.class, () -> atom.reset(new byte[65 << 20]));
        assertEquals(Status.ETOOBIG, tooBig.status());
    }

    @Test
    void aValueIsImmutable() {
        byte[] given = {1, 2};
        Atom<byte[]> atom = client.createAtom(key, RefOptions.bytes(), given);
        given[0] = 9;
        Value<byte[]> value = atom.derefValue();
        value.get()[0] = 9;
        value.bytes()[1] = 9;
        assertArrayEquals(new byte[] {1, 2}, value.get());
    }
}

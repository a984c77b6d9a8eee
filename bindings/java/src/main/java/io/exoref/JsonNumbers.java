package io.exoref;

import com.fasterxml.jackson.core.JsonGenerationException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Numbers as canonical JSON has them: one with a point is a double, an integer has any size. Nothing is rounded silently. */
final class JsonNumbers {

    private JsonNumbers() {}

    /** A writer that refuses numbers which would not come back as they were, whoever writes them: a bean, a tree, a mapper's module. */
    static final class Exact extends JsonGeneratorDelegate {

        Exact(JsonGenerator to) {
            super(to, false);
        }

        @Override
        public void writeNumber(BigDecimal value) throws IOException {
            if (value != null && value.scale() > 0 && !isDouble(value)) throw refusal(value + " is no double, as which JSON keeps it");
            super.writeNumber(value == null ? "null" : value.toPlainString());
        }

        @Override
        public void writeNumber(double value) throws IOException {
            if (!Double.isFinite(value)) throw refusal(value + " is no number of JSON");
            super.writeNumber(value);
        }

        @Override
        public void writeNumber(float value) throws IOException {
            if (!Float.isFinite(value)) throw refusal(value + " is no number of JSON");
            super.writeNumber(value);
        }

        private static boolean isDouble(BigDecimal value) {
            double nearest = value.doubleValue();
            return Double.isFinite(nearest) && new BigDecimal(Double.toString(nearest)).compareTo(value) == 0;
        }

        private JsonGenerationException refusal(String words) {
            return new JsonGenerationException(words, this);
        }
    }

    /** Readers that refuse a number which does not fit the type. */
    static SimpleModule fitting() {
        return new SimpleModule()
                .addDeserializer(Double.class, new Fitting<>(Double.class, JsonNumbers::toDouble))
                .addDeserializer(double.class, new Fitting<>(double.class, JsonNumbers::toDouble))
                .addDeserializer(Float.class, new Fitting<>(Float.class, JsonNumbers::toFloat))
                .addDeserializer(float.class, new Fitting<>(float.class, JsonNumbers::toFloat))
                .addDeserializer(Byte.class, new Fitting<>(Byte.class, JsonNumbers::toByte))
                .addDeserializer(byte.class, new Fitting<>(byte.class, JsonNumbers::toByte));
    }

    /** What fits of the number that the parser is at; null if it does not. */
    private interface Fit<N> {
        N of(JsonParser at) throws IOException;
    }

    private static Double toDouble(JsonParser at) throws IOException {
        double nearest = at.getDoubleValue();
        if (!Double.isFinite(nearest)) return null;
        if (at.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) return nearest;
        return new BigDecimal(nearest).compareTo(at.getDecimalValue()) == 0 ? nearest : null;
    }

    /** One that is written as it was read: of decimals as short as 0.1 there are some. */
    private static Float toFloat(JsonParser at) throws IOException {
        float nearest = (float) at.getDoubleValue();
        if (!Float.isFinite(nearest)) return null;
        boolean same = Double.parseDouble(Float.toString(nearest)) == at.getDoubleValue();
        return same && toDouble(at) != null ? nearest : null;
    }

    private static Byte toByte(JsonParser at) throws IOException {
        if (at.currentToken() != JsonToken.VALUE_NUMBER_INT) return null;
        BigInteger number = at.getBigIntegerValue();
        return number.bitLength() < Byte.SIZE ? number.byteValue() : null;
    }

    private static final class Fitting<N> extends StdScalarDeserializer<N> {

        private final Class<N> type;
        private final transient Fit<N> fit;

        private Fitting(Class<N> type, Fit<N> fit) {
            super(type);
            this.type = type;
            this.fit = fit;
        }

        @Override
        @SuppressWarnings("unchecked")
        public N deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.currentToken().isNumeric()) return (N) context.handleUnexpectedToken(type, parser);
            N fits = fit.of(parser);
            return fits != null ? fits : context.reportInputMismatch(this, "%s does not fit the type %s", parser.getText(), type.getName());
        }

        @Override
        public N getNullValue(DeserializationContext context) throws JsonMappingException {
            return type.isPrimitive() ? context.reportInputMismatch(this, "null does not fit the type %s", type.getName()) : null;
        }
    }
}

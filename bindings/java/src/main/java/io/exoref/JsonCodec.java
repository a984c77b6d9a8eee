package io.exoref;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.math.BigDecimal;

/** Canonical JSON. What would not come back as it was is refused: NaN, half surrogate pairs, decimals that no double is. */
final class JsonCodec<T> implements Codec<T> {

    static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .addModule(new SimpleModule().addSerializer(BigDecimal.class, new ExactDecimal()))
            .build();

    private final JavaType type;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    JsonCodec(ObjectMapper mapper, JavaType type) {
        this.type = type;
        this.writer = mapper.writerFor(type);
        this.reader = mapper.readerFor(type);
    }

    @Override
    public String label() {
        return "json";
    }

    @Override
    public byte[] encode(T value) {
        try {
            return Low.json_canonical(writer.writeValueAsBytes(value));
        } catch (JsonProcessingException | InvalidException e) {
            throw Failures.here(Status.ECODEC, "the value can't be written as JSON: " + e.getMessage(), new byte[0], e);
        }
    }

    @Override
    public T decode(byte[] bytes) {
        try {
            return reader.readValue(bytes);
        } catch (IOException e) {
            throw Failures.here(Status.ECODEC, "the value can't be read as " + type.toCanonical() + ": " + e.getMessage(), new byte[0], e);
        }
    }

    /** In canonical JSON a number with a point is a double; an integer has any size. */
    private static final class ExactDecimal extends JsonSerializer<BigDecimal> {
        @Override
        public void serialize(BigDecimal value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (value.scale() > 0) {
                double nearest = value.doubleValue();
                if (Double.isInfinite(nearest) || new BigDecimal(Double.toString(nearest)).compareTo(value) != 0) {
                    throw new com.fasterxml.jackson.core.JsonGenerationException(value + " is no double, as which JSON keeps it", out);
                }
            }
            out.writeNumber(value.toPlainString());
        }
    }
}

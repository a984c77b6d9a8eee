package io.exoref;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Canonical JSON. What would not come back as it was is refused: NaN, half surrogate pairs, decimals that no double is. */
final class JsonCodec<T> implements Codec<T> {

    private static final CoercionInputShape[] NO_TEXTS = {
        CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean
    };

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
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(LogicalType.Textual, texts -> {
                for (CoercionInputShape shape : NO_TEXTS) texts.setCoercion(shape, CoercionAction.Fail);
            })
            .addModule(JsonNumbers.fitting())
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
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            try (JsonGenerator generator = new JsonNumbers.Exact(writer.createGenerator(text))) {
                writer.writeValue(generator, value);
            }
            return Low.json_canonical(text.toByteArray());
        } catch (IOException | InvalidException e) {
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
}

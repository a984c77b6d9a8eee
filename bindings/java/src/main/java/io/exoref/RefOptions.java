package io.exoref;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * How a reference is opened: its codec, a validator, and options by name (docs/options.md: {@code ttl}, {@code history}, {@code absent},
 * {@code lease}, {@code retry} ...). Immutable; each method gives another one.
 *
 * <pre>{@code
 * RefOptions.json(Integer.class).ttl(Duration.ofHours(1)).validator(n -> n >= 0)
 * }</pre>
 */
public final class RefOptions<T> {

    private final Codec<T> codec;
    private final Predicate<? super T> validator;
    private final Map<String, String> texts;

    private RefOptions(Codec<T> codec, Predicate<? super T> validator, Map<String, String> texts) {
        this.codec = codec;
        this.validator = validator;
        this.texts = texts;
    }

    /** Of values in canonical JSON. */
    public static <T> RefOptions<T> json(Class<T> type) {
        return of(Codec.json(type));
    }

    /** Of texts. */
    public static RefOptions<String> string() {
        return of(Codec.string());
    }

    /** Of bytes. */
    public static RefOptions<byte[]> bytes() {
        return of(Codec.bytes());
    }

    /** Of what the codec encodes. The reference carries its label, unless {@code with("codec", ...)} says otherwise. */
    public static <T> RefOptions<T> of(Codec<T> codec) {
        Map<String, String> texts = codec.label().isEmpty() ? Map.of() : Map.of("codec", codec.label());
        return new RefOptions<>(codec, null, texts);
    }

    /** With an option, by name and text. */
    public RefOptions<T> with(String name, String text) {
        Map<String, String> more = new LinkedHashMap<>(texts);
        more.put(Objects.requireNonNull(name), Objects.requireNonNull(text));
        return new RefOptions<>(codec, validator, Collections.unmodifiableMap(more));
    }

    /** A new reference lives so long after its last change. */
    public RefOptions<T> ttl(Duration life) {
        long ms = Timeouts.ms(life);
        return with("ttl", ms == Timeouts.NONE ? "none" : ms + "ms");
    }

    /**
     * Judges what is proposed through the handle, the initial value too: true accepts, false or an exception refuses with a
     * {@link ValidationException}. It runs on the thread that makes the change, before anything is sent.
     */
    public RefOptions<T> validator(Predicate<? super T> judge) {
        return new RefOptions<>(codec, judge, texts);
    }

    Codec<T> codec() {
        return codec;
    }

    Predicate<? super T> validator() {
        return validator;
    }

    /** An options object of C with these texts, during a call. */
    <R> R during(java.util.function.LongFunction<R> call) {
        return NativeOptions.during(texts, options -> {}, call);
    }
}

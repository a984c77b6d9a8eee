package io.exoref;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What needs no client: the version, the table of options, canonical JSON. */
public final class Exoref {

    /** A time without an end. */
    public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    private Exoref() {}

    /** The version of the native library, {@code "1.0.0"}. */
    public static String version() {
        return Utf8.show(Low.exoref_version());
    }

    /** The version of the native library as a number: major * 10000 + minor * 100 + patch. */
    public static int versionNumber() {
        return Low.exoref_version_number();
    }

    /** What the counters of {@link ExorefClient#stats} mean, by their names. */
    public static Map<String, String> statMeanings() {
        Map<String, String> meanings = new LinkedHashMap<>();
        for (long n = 0; n < Low.exoref_stat_count(); n++) {
            meanings.put(Utf8.show(Low.exoref_stat_name(n)), Utf8.show(Low.exoref_stat_meaning(n)));
        }
        return meanings;
    }

    /**
     * The one text of a JSON value that references with the codec label {@code json} hold. {@link InvalidException}: it is no JSON; the
     * message says where.
     */
    public static byte[] jsonCanonical(byte[] text) {
        return Low.json_canonical(text);
    }

    /**
     * What the table says of one option.
     *
     * @param scope {@code client} or {@code reference}
     * @param type {@code text}, {@code duration}, {@code size}, {@code count}, {@code truth} or {@code choice}
     * @param range {@code 1s..1h}, {@code lanes|take}, or empty
     * @param deprecated empty, or what to use instead
     * @param unsupported empty, or why this build does not have it
     */
    public record Option(String name, String scope, String type, String defaultText, String range, String meaning, String alias,
            String since, String deprecated, boolean secret, String unsupported) {

        private static Option read(long n) {
            return new Option(text(n, 0), text(n, 1), text(n, 2), text(n, 3), text(n, 4), text(n, 5), text(n, 6), text(n, 7), text(n, 8),
                    text(n, 9).equals("true"), text(n, 10));
        }

        private static String text(long n, int property) {
            return Utf8.show(Low.exoref_option_text(n, property));
        }
    }

    /** All options of clients and references. */
    public static List<Option> options() {
        List<Option> all = new ArrayList<>();
        for (long n = 0; n < Low.exoref_option_count(); n++) all.add(Option.read(n));
        return all;
    }
}

package io.exoref;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What Java itself must know of a client's options: how long calls wait, and how many bodies run at a time. What the URL says wins. */
record Settings(long timeoutMs, int bodies) {

    /** The options are valid: C has opened a client with them. */
    static Settings of(String url, long options) {
        String query = query(url);
        return new Settings(duration(find(query, options, "timeout")), Integer.parseInt(find(query, options, "bodies")));
    }

    /** Refuses what Java decides itself. */
    static void check(String url, Map<String, String> options) {
        if (options.containsKey("events") || inQuery(query(url), "events") != null) {
            throw Failures.here(Status.EINVAL, "the option events is the binding's own: functions run on executors that you choose");
        }
    }

    private static String query(String url) {
        String chosen = url;
        if (chosen == null) chosen = environment("EXOREF_URL");
        if (chosen == null) chosen = environment("REDIS_URL");
        int at = chosen == null ? -1 : chosen.indexOf('?');
        return at < 0 ? "" : chosen.substring(at + 1);
    }

    /** Unset and empty are the same. */
    private static String environment(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }

    private static String find(String query, long options, String name) {
        String there = inQuery(query, name);
        if (there != null) return there;
        long text = Low.exoref_options_get(options, Utf8.argument(name, "an option"));
        try {
            return Utf8.show(Low.value_bytes(text));
        } finally {
            Low.exoref_value_release(text);
        }
    }

    private static String inQuery(String query, String name) {
        for (String part : query.split("&")) {
            int at = part.indexOf('=');
            if (at >= 0 && decoded(part.substring(0, at)).equals(name)) return decoded(part.substring(at + 1));
        }
        return null;
    }

    /** What percent signs stand for; a plus is a plus. What is malformed C refuses. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return text;
        }
    }

    private static long duration(String text) {
        if (text.equals("none")) return Timeouts.NONE;
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) digits++;
        long number = Long.parseLong(text.substring(0, digits));
        return Timeouts.ms(number, switch (text.substring(digits)) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            default -> 3_600_000;
        });
    }
}

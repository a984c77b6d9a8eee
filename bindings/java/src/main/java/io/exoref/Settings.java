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
        if (chosen == null) chosen = System.getenv("EXOREF_URL");
        if (chosen == null) chosen = System.getenv("REDIS_URL");
        if (chosen == null || chosen.startsWith("local:")) return "";
        return chosen.substring(chosen.indexOf('?') + 1);
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
            if (part.startsWith(name + "=")) return URLDecoder.decode(part.substring(name.length() + 1), StandardCharsets.UTF_8);
        }
        return null;
    }

    private static long duration(String text) {
        if (text.equals("none")) return Timeouts.NONE;
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) digits++;
        long number = Long.parseLong(text.substring(0, digits));
        return number * switch (text.substring(digits)) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            default -> 3_600_000;
        };
    }
}

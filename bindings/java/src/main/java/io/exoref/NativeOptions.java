package io.exoref;

import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/** An options object of C, for the time of a call that copies what it needs of it. */
final class NativeOptions {

    private NativeOptions() {}

    static <R> R during(Map<String, String> texts, LongConsumer more, LongFunction<R> call) {
        long options = Low.exoref_options_new();
        try {
            texts.forEach((name, text) ->
                    Low.exoref_options_set(options, Utf8.argument(name, "an option's name"), Utf8.argument(text, "the option " + name)));
            more.accept(options);
            return call.apply(options);
        } finally {
            Low.exoref_options_release(options);
        }
    }
}

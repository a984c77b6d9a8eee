package io.exoref;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The private server of a {@code local:} folder, by hand. A client that is opened with {@code local:DIR} starts it by itself, and it ends
 * by itself a while after the last client has left.
 */
public final class LocalServer {

    private LocalServer() {}

    /** Starts it if none runs, and keeps it up without clients until it is stopped. */
    public static void start(Path folder, Duration timeout) {
        byte[] name = name(folder);
        Aside.call(() -> {
            Low.exoref_local_start(name, Timeouts.ms(timeout));
            return null;
        });
    }

    /** Ends it, whoever uses it; whether one ran. */
    public static boolean stop(Path folder, Duration timeout) {
        byte[] name = name(folder);
        return Aside.call(() -> Low.exoref_local_stop(name, Timeouts.ms(timeout)));
    }

    /** A line about it; empty if none runs. */
    public static Optional<String> status(Path folder, Duration timeout) {
        byte[] name = name(folder);
        return Aside.call(() -> {
            long text = Low.exoref_local_status(name, Timeouts.ms(timeout));
            try {
                return text == 0 ? Optional.empty() : Optional.of(Utf8.show(Low.value_bytes(text)));
            } finally {
                Low.exoref_value_release(text);
            }
        });
    }

    private static byte[] name(Path folder) {
        return Utf8.argument(folder.toString(), "the folder");
    }
}

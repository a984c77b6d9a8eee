package io.exoref;

import org.slf4j.event.Level;

/** Where a client's lines go, and how much is asked of C. */
record Log(LogSink sink, Level most) {

    /** The numbers of C, 1 to 4, are errors to debugging. */
    private static final Level[] LEVELS = {Level.ERROR, Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG};

    int mostOfC() {
        return switch (most) {
            case ERROR -> 1;
            case WARN -> 2;
            case INFO -> 3;
            default -> 4;
        };
    }

    void fromC(int level, String category, String line) {
        write(LEVELS[Math.max(1, Math.min(level, 4))], category, line, null);
    }

    void error(String category, String line, Throwable thrown) {
        write(Level.ERROR, category, line, thrown);
    }

    void warn(String category, String line, Throwable thrown) {
        write(Level.WARN, category, line, thrown);
    }

    /** A log that fails disturbs nothing. */
    private void write(Level level, String category, String line, Throwable thrown) {
        if (level.toInt() < most.toInt()) return;
        try {
            sink.log(level, category, line, thrown);
        } catch (RuntimeException | Error ignored) {
            // there is nobody left to tell
        }
    }
}

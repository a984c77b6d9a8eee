package io.exoref;

/** What C calls for a line of the log. */
final class LogBridge {

    private final Log log;

    LogBridge(Log log) {
        this.log = log;
    }

    void line(int level, byte[] category, byte[] line) {
        log.fromC(level, Utf8.show(category), Utf8.show(line));
    }
}

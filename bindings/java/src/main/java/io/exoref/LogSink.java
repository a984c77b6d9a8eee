package io.exoref;

import org.slf4j.event.Level;

/** Takes the lines of a client's log in place of SLF4J. Called from any thread, several at once perhaps; it must not call exoref. */
@FunctionalInterface
public interface LogSink {

    /**
     * One line.
     *
     * @param category one word: connection, subscription, commit, watch, wait, body, local
     * @param thrown what a function of the application threw, if that is what it is about; else null
     */
    void log(Level level, String category, String line, Throwable thrown);

    /** SLF4J's loggers {@code io.exoref.connection}, {@code io.exoref.watch} and so on. */
    static LogSink slf4j() {
        return (level, category, line, thrown) ->
                org.slf4j.LoggerFactory.getLogger("io.exoref." + category).atLevel(level).setCause(thrown).log(line);
    }
}

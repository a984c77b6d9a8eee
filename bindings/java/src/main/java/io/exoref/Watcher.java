package io.exoref;

/** Is told of one change. What it throws is written into the log; the change stands, and the other watches are told. */
@FunctionalInterface
public interface Watcher<T> {

    /** Called once for each change, in the order of versions. */
    void changed(Change<T> change) throws Exception;
}

package io.exoref.conformance;

import io.exoref.ExorefFuture;
import io.exoref.Exoref;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/** An operation that was begun, and what is to be given of its result. */
record Pending<T>(ExorefFuture<T> future, BiConsumer<Step, T> give) {

    static <T> void keep(String name, ExorefFuture<T> future, BiConsumer<Step, T> give) {
        Case.current().futures.keep(name, new Pending<>(future, give));
    }

    void get(Step step, Duration timeout) throws Throwable {
        give.accept(step, await(future, timeout));
    }

    /** A timeout here ends only this waiting. */
    static <T> T await(ExorefFuture<T> future, Duration timeout) throws Throwable {
        try {
            return timeout == Exoref.FOREVER ? future.get() : future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause();
        } catch (TimeoutException e) {
            throw new NotYet();
        }
    }

    /** The future is not done in the time. */
    static final class NotYet extends Exception {

        private static final long serialVersionUID = 1;
    }
}

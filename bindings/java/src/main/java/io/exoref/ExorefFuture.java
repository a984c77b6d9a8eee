package io.exoref;

import java.util.concurrent.CompletableFuture;

/**
 * What an asynchronous form gives. It ends with the result, or exceptionally with what the blocking form would throw. Functions that
 * depend on it run on the client's executor ({@link ExorefClient.Builder#executor}), never on a thread of exoref's own.
 *
 * <p>The operation goes on whatever becomes of this object; to stop it, {@link #giveUp()} or {@link #cancel}.
 */
public final class ExorefFuture<T> extends CompletableFuture<T> {

    private volatile Runnable stop;

    ExorefFuture() {}

    static <T> ExorefFuture<T> failed(Throwable why) {
        ExorefFuture<T> future = new ExorefFuture<>();
        future.completeExceptionally(why);
        return future;
    }

    /**
     * Gives the operation up, and lets this future tell how it ended: with a {@link CancelledException} if it was not sent yet, with an
     * {@link UnknownOutcomeException} if it was, or well if it was done before. Does not wait.
     */
    public void giveUp() {
        Runnable how = stop;
        if (how != null && !isDone()) how.run();
    }

    /**
     * Ends this future at once with a {@link java.util.concurrent.CancellationException}, as always in Java, and gives the operation up.
     * Whether it was applied can't be known then; {@link #giveUp()} tells.
     */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        Runnable how = stop;
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled && how != null) how.run();
        return cancelled;
    }

    /** Ends as another one did. */
    void follow(T result, Throwable error) {
        if (error == null) complete(result);
        else completeExceptionally(error);
    }

    /** How it is given up. */
    void stopBy(Runnable how) {
        stop = how;
        if (isCancelled()) how.run();
    }
}

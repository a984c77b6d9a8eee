package io.exoref;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/** Opening a client. */
final class Opening {

    private final String url;
    private final Map<String, String> options;
    private final Log log;
    private final Executor executor;

    Opening(String url, Map<String, String> options, Log log, Executor executor) {
        this.url = url;
        this.options = options;
        this.log = log;
        this.executor = executor;
    }

    ExorefClient open(long timeoutMs) {
        Wait.mayBegin();
        return begin(timeoutMs, (future, settings) -> {
            try {
                // No events can be taken of a client that is not there yet, so a virtual thread waits by another one.
                if (VirtualThreads.here()) return awaitAside(future, settings);
                Wait.until(null, future);
                return made(future, settings);
            } finally {
                Low.exoref_future_release(future);
            }
        });
    }

    ExorefFuture<ExorefClient> openAsync(long timeoutMs) {
        ExorefFuture<ExorefClient> opened = new ExorefFuture<>();
        return begin(timeoutMs, (future, settings) -> {
            Handle handle = new Handle(future, "future", Low::exoref_future_release);
            opened.stopBy(() -> Completions.cancel(handle));
            Executor told = Chosen.orCommon(executor);
            Aside.start(() -> {
                try {
                    ExorefClient client = awaitHere(future, settings);
                    told.execute(() -> {
                        if (!opened.complete(client)) client.close();
                    });
                } catch (Throwable e) {
                    told.execute(() -> opened.completeExceptionally(e));
                } finally {
                    handle.close();
                }
                return null;
            });
            return opened;
        });
    }

    private interface Begun<R> {
        R begun(long future, Settings settings);
    }

    private <R> R begin(long timeoutMs, Begun<R> then) {
        Settings.check(url, options);
        byte[] address = Utf8.argument(url, "the URL");
        Map<String, String> texts = new java.util.LinkedHashMap<>(options);
        texts.put("events", "take");
        return NativeOptions.during(texts, made -> Low.exoref_options_set_log(made, log.mostOfC(), new LogBridge(log)), made -> {
            long future = Low.exoref_client_open_async(address, made, timeoutMs);
            return then.begun(future, Settings.of(url, made));
        });
    }

    private ExorefClient awaitAside(long future, Settings settings) {
        FutureTask<ExorefClient> waiting = Aside.start(() -> awaitHere(future, settings));
        boolean interrupted = false;
        try {
            for (;;) {
                try {
                    return waiting.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    Low.exoref_future_cancel(future);
                }
            }
        } catch (java.util.concurrent.ExecutionException e) {
            Throwable cause = e.getCause();
            if (interrupted && cause instanceof CancelledException) cause.initCause(new InterruptedException());
            throw Failures.rethrow(cause);
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    private ExorefClient awaitHere(long future, Settings settings) {
        new NativeWait(future).awaitUninterruptibly();
        return made(future, settings);
    }

    private ExorefClient made(long future, Settings settings) {
        Low.raise_outcome(future);
        return ExorefClient.of(new Core(Low.exoref_future_client(future), settings, log, executor));
    }
}

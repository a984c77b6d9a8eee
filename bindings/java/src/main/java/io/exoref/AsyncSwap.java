package io.exoref;

/** A swap whose waits are futures; between them its function runs on the client's executor. */
final class AsyncSwap<T> {

    private final SwapLoop<T> loop;
    private final ExorefFuture<Values<T>> result = new ExorefFuture<>();
    private volatile ExorefFuture<?> current;
    private volatile boolean givenUp;
    private Operation<SwapLoop.Answer<T>> next;

    AsyncSwap(SwapLoop<T> loop) {
        this.loop = loop;
    }

    ExorefFuture<Values<T>> start() {
        result.stopBy(this::giveUp);
        loop.shared().core().completions().execute(() -> guarded(this::begin));
        return result;
    }

    private void begin() {
        if (loop.beginNow()) compute();
        else after(loop.shared().core().start(loop.begin(), loop.left()), begun -> compute());
    }

    private void compute() {
        if (givenUp) throw Failures.here(Status.ECANCELLED, "the swap was cancelled before anything was sent", loop.shared().key(), null);
        Core core = loop.shared().core();
        core.busy().run(() -> next = loop.propose());
        after(core.start(next, loop.left()), this::answered);
    }

    private void answered(SwapLoop.Answer<T> answer) {
        if (answer.done()) {
            Values<T> values = loop.finish(answer).values();
            loop.end();
            result.complete(values);
        } else {
            loop.again(answer);
            compute();
        }
    }

    /** Goes on when it is done: on the executor, where all futures complete. */
    private <R> void after(ExorefFuture<R> future, java.util.function.Consumer<R> next) {
        current = future;
        if (givenUp) future.giveUp();
        future.whenComplete((got, error) -> {
            if (error != null) fail(error);
            else guarded(() -> next.accept(got));
        });
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable thrown) {
            fail(thrown);
        }
    }

    private void fail(Throwable error) {
        loop.end();
        result.completeExceptionally(loop.instead(error));
    }

    private void giveUp() {
        givenUp = true;
        ExorefFuture<?> now = current;
        if (now != null) now.giveUp();
    }
}

package io.exoref;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;

/** What C calls to alter metadata, which has no pull form. What the function throws waits here for the call that it belongs to. */
final class MetaFunction {

    private static final CompletableFuture<Void> IDLE = CompletableFuture.completedFuture(null);

    private final UnaryOperator<byte[]> function;
    private volatile Throwable thrown;
    /** Done when the call that runs just now has ended. */
    private volatile CompletableFuture<Void> running = IDLE;

    MetaFunction(UnaryOperator<byte[]> function) {
        this.function = java.util.Objects.requireNonNull(function, "function");
    }

    byte[] call(byte[] old) throws Exception {
        thrown = null;
        CompletableFuture<Void> ended = new CompletableFuture<>();
        running = ended;
        try {
            byte[] made = function.apply(old);
            if (made == null) throw new NullPointerException("the function gave null");
            return made;
        } catch (Declined declined) {
            return null;
        } catch (Throwable e) {
            thrown = e;
            throw e;
        } finally {
            ended.complete(null);
        }
    }

    /** Once the function does not run any more: the time of the whole may have been over before. */
    void whenIdle(Runnable then) {
        running.whenComplete((nothing, never) -> then.run());
    }

    /** What to throw in place of an error of C, when the function has ended. An interrupt ends the waiting, and stays on the thread. */
    Throwable await(Throwable error) {
        try {
            running.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException never) {
            throw new AssertionError(never);
        }
        return instead(error);
    }

    /** What the function threw stands: nothing was changed, also where C could not make sure or did not wait for it. */
    Throwable instead(Throwable error) {
        Throwable mine = thrown;
        if (mine == null) return error;
        boolean told = error instanceof ExorefException e && e.status() == Status.EFUNCTION;
        if (!told && mine != error) mine.addSuppressed(error);
        return mine;
    }
}

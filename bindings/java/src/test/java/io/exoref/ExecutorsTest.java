package io.exoref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whatever the executor of a client does, no future stays undone, and nobody holds up the thread that takes the events. */
class ExecutorsTest extends ClientTest {

    private static ExorefClient.Builder on(Executor executor) {
        return ExorefClient.builder().url(RedisServer.shared().url()).option("timeout", "8s").executor(executor);
    }

    private void functionsMayWait(Executor executor) throws Exception {
        try (ExorefClient own = on(executor).open()) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 1);
            int sum = atom.derefAsync().thenApply(n -> n + atom.derefAsync().join() + atom.deref()).get(8, TimeUnit.SECONDS);
            assertEquals(3, sum);
            assertEquals(2, atom.swapAsync(n -> n + 1).get(8, TimeUnit.SECONDS).newValue().get());
            atom.reset(1);
        }
        assertEquals("7", on(executor).openAsync().thenApply(opened -> {
            try (opened) {
                return opened.openPromise(key + "p", String.class).deliver("7").standing().get();
            }
        }).get(8, TimeUnit.SECONDS));
        client.delete(key);
        client.delete(key + "p");
    }

    @Test
    void oneThatWasShutDown() throws Exception {
        ExecutorService gone = Executors.newSingleThreadExecutor();
        gone.shutdown();
        functionsMayWait(gone);
    }

    @Test
    void oneThatRunsAtOnce() throws Exception {
        functionsMayWait(Runnable::run);
    }

    @Test
    void oneThatThrows() throws Exception {
        functionsMayWait(task -> {
            throw new IllegalStateException("full");
        });
        functionsMayWait(task -> {
            throw new AssertionError("broken");
        });
    }

    @Test
    void oneThatRunsItAndThrows() throws Exception {
        functionsMayWait(task -> {
            task.run();
            throw new RejectedExecutionException("late");
        });
    }

    @Test
    void alterMetaNeedsNoThreadOfIt() throws Exception {
        ExecutorService single = Executors.newSingleThreadExecutor();
        for (Executor executor : new Executor[] {single, ForkJoinPool.commonPool(), new ForkJoinPool(1)}) {
            try (ExorefClient own = on(executor).open()) {
                Atom<Integer> atom = own.createAtom(key, Integer.class, 1);
                Atom<Integer> inner = own.createAtom(key + "i", Integer.class, 1);
                byte[] meta = atom.derefAsync()
                        .thenApply(n -> atom.alterMeta(old -> inner.alterMeta(within -> new byte[] {3})))
                        .get(8, TimeUnit.SECONDS);
                assertArrayEquals(new byte[] {3}, meta);
            }
        }
        single.shutdown();
    }

    @Test
    void manyFunctionsOfAlterMetaAtOnce() throws Exception {
        Atom<Integer> atom = counter(1);
        CountDownLatch all = new CountDownLatch(8);
        CountDownLatch done = new CountDownLatch(8);
        for (int i = 0; i < 8; i++) {
            atom.alterMetaAsync(old -> {
                all.countDown();
                try {
                    all.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return new byte[] {7};
            }).thenRun(done::countDown);
        }
        done.await();
        assertArrayEquals(new byte[] {7}, atom.meta());
    }
}

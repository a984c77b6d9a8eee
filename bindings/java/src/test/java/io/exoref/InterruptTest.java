package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class InterruptTest extends ClientTest {

    /** What a call throws that is interrupted while it waits. */
    private static ExorefException interrupted(Runnable call) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> still = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                call.run();
            } catch (Throwable e) {
                thrown.set(e);
            }
            still.set(Thread.interrupted());
        });
        thread.start();
        awaitWaiting(thread);
        thread.interrupt();
        thread.join();
        assertTrue(still.get(), "the interrupt is gone");
        if (thrown.get() instanceof ExorefException e) return e;
        throw new AssertionError("it ended otherwise", thrown.get());
    }

    @Test
    void itEndsAWait() throws Exception {
        Promise<String> promise = client.openPromise(key, String.class);
        ExorefException ended = interrupted(() -> promise.within(Exoref.FOREVER).deref());
        assertTrue(ended instanceof CancelledException, ended.toString());
        assertTrue(ended.getCause() instanceof InterruptedException);
        Delay<String> delay = client.openDelay(key + "d", String.class);
        assertTrue(interrupted(() -> delay.within(Exoref.FOREVER).deref()) instanceof CancelledException);
        assertTrue(interrupted(() -> client.within(Exoref.FOREVER)
                .openAtom(key + "a", RefOptions.json(Integer.class).with("absent", "wait"))) instanceof CancelledException);
        promise.deliver("it goes on");
        assertEquals("it goes on", promise.deref());
    }

    @Test
    void itEndsAWriteAsUnknown() throws Exception {
        try (RedisServer server = new RedisServer(); ExorefClient own = server.open()) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 1);
            server.suspend();
            ExorefException reset = interrupted(() -> atom.within(Exoref.FOREVER).reset(2));
            ExorefException swap = interrupted(() -> atom.within(Exoref.FOREVER).swap(n -> n + 1));
            server.resume();
            assertSame(Reason.CANCELLED, reset.reason());
            assertTrue(reset.getCause() instanceof InterruptedException);
            assertTrue(swap instanceof CancelledException || swap.reason() == Reason.CANCELLED, swap.toString());
        }
    }

    @Test
    void itEndsOpeningAClient() throws Exception {
        ExorefException ended =
                interrupted(() -> ExorefClient.builder().url("redis+unix:///nowhere").connectWithin(Exoref.FOREVER).open());
        assertTrue(ended instanceof CancelledException, ended.toString());
    }

    @Test
    void aCallThatGoesOnIsUnknown() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                Aside.call(() -> {
                    end.await();
                    return null;
                });
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.WAITING) Thread.onSpinWait();
        thread.interrupt();
        thread.join();
        end.countDown();
        assertSame(Reason.CANCELLED, ((UnknownOutcomeException) thrown.get()).reason());
    }

    @Test
    void anInterruptedThreadBeginsNothing() {
        Atom<Integer> atom = counter(1);
        Promise<String> promise = client.openPromise(key + "p", String.class);
        promise.deliver("known");
        promise.deref();
        Thread.currentThread().interrupt();
        CancelledException refused = assertThrows(CancelledException.class, () -> atom.reset(2));
        assertFalse(refused.sent());
        assertThrows(CancelledException.class, () -> atom.swap(n -> n + 1));
        assertEquals("known", promise.deref());
        assertTrue(Thread.interrupted());
        assertEquals(1, atom.deref());
    }

    @Test
    void closingAsAnInterruptedThread() {
        ExorefClient own = RedisServer.shared().open();
        Thread.currentThread().interrupt();
        own.close();
        assertTrue(Thread.interrupted());
        assertThrows(ClosedException.class, own::ping);
    }

    @Test
    void manyInterruptsAtAnyTimeLoseNothing() throws Exception {
        Atom<Integer> atom = counter(0);
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        int[] sure = new int[2];
        Thread worker = new Thread(() -> {
            for (int i = 0; i < 2000; i++) {
                try {
                    atom.swap(n -> n + 1);
                    sure[0]++;
                } catch (CancelledException notApplied) {
                    // certainly
                } catch (UnknownOutcomeException unknown) {
                    sure[1]++;
                } catch (Throwable e) {
                    wrong.set(e);
                }
                Thread.interrupted();
            }
        });
        worker.start();
        while (worker.isAlive()) {
            worker.interrupt();
            for (int i = 0; i < 200; i++) Thread.onSpinWait();
        }
        if (wrong.get() != null) throw new AssertionError(wrong.get());
        int now = atom.deref();
        assertTrue(sure[0] <= now && now <= sure[0] + sure[1], now + " of " + sure[0] + " and perhaps " + sure[1]);
    }
}

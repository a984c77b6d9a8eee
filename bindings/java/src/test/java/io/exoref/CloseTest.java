package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CloseTest extends ClientTest {

    @Test
    void useAfterClose() {
        Atom<Integer> atom = counter(1);
        Promise<String> promise = client.openPromise(key + "p", String.class);
        promise.deliver("x");
        promise.deref();
        Delay<String> delay = client.openDelay(key + "d", String.class);
        Lease<String> lease = delay.claim().held();
        Scan scan = client.list();
        Value<Integer> value = atom.derefValue();
        client.close();
        client.close();
        List<Executable> calls = List.of(atom::deref, () -> atom.reset(2), () -> atom.swap(n -> n), () -> atom.removeWatch("w"),
                () -> atom.addWatch("w", change -> {}), atom::meta, () -> promise.deliver("y"), promise::deref, promise::realized,
                delay::deref, lease::renew, scan::hasNext, () -> client.openAtom(key, Integer.class), client::ping,
                () -> client.delete(key), client::server, client::stats, () -> client.list("*", null),
                () -> client.inspect(key));
        for (Executable call : calls) assertThrows(ClosedException.class, call);
        ExecutionException later = assertThrows(ExecutionException.class, () -> atom.derefAsync().get());
        assertTrue(later.getCause() instanceof ClosedException);
        // A value is one's own.
        assertEquals(1, value.get());
        assertEquals(1, value.version());
    }

    @Test
    void closingOneReference() {
        Atom<Integer> atom = counter(1);
        Atom<Integer> impatient = atom.within(Duration.ofMillis(100));
        Promise<String> promise = client.openPromise(key + "p", String.class);
        atom.close();
        atom.close();
        promise.close();
        assertThrows(ClosedException.class, atom::deref);
        assertThrows(ClosedException.class, impatient::deref);
        assertThrows(ClosedException.class, promise::deref);
        AtomicBoolean called = new AtomicBoolean();
        assertThrows(ClosedException.class, () -> atom.swap(n -> {
            called.set(true);
            return n;
        }));
        assertFalse(called.get());
        assertEquals(1, counter(5).deref());
    }

    @Test
    void closingEndsWhoWaits() throws Exception {
        Promise<String> promise = client.openPromise(key, String.class);
        AtomicReference<Throwable> ended = new AtomicReference<>();
        Thread waiter = new Thread(() -> {
            try {
                promise.within(Exoref.FOREVER).deref();
            } catch (ExorefException e) {
                ended.set(e);
            }
        });
        waiter.start();
        awaitWaiting(waiter);
        ExorefFuture<String> future = promise.derefAsync();
        client.close();
        waiter.join();
        assertTrue(ended.get() instanceof ClosedException, String.valueOf(ended.get()));
        assertTrue(assertThrows(ExecutionException.class, future::get).getCause() instanceof ClosedException);
    }

    @Test
    void closeWaitsForAWatcherAndNothingIsCalledAfterwards() throws Exception {
        Atom<Integer> atom = counter(0);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        AtomicBoolean ended = new AtomicBoolean();
        atom.addWatch("w", change -> {
            calls.incrementAndGet();
            inside.countDown();
            go.await();
            ended.set(true);
        });
        for (int i = 1; i < 10; i++) atom.reset(i);
        assertTrue(inside.await(8, TimeUnit.SECONDS));
        Thread closer = new Thread(client::close);
        closer.start();
        while (closer.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
        go.countDown();
        closer.join();
        assertTrue(ended.get());
        assertEquals(1, calls.get());
    }

    @Test
    void closeWaitsForTheFunctionOfAnAsynchronousSwap() throws Exception {
        Atom<Integer> atom = counter(0);
        CountDownLatch inside = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger ended = new AtomicInteger();
        atom.swapAsync(n -> stays(inside, go, ended, n));
        atom.alterMetaAsync(old -> stays(inside, go, ended, old));
        assertTrue(inside.await(8, TimeUnit.SECONDS));
        AtomicInteger seen = new AtomicInteger();
        Thread closer = new Thread(() -> {
            client.close();
            seen.set(ended.get());
        });
        closer.start();
        while (closer.isAlive() && closer.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
        go.countDown();
        closer.join();
        assertEquals(2, seen.get());
    }

    private static <T> T stays(CountDownLatch inside, CountDownLatch go, AtomicInteger ended, T value) {
        inside.countDown();
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        ended.incrementAndGet();
        return value;
    }

    @Test
    void aWatcherMayCloseTheClient() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        Atom<Integer> atom = counter(0);
        atom.addWatch("w", change -> {
            client.close();
            closed.countDown();
        });
        atom.resetAsync(1);
        assertTrue(closed.await(8, TimeUnit.SECONDS));
    }

    @Test
    void aFunctionUponAFutureMayCloseTheClient() throws Exception {
        client.pingAsync().thenAccept(pong -> client.close()).get(8, TimeUnit.SECONDS);
        assertThrows(ClosedException.class, client::ping);
    }

    @Test
    void theFunctionOfAnAsynchronousSwapOrAlterMetaMayCloseTheClient() throws Exception {
        for (boolean meta : new boolean[] {true, false}) {
            ExorefClient own = RedisServer.shared().open();
            Atom<Integer> atom = own.createAtom(key, Integer.class, 0);
            ExorefFuture<?> ends = meta
                    ? atom.alterMetaAsync(old -> {
                        own.close();
                        return old;
                    })
                    : atom.swapAsync(n -> {
                        own.close();
                        return n;
                    });
            assertThrows(ExecutionException.class, () -> ends.get(8, TimeUnit.SECONDS));
        }
    }

    @Test
    void closingFromManyThreadsWhileManyCall() throws Exception {
        for (int round = 0; round < 20; round++) {
            ExorefClient own = RedisServer.shared().open();
            Atom<Integer> atom = own.createAtom(key, Integer.class, 0);
            List<Thread> threads = new ArrayList<>();
            AtomicReference<Throwable> wrong = new AtomicReference<>();
            for (int t = 0; t < 4; t++) {
                boolean closes = t == 3;
                threads.add(new Thread(() -> {
                    try {
                        for (int i = 0; i < 20 && closes; i++) atom.deref();
                        if (closes) atom.close();
                        if (closes) own.close();
                        while (!closes) atom.swap(n -> n + 1);
                    } catch (ClosedException | UnknownOutcomeException expected) {
                        // that is how it ends
                    } catch (Throwable e) {
                        wrong.set(e);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) thread.join();
            if (wrong.get() != null) throw new AssertionError(wrong.get());
        }
    }

    @Test
    void tenThousandHandlesThatNobodyClosesAreCollected() {
        int before = client.core().users();
        Atom<Integer> atom = counter(0);
        List<ExorefFuture<Promise<String>>> opening = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) opening.add(client.openPromiseAsync(key + "p", RefOptions.string()));
        opening.forEach(ExorefFuture::join);
        List<ExorefFuture<Atom<Integer>>> atoms = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) atoms.add(client.openAtomAsync(key, RefOptions.json(Integer.class)));
        atoms.forEach(ExorefFuture::join);
        assertTrue(client.core().users() >= before + 10_000);
        opening.clear();
        atoms.clear();
        Collector.until("the handles", () -> client.core().users() <= before + 1);
        assertEquals(0, atom.deref());
    }

    @Test
    void aClientThatNobodyClosesIsClosed() {
        dropClient();
        Collector.until("the client", () -> clients() == 1);
    }

    /** In a method of its own, so that nothing of it stays on the stack. */
    private void dropClient() {
        RedisServer.shared().open().createAtom(key, Integer.class, 1).deref();
        assertTrue(clients() > 1);
    }

    /** Each client that is not closed has a thread that takes its events. */
    private static long clients() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("exoref-events")).count();
    }

    @Test
    void whoIsWaitedForIsNotClosed() throws Exception {
        List<WeakReference<ExorefClient>> dropped = new ArrayList<>();
        ExorefFuture<String> wait = waitOf(dropped);
        AtomicReference<String> told = new AtomicReference<>();
        Thread waiter = new Thread(() -> told.set(RedisServer.shared().open().openPromise(key, String.class).deref()));
        waiter.start();
        awaitWaiting(waiter);
        Collector.until("the client", () -> dropped.get(0).get() == null);
        client.openPromise(key, String.class).deliver("here");
        assertEquals("here", wait.get());
        waiter.join();
        assertEquals("here", told.get());
    }

    @Test
    void whatAnOperationIsOfIsKeptUntilItIsDone() {
        try (RedisServer server = new RedisServer(); ExorefClient own = server.open()) {
            List<WeakReference<Object>> dropped = new ArrayList<>();
            ExorefFuture<Boolean> asked = askOfAPromise(own, server, dropped);
            for (int i = 0; i < 5; i++) System.gc();
            assertTrue(dropped.get(0).get() != null);
            server.resume();
            assertFalse(asked.join());
            Collector.until("the promise", () -> dropped.get(0).get() == null);
        }
    }

    private ExorefFuture<Boolean> askOfAPromise(ExorefClient own, RedisServer server, List<WeakReference<Object>> dropped) {
        Promise<String> promise = own.openPromise(key, String.class);
        dropped.add(new WeakReference<>(promise.shared()));
        server.suspend();
        return promise.realizedAsync();
    }

    private ExorefFuture<String> waitOf(List<WeakReference<ExorefClient>> dropped) {
        ExorefClient own = RedisServer.shared().open();
        dropped.add(new WeakReference<>(own));
        return own.openPromise(key, String.class).derefAsync();
    }

    @Test
    void aLeaseThatNobodyClosesIsGivenBack() {
        Delay<String> delay = client.openDelay(key, String.class);
        assertTrue(delay.claim().leased());
        ExorefFuture<Claimed<String>> second = delay.claimAsync();
        Collector.until("the lease", second::isDone);
        assertEquals(2, second.join().held().token());
    }
}

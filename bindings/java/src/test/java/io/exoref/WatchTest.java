package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class WatchTest extends ClientTest {

    private final BlockingQueue<Change<Integer>> told = new LinkedBlockingQueue<>();

    private Change<Integer> next() throws InterruptedException {
        Change<Integer> change = told.poll(8, TimeUnit.SECONDS);
        if (change == null) throw new AssertionError("no change was told");
        return change;
    }

    @Test
    void eachChangeIsToldOnceInOrder() throws Exception {
        Atom<Integer> atom = counter(0);
        assertEquals(0, atom.addWatch("w", told::add).get());
        try (ExorefClient other = RedisServer.shared().open()) {
            Atom<Integer> there = other.openAtom(key, Integer.class);
            for (int i = 0; i < 100; i++) there.swap(n -> n + 1);
        }
        for (int i = 0; i < 100; i++) {
            Change<Integer> change = next();
            assertEquals(i, change.oldValue().get());
            assertEquals(i + 1, change.newValue().get());
            assertEquals(i + 2, change.version());
            assertEquals(0, change.missed());
            assertEquals("w", change.watchKey());
            assertEquals(key, change.key());
        }
    }

    @Test
    void watchesAreCalledInTheOrderOfTheirRegistration() throws Exception {
        Atom<Integer> atom = counter(0);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(9);
        for (String name : List.of("c", "a", "b")) {
            atom.addWatch(name, change -> {
                order.add(name + change.newValue().get());
                all.countDown();
            });
        }
        for (int i = 1; i <= 3; i++) atom.reset(i);
        assertTrue(all.await(8, TimeUnit.SECONDS));
        assertEquals(List.of("c1", "a1", "b1", "c2", "a2", "b2", "c3", "a3", "b3"), order);
    }

    @Test
    void onAnExecutorOneAfterTheOther() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        Atom<Integer> atom = counter(0);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        atom.addWatchAsync("w", pool, change -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            told.add(change);
            running.decrementAndGet();
        }).get();
        for (int i = 1; i <= 200; i++) atom.reset(i);
        for (int i = 1; i <= 200; i++) assertEquals(i, next().newValue().get());
        assertEquals(1, most.get());
        pool.shutdown();
    }

    @Test
    void aWatcherThatThrowsDisturbsNobody() throws Exception {
        BlockingQueue<Throwable> logged = new LinkedBlockingQueue<>();
        ExorefClient.Builder builder = ExorefClient.builder().url(RedisServer.shared().url());
        try (ExorefClient own = builder.log(Level.WARN, (level, category, line, thrown) -> logged.add(thrown)).open()) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 0);
            Error mine = new AssertionError("mine");
            atom.addWatch("bad", change -> {
                throw mine;
            });
            atom.addWatch("good", told::add);
            atom.reset(1);
            assertEquals(1, next().newValue().get());
            atom.reset(2);
            assertEquals(2, next().newValue().get());
            assertSame(mine, logged.poll(8, TimeUnit.SECONDS));
        }
    }

    @Test
    void removedMeansNotCalledAgain() throws Exception {
        Atom<Integer> atom = counter(0);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        atom.addWatch("w", change -> {
            calls.incrementAndGet();
            inside.countDown();
            go.await();
        });
        atom.reset(1);
        atom.reset(2);
        assertTrue(inside.await(8, TimeUnit.SECONDS));
        Thread remover = new Thread(() -> atom.removeWatch("w"));
        remover.start();
        while (remover.getState() != Thread.State.WAITING) Thread.onSpinWait();
        go.countDown();
        remover.join();
        atom.addWatch("after", told::add);
        atom.reset(3);
        next();
        assertEquals(1, calls.get());
        atom.removeWatch("nobody");
    }

    @Test
    void aWatcherMayRemoveItselfAndCallTheAtom() throws Exception {
        Atom<Integer> atom = counter(0);
        atom.addWatch("w", change -> {
            atom.removeWatch("w");
            atom.swap(n -> n + 10);
            told.add(change);
        });
        atom.addWatch("all", told::add);
        atom.reset(1);
        List<Integer> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) seen.add(next().newValue().get());
        Collections.sort(seen);
        assertEquals(List.of(1, 1, 11), seen);
    }

    @Test
    void anotherUnderTheSameKeyReplaces() throws Exception {
        Atom<Integer> atom = counter(0);
        AtomicInteger old = new AtomicInteger();
        atom.addWatch("w", change -> old.incrementAndGet());
        atom.addWatch("w", told::add);
        atom.reset(1);
        next();
        assertEquals(0, old.get());
    }

    /** A client whose completions come when, and in the order in which, the test says. */
    private ExorefClient held(BlockingQueue<Runnable> completions) {
        return ExorefClient.builder().url(RedisServer.shared().url()).executor(completions::add).open();
    }

    @Test
    void ofTwoThatAreAddedAtOnceTheLaterStays() throws Exception {
        BlockingQueue<Runnable> completions = new LinkedBlockingQueue<>();
        try (ExorefClient own = held(completions)) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 0);
            AtomicInteger old = new AtomicInteger();
            atom.addWatchAsync("w", change -> old.incrementAndGet());
            atom.addWatchAsync("w", told::add);
            Runnable first = completions.take();
            completions.take().run();
            first.run();
            atom.reset(1);
            assertEquals(1, next().newValue().get());
            atom.removeWatch("w");
            atom.addWatch("after", told::add);
            atom.reset(2);
            assertEquals("after", next().watchKey());
            assertEquals(0, old.get());
        }
    }

    @Test
    void oneThatIsRemovedBeforeItIsThereIsNotCalled() throws Exception {
        try (RedisServer server = new RedisServer(); ExorefClient own = server.open()) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 0);
            AtomicInteger calls = new AtomicInteger();
            server.suspend();
            ExorefFuture<Value<Integer>> adding = atom.addWatchAsync("w", change -> calls.incrementAndGet());
            atom.removeWatch("w");
            server.resume();
            adding.get();
            atom.addWatch("after", told::add);
            atom.reset(1);
            assertEquals("after", next().watchKey());
            assertEquals(0, calls.get());
        }
    }

    @Test
    void oneWhoseFutureIsCancelledDoesNotSilenceTheOneBefore() throws Exception {
        BlockingQueue<Runnable> completions = new LinkedBlockingQueue<>();
        try (ExorefClient own = held(completions)) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 0);
            AtomicInteger old = new AtomicInteger();
            atom.addWatch("w", change -> old.incrementAndGet());
            ExorefFuture<Value<Integer>> adding = atom.addWatchAsync("w", told::add);
            Runnable completion = completions.take();
            // It is there already, whatever the future says.
            assertTrue(adding.cancel(true));
            completion.run();
            atom.reset(1);
            assertEquals(1, next().newValue().get());
            assertEquals(0, old.get());
        }
    }

    @Test
    void whatCanNotBeAddedReplacesNothing() throws Exception {
        try (RedisServer server = new RedisServer(); ExorefClient own = server.open()) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 0);
            atom.addWatch("w", told::add);
            server.suspend();
            assertThrows(RetryException.class, () -> atom.within(Duration.ofMillis(50)).addWatch("w", change -> {}));
            server.resume();
            atom.reset(1);
            assertEquals(1, next().newValue().get());
            atom.removeWatch("w");
        }
    }

    @Test
    void anInterruptDoesNotCutARemovalShort() throws Exception {
        Atom<Integer> atom = counter(0);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Boolean> ended = new AtomicReference<>(false);
        AtomicReference<String> seen = new AtomicReference<>();
        atom.addWatch("w", change -> {
            inside.countDown();
            go.await();
            ended.set(true);
        });
        atom.reset(1);
        inside.await();
        Thread remover = new Thread(() -> {
            Thread.currentThread().interrupt();
            atom.removeWatch("w");
            seen.set(ended.get() + " " + Thread.interrupted());
        });
        remover.start();
        while (remover.isAlive() && remover.getState() != Thread.State.WAITING) Thread.onSpinWait();
        go.countDown();
        remover.join();
        assertEquals("true true", seen.get());
    }

    @Test
    void watchersMayRemoveEachOther() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        ExecutorService other = Executors.newFixedThreadPool(2);
        Atom<Integer> atom = counter(0);
        CyclicBarrier both = new CyclicBarrier(2);
        CountDownLatch ended = new CountDownLatch(2);
        atom.addWatch("a", pool, change -> {
            both.await();
            atom.removeWatch("b");
            ended.countDown();
        });
        atom.addWatch("b", other, change -> {
            both.await();
            atom.removeWatch("a");
            ended.countDown();
        });
        atom.reset(1);
        assertTrue(ended.await(8, TimeUnit.SECONDS));
        pool.shutdown();
        other.shutdown();
    }

    @Test
    void aWatcherOnADirectExecutorMayWait() throws Exception {
        Atom<Integer> atom = counter(0);
        atom.addWatch("w", Runnable::run, change -> {
            atom.derefAsync().join();
            told.add(change);
        });
        for (int i = 1; i <= 50; i++) atom.reset(i);
        for (int i = 1; i <= 50; i++) assertEquals(i, next().newValue().get());
    }

    @Test
    void anExecutorThatRefusesIsToldLater() throws Exception {
        AtomicInteger handed = new AtomicInteger();
        Atom<Integer> atom = counter(0);
        atom.addWatch("w", task -> {
            if (handed.incrementAndGet() == 1) throw new IllegalStateException("full");
            task.run();
        }, told::add);
        atom.reset(1);
        atom.reset(2);
        assertEquals(1, next().newValue().get());
        assertEquals(2, next().newValue().get());
    }

    @Test
    void aWatchKeepsItsAtom() throws Exception {
        counter(0).addWatch("w", told::add);
        System.gc();
        try (ExorefClient other = RedisServer.shared().open()) {
            other.openAtom(key, Integer.class).reset(1);
        }
        assertEquals(1, next().newValue().get());
    }

    @Test
    void closingTheAtomEndsItsWatches() throws Exception {
        Atom<Integer> atom = counter(0);
        AtomicInteger calls = new AtomicInteger();
        atom.addWatch("w", change -> calls.incrementAndGet());
        atom.close();
        Atom<Integer> again = counter(0);
        again.addWatch("w2", told::add);
        again.reset(1);
        assertEquals("w2", next().watchKey());
        assertEquals(0, calls.get());
    }

    @Test
    void deletedAndRecreated() throws Exception {
        Atom<Integer> atom = counter(5);
        atom.addWatch("w", told::add);
        client.delete(key);
        Change<Integer> deleted = next();
        assertEquals(java.util.Set.of(Change.Flag.DELETED), deleted.flags());
        assertNull(deleted.newValue());
        counter(6);
        assertEquals(java.util.Set.of(Change.Flag.RECREATED), next().flags());
        assertThrows(UnsupportedOperationException.class, () -> deleted.flags().clear());
    }

    @Test
    void aSlowWatcherIsToldWhatItMissed() throws Exception {
        Atom<byte[]> atom = client.createAtom(key, RefOptions.bytes(), new byte[0]);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch last = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger missed = new AtomicInteger();
        AtomicReference<byte[]> seen = new AtomicReference<>();
        atom.addWatch("slow", change -> {
            go.await();
            calls.incrementAndGet();
            missed.addAndGet((int) change.missed());
            seen.set(change.newValue().get());
            if (change.version() == 5001) last.countDown();
        });
        List<ExorefFuture<Value<byte[]>>> resets = new ArrayList<>();
        for (int i = 1; i <= 5000; i++) resets.add(atom.resetAsync(new byte[] {(byte) i}));
        for (ExorefFuture<Value<byte[]>> reset : resets) reset.get();
        go.countDown();
        assertTrue(last.await(8, TimeUnit.SECONDS));
        assertEquals((byte) 5000, seen.get()[0]);
        assertEquals(5000, calls.get() + missed.get());
        assertTrue(calls.get() < 5000, "told of " + calls);
    }

    @Test
    void anAtomThatDoesNotExistYet() throws Exception {
        Atom<Integer> atom = client.openAtom(key, RefOptions.json(Integer.class).with("absent", "allow"));
        assertNull(atom.addWatch("w", told::add));
        counter(3);
        assertEquals(3, next().newValue().get());
    }
}

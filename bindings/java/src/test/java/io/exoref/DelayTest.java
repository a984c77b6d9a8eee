package io.exoref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class DelayTest extends ClientTest {

    @Test
    void theBodyRunsOnceOnTheThreadThatAsks() {
        AtomicReference<Thread> ran = new AtomicReference<>();
        AtomicInteger calls = new AtomicInteger();
        Delay<Integer> delay = client.openDelay(key, Integer.class, lease -> {
            ran.set(Thread.currentThread());
            return calls.incrementAndGet();
        });
        assertFalse(delay.realized());
        assertEquals(1, delay.deref());
        assertEquals(1, delay.deref());
        assertSame(Thread.currentThread(), ran.get());
        assertTrue(delay.realized());
    }

    @Test
    void aBodyWhoseDelayCanNotBeOpenedIsForgotten() {
        counter(0).close();
        WeakReference<Object> body = refused();
        Collector.until("the body", () -> body.get() == null);
    }

    private WeakReference<Object> refused() {
        Object held = new Object();
        assertThrows(TypeException.class, () -> client.openDelay(key, Integer.class, lease -> held.hashCode()));
        return new WeakReference<>(held);
    }

    @Test
    void tenThreadsCauseOneRun() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Delay<Integer> delay = client.openDelay(key, Integer.class, lease -> calls.incrementAndGet());
        List<Thread> threads = new ArrayList<>();
        AtomicInteger sum = new AtomicInteger();
        for (int i = 0; i < 10; i++) {
            Thread thread = new Thread(() -> sum.addAndGet(delay.deref()));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        assertEquals(10, sum.get());
        assertEquals(1, calls.get());
    }

    @Test
    void anotherProcessAsks() {
        AtomicReference<Thread> ran = new AtomicReference<>();
        client.openDelay(key, String.class, lease -> {
            ran.set(Thread.currentThread());
            return "run " + lease.token();
        });
        System.gc();
        try (ExorefClient other = RedisServer.shared().open()) {
            assertEquals("run 1", other.openDelay(key, String.class).deref());
        }
        assertTrue(ran.get().getName().startsWith("exoref-body"), ran.get().getName());
    }

    @Test
    void asynchronousDerefRunsItElsewhere() throws Exception {
        Thread here = Thread.currentThread();
        Delay<Boolean> delay = client.openDelay(key, Boolean.class, lease -> Thread.currentThread() != here);
        assertTrue(delay.derefAsync().get());
    }

    @Test
    void aFailureIsKeptWithAllThatItSays() throws Exception {
        BodyFailure mine = new BodyFailure("io", "no such file", new byte[] {0, 1});
        Delay<String> delay = client.openDelay(key, String.class, lease -> {
            throw mine;
        });
        BodyException first = assertThrows(BodyException.class, delay::deref);
        assertSame(mine, first.getCause());
        BodyException later = assertThrows(BodyException.class, delay::deref);
        assertNull(later.getCause());
        for (BodyException failed : List.of(first, later)) {
            assertEquals("io", failed.kind());
            assertEquals("no such file", failed.getMessage());
            assertArrayEquals(new byte[] {0, 1}, failed.payload());
        }
        assertTrue(delay.realized());
        assertTrue(assertThrows(ExecutionException.class, () -> delay.derefAsync().get()).getCause() instanceof BodyException);
    }

    @Test
    void retryTriesAgain() {
        AtomicInteger calls = new AtomicInteger();
        Delay<Integer> delay = client.openDelay(key, RefOptions.json(Integer.class).with("retry", "true"), lease -> {
            if (calls.incrementAndGet() < 3) throw new IllegalStateException("not yet");
            return calls.get();
        });
        assertEquals("not yet", assertThrows(BodyException.class, delay::deref).getMessage());
        assertThrows(BodyException.class, delay::deref);
        assertEquals(3, delay.deref());
    }

    @Test
    void whatTheValidatorOrTheCodecRefusesIsAFailure() {
        Delay<Integer> delay = client.openDelay(key, RefOptions.json(Integer.class).validator(n -> n > 0), lease -> -1);
        assertEquals("validation", assertThrows(BodyException.class, delay::deref).kind());
        Delay<Double> nan = client.openDelay(key + "-nan", Double.class, lease -> Double.NaN);
        assertEquals("codec", assertThrows(BodyException.class, nan::deref).kind());
    }

    @Test
    void whoDeclinesLeavesItToAnother() throws Exception {
        Delay<String> declines = client.openDelay(key, String.class, lease -> {
            throw new Declined();
        });
        try (ExorefClient other = RedisServer.shared().open()) {
            ExorefFuture<String> wait = declines.derefAsync();
            other.openDelay(key, String.class, lease -> "the other");
            assertEquals("the other", wait.get());
            assertEquals("the other", declines.deref());
        }
    }

    @Test
    void aBodyThatDeclinesOnThisThreadWaits() {
        AtomicInteger calls = new AtomicInteger();
        Delay<String> delay = client.openDelay(key, String.class, lease -> {
            calls.incrementAndGet();
            throw new Declined();
        });
        assertThrows(ExorefTimeoutException.class, () -> delay.deref(Duration.ofMillis(100)));
        assertEquals(1, calls.get());
    }

    @Test
    void aBodyMayNotWaitForItself() {
        AtomicReference<Delay<String>> own = new AtomicReference<>();
        own.set(client.openDelay(key, String.class, lease -> own.get().deref()));
        BodyException failed = assertThrows(BodyException.class, () -> own.get().deref());
        assertEquals(Status.EDEADLOCK, ((ExorefException) failed.getCause()).status());
    }

    @Test
    void anInterruptedBodyIsAFailedBody() {
        AtomicInteger calls = new AtomicInteger();
        InterruptedException mine = new InterruptedException("enough");
        Delay<String> delay = client.openDelay(key, String.class, lease -> {
            calls.incrementAndGet();
            throw mine;
        });
        BodyException failed = assertThrows(BodyException.class, delay::deref);
        assertSame(mine, failed.getCause());
        assertTrue(Thread.interrupted());
        assertEquals("enough", assertThrows(BodyException.class, delay::deref).getMessage());
        assertEquals(1, calls.get());
    }

    @Test
    void anInterruptThatABodyLeavesBehindLosesNothing() {
        Delay<String> delay = client.openDelay(key, String.class, lease -> {
            Thread.currentThread().interrupt();
            return "made";
        });
        assertEquals("made", delay.deref());
        assertTrue(Thread.interrupted());
        IllegalStateException mine = new IllegalStateException("mine");
        Delay<String> failing = client.openDelay(key + "f", String.class, lease -> {
            Thread.currentThread().interrupt();
            throw mine;
        });
        assertSame(mine, assertThrows(BodyException.class, failing::deref).getCause());
        assertTrue(Thread.interrupted());
    }

    /** On a thread for bodies; and once. */
    private <T> BodyException failsOnce(String name, RefOptions<T> options, Body<T> body) {
        AtomicInteger calls = new AtomicInteger();
        Delay<T> delay = client.openDelay(key + "-" + name, options, lease -> {
            calls.incrementAndGet();
            return body.run(lease);
        });
        Throwable thrown = assertThrows(ExecutionException.class, () -> delay.derefAsync().get()).getCause();
        assertEquals(1, calls.get());
        return (BodyException) thrown;
    }

    private static RefOptions<Integer> encodedBy(UnaryOperator<byte[]> encode) {
        return RefOptions.of(new Codec<Integer>() {
            @Override
            public String label() {
                return "";
            }

            @Override
            public byte[] encode(Integer value) {
                return encode.apply(new byte[] {value.byteValue()});
            }

            @Override
            public Integer decode(byte[] bytes) {
                return (int) bytes[0];
            }
        });
    }

    @Test
    void whatCanNotBePublishedIsPublishedAsAFailure() throws Exception {
        RefOptions<Integer> json = RefOptions.json(Integer.class);
        BodyException empty = failsOnce("1", json, lease -> {
            throw new BodyFailure(null, null, null);
        });
        assertEquals("", empty.kind() + empty.getMessage());
        assertEquals("mine", failsOnce("2", json, lease -> {
            throw new InterruptedException("mine");
        }).getMessage());
        assertEquals("codec", failsOnce("3", encodedBy(bytes -> {
            throw new StackOverflowError();
        }), lease -> 1).kind());
        assertEquals("codec", failsOnce("4", encodedBy(bytes -> null), lease -> 1).kind());
        assertEquals("validation", failsOnce("5", json.validator(n -> {
            throw new AssertionError("mine");
        }), lease -> 1).kind());
        assertEquals("size", failsOnce("6", RefOptions.bytes(), lease -> new byte[65 << 20]).kind());
        assertEquals("size", failsOnce("7", json, lease -> {
            throw new BodyFailure("mine", "", new byte[65 << 20]);
        }).kind());
        assertEquals(1, client.openDelay(key + "-8", Integer.class, lease -> {
            Thread.currentThread().interrupt();
            return 1;
        }).derefAsync().get());
    }

    @Test
    void aLeaseMayFailWithoutWords() {
        Delay<String> delay = client.openDelay(key, String.class);
        delay.claim().held().fail(null, null);
        assertEquals("", assertThrows(BodyException.class, delay::deref).kind());
    }

    @Test
    void aLeaseThatIsClosedUponTheFutureIsGivenBack() throws Exception {
        Delay<String> delay = client.openDelay(key, String.class);
        long token = delay.claimAsync().thenApply(first -> {
            first.close();
            return delay.within(Duration.ofSeconds(5)).claim().held().token();
        }).get();
        assertEquals(2, token);
    }

    @Test
    void claimInOnesOwnWay() throws Exception {
        Delay<String> delay = client.openDelay(key, String.class);
        try (Claimed<String> claimed = delay.claim()) {
            assertTrue(claimed.leased());
            Lease<String> lease = claimed.held();
            assertEquals(1, lease.token());
            assertFalse(lease.lost());
            assertNotEquals(Duration.ZERO, lease.renew());
            assertNotEquals(Duration.ZERO, lease.renewAsync().get());
            ExorefFuture<Boolean> lost = lease.lostAsync();
            assertEquals("mine", lease.deliver("mine").get());
            assertFalse(lost.get());
            assertThrows(LeaseException.class, () -> lease.deliver("again"));
        }
        Claimed<String> second = delay.claimAsync().get();
        assertFalse(second.leased());
        assertEquals("mine", second.standing().get());
    }

    @Test
    void aLeaseThatIsClosedUnusedIsGivenBack() throws Exception {
        Delay<String> delay = client.openDelay(key, String.class);
        delay.claim().close();
        Lease<String> lease = delay.claim().held();
        assertEquals(2, lease.token());
        lease.giveBackAsync().get();
        Lease<String> third = delay.claim().held();
        third.failAsync("k", "m", new byte[0]).get();
        assertEquals("k", assertThrows(BodyException.class, delay::deref).kind());
    }

    @Test
    void aDeletedDelayTellsItsOwner() throws Exception {
        Delay<String> delay = client.openDelay(key, String.class);
        Lease<String> lease = delay.claim().held();
        ExorefFuture<Boolean> lost = lease.lostAsync();
        client.delete(key);
        assertThrows(FinalException.class, lease::renew);
        assertTrue(lost.get());
        assertTrue(lease.lost());
    }

    @Test
    void notMoreBodiesThanTheOptionAllows() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch two = new CountDownLatch(2);
        try (ExorefClient few = ExorefClient.open(RedisServer.shared().url() + "?bodies=2")) {
            List<ExorefFuture<Integer>> waits = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                waits.add(few.openDelay(key + "-" + i, Integer.class, lease -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    two.countDown();
                    two.await();
                    return running.getAndDecrement();
                }).derefAsync());
            }
            for (ExorefFuture<Integer> wait : waits) wait.get();
        }
        assertEquals(2, most.get());
    }
}

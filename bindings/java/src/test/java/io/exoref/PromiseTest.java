package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

class PromiseTest extends ClientTest {

    @Test
    void theFirstDeliveryCounts() throws Exception {
        Promise<String> promise = client.openPromise(key, String.class);
        assertFalse(promise.realized());
        assertTrue(promise.deliver("first").delivered());
        Delivery<String> second = promise.deliver("second");
        assertFalse(second.delivered());
        assertEquals("first", second.standing().get());
        assertEquals("first", promise.deref());
        assertEquals("first", promise.derefValue().get());
        assertFalse(promise.deliverAsync("third").get().delivered());
        assertTrue(promise.realizedAsync().get());
        assertTrue(client.realized(key));
    }

    @Test
    void allWhoWaitAreTold() throws Exception {
        Promise<String> promise = client.openPromise(key, String.class);
        List<CompletableFuture<String>> waits = new ArrayList<>();
        for (int i = 0; i < 100; i++) waits.add(promise.derefAsync());
        try (ExorefClient other = RedisServer.shared().open()) {
            other.openPromise(key, String.class).deliver("here");
        }
        for (CompletableFuture<String> wait : waits) assertEquals("here", wait.get());
    }

    @Test
    void aTimeoutLeavesItAsItWas() {
        Promise<String> promise = client.openPromise(key, String.class);
        ExorefTimeoutException late = assertThrows(ExorefTimeoutException.class, () -> promise.deref(Duration.ofMillis(20)));
        assertEquals(StatusClass.NOT_APPLIED_RETRY, late.statusClass());
        assertThrows(ExorefTimeoutException.class, () -> promise.deref(Duration.ZERO));
        assertThrows(InvalidException.class, () -> promise.deref(Duration.ofMillis(-1)));
        assertTrue(promise.deliver("x").delivered());
        assertEquals("x", promise.deref(Duration.ZERO));
    }

    @Test
    void nullIsAValueOfJson() {
        Promise<Object> promise = client.openPromise(key, Object.class);
        promise.deliver(null);
        assertTrue(promise.realized());
        assertNull(promise.deref());
    }

    @Test
    void deletedEndsAllWaits() {
        Promise<String> promise = client.openPromise(key, String.class);
        ExorefFuture<String> wait = promise.derefAsync();
        assertTrue(client.delete(key));
        ExecutionException ended = assertThrows(ExecutionException.class, wait::get);
        assertTrue(ended.getCause() instanceof DeletedException, ended.toString());
    }

    @Test
    void givingUpTellsHowItEnded() {
        ExorefFuture<String> wait = client.openPromise(key, String.class).derefAsync();
        wait.giveUp();
        ExecutionException ended = assertThrows(ExecutionException.class, wait::get);
        assertTrue(ended.getCause() instanceof CancelledException, ended.toString());
        wait.giveUp();
    }

    @Test
    void cancelIsJavasOwn() {
        ExorefFuture<String> wait = client.openPromise(key, String.class).derefAsync();
        assertTrue(wait.cancel(true));
        assertTrue(wait.isCancelled());
        assertThrows(CancellationException.class, wait::get);
    }

    @Test
    void aFunctionMayWaitForWhatRunsOnTheSamePool() throws Exception {
        ForkJoinPool small = new ForkJoinPool(1);
        try (ExorefClient own = ExorefClient.builder().url(RedisServer.shared().url()).executor(small).open()) {
            Promise<String> promise = own.openPromise(key, String.class);
            CountDownLatch inside = new CountDownLatch(1);
            CompletableFuture<String> waits = own.pingAsync().thenApplyAsync(pong -> {
                inside.countDown();
                return promise.deref();
            }, small);
            inside.await();
            own.pingAsync().thenRun(() -> promise.deliver("from the pool"));
            assertEquals("from the pool", waits.get());
        } finally {
            small.shutdown();
        }
    }

    @Test
    void functionsUponAFutureMayWaitForAnother() throws Exception {
        Promise<String> first = client.openPromise(key, String.class);
        Promise<String> second = client.openPromise(key + "-2", String.class);
        CompletableFuture<String> both = first.derefAsync().thenApply(text -> text + second.derefAsync().join() + first.deref());
        first.deliver("a");
        second.deliver("b");
        assertEquals("aba", both.get());
    }
}

package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a function throws comes out of its call, also when the server can't be asked any more whether it was current. */
class VerdictTest extends ClientTest {

    private static final Duration SHORT = Duration.ofMillis(50);

    private final IllegalStateException mine = new IllegalStateException("mine");

    private void comesOut(Executable call) {
        assertSame(mine, assertThrows(IllegalStateException.class, call));
        assertEquals(1, mine.getSuppressed().length);
        assertTrue(mine.getSuppressed()[0] instanceof ExorefException, mine.getSuppressed()[0].toString());
    }

    private static void comesOut(Throwable mine, ExorefFuture<?> of) {
        assertSame(mine, assertThrows(ExecutionException.class, of::get).getCause());
    }

    /** Takes more than all the time that the call has. */
    private <T> T slow(Duration time) {
        long end = System.nanoTime() + time.toNanos() * 3 / 2;
        while (System.nanoTime() < end) Thread.onSpinWait();
        throw mine;
    }

    @Test
    void ofASlowSwap() {
        Atom<Integer> atom = counter(1);
        atom.deref();
        comesOut(() -> atom.within(SHORT).swap(n -> slow(SHORT)));
        comesOut(mine, atom.within(SHORT).swapAsync(n -> slow(SHORT)));
    }

    @Test
    void ofASlowAlterMeta() {
        Atom<Integer> atom = counter(1);
        // Enough for the function to be reached.
        Duration time = Duration.ofMillis(500);
        comesOut(() -> atom.within(time).alterMeta(old -> slow(time)));
        comesOut(mine, atom.within(time).alterMetaAsync(old -> slow(time)));
    }

    @Test
    void ofAnInterruptedSwap() {
        Atom<Integer> atom = counter(1);
        comesOut(() -> atom.swap(n -> {
            Thread.currentThread().interrupt();
            throw mine;
        }));
        assertTrue(Thread.interrupted());
    }

    @Test
    void whileTheServerIsAway() {
        try (RedisServer server = new RedisServer(); ExorefClient own = server.open()) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 1);
            comesOut(() -> atom.within(Duration.ofMillis(300)).swap(n -> {
                server.suspend();
                throw mine;
            }));
            server.resume();
            assertEquals(1, atom.derefValue().version());
        }
    }

    @Test
    void ofAValidator() {
        Atom<Integer> atom = client.createAtom(key, RefOptions.json(Integer.class).validator(n -> n == 1 || (boolean) slow(SHORT)), 1);
        ValidationException refused = assertThrows(ValidationException.class, () -> atom.within(SHORT).swap(n -> n + 1));
        assertSame(mine, refused.getCause());
    }
}

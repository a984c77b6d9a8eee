package io.exoref;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AtomTest extends ClientTest {

    @Test
    void createKeepsWhatExists() {
        assertTrue(counter(1).created());
        Atom<Integer> second = counter(2);
        assertFalse(second.created());
        assertEquals(1, second.deref());
        assertEquals(key, second.key());
    }

    @Test
    void resetGivesTheExactPair() {
        Atom<Integer> atom = counter(1);
        assertEquals(2, atom.reset(2));
        Values<Integer> values = atom.resetVals(3);
        assertEquals(2, values.oldValue().get());
        assertEquals(3, values.newValue().get());
        assertEquals(3, values.newValue().version());
        assertEquals("json", values.newValue().codec());
    }

    @Test
    void swapCountsEachCallOfManyThreads() throws Exception {
        Atom<Integer> atom = counter(0);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 250; i++) atom.swap(n -> n + 1);
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        assertEquals(1000, atom.deref());
    }

    @Test
    void swapRunsAgainAfterAConflict() {
        Atom<Integer> atom = counter(1);
        Atom<Integer> other = counter(1);
        AtomicInteger calls = new AtomicInteger();
        int now = atom.swap(n -> {
            if (calls.incrementAndGet() == 1) other.reset(10);
            return n + 1;
        });
        assertEquals(11, now);
        assertEquals(2, calls.get());
    }

    @Test
    void swapOfEachKind() throws Exception {
        Atom<Integer> atom = counter(1);
        assertEquals(2, atom.swapValue(n -> n + 1).version());
        Values<Integer> values = atom.swapVals(n -> n * 10);
        assertEquals(2, values.oldValue().get());
        assertEquals(20, values.newValue().get());
        values = atom.swapAsync(n -> n + 1).get();
        assertEquals(20, values.oldValue().get());
        assertEquals(21, values.newValue().get());
    }

    @Test
    void whatTheFunctionThrowsComesOutUnchanged() {
        Atom<Integer> atom = counter(1);
        IllegalStateException mine = new IllegalStateException("mine");
        assertSame(mine, assertThrows(IllegalStateException.class, () -> atom.swap(n -> {
            throw mine;
        })));
        ExecutionException wrapped = assertThrows(ExecutionException.class, () -> atom.swapAsync(n -> {
            throw mine;
        }).get());
        assertSame(mine, wrapped.getCause());
        StackOverflowError error = new StackOverflowError();
        assertSame(error, assertThrows(StackOverflowError.class, () -> atom.swap(n -> {
            throw error;
        })));
        assertEquals(1, atom.derefValue().version());
    }

    @Test
    void declinedChangesNothing() throws Exception {
        Atom<Integer> atom = counter(7);
        assertEquals(7, atom.swap(n -> {
            throw new Declined();
        }));
        Values<Integer> values = atom.swapAsync(n -> {
            throw new Declined();
        }).get();
        assertTrue(values.oldValue().sameState(values.newValue()));
        assertEquals(1, atom.derefValue().version());
    }

    @Test
    void compareAndSetComparesValues() throws Exception {
        RefOptions<Map<String, Integer>> options = RefOptions.of(Codec.json(new TypeReference<Map<String, Integer>>() {}));
        Atom<Map<String, Integer>> atom = client.createAtom(key, options, Map.of("b", 1, "a", 2));
        Map<String, Integer> same = new TreeMap<>(Map.of("a", 2, "b", 1));
        assertTrue(atom.compareAndSet(same, Map.of()).swapped());
        Compared<Map<String, Integer>> second = atom.compareAndSet(same, Map.of("c", 3));
        assertFalse(second.swapped());
        assertEquals(Map.of(), second.standing().get());
        assertTrue(atom.compareAndSetAsync(Map.of(), same).get().swapped());
    }

    @Test
    void compareAndSetAtAStateIsFreeOfAba() throws Exception {
        Atom<Integer> atom = counter(1);
        Value<Integer> state = atom.derefValue();
        atom.reset(2);
        atom.reset(1);
        assertFalse(atom.compareAndSetAt(state, 3).swapped());
        Value<Integer> now = atom.derefValue();
        assertFalse(now.sameState(state));
        assertTrue(atom.compareAndSetAtAsync(now, 3).get().swapped());
    }

    @Test
    void validatorsRefuseBeforeAnythingIsSent() {
        Atom<Integer> atom = client.createAtom(key, RefOptions.json(Integer.class).validator(n -> n >= 0), 1);
        ValidationException refused = assertThrows(ValidationException.class, () -> atom.reset(-1));
        assertEquals(Status.EVALIDATION, refused.status());
        assertEquals(StatusClass.NOT_APPLIED_FINAL, refused.statusClass());
        assertFalse(refused.sent());
        assertEquals(key, refused.key());
        assertThrows(ValidationException.class, () -> atom.swap(n -> n - 5));
        assertThrows(ValidationException.class, () -> atom.compareAndSet(1, -1));
        ExecutionException later = assertThrows(ExecutionException.class, () -> atom.resetAsync(-1).get());
        assertTrue(later.getCause() instanceof ValidationException);
        RuntimeException mine = new RuntimeException("on Sundays");
        assertThrows(ValidationException.class, () -> atom.setValidator(n -> n > 100));
        atom.setValidator(n -> {
            if (n == 66) throw mine;
            return true;
        });
        ValidationException thrown = assertThrows(ValidationException.class, () -> atom.reset(66));
        assertSame(mine, thrown.getCause());
        assertTrue(thrown.getMessage().contains("on Sundays"));
        assertEquals(1, atom.derefValue().version());
        atom.setValidator(null);
        assertEquals(-1, atom.reset(-1));
    }

    @Test
    void metadataStandsBesideTheValue() throws Exception {
        Atom<Integer> atom = counter(1);
        assertEquals(0, atom.meta().length);
        atom.resetMeta(new byte[] {0, 1});
        assertArrayEquals(new byte[] {0, 1, 2}, atom.alterMeta(old -> new byte[] {old[0], old[1], 2}));
        assertArrayEquals(new byte[] {9}, atom.alterMetaAsync(old -> new byte[] {9}).get());
        atom.resetMetaAsync(new byte[] {8}).get();
        assertThrows(NullPointerException.class, () -> atom.resetMeta(null));
        assertThrows(ExecutionException.class, () -> atom.resetMetaAsync(null).get());
        assertArrayEquals(new byte[] {8}, atom.metaAsync().get());
        IllegalStateException mine = new IllegalStateException("not today");
        assertSame(mine, assertThrows(IllegalStateException.class, () -> atom.alterMeta(old -> {
            throw mine;
        })));
        assertSame(mine, assertThrows(ExecutionException.class, () -> atom.alterMetaAsync(old -> {
            throw mine;
        }).get()).getCause());
        assertEquals(1, atom.derefValue().version());
    }

    @Test
    void asynchronousForms() throws Exception {
        Atom<Integer> atom = client.createAtomAsync(key, RefOptions.json(Integer.class), 1).get();
        assertEquals(1, client.openAtomAsync(key, RefOptions.json(Integer.class)).get().derefAsync().get());
        assertEquals(2, atom.resetAsync(2).get().version());
        assertEquals(2, atom.resetValsAsync(3).get().oldValue().get());
        assertEquals(3, atom.derefValueAsync().thenApply(Value::get).get());
    }

    @Test
    void keysAndValuesOfAnyBytes() {
        byte[] odd = {0, (byte) 0xff, 'k', (byte) RedisServer.freshKey().hashCode()};
        Atom<byte[]> atom = client.createAtom(odd, RefOptions.bytes(), new byte[] {0, (byte) 0xfe});
        assertArrayEquals(new byte[] {0, (byte) 0xfe}, atom.deref());
        assertArrayEquals(odd, atom.keyBytes());
        assertThrows(InvalidException.class, () -> client.openAtom("\ud800", Integer.class));
        assertThrows(InvalidException.class, () -> client.openAtom("", Integer.class));
    }

    @Test
    void anotherCodecIsRefused() {
        counter(1);
        CodecException refused = assertThrows(CodecException.class, () -> client.openAtom(key, RefOptions.string()));
        assertTrue(refused.getMessage().contains("json") && refused.getMessage().contains("string"), refused.getMessage());
        assertThrows(CodecException.class, () -> client.openAtom(key, Boolean.class).deref());
    }
}

package io.exoref;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorsTest extends ClientTest {

    @ParameterizedTest
    @EnumSource(Status.class)
    void theTableOfStatusesIsThatOfC(Status status) {
        assertEquals(status.symbol(), Utf8.show(Low.exoref_status_name(status.number())));
        assertEquals(status.statusClass().ordinal(), Low.exoref_status_class(status.number()));
        if (status == Status.OK) return;
        ExorefException made = Failures.of(Failure.here(status, "m", new byte[0]));
        Class<?> byClass = switch (status.statusClass()) {
            case NOT_APPLIED_RETRY -> RetryException.class;
            case NOT_APPLIED_FINAL -> FinalException.class;
            default -> UnknownOutcomeException.class;
        };
        assertTrue(byClass.isInstance(made), made.getClass().toString());
        assertSame(status, made.status());
    }

    @Test
    void noStatusOfCIsMissing() {
        for (int number = 0; number < 100; number++) {
            String name = Utf8.show(Low.exoref_status_name(number));
            if (!name.equals("EXOREF_E?")) assertEquals(name, Status.of(number).symbol());
        }
        assertSame(Status.EUNKNOWN, Status.of(99));
    }

    @Test
    void reasonsAreThoseOfC() {
        for (Reason reason : Reason.values()) {
            String name = reason == Reason.NONE ? "" : reason.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
            assertEquals(name, Utf8.show(Low.exoref_reason_name(reason.ordinal())));
        }
    }

    @Test
    void theMessageSaysWhatWasAttempted() {
        NotFoundException none = assertThrows(NotFoundException.class, () -> client.openAtom(key, Integer.class));
        assertEquals(Status.ENOTFOUND, none.status());
        assertEquals(key, none.key());
        assertTrue(none.sent());
        assertSame(Reason.NONE, none.reason());
        assertTrue(none.getMessage().contains(key), none.getMessage());
    }

    @Test
    void kindsOfErrors() throws Exception {
        client.openPromise(key, String.class);
        assertThrows(TypeException.class, () -> counter(1));
        assertThrows(InvalidException.class, () -> client.openPromise("p", RefOptions.string().with("lifetime", "1h")));
        assertThrows(InvalidException.class, () -> client.openPromise("p", RefOptions.string().with("ttl", "a\0b")));
        assertThrows(InvalidException.class, () -> ExorefClient.open("redis://host:port"));
        assertThrows(InvalidException.class, () -> ExorefClient.open(RedisServer.shared().url() + "?events=lanes"));
        ExecutionException later =
                assertThrows(ExecutionException.class, () -> ExorefClient.builder().option("events", "lanes").openAsync().get());
        assertTrue(later.getCause() instanceof InvalidException);
        assertThrows(ConnectionException.class,
                () -> ExorefClient.builder().url("redis+unix:///nowhere").connectWithin(Duration.ofMillis(50)).open());
        assertThrows(NullPointerException.class, () -> client.openPromise(key, String.class).deref((Duration) null));
    }

    @Test
    void aWriteThatWasSentAndNotAnsweredIsUnknown() {
        try (RedisServer server = new RedisServer(); ExorefClient own = server.open()) {
            Atom<Integer> atom = own.createAtom(key, Integer.class, 1);
            server.suspend();
            UnknownOutcomeException unknown =
                    assertThrows(UnknownOutcomeException.class, () -> atom.within(Duration.ofMillis(50)).reset(2));
            server.resume();
            assertSame(Reason.TIMEOUT, unknown.reason());
            assertSame(StatusClass.UNKNOWN, unknown.statusClass());
        }
    }

    @Test
    void anExceptionCanBeSerialized() throws Exception {
        NotFoundException none = assertThrows(NotFoundException.class, () -> client.openAtom(key, Integer.class));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(none);
        Object back = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        assertEquals(none.getMessage(), ((ExorefException) back).getMessage());
        assertSame(Status.ENOTFOUND, ((ExorefException) back).status());
        assertEquals(key, ((ExorefException) back).key());
    }
}

package io.exoref;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A test with a client on the shared server, and a key of its own. */
@Timeout(10)
abstract class ClientTest {

    protected ExorefClient client;
    protected String key;

    @BeforeEach
    void openClient() {
        client = RedisServer.shared().open();
        key = RedisServer.freshKey();
    }

    @AfterEach
    void closeClient() {
        client.close();
    }

    Atom<Integer> counter(int initial) {
        return client.createAtom(key, Integer.class, initial);
    }

    /** Until the thread waits for exoref. */
    static void awaitWaiting(Thread thread) {
        while (thread.isAlive()) {
            for (StackTraceElement frame : thread.getStackTrace()) {
                if (frame.getMethodName().equals("wait_future")) return;
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("the thread ended without waiting");
    }
}

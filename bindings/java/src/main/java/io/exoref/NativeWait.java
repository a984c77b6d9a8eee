package io.exoref;

import java.io.IOException;
import java.nio.channels.spi.AbstractInterruptibleChannel;

/**
 * A wait in C, on a platform thread: the waiter reads its own reply from the socket, which saves two switches of threads. What the JDK
 * offers to channels, to be told of an interrupt while they block, ends the wait.
 */
final class NativeWait extends AbstractInterruptibleChannel implements Wait {

    private final long future;

    NativeWait(long future) {
        this.future = future;
    }

    @Override
    public boolean await() {
        boolean done = false;
        begin();
        try {
            done = Low.wait_future(future);
        } finally {
            leave();
        }
        if (!done) Thread.interrupted();
        return done;
    }

    @Override
    public void awaitUninterruptibly() {
        boolean done;
        do {
            done = Low.wait_future(future);
        } while (!done);
    }

    /** An interrupt that came too late stays on the thread, for whoever looks next. */
    private void leave() {
        try {
            end(true);
        } catch (IOException interrupted) {
            // await() knows by what the wait answered
        }
    }

    /** Called by the thread that interrupts, while this one is between begin() and end(). */
    @Override
    protected void implCloseChannel() {
        Low.exoref_future_interrupt(future);
    }
}

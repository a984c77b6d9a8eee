package io.exoref.programs;

import io.exoref.Atom;
import io.exoref.CancelledException;
import io.exoref.ExorefClient;
import io.exoref.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Virtual threads on one carrier: if a wait, or a function that parks within a swap, held the carrier, nobody could end it. Compiled for
 * JDKs that have none, so they are made by reflection.
 */
public final class VirtualThreadsProgram {

    private static final int MANY = 50;

    private VirtualThreadsProgram() {}

    private static Thread start(Runnable task) throws Exception {
        return (Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    }

    public static void main(String[] args) throws Exception {
        try (ExorefClient client = ExorefClient.builder().url(args[0]).option("timeout", "8s").open()) {
            waits(client);
            parksInSwaps(client);
            interrupt(client);
        }
        opening(args[0]);
        System.out.println("done");
    }

    private static void waits(ExorefClient client) throws Exception {
        Promise<String> promise = client.openPromise("virtual-promise", String.class);
        AtomicInteger told = new AtomicInteger();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            all.add(start(() -> {
                if (promise.deref().equals("here")) told.incrementAndGet();
            }));
        }
        all.add(start(() -> promise.deliver("here")));
        for (Thread thread : all) thread.join();
        if (told.get() != MANY) throw new AssertionError(told + " were told");
    }

    private static void parksInSwaps(ExorefClient client) throws Exception {
        Atom<Integer> atom = client.createAtom("virtual-atom", Integer.class, 0);
        CountDownLatch inside = new CountDownLatch(MANY);
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            all.add(start(() -> atom.swap(n -> {
                inside.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return n + 1;
            })));
        }
        all.add(start(() -> {
            try {
                inside.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            go.countDown();
        }));
        for (Thread thread : all) thread.join();
        if (atom.deref() != MANY) throw new AssertionError(atom.deref() + " were counted");
    }

    private static void interrupt(ExorefClient client) throws Exception {
        Promise<String> promise = client.openPromise("virtual-never", String.class);
        AtomicInteger ended = new AtomicInteger();
        Thread waiter = start(() -> {
            try {
                promise.deref();
            } catch (CancelledException e) {
                if (e.getCause() instanceof InterruptedException && Thread.currentThread().isInterrupted()) ended.incrementAndGet();
            }
        });
        while (waiter.getState() != Thread.State.WAITING) Thread.onSpinWait();
        waiter.interrupt();
        waiter.join();
        if (ended.get() != 1) throw new AssertionError("the interrupt did not end the wait");
    }

    private static void opening(String url) throws Exception {
        AtomicInteger opened = new AtomicInteger();
        Thread opener = start(() -> {
            try (ExorefClient own = ExorefClient.open(url)) {
                own.ping();
                opened.incrementAndGet();
            }
        });
        opener.join();
        if (opened.get() != 1) throw new AssertionError("no client was opened");
    }
}

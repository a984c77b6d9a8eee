package io.exoref.programs;

import io.exoref.Atom;
import io.exoref.ClosedException;
import io.exoref.Delay;
import io.exoref.ExorefClient;
import io.exoref.Promise;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.event.Level;

/** Uses most of the binding at once. With the argument "leave" it ends in the middle of all that, and closes nothing. */
public final class TrafficProgram {

    private TrafficProgram() {}

    public static void main(String[] args) throws Exception {
        String url = args[0];
        boolean leaves = args.length > 1 && args[1].equals("leave");
        run(url, leaves);
        System.out.println("done");
    }

    /** Also for a class loader of its own, by reflection. */
    public static void run(String url, boolean leaves) throws Exception {
        AtomicInteger lines = new AtomicInteger();
        ExorefClient client = ExorefClient.builder().url(url).option("timeout", "8s").executor(Runnable::run)
                .log(Level.DEBUG, (level, category, line, thrown) -> lines.incrementAndGet()).open();
        Atom<Integer> atom = client.createAtom("traffic", Integer.class, 0);
        CountDownLatch told = new CountDownLatch(20);
        atom.addWatch("w", change -> told.countDown());
        for (int i = 0; i < 10; i++) atom.swap(n -> n + 1);
        for (int i = 0; i < 10; i++) atom.swapAsync(n -> n + 1).get();
        told.await();
        atom.alterMeta(old -> new byte[] {1});
        Promise<String> promise = client.openPromise("traffic-promise-" + ProcessHandle.current().pid() + System.nanoTime(), String.class);
        promise.derefAsync();
        Thread waiter = new Thread(() -> {
            try {
                promise.deref();
            } catch (ClosedException closed) {
                // if it was not delivered
            }
        });
        waiter.setDaemon(true);
        waiter.start();
        Delay<String> delay = client.openDelay(promise.key() + "-delay", String.class, lease -> "made");
        if (!delay.derefAsync().get().equals("made")) throw new AssertionError("the delay");
        try {
            client.openAtom("nobody", Integer.class);
            throw new AssertionError("it opened an atom that does not exist");
        } catch (io.exoref.NotFoundException expected) {
            client.inspect("traffic");
        }
        if (leaves) {
            CountDownLatch inside = new CountDownLatch(1);
            client.openDelay(delay.key() + "-2", String.class, lease -> {
                inside.countDown();
                Thread.sleep(1_000_000);
                return "never";
            }).derefAsync();
            inside.await();
            for (int i = 0; i < 100; i++) atom.resetAsync(i);
            return;
        }
        promise.deliver("here");
        waiter.join();
        client.close();
        if (lines.get() == 0) throw new AssertionError("nothing was logged");
    }
}

import io.exoref.Atom;
import io.exoref.ExorefClient;
import io.exoref.Value;
import java.util.concurrent.CountDownLatch;

/** A watch: shared configuration, of whose changes each process is told. Run it with the URL of a server, or with local:DIR. */
public class WatchSample {

    public record Config(int workers) {}

    public static void main(String[] args) throws InterruptedException {
        try (ExorefClient client = ExorefClient.open(args.length > 0 ? args[0] : "local:exoref-data")) {
            Atom<Config> config = client.createAtom("sample:config", Config.class, new Config(2));
            config.reset(new Config(2));

            CountDownLatch seen = new CountDownLatch(1);
            // Told of each change, whichever process made it. It begins after the state that addWatch gives.
            Value<Config> start = config.addWatch("print", change -> {
                System.out.println(change.oldValue().get().workers() + " -> " + change.newValue().get().workers());
                seen.countDown();
            });
            System.out.println("at first " + start.get().workers() + " workers");

            // Most often this is another process.
            config.swap(old -> new Config(old.workers() * 8));
            seen.await();
            config.removeWatch("print");
        }
    }
}

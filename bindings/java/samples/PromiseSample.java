import io.exoref.Exoref;
import io.exoref.ExorefClient;
import io.exoref.Promise;
import io.exoref.RefOptions;
import java.time.Duration;

/** A promise: a result that is handed over, whoever comes first. Run it with the URL of a server, or with local:DIR. */
public class PromiseSample {

    /** All open it alike: whoever comes first makes it, and it lives for an hour after the delivery. */
    private static Promise<String> result(ExorefClient client) {
        return client.openPromise("sample:result", RefOptions.json(String.class).ttl(Duration.ofHours(1)));
    }

    public static void main(String[] args) {
        String url = args.length > 0 ? args[0] : "local:exoref-data";
        try (ExorefClient client = ExorefClient.open(url)) {
            // A wait in the background; ten thousand of them cost no more connections.
            var later = result(client).derefAsync().thenAccept(text -> System.out.println("told later: " + text));

            deliver(url);

            // A wait of this thread. Once known it is answered from memory.
            System.out.println("the result is " + result(client).within(Exoref.FOREVER).deref());
            later.join();
        }
    }

    /** What another process does. To deliver again is no error: the answer is what stands. */
    private static void deliver(String url) {
        try (ExorefClient client = ExorefClient.open(url)) {
            Promise<String> promise = result(client);
            promise.deliver("report 17");
            System.out.println("a second delivery counts: " + promise.deliver("report 18").delivered());
        }
    }
}
